"""Connections to PostgreSQL: how they are made, and how to tell that the storage is away."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, Final

import asyncpg
from asyncpg import exceptions as pg

from domain.errors import Unavailable
from eventlog.lock_session import NOTICE_A_DEAD_HOLDER, LockSession
from migrations.grants import APP_ROLE

CONNECT_TIMEOUT = 5.0
COMMAND_TIMEOUT = 30.0

# `SET ROLE` has been a privilege apart from membership since PostgreSQL 16.
MAY_TAKE_ROLE = """
SELECT pg_has_role(current_user, oid, CASE WHEN current_setting('server_version_num')::int >= 160000
                                      THEN 'SET' ELSE 'MEMBER' END)
       AND coalesce(has_table_privilege(oid, to_regclass('stored_events'), 'INSERT'), false)
FROM pg_roles WHERE rolname = $1
"""

AWAY = (
    OSError,  # refused, reset, unreachable, and asyncio's TimeoutError
    asyncio.IncompleteReadError,
    pg.PostgresConnectionError,  # class 08
    pg.TooManyConnectionsError,
    pg.InsufficientResourcesError,  # class 53: also a full disk
    pg.OperatorInterventionError,  # class 57: shutdown, starting up, a cancelled statement
    pg.ReadOnlySQLTransactionError,  # a standby: the primary is elsewhere now
    pg.PostgresIOError,  # class 58
)


GONE = ("closed", "closing", "released back to the pool")


class StorageAway(Unavailable):
    """The database cannot be reached.

    `outcome_unknown`: what was asked may have been recorded; ask again with the same command id.
    """

    def __init__(self, why: str = "the database is away", *, outcome_unknown: bool = False) -> None:
        super().__init__(why=why, outcome_unknown=outcome_unknown)
        self.outcome_unknown = outcome_unknown


# What asyncpg.create_pool passes on where nothing else is said.
AS_BY_DEFAULT: Final[dict[str, Any]] = {
    "init_size": None, "max_queries": 50_000, "max_inactive_connection_lifetime": 300.0, "connect": None, "setup": None,
    "init": None, "reset": None, "loop": None, "connection_class": asyncpg.Connection,
    "record_class": asyncpg.Record,
}  # fmt: skip


class ServicePool(asyncpg.Pool):  # type: ignore[misc]  # it is published without types
    """A pool, and what stands beside it: the session on which the process holds its locks, and eventlog/editions.py."""

    locks: LockSession
    connect_beside: Callable[[], Awaitable[Any]]
    editions: Any = None


async def create_pool(dsn: str, *, min_size: int = 2, max_size: int = 10) -> asyncpg.Pool[asyncpg.Record]:
    """Opens a pool on a migrated database (`postgresql://…`), working under the service's role where it may.

    Raises `StorageAway` when the database cannot be reached.
    """
    settings = {"jit": "off", "application_name": "redress"}
    try:
        if await _may_take_role(dsn):
            settings["role"] = APP_ROLE
        pool = ServicePool(
            dsn, min_size=min_size, max_size=max_size, timeout=CONNECT_TIMEOUT, command_timeout=COMMAND_TIMEOUT,
            server_settings=settings, **AS_BY_DEFAULT,
        )  # fmt: skip
        pool.connect_beside = lambda: _connect_for_locks(dsn, settings)
        pool.locks = LockSession(pool.connect_beside)
        await pool
        return pool
    except Exception as error:
        if is_storage_away(error):
            raise StorageAway from error
        raise


async def _connect_for_locks(dsn: str, settings: dict[str, str]) -> Any:
    connection = await asyncpg.connect(
        dsn, timeout=CONNECT_TIMEOUT, command_timeout=COMMAND_TIMEOUT, server_settings=settings
    )
    await connection.execute(NOTICE_A_DEAD_HOLDER)
    return connection


def lock_session_of(pool: asyncpg.Pool[asyncpg.Record]) -> LockSession:
    """The session beside a pool of `create_pool` on which its process holds its locks."""
    if not isinstance(pool, ServicePool):
        raise TypeError("only a pool that was opened by create_pool has a session for locks")
    return pool.locks


async def _may_take_role(dsn: str) -> bool:
    connection = await asyncpg.connect(dsn, timeout=CONNECT_TIMEOUT, command_timeout=COMMAND_TIMEOUT)
    try:
        return bool(await connection.fetchval(MAY_TAKE_ROLE, APP_ROLE))
    finally:
        await connection.close(timeout=CONNECT_TIMEOUT)


async def fetch(pool: asyncpg.Pool, query: str, *values: Any) -> list[asyncpg.Record]:
    """The rows of a query. Raises `StorageAway` while the database cannot be reached."""
    try:
        rows: list[asyncpg.Record] = await pool.fetch(query, *values)
        return rows
    except Exception as error:
        if is_storage_away(error):
            raise StorageAway from error
        raise


def is_storage_away(error: BaseException | None) -> bool:
    """Whether an error (asyncpg's, SQLAlchemy's around it, or ours) means that the storage is away.

    Waiting helps then; for every other error it does not.
    """
    seen: set[int] = set()
    while error is not None and id(error) not in seen:
        seen.add(id(error))
        if isinstance(error, (StorageAway, *AWAY)) or _lost_its_connection(error):
            return True
        original: Any = getattr(error, "orig", None)
        error = original if isinstance(original, BaseException) else error.__cause__
    return False


def _lost_its_connection(error: BaseException) -> bool:
    # asyncpg uses the same class for a connection that is gone and for wrong use of a good one. A connection that the
    # other side closed while somebody kept it has been "released back to the pool".
    return isinstance(error, pg.InterfaceError) and any(word in str(error) for word in GONE)
