"""Connections to PostgreSQL: how they are made, and what is asked of them."""

from __future__ import annotations

from typing import Any, Final

import asyncpg

from eventlog.away import StorageAway, is_storage_away
from eventlog.lock_session import LockSession
from eventlog.pool import Connecting, ServicePool, StorageConnection
from migrations.grants import APP_ROLE

__all__ = [
    "CONNECT_TIMEOUT", "ServicePool", "StorageAway", "create_pool", "fetch", "fetch_by_index",
    "is_storage_away", "lock_session_of",
]  # fmt: skip

CONNECT_TIMEOUT = 5.0
COMMAND_TIMEOUT = 30.0  # of what belongs to no request

# `SET ROLE` has been a privilege apart from membership since PostgreSQL 16.
MAY_TAKE_ROLE = """
SELECT pg_has_role(current_user, oid, CASE WHEN current_setting('server_version_num')::int >= 160000
                                      THEN 'SET' ELSE 'MEMBER' END)
       AND coalesce(has_table_privilege(oid, to_regclass('stored_events'), 'INSERT'), false)
FROM pg_roles WHERE rolname = $1
"""

# What a session of ours says of itself. A client whose machine vanished may hold locks: it is noticed by the server
# after about ten seconds instead of two hours.
SESSION: Final = {
    "jit": "off", "application_name": "redress",
    "tcp_keepalives_idle": "5", "tcp_keepalives_interval": "2", "tcp_keepalives_count": "3",
}  # fmt: skip

# What asyncpg.create_pool passes on where nothing else is said.
AS_BY_DEFAULT: Final[dict[str, Any]] = {
    "init_size": None, "max_queries": 50_000, "max_inactive_connection_lifetime": 300.0, "setup": None, "init": None,
    "reset": None, "loop": None, "record_class": asyncpg.Record,
}  # fmt: skip


async def create_pool(dsn: str, *, min_size: int = 2, max_size: int = 10) -> asyncpg.Pool[asyncpg.Record]:
    """Opens a pool on a migrated database (`postgresql://…`), working under the service's role where it may.

    Raises `StorageAway` when the database cannot be reached.
    """
    settings = dict(SESSION)
    try:
        if await _may_take_role(dsn):
            settings["role"] = APP_ROLE
        pool = ServicePool(
            dsn, min_size=min_size, max_size=max_size, timeout=CONNECT_TIMEOUT, command_timeout=COMMAND_TIMEOUT,
            server_settings=settings, connect=Connecting(), connection_class=StorageConnection, **AS_BY_DEFAULT,
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
    return await asyncpg.connect(
        dsn, timeout=CONNECT_TIMEOUT, command_timeout=COMMAND_TIMEOUT, server_settings=settings,
        connection_class=StorageConnection,
    )  # fmt: skip


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


async def fetch_in_order(pool: asyncpg.Pool, query: str, *values: Any) -> list[asyncpg.Record]:
    """As `fetch`, of the first rows of what an index holds in its order.

    How many rows a person has, PostgreSQL guesses too low: it would read and sort them all.
    """
    try:
        async with pool.acquire() as connection:  # the pool resets what is set before it gives it to the next
            await connection.execute("SET enable_bitmapscan = off")
            rows: list[asyncpg.Record] = await connection.fetch(query, *values)
            return rows
    except Exception as error:
        if is_storage_away(error):
            raise StorageAway from error
        raise


async def fetch_by_index(pool: asyncpg.Pool, query: str, *values: Any) -> list[asyncpg.Record]:
    """As `fetch`, of rows that an index finds, by their keys or in its order.

    A plan that was made while the table was small, to read it whole, would be kept while an import makes it large.
    """
    try:
        async with pool.acquire() as connection, connection.transaction():
            await connection.execute("SET LOCAL enable_seqscan = off")
            rows: list[asyncpg.Record] = await connection.fetch(query, *values)
            return rows
    except Exception as error:
        if is_storage_away(error):
            raise StorageAway from error
        raise


async def fetch(pool: asyncpg.Pool, query: str, *values: Any) -> list[asyncpg.Record]:
    """The rows of a query. Raises `StorageAway` while the database cannot be reached."""
    try:
        rows: list[asyncpg.Record] = await pool.fetch(query, *values)
        return rows
    except Exception as error:
        if is_storage_away(error):
            raise StorageAway from error
        raise
