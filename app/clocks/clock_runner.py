"""Judges clocks when they fall due: every warning and miss once, in due order, within a second.

What is due is found by the index over the next due instants, never by a scan; whether it still is to be recorded is
decided by the complaint from its own stream. So a read model that lags, a second runner, or a runner that was killed
after the append change nothing. Those that fell due next to each other are judged together (app/clocks/judging.py).
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from time import monotonic
from typing import Final, Protocol
from uuid import UUID

import asyncpg
import structlog

from app.clocks.due_clocks import BEHIND, NEXT, DueClocks
from app.clocks.judging import Due, Judged
from eventlog.database import fetch
from eventlog.leader_lock import LeaderTask

log = structlog.get_logger()

LONGEST_SLEEP: Final = 0.5  # seconds: a clock that was started meanwhile is noticed by then
AT_ONCE: Final = 256  # complaints judged together
TRY_AGAIN: Final = 60.0  # seconds after which a complaint is looked at again though its due instant has not moved
ROUNDING: Final = timedelta(milliseconds=1)


class Judges(Protocol):
    """What is wanted of `app.clocks.judging.Judging`."""

    async def judge(self, due: Sequence[Due], at: datetime, *, until: datetime) -> Judged:
        """Records at `at` what was due by `until` in these complaints, in due order, each judgement once for all."""
        ...


@dataclass(slots=True)
class _Known:
    """What we know of a complaint: the instant that the read model shows, and the one at which it is really due."""

    shown: datetime
    due_at: datetime | None
    since: float


class ClockRunner(LeaderTask):
    """Runs in one process of all; use it as an async context manager. In a sandbox, call `run_pass` instead."""

    def __init__(
        self,
        pool: asyncpg.Pool,
        judging: Judges,
        now: Callable[[], datetime],
        *,
        at_once: int = AT_ONCE,
        may_judge: Callable[[], bool] = lambda: True,
    ) -> None:
        """`at_once`: complaints that are judged together. `may_judge`: whether the time is to be relied on."""
        super().__init__(pool, "clock runner", self._run)
        self.judged = 0
        self.failed: dict[UUID, float] = {}
        self._pool, self._judging, self._now, self._at_once = pool, judging, now, at_once
        self._may_judge = may_judge
        self._before: dict[UUID, _Known] = {}
        self._known: dict[UUID, _Known] = {}

    async def run_pass(self, now: datetime) -> int:
        """Judges every complaint with a clock that is due by `now`, in due order; returns how many it judged.

        A complaint that cannot be judged is logged, counted in `failed`, and tried again after a minute; the others
        go on. Raises `StorageAway`; what was judged by then is not judged again.
        """
        self._before, self._known = self._known, {}
        due = DueClocks(self._pool, now, self._due_at)
        judged: set[UUID] = set()
        while True:
            taken, until = await due.take(self._at_once)
            if not taken:
                return len(judged)
            judged.update(id for _, id in taken)
            for id, following in (await self._judge(taken, max(now, self._now()), until)).items():
                due.add(id, following)

    async def next_instant(self, after: datetime) -> datetime | None:
        """The first due instant after a moment, as far as the read model knows. Raises `StorageAway`."""
        rows = await fetch(self._pool, NEXT, after)
        instant: datetime | None = rows[0][0]
        return instant

    async def is_behind(self, instant: datetime) -> bool:
        """Whether something due by then is not judged yet, as far as the read model knows. Raises `StorageAway`."""
        rows = await fetch(self._pool, BEHIND, instant)
        return bool(rows[0][0])

    async def _run(self) -> None:
        while True:
            if not self._may_judge():
                await asyncio.sleep(LONGEST_SLEEP)
                continue
            now = self._now()
            await self.run_pass(now)
            instant = await self.next_instant(now)
            left = LONGEST_SLEEP if instant is None else (instant - self._now() + ROUNDING).total_seconds()
            await asyncio.sleep(min(max(left, 0.0), LONGEST_SLEEP))

    def _due_at(self, id: UUID, shown: datetime) -> datetime | None:
        """When a complaint is due for which the read model shows an instant; it may not have heard of us yet."""
        if (tried := self.failed.get(id)) is not None and monotonic() - tried < TRY_AGAIN:
            return None
        known = self._before.get(id)
        if known is None or known.shown != shown or monotonic() - known.since > TRY_AGAIN:
            known = _Known(shown, shown, monotonic())
        self._known[id] = known
        return known.due_at

    async def _judge(self, due: Sequence[Due], at: datetime, until: datetime) -> dict[UUID, datetime | None]:
        """Judges these complaints; returns when each of them is due next, without those that failed."""
        judged = await self._judging.judge(due, at, until=until)
        self.judged += judged.visits
        for id, error in judged.failed.items():
            self.failed[id] = monotonic()
            log.error("clock_not_judged", complaint=str(id), error=type(error).__name__)
        for id, following in judged.following.items():
            self.failed.pop(id, None)
            self._known[id].due_at = following
        return judged.following
