"""The running service: settings, its log and its clock."""

from collections.abc import Mapping
from typing import Final

from domain.titles import Title
from wording.refusals.sentence import RefusalWords

WORDS: Final[Mapping[str, RefusalWords]] = {
    "FileWrong": RefusalWords(Title("文件有误，不能发布；见 errors。", "The file cannot be published; see errors.")),
    "InvalidParameters": RefusalWords(
        Title("参数无效。", "A parameter is not valid."),
        {
            "last_before_first": Title("最后一日早于第一日。", "The last day lies before the first."),
            "too_long": Title(
                "从第一日到最后一日最多三年。", "Ask for a span of three years at most, from its first day to its last."
            ),
        },
    ),
    "NoSuchIndicator": RefusalWords(
        Title("没有这个指标。", "There is no such indicator."),
        {
            "known": Title("可选：{known:indicators}。", "There are {known:indicators}."),
        },
    ),
    "NoSuchMove": RefusalWords(Title("没有此标识的时限调整。", "There is no move of this id.")),
    "NoSuchNotification": RefusalWords(
        Title("没有此标识的、发给您的消息。", "There is no notification of this id for you.")
    ),
    "NotificationsBehind": RefusalWords(
        Title(
            "消息尚未处理到此事件序号；请稍后重试。",
            "The notifications have not come as far as this position yet; ask again shortly.",
        )
    ),
    "ReadModelBehind": RefusalWords(
        Title(
            "列表尚未更新到此事件序号；请稍后重试。",
            "The list has not come as far as this position yet; ask again shortly.",
        )
    ),
    "ReadModelsBehind": RefusalWords(
        Title(
            "查询数据或消息未能及时跟上事件日志；请稍后重试。",
            "The read models or the notifications have not caught up with the log in time; try again shortly.",
        )
    ),
    "NoSuchComplaint": RefusalWords(
        Title(
            "没有与此投诉编号和电话尾号、查询码相符的投诉。",
            "There is no complaint with this number and this telephone tail or query code.",
        )
    ),
    "NoSuchRecipient": RefusalWords(
        Title(
            "没有这个接收人：种类为 role、unit 或 actor，各有代码。",
            "There is no such recipient: the kinds are role, unit and actor, and each has a code.",
        )
    ),
    "WebhookIntoPrivateNetwork": RefusalWords(
        Title(
            "该地址位于本机或内部网络。确须向内部网络发送的，由部署方设置 REDRESS_WEBHOOKS_TO_PRIVATE_NETWORKS=true。",
            "This address lies in this machine or in a private network; where webhooks have to go there, the deployment "
            "sets REDRESS_WEBHOOKS_TO_PRIVATE_NETWORKS=true.",
        )
    ),
    "NoSuchReport": RefusalWords(
        Title(
            "报告分为日报（daily）、周报（weekly）和月报（monthly）。", "There are daily, weekly and monthly reports."
        )
    ),
    "NoSuchProcedure": RefusalWords(
        Title("没有此代码的流程，或没有此版本。", "There is no procedure of this code, or none of this version.")
    ),
    "NoSuchCalendar": RefusalWords(
        Title("没有此代码的日历，或没有此版本。", "There is no calendar of this code, or none of this version.")
    ),
    "TooManyRows": RefusalWords(
        Title(
            "一张工作表最多 1048575 行；请缩小列表范围，或改用 text/csv。",
            "A sheet has 1048575 rows; narrow the list, or ask for text/csv.",
        )
    ),
    "TooManyComplaints": RefusalWords(
        Title(
            "需要回看的投诉超过 20000 件；请缩小列表范围，例如使用 received_from、received_to 或 procedure。",
            "More than 20000 complaints would have to be looked at as they stood then; narrow the list. For example with received_from, received_to or procedure.",
        )
    ),
    "Behind": RefusalWords(
        Title(
            "所查询的内容尚未更新到此处；请稍后重试。",
            "What is asked for has not come that far yet; ask again shortly.",
        )
    ),
    "NotADeadLetter": RefusalWords(
        Title(
            "只有发送失败的消息才能重新发送；此消息已发送、已取消，或仍在等待发送。",
            "Only a dead letter can be sent anew; this notification was sent or cancelled, or still waits for its time.",
        )
    ),
    "WebhookSecretMissing": RefusalWords(
        Title(
            "回调须签名：每个新的 webhook_url 都要附上 `webhook_secret`，24 至 64 字节，以 whsec_ 开头，用 base64 编码。",
            "A webhook is signed: give `webhook_secret`, 24 to 64 bytes as whsec_ and base64, with every new webhook_url.",
        )
    ),
    "ClockHasNotRun": RefusalWords(
        Title(
            "此时限在该投诉中没有计时，或对该单位、该轮次没有计时。",
            "This clock has not run in this complaint, or not for this unit and round.",
        )
    ),
    "NoSuchClock": RefusalWords(
        Title("该投诉的流程没有这个时限。", "The procedure of this complaint has no such clock.")
    ),
    "VersionIsPublished": RefusalWords(
        Title(
            "此版本已经发布，且内容不同；修改后的文件请使用新的版本号。",
            "This version is published already and says something else; give the changed file a version of its own.",
        )
    ),
    "SandboxClockGoesForward": RefusalWords(
        Title(
            "沙箱的时钟只能向前；如需更早的时间，请启动新的沙箱。",
            "A sandbox's clock only goes forward; start a new sandbox for an earlier time.",
        ),
        {
            "now": Title("现在为 {now}。", "It stands at {now}."),
        },
    ),
    "TimeOutOfRange": RefusalWords(
        Title(
            "沙箱的时间须在 2000 年至 2100 年之间，且最多比现在晚五年。",
            "A sandbox's time lies between 2000 and 2100, and five years at most after the present one.",
        )
    ),
    "TimeWithoutOffset": RefusalWords(
        Title(
            "请注明与协调世界时的时差，如 2026-03-02T09:00:00+08:00。",
            "Give the time with its offset from UTC, as in 2026-03-02T09:00:00+08:00.",
        )
    ),
    "StaleVersion": RefusalWords(
        Title(
            "该{what:=streams}现为版本 {version}；请重新读取后再决定。",
            "The {what:=streams} is at version {version} now; read it again and decide anew.",
        )
    ),
    "StillInFlight": RefusalWords(
        Title(
            "使用同一 Idempotency-Key 的第一个请求尚未应答；请稍后重试。",
            "The first request with this Idempotency-Key has not been answered yet; ask again shortly.",
        )
    ),
    "ClaimedByAnother": RefusalWords(
        Title(
            "同一客户的同一问题正由另一请求登记；请稍后重试。",
            "The same matter of this customer is just being taken down by another request; try again shortly.",
        )
    ),
    "TooManyRequests": RefusalWords(
        Title(
            "状态查询过于频繁；请按 Retry-After 稍后再试，或改用查询码。",
            "Too many status queries; try again after the time of Retry-After, or with the query code.",
        )
    ),
    "TooManyWrongKeys": RefusalWords(
        Title(
            "此地址发来的无效密钥过多；请按 Retry-After 稍后再试。有效的密钥不受影响。",
            "Too many wrong keys came from this address; try again after the time of Retry-After. A right key is taken at any time.",
        )
    ),
    "RateExceeded": RefusalWords(
        Title(
            "此密钥的请求过于频繁；请按 Retry-After 稍后再试，额度见 RateLimit-Policy。",
            "This key calls more often than it may; go on after the time of Retry-After. RateLimit-Policy says how often it may.",
        )
    ),
    "CustomerSystemAway": RefusalWords(
        Title(
            "客户系统{why:=customer-system}。请稍后重试，或人工核对后填写 matches 和 findings。",
            "The customer system {why:=customer-system}. Try again later, or compare by hand and say so with matches and findings.",
        )
    ),
    "VersionConflict": RefusalWords(
        Title("他人已先行更改；请重新读取后再决定。", "Someone else changed this first; read it again and decide anew.")
    ),
    "CommandIdReused": RefusalWords(
        Title(
            "此 Idempotency-Key 已用于另一请求；新的请求请使用新的键。",
            "This Idempotency-Key was used before for another request; use a new key for a new request.",
        )
    ),
    "QueueFull": RefusalWords(
        Title(
            "待记录的内容过多，暂时来不及记录；请稍后重试。",
            "More is waiting to be recorded than can be recorded soon; try again shortly.",
        )
    ),
    "TooManyWait": RefusalWords(
        Title(
            "已有过多请求在等待数据库应答；请稍后重试。",
            "Too many requests are waiting for the database already; try again shortly.",
        )
    ),
    "StorageAway": RefusalWords(
        Title("暂时无法连接数据库；请稍后重试。", "The database cannot be reached at the moment; try again shortly."),
        {
            "outcome_unknown": Title(
                "该请求可能已经记录：请以同一 Idempotency-Key 重试。",
                "The request may have been recorded: repeat it with the same Idempotency-Key.",
            ),
        },
    ),
    "UnreadableEvent": RefusalWords(
        Title(
            "此内容由较新版本的 Redress 记录，本版本无法读取：请完成升级后再试。",
            "A newer version of Redress recorded what this one cannot read: finish the upgrade, then ask again.",
        )
    ),
}
