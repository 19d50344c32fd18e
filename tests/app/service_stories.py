"""A service's write side on a test's database, and the first steps of complaints in it.

For tests of what happens by itself: whoever follows or judges is started by the test, and the time is the test's.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from time import monotonic
from typing import Any, Final
from uuid import UUID

import asyncpg

from app.calls.consequences import call_consequences_follower
from app.calls.unattended import UnattendedHours
from app.clocks.clock_runner import AT_ONCE, ClockRunner
from app.clocks.deadline_moves import DeadlineMoves
from app.clocks.judging import Judging
from app.commands.calls import Calls
from app.commands.complaints import Complaints
from app.commands.request_identity import CommandRequest
from app.links.other_sides import links_follower
from app.readmodels.follower import read_models_follower
from app.recurrence.policy import recurrence_follower
from domain.complaint.commands import ClassifyComplaint, Command, ReceiveComplaint
from domain.complaint.events import ComplaintEvent, type_of
from domain.people import People, Person
from domain.values import Actor, Complainant
from eventlog.codec import EventCodec
from eventlog.complainants import Complainants
from eventlog.database import create_pool
from eventlog.follower import Follower
from eventlog.log import EventLog, Recorded
from eventlog.sealing import MasterKey
from procedures.library import Library
from procedures.rules import Rules

MONDAY_9AM: Final = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)  # in Shanghai
HOUR: Final = timedelta(hours=1)
DAY: Final = timedelta(days=1)
AGENT: Final = Actor("agent-7", frozenset({"agent"}), name="王静")
MASTER: Final = MasterKey(b"a master key for the tests only!")
STAFF: Final = People.of([
    Person(AGENT.id, AGENT.name, AGENT.roles), Person("li-min", "李敏", AGENT.roles),
])  # fmt: skip
PHONE: Final = "+8613800000000"
PATIENCE: Final = 20.0


@dataclass
class Office:
    """Everything a complaint needs, at a time that the test sets."""

    moment: datetime
    pool: asyncpg.Pool[asyncpg.Record]
    log: EventLog
    codec: EventCodec
    complainants: Complainants
    library: Rules
    complaints: Complaints
    judging: Judging
    running_since: float | None = None

    def now(self) -> datetime:
        gone = 0.0 if self.running_since is None else monotonic() - self.running_since
        return self.moment + timedelta(seconds=gone)

    def let_time_run(self) -> None:
        """From now on it goes by as on the wall."""
        self.running_since = monotonic()

    def follower(self) -> Follower[Any]:
        return read_models_follower(self.pool, self.log, self.codec, self.complainants, self.library)

    def policy(self) -> Follower[Any]:
        return recurrence_follower(
            self.pool, self.log, self.codec, self.complainants, self.library, self.complaints
        )

    def links(self) -> Follower[Any]:
        return links_follower(self.pool, self.log, self.codec, self.complaints)

    @property
    def calls(self) -> Calls:
        return Calls(self.log, self.codec, self.complainants, MASTER, now=self.now)

    def consequences(self) -> Follower[Any]:
        """Lets calls lead to what they mean; the read models are those of whoever started them."""
        return call_consequences_follower(
            self.pool, self.log, self.codec, self.calls, self.complaints, self.follower(), MASTER,
            lambda source, agent: replace(AGENT, via=source) if agent == AGENT.id else None,
            UnattendedHours(lambda _: None, self.library, "zh"),
        )  # fmt: skip

    def mover(self, follower: Follower[Any], *, batch: int = 200, lease: float = 1.0) -> DeadlineMoves:
        return DeadlineMoves(
            self.pool, self.log, follower, self.complaints, self.library, now=self.now, batch=batch, lease=lease
        )

    def runner(self, *, at_once: int = AT_ONCE) -> ClockRunner:
        return ClockRunner(self.pool, self.judging, self.now, at_once=at_once)

    async def received(
        self, *, occurred_at: datetime | None = None, issue_point: str | None = None, phone: str = PHONE
    ) -> UUID:
        """One complaint taken down by the agent, though the same customer may have one open about the same matter."""
        command = ReceiveComplaint(
            procedure="kf0001",
            channel="phone",
            complainant=Complainant(name="张三", phone=phone),
            subject="入金三天未到账",
            content="周一入金，至今未到账",
            occurred_at=occurred_at,
            issue_point=issue_point,
            force=True,
        )
        return (await self.complaints.receive(command, AGENT, CommandRequest.once())).aggregate.id

    async def classified(self, id: UUID, severity: str = "general", issue_point: str = "deposit-delay") -> int:
        return await self.does(id, ClassifyComplaint(severity, "process.deposit", issue_point))

    async def general(
        self, *, occurred_at: datetime | None = None, issue_point: str = "deposit-delay", phone: str = PHONE
    ) -> UUID:
        """One general complaint of an issue point."""
        id = await self.received(occurred_at=occurred_at, issue_point=issue_point, phone=phone)
        await self.classified(id, issue_point=issue_point)
        return id

    async def does(self, id: UUID, command: Command, by: Actor = AGENT) -> int:
        """The agent, or somebody else, takes a step; returns the position of its last event."""
        return (await self.complaints.execute(id, command, by, CommandRequest.once())).position

    async def policy_catches_up(self, policy: Follower[Any]) -> None:
        assert await policy.reached(await self.log.head(), PATIENCE)

    async def read_models_catch_up(self, follower: Follower[Any]) -> None:
        assert await follower.reached(await self.log.head(), PATIENCE)

    async def recorded(self, *types: str) -> list[Recorded]:
        """All events of these types, in the order of the log."""
        return await self.log.after(0, 100_000, topics=[f"complaint.{name}" for name in types])

    async def events(self, *types: str) -> list[ComplaintEvent]:
        """The same as events, personal fields left empty."""
        return [self.codec.event(recorded, None) for recorded in await self.recorded(*types)]

    async def types_of(self, id: UUID) -> list[str]:
        """The types of one complaint's events, in order."""
        return [type_of(event.topic) for event in await self.log.stream(id)]


@asynccontextmanager
async def open_office(
    url: str,
    moment: datetime = MONDAY_9AM,
    *,
    complaints: type[Complaints] = Complaints,
    judging: type[Judging] = Judging,
    rules: Rules | None = None,
) -> AsyncIterator[Office]:
    """An office on a pool of its own; `complaints` and `judging` may be classes that go wrong on purpose.

    It goes by the packaged rules, or by those given.
    """
    pool = await create_pool(url, min_size=1, max_size=8)
    try:
        async with EventLog(pool) as log:
            codec, complainants, library = EventCodec(MASTER), Complainants(pool, MASTER), rules or Library.ready()
            written = complaints(
                log, codec, complainants, library, now=lambda: office.now(), known_units=frozenset, people=lambda: STAFF
            )
            judges = judging(log, codec, complainants, library)
            office = Office(moment, pool, log, codec, complainants, library, written, judges)
            yield office
    finally:
        pool.terminate()


async def eventually(holds: Callable[[], bool]) -> None:
    """Waits until it is so; fails after twenty seconds."""
    async with asyncio.timeout(PATIENCE):
        while True:
            if holds():
                return
            await asyncio.sleep(0.01)
