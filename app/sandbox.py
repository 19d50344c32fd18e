"""The time of a sandbox: it stops at each due instant, so what falls due is recorded at exactly that instant."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from app.calls.quiet_calls import QuietCalls
from app.clocks.clock_runner import ClockRunner
from app.clocks.incident_clocks import IncidentClocks
from app.reports.period_runner import PeriodRunner, ReadModelsBehind
from app.surges.call_surges import CallSurges
from app.time import SandboxTime
from eventlog.follower import Follower
from eventlog.log import EventLog
from eventlog.patience import in_batches

PATIENCE: Final = 30.0  # seconds for the read models to catch up with one due instant


@dataclass(frozen=True)
class Sandbox:
    """Everything that happens by itself, done when the time is set."""

    time: SandboxTime
    log: EventLog
    read_models: Follower[Any]
    calls: Follower[Any]
    policies: Sequence[Follower[Any]]
    call_surges: CallSurges
    notifications: Follower[Any]
    clock_runner: ClockRunner
    incident_clocks: IncidentClocks
    quiet_calls: QuietCalls
    periods: PeriodRunner

    async def advance(self, to: datetime) -> int:
        """Moves the time through every due instant to `to`; returns the newest position of the log then.

        Settings at the same time wait for each other. Raises the refusal, `StorageAway`, or `ReadModelsBehind` when
        they do not catch up; the time has come as far as it came then, and the same setting can be asked for again.
        """
        in_batches()
        time = self.time
        async with time.moving:
            time.check(to, nothing_recorded=await self.log.head() == 0)
            await self._caught_up()
            await self._fall_due(time.now())
            while (instant := await self._next_instant(time.now())) is not None and instant <= to:
                await time.set(instant)
                await self._fall_due(instant)
            await time.set(to)
            await self._fall_due(to)
            return await self._caught_up()

    async def _fall_due(self, now: datetime) -> None:
        """Clocks first: what was missed by the end of a period belongs to its report."""
        await self.clock_runner.run_pass(now)
        await self.incident_clocks.run_pass(now)
        await self.quiet_calls.run_pass(now)
        await self.periods.run_pass(now)

    async def _next_instant(self, now: datetime) -> datetime | None:
        head = await self.log.head()
        await self._must_reach(head)
        instants = [
            await self.clock_runner.next_instant(now),
            await self.incident_clocks.next_instant(now),
            await self.quiet_calls.next_instant(now),
            self.periods.next_instant(now) if head else None,
        ]
        return min((instant.astimezone(UTC) for instant in instants if instant is not None), default=None)

    async def _caught_up(self) -> int:
        """Policies first, for what they do has clocks too; then who is told of it all."""
        head = await self.log.head()
        for policy in self.policies:
            if not await policy.reached(head, PATIENCE):
                raise ReadModelsBehind
        await self.call_surges.look()
        head = await self.log.head()
        await self._must_reach(head)
        if not await self.notifications.reached(head, PATIENCE):
            raise ReadModelsBehind
        return head

    async def _must_reach(self, position: int) -> None:
        for follower in (self.read_models, self.calls):
            if not await follower.reached(position, PATIENCE):
                raise ReadModelsBehind
