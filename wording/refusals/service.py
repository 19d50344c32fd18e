"""The running service: keys, settings, its log and its clock."""

from collections.abc import Mapping
from typing import Final

from domain.procedure.titles import Title
from wording.refusals.sentence import RefusalWords

WORDS: Final[Mapping[str, RefusalWords]] = {
    "KeyExists": RefusalWords(
        Title(
            "此人员已有密钥，也可能已吊销；同一标识不会再次发放。",
            "There is a key for this actor already, perhaps a revoked one; an id is never given out twice.",
        )
    ),
    "LastAdministrator": RefusalWords(
        Title(
            "这是仅剩的管理员密钥；请先新建一个再吊销。",
            "This is the only administrator key left; create another one before you revoke it.",
        )
    ),
    "RoleMisspelt": RefusalWords(
        Title("没有这个角色，但有写法相近的角色。", "There is no such role, but one that is written almost like it."),
        {
            "close": Title("是否指 {close}？可用的角色：{known}。", "Did you mean {close}? There are {known}."),
        },
    ),
    "UnitMissing": RefusalWords(
        Title(
            "单位人员只能查看和办理派给本单位的投诉：请写明单位。",
            "A member of a unit sees and does only what was sent to it: name the unit.",
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
            "沙盒的时钟只能向前；如需更早的时间，请启动新的沙盒。",
            "A sandbox's clock only goes forward; start a new sandbox for an earlier time.",
        ),
        {
            "now": Title("现在为 {now}。", "It stands at {now}."),
        },
    ),
    "TimeOutOfRange": RefusalWords(
        Title(
            "沙盒的时间须在 2000 年至 2100 年之间，且最多比现在晚五年。",
            "A sandbox's time lies between 2000 and 2100, and five years at most after the present one.",
        )
    ),
    "TimeWithoutOffset": RefusalWords(
        Title(
            "请注明与协调世界时的时差，如 2026-03-02T09:00:00+08:00。",
            "Give the time with its offset from UTC, as in 2026-03-02T09:00:00+08:00.",
        )
    ),
    "VersionConflict": RefusalWords(
        Title("他人已先行更改；请重新读取后再决定。", "Someone else changed this first; read it again and decide anew.")
    ),
    "CommandIdReused": RefusalWords(
        Title(
            "此键已用于另一请求；新的请求请使用新的键。",
            "This key was used before for another request; use a new key for a new request.",
        )
    ),
    "QueueFull": RefusalWords(
        Title(
            "待记录的内容过多，暂时来不及记录；请稍后重试。",
            "More is waiting to be recorded than can be recorded soon; try again shortly.",
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
            "此事件由较新版本的 Redress 记录，本版本无法读取：请完成升级。",
            "A newer version of Redress recorded this event, and this one cannot read it: finish the upgrade.",
        )
    ),
}
