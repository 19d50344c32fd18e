"""推定结束: presumes the end of calls of which nothing was heard for as long as their source says.

What is quiet is found by an index over when a call was heard of last. Whether it still is, is decided by the version of
its stream, so a second runner, or one that was killed after the append, changes nothing.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final, Protocol
from uuid import UUID

import asyncpg

from app.access.call_sources import FOUR_HOURS, CallSource
from eventlog.database import fetch
from eventlog.leader_lock import LeaderTask
from eventlog.log import QueueFull

LOOKS_EVERY: Final = 5.0  # seconds
AT_ONCE: Final = 500

# Of a call that goes on: how long it may be quiet. Its source says so, or everybody's default.
_LIMIT: Final = "make_interval(secs => coalesce(s.seconds, {default}))"
_OF_SOURCES: Final = """
FROM reading.calls c LEFT JOIN unnest({ids}::text[], {seconds}::integer[]) AS s (source, seconds) USING (source)
WHERE c.heard_at IS NOT NULL
"""
QUIET: Final = f"""
SELECT c.id, c.source, c.version {_OF_SOURCES.format(ids="$2", seconds="$3")}
AND c.heard_at <= $1::timestamptz - {_LIMIT.format(default="$4")} ORDER BY c.heard_at LIMIT $5
"""
FIRST_QUIET: Final = f"""
SELECT min(c.heard_at + {_LIMIT.format(default="$3")}) {_OF_SOURCES.format(ids="$1", seconds="$2")}
"""


class PresumesEnded(Protocol):
    """What is wanted of `app.commands.calls.Calls`."""

    async def presume_ended(self, stream: UUID, source: str, after_seconds: int, *, version: int) -> bool:
        """Records it, unless something was heard since that version."""
        ...


class KnowsSources(Protocol):
    """What is wanted of `app.access.call_sources.CallSources`."""

    def all(self) -> list[CallSource]: ...

    def ends_after(self, id: str) -> int: ...


class QuietCalls(LeaderTask):
    """Runs in one process of all; use it as an async context manager. In a sandbox, call `run_pass` instead."""

    def __init__(
        self,
        pool: asyncpg.Pool,
        calls: PresumesEnded,
        sources: KnowsSources,
        now: Callable[[], datetime],
        *,
        may_judge: Callable[[], bool] = lambda: True,
    ) -> None:
        """`may_judge`: whether the time is to be relied on."""
        super().__init__(pool, "quiet calls", self._run)
        self._pool, self._calls, self._sources, self._now, self._may_judge = pool, calls, sources, now, may_judge

    async def run_pass(self, now: datetime) -> None:
        """Presumes the end of the calls that are quiet for longest, if that is too long. Raises `StorageAway`.

        More of them come with the next look, once the read model has heard of these.
        """
        for stream, source, version in await fetch(self._pool, QUIET, now, *self._limits(), AT_ONCE):
            try:
                await self._calls.presume_ended(stream, source, self._sources.ends_after(source), version=version)
            except QueueFull:
                return

    async def next_instant(self, after: datetime) -> datetime | None:
        """When the first call will have been quiet for too long, if nothing is heard. Raises `StorageAway`."""
        rows = await fetch(self._pool, FIRST_QUIET, *self._limits())
        instant: datetime | None = rows[0][0]
        return None if instant is None else max(instant, after + timedelta(microseconds=1))

    def _limits(self) -> tuple[list[str], list[int], int]:
        known = self._sources.all()
        return [one.id for one in known], [one.ends_after for one in known], FOUR_HOURS

    async def _run(self) -> None:
        while True:
            if self._may_judge():
                await self.run_pass(self._now())
            await asyncio.sleep(LOOKS_EVERY)
