"""Judges the clocks of incidents when they fall due: every warning and miss once, in due order, within a second.

Incidents are few, so one is judged after the other. What is due is found by the index over the next due instants;
whether it still is to be recorded is decided by the incident from its own stream, so a second runner, or one that was
killed after the append, changes nothing.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import datetime, timedelta
from heapq import heapify, heappop, heappush
from time import monotonic
from typing import Final, Protocol
from uuid import UUID

import asyncpg
import structlog

from eventlog.database import StorageAway, fetch, is_storage_away
from eventlog.leader_lock import LeaderTask
from eventlog.log import QueueFull

log = structlog.get_logger()

LONGEST_SLEEP: Final = 0.5  # seconds: a clock that was started meanwhile is noticed by then
SHORTEST_SLEEP: Final = 0.02  # seconds: the read model has not heard of a judgement yet
PAUSE_WHEN_FULL: Final = 0.05  # seconds
TRY_AGAIN: Final = 60.0  # seconds
ROUNDING: Final = timedelta(milliseconds=1)

DUE = "SELECT next_at, id FROM reading.incidents WHERE next_at <= $1"
NEXT = "SELECT min(next_at) FROM reading.incidents WHERE next_at > $1"


class JudgesIncidents(Protocol):
    """What is wanted of `app.commands.incidents.Incidents`."""

    async def judge(self, id: UUID, at: datetime, *, until: datetime) -> datetime | None:
        """Records at `at` what was due by `until` in one incident, once for all; returns its next instant."""
        ...


class IncidentClocks(LeaderTask):
    """Runs in one process of all; use it as an async context manager. In a sandbox, call `run_pass` instead."""

    def __init__(
        self,
        pool: asyncpg.Pool,
        incidents: JudgesIncidents,
        now: Callable[[], datetime],
        *,
        may_judge: Callable[[], bool] = lambda: True,
    ) -> None:
        """`may_judge`: whether the time is to be relied on."""
        super().__init__(pool, "incident clocks", self._run)
        self._pool, self._incidents, self._now, self._may_judge = pool, incidents, now, may_judge
        self._failed: dict[UUID, float] = {}

    async def run_pass(self, now: datetime) -> None:
        """Judges every incident with a clock that is due by `now`, in due order. Raises `StorageAway`.

        One that cannot be judged is logged and tried again after a minute; the others go on.
        """
        self._failed = {id: at for id, at in self._failed.items() if monotonic() - at < TRY_AGAIN}
        rows = await fetch(self._pool, DUE, now)
        due: list[tuple[datetime, UUID]] = [(instant, id) for instant, id in rows if id not in self._failed]
        heapify(due)
        while due:
            instant, id = heappop(due)
            following = await self._judge(id, max(now, self._now()), instant)
            if following is not None and instant < following <= now:
                heappush(due, (following, id))

    async def next_instant(self, after: datetime) -> datetime | None:
        """The first due instant after a moment, as far as the read model knows. Raises `StorageAway`."""
        rows = await fetch(self._pool, NEXT, after)
        instant: datetime | None = rows[0][0]
        return instant

    async def _run(self) -> None:
        while True:
            if not self._may_judge():
                await asyncio.sleep(LONGEST_SLEEP)
                continue
            now = self._now()
            await self.run_pass(now)
            instant = await self.next_instant(now)
            left = LONGEST_SLEEP if instant is None else (instant - self._now() + ROUNDING).total_seconds()
            await asyncio.sleep(min(max(left, SHORTEST_SLEEP), LONGEST_SLEEP))

    async def _judge(self, id: UUID, at: datetime, until: datetime) -> datetime | None:
        while True:
            try:
                return await self._incidents.judge(id, at, until=until)
            except QueueFull:
                await asyncio.sleep(PAUSE_WHEN_FULL)
            except Exception as error:
                if is_storage_away(error):
                    raise StorageAway from error
                self._failed[id] = monotonic()
                log.error("incident_not_judged", incident=str(id), error=type(error).__name__)
                return None
