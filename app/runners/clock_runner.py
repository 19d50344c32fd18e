"""Judges clocks when they fall due: every warning and miss once, in due order, within a second.

What is due is found by the index over the next due instants, never by a scan; whether it still is to be recorded is
decided by the complaint from its own stream. So a read model that lags, a second runner, or a runner that was killed
after the append change nothing.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from heapq import heappop, heappush
from time import monotonic
from typing import Final, Protocol, Self
from uuid import UUID

import asyncpg
import structlog

from app.storage.active_lock import ActiveLock
from app.storage.database import StorageAway, fetch, is_storage_away
from app.storage.event_log import QueueFull

log = structlog.get_logger()

LONGEST_SLEEP: Final = 0.5  # seconds: a clock that was started meanwhile is noticed by then
AT_ONCE: Final = 64  # complaints judged at the same time
PAGE: Final = 1000  # due clocks read at once
TRY_AGAIN: Final = 60.0  # seconds after which a complaint is looked at again though its due instant has not moved
PAUSE_WHEN_FULL: Final = 0.05  # seconds
ROUNDING: Final = timedelta(milliseconds=1)

DUE = """
SELECT complaint_id, next_at FROM reading.sla
WHERE next_at <= $1 AND next_at >= $2 AND complaint_id <> ALL($3::uuid[]) ORDER BY next_at LIMIT $4
"""
NEXT = "SELECT min(next_at) FROM reading.sla WHERE next_at > $1"
LONG_AGO: Final = datetime(1900, 1, 1, tzinfo=UTC)


class Judges(Protocol):
    """What is wanted of `app.complaints.Complaints`."""

    async def judge(self, id: UUID, at: datetime, *, until: datetime) -> datetime | None:
        """Records at `at` what was due by `until` in one complaint, once for all; returns its next instant."""
        ...


class ClockRunner:
    """Runs in one process of all; use it as an async context manager. In a sandbox, call `run_pass` instead."""

    def __init__(self, pool: asyncpg.Pool, complaints: Judges, now: Callable[[], datetime]) -> None:
        self.lock = ActiveLock(pool, "clock runner")
        self.judged = 0
        self.failed: dict[UUID, float] = {}
        self._pool, self._complaints, self._now = pool, complaints, now
        self._done: dict[UUID, tuple[datetime, float]] = {}
        self._slots = asyncio.Semaphore(AT_ONCE)
        self._task: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        self._task = asyncio.create_task(self.lock.run(self._run), name="clock runner")
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    async def run_pass(self, now: datetime) -> int:
        """Judges every complaint with a clock that is due by `now`, in due order; returns how many it judged.

        A complaint that cannot be judged is logged, counted in `failed`, and tried again after a minute; the others
        go on. Raises `StorageAway`; what was judged by then is not judged again.
        """
        due = _Due(now, {id for id, tried in self.failed.items() if monotonic() - tried < TRY_AGAIN})
        remembered, self._done = self._done, {}
        judged: set[UUID] = set()
        while True:
            while due.wants_a_page:
                due.add_page(await fetch(self._pool, DUE, now, due.read_up_to, list(due.seen), PAGE))
            instant, ids = due.next_ones()
            if instant is None:
                return len(judged)
            waiting = [id for id in ids if id in judged or not self._was_done(id, instant, remembered)]
            self._done.update((id, (instant, monotonic())) for id in waiting if id not in judged)
            judged.update(waiting)
            due.add(await self._judge_all(waiting, max(now, self._now()), instant))

    async def next_instant(self, after: datetime) -> datetime | None:
        """The first due instant after a moment, as far as the read model knows. Raises `StorageAway`."""
        rows = await fetch(self._pool, NEXT, after)
        instant: datetime | None = rows[0][0]
        return instant

    async def _run(self) -> None:
        while True:
            now = self._now()
            await self.run_pass(now)
            instant = await self.next_instant(now)
            left = LONGEST_SLEEP if instant is None else (instant - self._now() + ROUNDING).total_seconds()
            await asyncio.sleep(min(max(left, 0.0), LONGEST_SLEEP))

    def _was_done(self, id: UUID, instant: datetime, remembered: dict[UUID, tuple[datetime, float]]) -> bool:
        """Whether the read model merely has not heard of our judgement yet."""
        known = remembered.get(id)
        if known is None or known[0] != instant or monotonic() - known[1] > TRY_AGAIN:
            return False
        self._done[id] = known
        return True

    async def _judge_all(self, ids: Sequence[UUID], at: datetime, until: datetime) -> list[tuple[datetime, UUID]]:
        """Judges these complaints; returns the next due instant of each that has one."""
        # All of them are waited for, so that nothing of this instant is recorded after the next one's.
        outcomes = await asyncio.gather(*(self._judge(id, at, until) for id in ids), return_exceptions=True)
        following: list[tuple[datetime, UUID]] = []
        for id, outcome in zip(ids, outcomes, strict=True):
            if isinstance(outcome, BaseException):
                raise outcome
            if outcome is not None:
                following.append((outcome, id))
        return following

    async def _judge(self, id: UUID, at: datetime, until: datetime) -> datetime | None:
        async with self._slots:
            try:
                following = await self._judge_when_there_is_room(id, at, until)
            except Exception as error:
                if is_storage_away(error):
                    raise StorageAway from error
                self.failed[id] = monotonic()
                log.error("clock_not_judged", complaint=str(id), error=type(error).__name__)
                return None
            self.judged += 1
            self.failed.pop(id, None)
            return following

    async def _judge_when_there_is_room(self, id: UUID, at: datetime, until: datetime) -> datetime | None:
        while True:
            try:
                return await self._complaints.judge(id, at, until=until)
            except QueueFull:
                await asyncio.sleep(PAUSE_WHEN_FULL)


class _Due:
    """What one pass still has to judge, by due instant: pages of the index, and what the judged ones have next.

    A complaint's next instant comes from the complaint itself, since the read model has not heard of the judgement yet.
    """

    def __init__(self, now: datetime, leave_out: set[UUID]) -> None:
        self.seen = leave_out
        self.read_up_to = LONG_AGO
        self._now = now
        self._whole = False
        self._heap: list[tuple[datetime, UUID]] = []

    @property
    def wants_a_page(self) -> bool:
        """Whether an instant that was not read yet may be the next one."""
        return not self._whole and (not self._heap or self._heap[0][0] > self.read_up_to)

    def add_page(self, rows: Sequence[asyncpg.Record]) -> None:
        self._whole = len(rows) < PAGE
        for row in rows:
            self.read_up_to = row["next_at"]
            if row["complaint_id"] not in self.seen:
                self.seen.add(row["complaint_id"])
                heappush(self._heap, (row["next_at"], row["complaint_id"]))

    def add(self, following: Sequence[tuple[datetime, UUID]]) -> None:
        for instant, id in following:
            if instant <= self._now:
                heappush(self._heap, (instant, id))

    def next_ones(self) -> tuple[datetime | None, list[UUID]]:
        """The earliest due instant and the complaints that have it; None when nothing is left."""
        if not self._heap:
            return None, []
        instant, ids = self._heap[0][0], []
        while self._heap and self._heap[0][0] == instant:
            ids.append(heappop(self._heap)[1])
        return instant, ids
