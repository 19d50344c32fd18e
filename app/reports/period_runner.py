"""Reports every day, week and month that is over once, as a fact in the log: also after a stop, and with two processes.

What is still to be reported follows from the log and the calendar, never from a timer. The append carries a command id
made of procedure and period, so whoever comes second finds it done.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from contextlib import suppress
from datetime import date, datetime, timedelta
from typing import Final, Protocol, cast

import asyncpg
import structlog

from domain.errors import Unavailable
from domain.limits.calendar import Calendar
from domain.procedure.procedure import Procedure, ReportRule
from domain.reporting.periods import Period, ended_between
from domain.reporting.reports import (
    Counted,
    OfProcedure,
    PeriodReported,
    command_id_of,
    reported,
    still_to_report,
    stream_of,
)
from eventlog.codec import EventCodec, UnreadableEvent
from eventlog.leader_lock import LeaderTask
from eventlog.log import Append, EventLog, QueueFull, Recorded
from procedures.rules import Rules

log = structlog.get_logger()

LONGEST_SLEEP: Final = 20.0  # seconds: a procedure that was published meanwhile is noticed by then
UNTIL_THE_CLOCKS_AGREE: Final = 0.5  # seconds
UNTIL_JUDGED: Final = timedelta(minutes=1)  # what fell due at the end of a period belongs to its report
CATCH_UP: Final = 10.0  # seconds for the read models to show what the period held
PAUSE_WHEN_BUSY: Final = 0.05  # seconds


class Follows(Protocol):
    """What is wanted of `eventlog.follower.Follower`."""

    async def reached(self, position: int, timeout: float) -> bool:  # noqa: ASYNC109 (running out is an answer)
        """Whether the read models show what was recorded up to `position`, after that many seconds at most."""
        ...


class Counts(Protocol):
    """What is wanted of the figures of a procedure. Both raise `StorageAway`."""

    async def first_recorded(self) -> datetime | None:
        """When its first complaint was recorded; None before there is one."""
        ...

    async def counted(self, period: Period) -> Counted:
        """What a period comes to beside the one before it."""
        ...


class ReadModelsBehind(Unavailable): ...


class PeriodRunner(LeaderTask):
    """Runs in one process of all; use it as an async context manager. In a sandbox, call `run_pass` instead."""

    def __init__(
        self,
        pool: asyncpg.Pool,
        event_log: EventLog,
        codec: EventCodec,
        follower: Follows,
        rules: Rules,
        counts_of: Callable[[Procedure], Counts],
        now: Callable[[], datetime],
        *,
        may_judge: Callable[[], bool] = lambda: True,
        still_judging: Callable[[datetime], Awaitable[bool]] | None = None,
    ) -> None:
        """`may_judge`: whether the time is to be relied on. `still_judging`: whether clocks due by then wait for it."""
        super().__init__(pool, "periods", self._run)
        self._log, self._codec, self._follower = event_log, codec, follower
        self._rules, self._counts_of, self._now = rules, counts_of, now
        self._may_judge, self._still_judging = may_judge, still_judging
        self._done: dict[tuple[str, str], date] = {}
        self._with_complaints: set[str] = set()

    async def run_pass(self, now: datetime) -> int:
        """Reports what is over by `now` and was not reported yet; returns how many periods.

        Raises `StorageAway`, and `ReadModelsBehind`; what was reported by then stays reported.
        """
        count = 0
        for procedure, calendar in self._with_reports():
            today = calendar.local_date(now)
            if self._done.get((procedure.code, procedure.version)) != today:
                try:
                    done = await self._report(procedure, today, now)
                except UnreadableEvent as error:  # which may be the report of the very period
                    log.warning("period_not_reported", procedure=procedure.code, unreadable=error.position)
                    continue
                if done is not None:
                    count += done
                    self._done[procedure.code, procedure.version] = today
        return count

    def next_instant(self, after: datetime) -> datetime | None:
        """When the first of the present periods is over; None where nobody asked for reports.

        Days are those of the procedures that complaints were taken down for.
        """
        ends = [
            Period.around(rule.period, calendar.local_date(after)).ends_at(calendar)
            for procedure, calendar in self._with_reports()
            for rule in procedure.reports
            if rule.period != "daily" or procedure.code in self._with_complaints
        ]
        return min(ends, default=None)

    async def _run(self) -> None:
        while True:
            if not self._may_judge():
                await asyncio.sleep(UNTIL_THE_CLOCKS_AGREE)
                continue
            if await self._waits_for_clocks(self._now()):
                await asyncio.sleep(UNTIL_THE_CLOCKS_AGREE)
                continue
            try:
                await self.run_pass(self._now())
            except ReadModelsBehind:  # which have had their time to catch up
                log.warning("periods_wait_for_read_models")
                continue
            instant = self.next_instant(self._now())
            left = LONGEST_SLEEP if instant is None else (instant - self._now()).total_seconds()
            await asyncio.sleep(min(max(left, 0.0), LONGEST_SLEEP))

    async def _waits_for_clocks(self, now: datetime) -> bool:
        """Whether a period is just over, and what fell due in it is still being judged."""
        begins = [
            Period.around(rule.period, calendar.local_date(now)).begins_at(calendar)
            for procedure, calendar in self._with_reports()
            for rule in procedure.reports
        ]
        over = max(begins, default=None)
        if self._still_judging is None or over is None or now - over > UNTIL_JUDGED:
            return False
        return await self._still_judging(over)

    def _with_reports(self) -> Iterator[tuple[Procedure, Calendar]]:
        for procedure in list(self._rules.procedures.values()):
            if procedure.reports:
                yield procedure, self._rules.calendar(procedure.calendar)

    async def _report(self, procedure: Procedure, today: date, now: datetime) -> int | None:
        """How many periods were reported; None before the first complaint."""
        if not await self._follower.reached(await self._log.head(), CATCH_UP):
            raise ReadModelsBehind
        counts = self._counts_of(procedure)
        recorded = await counts.first_recorded()
        if recorded is None:
            return None
        # What was taken over from another system lies before: nobody is told today of months that were reported there.
        first = self._rules.calendar(procedure.calendar).local_date(recorded)
        self._with_complaints.add(procedure.code)
        before = [self._read(recorded) for recorded in await self._log.stream(stream_of(procedure.code))]
        done = [(one.kind, one.period) for one in before]
        rules: dict[str, ReportRule] = {rule.period: rule for rule in procedure.reports}
        over = [period for rule in procedure.reports for period in ended_between(rule.period, first, today)]
        waiting = still_to_report(over, done)
        for version, period in enumerate(waiting, len(done) + 1):
            of = OfProcedure(procedure.code, procedure.version, rules[period.kind])
            fact = reported(of, period, await counts.counted(period), version=version, at=now)
            await self._append(fact, period)
        return len(waiting)

    async def reports_of(self, procedure: str) -> list[PeriodReported]:
        """What was reported of a procedure, oldest first, as far as this version can read it. Raises `StorageAway`."""
        found: list[PeriodReported] = []
        for recorded in await self._log.stream(stream_of(procedure)):
            with suppress(UnreadableEvent):
                found.append(self._read(recorded))
        return found

    def _read(self, recorded: Recorded) -> PeriodReported:
        return cast(PeriodReported, self._codec.any_event(recorded, None))

    async def _append(self, fact: PeriodReported, period: Period) -> None:
        stored = self._codec.stored(fact, None)
        command_id = command_id_of(fact.procedure, period)
        append = Append(command_id, None, [stored], [fact.actor.id], fact.timestamp)
        while True:
            try:
                done = await self._log.append(append)
            except QueueFull:
                await asyncio.sleep(PAUSE_WHEN_BUSY)
                continue
            if not done.seen_before:
                log.info("period_reported", procedure=fact.procedure, period=period.name, risen=fact.risen)
            return
