"""What the bridge beside a softphone says to whoever runs it."""

from collections.abc import Mapping
from typing import Final

from domain.titles import Title

RUNNING: Final = Title(
    "正在把 {phone} 的话务事件送往 {address}（来源 {source}，暂存 {spool}）。按 Ctrl-C 停止；未送出的下次再送。",
    "Posting what {phone} does to {address} as {source}, by way of {spool}. Ctrl-C stops; what waits is posted next time.",
)
REPORTS: Final[Mapping[str, Title]] = {
    "connected": Title("已连上话务系统。", "Connected to the telephone system."),
    "disconnected": Title("话务系统断开了连接；将重新连接。", "The telephone system hung up on us; calling it again."),
    "phone-away": Title("连不上话务系统（{error}）；将不断重试。", "The telephone system cannot be reached ({error}); trying again and again."),
    "service-away": Title("连不上 Redress（{error}）；事件已暂存，将不断重试。", "Redress cannot be reached ({error}); events are kept, and tried again."),
    "service-busy": Title("Redress 暂时无法接收（{status}）；稍后重试。", "Redress cannot take them now ({status}); trying again soon."),
    "not-let-in": Title(
        "Redress 不接受此来源的签名（{status}）：请核对来源名称、密钥和本机时间；事件已暂存。",
        "Redress does not accept this source's signature ({status}): check the source's name, its secret and this machine's clock. Events are kept.",
    ),
    "refused": Title(
        "{events} 个事件被拒收并保留；`redress softphone status` 说明原因。",
        "{events} events were refused and are kept; `redress softphone status` says why.",
    ),
    "spool-full": Title("暂存文件写不进（{error}）；事件暂留内存，有空间后写入。请腾出磁盘空间。", "The spool cannot be written ({error}); events wait in memory until it can. Make room on the disk."),
    "spool-has-room": Title("暂存文件又可写入，没有丢失。", "The spool can be written again; nothing was lost."),
    "back": Title("已恢复，又送出 {events} 个事件。", "All is well again; {events} events were posted."),
}
ONE_PHONE: Final = Title(
    "请写明一个话务系统：--baresip、--asterisk、--freeswitch 或 --webhooks。",
    "Name one telephone system: --baresip, --asterisk, --freeswitch or --webhooks.",
)
NOT_AN_ADDRESS: Final = Title("{value} 不是“主机:端口”。", "{value} is not HOST:PORT.")
NO_SECRET: Final = Title(
    "缺少来源的密钥：用 REDRESS_CALL_SECRET 或 --secret-file 给出（whsec_…，POST /v1/call-sources 时显示一次）。",
    "The source's secret is missing: give it by REDRESS_CALL_SECRET or --secret-file (whsec_…, shown once by POST /v1/call-sources).",
)
NO_PASSWORD: Final = Title(
    "缺少话务系统的口令：用 REDRESS_PHONE_SECRET 给出。", "The telephone system's password is missing: give it by REDRESS_PHONE_SECRET."
)
PHONE_REFUSED: Final = Title("话务系统拒绝登录：{message}", "The telephone system does not let us sign in: {message}")
SPOOL_IN_USE: Final = Title("另一个进程正在使用暂存文件 {spool}。", "Another process posts from the spool {spool} already.")
SPOOL_BROKEN: Final = Title("暂存文件 {spool} 打不开或写不进：{error}", "The spool {spool} cannot be opened or written: {error}")
NO_SPOOL: Final = Title("没有暂存文件 {spool}。", "There is no spool {spool}.")
BEYOND_LOOPBACK: Final = Title(
    "--webhooks 只监听本机地址（127.0.0.1 或 ::1）：从外面来的请经有 TLS 和口令的反向代理转来。",
    "--webhooks listens on this machine alone (127.0.0.1 or ::1): what comes from outside goes through a reverse proxy with TLS and a password.",
)
NOT_JSON: Final = Title("{file} 不是 JSON 对象：{message}", "{file} is no JSON object: {message}")
NO_CALL: Final = Title("{type} 要写明哪次通话（--call）。", "{type} needs the call that it is about (--call).")
SPOOLED: Final = Title("已暂存为 {id}；由运行中的 `redress softphone run` 送出。", "Kept as {id}; a running `redress softphone run` posts it.")
WAITING: Final = Title("待送 {waiting} 个，最早的自 {oldest} 起；被拒 {refused} 个。", "{waiting} wait, the first since {oldest}; {refused} were refused.")
NOTHING_WAITS: Final = Title("没有待送的；被拒 {refused} 个。", "Nothing waits; {refused} were refused.")
REFUSED_LINE: Final = Title("{id} {type}（{time}）：{problem}", "{id} {type} ({time}): {problem}")
AGAIN: Final = Title("{events} 个被拒的事件将重新送出。", "{events} refused events are posted again.")
# The demonstration
NO_BARESIP: Final = Title(
    "找不到 baresip。Debian、Ubuntu：`apt-get install baresip-core`；macOS：`brew install baresip`。",
    "There is no baresip here. Debian, Ubuntu: `apt-get install baresip-core`; macOS: `brew install baresip`.",
)
STARTING: Final = Title(
    "正在启动服务、两部软电话和桥接程序……", "Starting a service, two softphones and the bridge between them …"
)
CALLING: Final = Title("{caller} 拨打 {agent}。", "{caller} calls {agent}.")
CALLED: Final = Title("通话 {id} 已结束：{agent} 接听，通话 {talk} 秒。", "Call {id} has ended: {agent} answered and talked for {talk} seconds.")
TAKEN: Final = Title("话后小结成为投诉 {number}，经办人 {owner}。", "The wrap-up became complaint {number}, owned by {owner}.")
NOT_IN_TIME: Final = Title("等了一分钟仍未发生；请见上面的消息。", "It did not come about within a minute; see the messages above.")
