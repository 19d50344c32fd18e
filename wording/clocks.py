"""What an operator reads of the deployment's clock."""

from typing import Final

from domain.titles import Title

AGREES: Final = Title("数据库时钟走时正常：{now}", "The database's clock goes on steadily: {now}")
LEAPT: Final = Title(
    "数据库时钟跳变 {seconds} 秒：现显示 {now}，应为 {expected}。两者重新一致之前，不自动判定任何时限。"
    "如现在的时间正确，请执行 redress clock accept。",
    "The database's clock has leapt by {seconds} s: it says {now} where {expected} is expected. No time limit is judged "
    "by itself until both agree again. If it is right as it is now, run `redress clock accept`.",
)
UNKNOWN: Final = Title(
    "数据库时钟显示 {now}；本机开机以来没有服务记录过时间，无从比较。",
    "The database's clock says {now}; no service has noted the time since this machine was started, so there is nothing "
    "to compare it with.",
)
ACCEPTED: Final = Title(
    "已认可数据库时钟现在的时间：{now}。各服务进程在一秒内据此继续。",
    "The database's clock is accepted as it is: {now}. Services go on by it within a second.",
)
