"""The access log: who was shown whose data, who was refused, who signed in, who took a list away. Rows are only added.

Every process writes what waits in its `Trail` a few times a second, in one statement; what a killed process had not
written by then is lost.
"""

import asyncio
from collections.abc import Callable
from datetime import datetime, timedelta
from time import monotonic
from typing import Any, Final, Self

import asyncpg
import structlog

from app.access.sessions import LASTS
from app.access.trail import Access, Trail
from eventlog.database import StorageAway, is_storage_away

log = structlog.get_logger()

PAUSE: Final = 0.25  # seconds from one writing to the next
AT_ONCE: Final = 2_000
CLOSING: Final = 5.0  # seconds that the end of a process waits for its last rows
COLUMNS: Final = (
    "at", "kind", "outcome", "actor", "via", "method", "path", "status", "problem", "complaint", "incident", "shown",
    "people", "times", "credential", "caller",
)  # fmt: skip
# Of these (by number) the sign-ins that some process has written already.
SIGNED_IN: Final = """
SELECT n FROM unnest($1::text[], $2::text[], $3::text[]) WITH ORDINALITY AS s (actor, credential, caller, n)
WHERE EXISTS (
    SELECT FROM access_log a WHERE a.kind = 'sign-in' AND a.outcome = 'granted' AND a.actor = s.actor AND a.at > $4
        AND a.credential IS NOT DISTINCT FROM s.credential AND a.caller IS NOT DISTINCT FROM s.caller)
"""


class AccessLog:
    """Writes one process's rows. Use it as an async context manager."""

    def __init__(self, pool: asyncpg.Pool, trail: Trail, now: Callable[[], datetime]) -> None:
        self._pool, self._trail, self._now = pool, trail, now
        self._writing = asyncio.Lock()
        self._task: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        self._task = asyncio.create_task(self._write_for_ever(), name="access log")
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
        try:
            async with asyncio.timeout(CLOSING):
                await self.write()
        except (StorageAway, TimeoutError):
            log.warning("access_log_not_written", rows=len(self._trail))

    async def write(self) -> None:
        """Returns when all that waited when it was called is on disk. Raises `StorageAway`; it waits again then."""
        async with self._writing:
            left = len(self._trail)
            while left > 0 and (rows := self._trail.take(AT_ONCE)):
                left -= len(rows)
                await self._write(rows)

    async def _write(self, rows: list[tuple[Access, int]]) -> None:
        now, clock = self._now(), monotonic()
        try:
            async with self._pool.acquire() as connection:
                rows = await _without_known_sign_ins(connection, rows, now)
                await connection.copy_records_to_table(
                    "access_log", records=[_record(*row, now - timedelta(seconds=clock - row[0].at)) for row in rows],
                    columns=COLUMNS,
                )  # fmt: skip
        except BaseException as error:
            self._trail.put_back(rows)
            if isinstance(error, Exception) and is_storage_away(error):
                raise StorageAway from error
            raise

    async def _write_for_ever(self) -> None:
        while True:
            await asyncio.sleep(PAUSE)
            try:
                await self.write()
            except Exception as error:
                # Whatever it is, this must not end before the process does: what waits is bounded, and counted.
                log.warning("access_log_not_written", rows=len(self._trail), error=type(error).__name__)


async def _without_known_sign_ins(
    connection: Any, rows: list[tuple[Access, int]], now: datetime
) -> list[tuple[Access, int]]:
    """A session is one, whichever processes it calls."""
    begun = [one for one, _ in rows if one.kind == "sign-in" and one.outcome == "granted"]
    if not begun:
        return rows
    facts = ([one.actor for one in begun], [one.credential for one in begun], [one.caller for one in begun])
    known = {id(begun[row["n"] - 1]) for row in await connection.fetch(SIGNED_IN, *facts, now - LASTS)}
    return [row for row in rows if id(row[0]) not in known]


def _record(access: Access, times: int, at: datetime) -> tuple[Any, ...]:
    return (
        at, access.kind, access.outcome, access.actor, access.via, access.method, access.path, access.status,
        access.problem, access.complaint, access.incident, list(access.shown), access.people, times,
        access.credential, access.caller,
    )  # fmt: skip
