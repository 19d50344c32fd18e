"""What `redress serve` says when the service ends by itself."""

from collections.abc import Mapping
from typing import Final

from domain.titles import Title

NOT_STARTED: Final = Title(
    "服务未能启动：原因见上方名为 did_not_start_or_stop 的日志行。",
    "The service did not start: the line `did_not_start_or_stop` above says why.",
)
DATABASE_LOST: Final = Title(
    "自带的数据库已停止，且无法重新启动，服务因此结束。",
    "The embedded database has ended and cannot be started again, so the service ends.",
)
# By what kept it from starting.
WHY_LOST: Final[Mapping[str, Title]] = {
    "DataFolderIncomplete": Title(
        "{data} 中的数据文件已不存在：请用备份恢复。", "Its files in {data} are gone: put them back from your backup."
    ),
    "DataFolderNotUsable": Title(
        "无法再使用数据文件夹 {data}：请检查其属主和权限。",
        "The data folder {data} cannot be used any more: see whom it belongs to, and its mode.",
    ),
    "NoPostgresFound": Title(
        "已找不到 PostgreSQL 程序：请重新安装，或设置 REDRESS_PG_BIN。",
        "The programs of PostgreSQL are not found any more: install them again, or set REDRESS_PG_BIN.",
    ),
    "PortTaken": Title(
        "其他程序占用了它的端口；请重新启动服务，届时会另选端口。",
        "Another program has taken its port; start the service again, which chooses another.",
    ),
    "DatabaseStillRuns": Title(
        "另有 PostgreSQL 在使用 {data} 中的数据且不结束：请先停止它。",
        "Another PostgreSQL uses the data in {data} and does not end: stop it first.",
    ),
    "DatabaseMoved": Title(
        "另一进程已在新的地址提供 {data} 中的数据库；请重新启动服务。",
        "Another process serves the database of {data} at a new address; start the service again.",
    ),
}
WHY_ELSE: Final = Title(
    "原因见 {data}/postgres.log；磁盘可能已满。", "{data}/postgres.log says why; perhaps the disk is full."
)
