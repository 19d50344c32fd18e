"""How long the access log is kept: what it holds, and removing what is older than anybody has to keep it.

Only the login that owns the database can: the service works under a role that may add rows and nothing else. That
something was removed, and how much, stands in the log as a row of its own.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

import asyncpg

from domain.errors import Invalid

SHORTEST: Final = timedelta(days=183)  # 《网络安全法》第二十一条: six months at least
AT_ONCE: Final = 20_000  # rows; what is written meanwhile waits for one such part
LOCK_TIMEOUT: Final = "SET LOCAL lock_timeout = '5s'"
OPEN: Final = "ALTER TABLE access_log DISABLE TRIGGER access_log_is_permanent"
CLOSE: Final = "ALTER TABLE access_log ENABLE ALWAYS TRIGGER access_log_is_permanent"
REMOVE: Final = """
WITH gone AS (
    DELETE FROM access_log WHERE id IN (SELECT id FROM access_log WHERE at < $1 ORDER BY at, id LIMIT $2) RETURNING 1
)
SELECT count(*) FROM gone
"""
NOTE: Final = """
INSERT INTO access_log (at, kind, outcome, actor, method, path, status, shown, people, times)
VALUES ($1, 'command', 'granted', $2, 'DELETE', '/v1/audit/access', 204, '{}', 0, $3)
"""
HELD: Final = """
SELECT count(*) AS rows, min(at) AS first, max(at) AS last, count(*) FILTER (WHERE at < $1) AS older,
    pg_total_relation_size('access_log') AS bytes
FROM access_log
"""


class KeptTooShort(Invalid): ...


@dataclass(frozen=True)
class HeldAccesses:
    """Rows in all, from when to when, those that are `older` than was asked about, and how large it is on disk."""

    rows: int
    first: datetime | None
    last: datetime | None
    older: int
    bytes: int


def check_age(before: datetime, now: datetime) -> None:
    """Raises `KeptTooShort`."""
    if before > now - SHORTEST:
        raise KeptTooShort("/older-than", days=SHORTEST.days)


async def held(pool: asyncpg.Pool, before: datetime) -> HeldAccesses:
    return HeldAccesses(**dict(await pool.fetchrow(HELD, before)))


async def remove(url: str, before: datetime, *, by: str, now: datetime) -> int:
    """Removes what is older, part by part, and notes each part; how many rows were removed.

    Raises `KeptTooShort`, and asyncpg's InsufficientPrivilegeError for a login that does not own the table.
    """
    check_age(before, now)
    removed = 0
    connection = await asyncpg.connect(url)
    try:
        while True:
            async with connection.transaction():
                await connection.execute(LOCK_TIMEOUT)
                await connection.execute(OPEN)
                part = int(await connection.fetchval(REMOVE, before, AT_ONCE))
                await connection.execute(CLOSE)
                if part:
                    await connection.execute(NOTE, now, by, part)
            removed += part
            if part < AT_ONCE:
                return removed
    finally:
        await connection.close()
