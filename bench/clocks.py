"""Clocks falling due: how late they are judged, what an idle look costs, and how fast a burst is worked off.

One process holds what a process of the service holds: the log, the follower of the read models, the clock runner. A
million clocks run; 20 000 fall due at one instant, as at the end of a working day, 20 000 fell due one after the other
while nothing ran, and 20 000 fall due spread over one minute.
A judgement counts from the moment at which its commit was answered, not from the time that is written in it. What the
million is made of is said in clock_seeding.py.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from datetime import UTC, datetime, timedelta
from statistics import median
from time import perf_counter
from typing import Final
from uuid import UUID

import uvloop

from app.clocks.clock_runner import AT_ONCE, ClockRunner
from app.clocks.judging import Judging
from app.commands.complaints import Complaints
from app.readmodels.follower import read_models_follower
from bench.clock_seeding import Desk, seed_crowd, seed_due
from bench.database import bench_database
from bench.rows import Row
from eventlog.codec import EventCodec
from eventlog.complainants import Complainants
from eventlog.database import create_pool
from eventlog.log import EventLog
from eventlog.sealing import MasterKey
from procedures.library import Library

FEW: Final = 1_000
MANY: Final = 1_000_000
DUE: Final = 20_000
MINUTE: Final = 60.0  # seconds over which they fall due
IDLE_LOOKS: Final = 400
TARGET: Final = 1.0  # seconds, 99th percentile
IDLE_TARGET: Final = 2.0  # times the cost among a few
ALONE: Final = 2_000  # enough to see how much slower it is one by one
A_MOMENT: Final = timedelta(milliseconds=10)
A_WHILE: Final = timedelta(hours=1)  # longer than all of this takes
PATIENCE: Final = 120.0  # seconds
TOPICS: Final = ("complaint.DeadlineWarned", "complaint.DeadlineMissed")


def run() -> list[Row]:
    """Takes about three minutes."""
    with bench_database() as url:
        return uvloop.run(_measure(url))


async def _measure(url: str) -> list[Row]:
    async with _desk(url) as desk:
        await seed_crowd(desk, FEW)
        few = await _idle_look(desk)
        await seed_crowd(desk, MANY - FEW)
        many = await _idle_look(desk)
        burst_at = _now() + A_WHILE
        begun = perf_counter()
        burst = await seed_due(desk, [burst_at] * DUE)
        seeding = timedelta(seconds=perf_counter() - begun)
        worked_off = await _worked_off(desk, burst, burst_at)
        one_by_one = await _after_a_stop(desk, burst_at, ALONE, at_once=1)
        together = await _after_a_stop(desk, burst_at, DUE, at_once=AT_ONCE)
        late = await _over_a_minute(desk, _now() + 2 * seeding + timedelta(seconds=3))
    p99 = _share(late, 0.99)
    return [
        Row(f"idle look among {FEW:,} running clocks (median)", few, "ms"),
        Row(f"idle look among {MANY:,}", many, "ms", f"≤ {IDLE_TARGET:.0f} × that", many <= IDLE_TARGET * few),
        Row(f"{DUE:,} due within a minute: late (median)", 1000 * _share(late, 0.5), "ms"),
        Row("  late (99th percentile)", 1000 * p99, "ms", f"< {TARGET * 1000:,.0f}", p99 < TARGET),
        Row("  late (the latest)", 1000 * late[-1], "ms"),
        Row(f"{DUE:,} due at one instant: the last judged after", worked_off, "s"),
        Row("  judged", DUE / worked_off, "per second"),
        Row(f"{DUE:,} due one after the other while nothing ran: judged", together, "per second"),
        Row(f"  one complaint at a time ({ALONE:,} of them)", one_by_one, "per second"),
    ]


@asynccontextmanager
async def _desk(url: str) -> AsyncIterator[Desk]:
    pool = await create_pool(url)
    async with EventLog(pool) as log:
        master = MasterKey(bytes(32))
        codec, library, complainants = EventCodec(master), Library.ready(), Complainants(pool, master)
        complaints = Complaints(log, codec, complainants, library, now=_now, known_units=frozenset)
        judging = Judging(log, codec, complainants, library)
        async with read_models_follower(pool, log, codec, complainants, library) as follower:
            yield Desk(pool, log, codec, complainants, library, complaints, judging, follower)
    await pool.close()


def _now() -> datetime:
    return datetime.now(UTC)


async def _idle_look(desk: Desk) -> float:
    """Milliseconds that the runner needs to see that nothing is due, and when to look again."""
    runner = ClockRunner(desk.pool, desk.judging, _now)
    costs: list[float] = []
    for _ in range(IDLE_LOOKS):
        begun = perf_counter()
        now = _now()
        if await runner.run_pass(now) or await runner.next_instant(now) is None:
            raise RuntimeError("something was due, or nothing ran")
        costs.append(1000 * (perf_counter() - begun))
    return median(costs)


async def _over_a_minute(desk: Desk, first: datetime) -> list[float]:
    """Seconds by which each judgement was late, in order."""
    step = timedelta(seconds=MINUTE / DUE)
    due = await seed_due(desk, [first + step * number for number in range(DUE)])
    if _now() > first:
        raise RuntimeError("seeding took longer than expected")
    since = await desk.log.head()
    with _commits(desk.log, since) as commits:
        async with ClockRunner(desk.pool, desk.judging, _now):
            await _recorded(desk, since, DUE)
    return await _lateness(desk, due, since, commits, due)


async def _after_a_stop(desk: Desk, ended_at: datetime, count: int, *, at_once: int) -> float:
    """Complaints judged per second that fell due one after the other in the minutes before."""
    due = await seed_due(desk, [ended_at - A_MOMENT * number for number in range(count)])
    return count / await _worked_off(desk, due, ended_at, at_once=at_once)


async def _worked_off(desk: Desk, due: dict[UUID, datetime], at: datetime, *, at_once: int = AT_ONCE) -> float:
    """Seconds from the moment at which all of them are due to the commit of the last one, with the clock set to it."""
    since = await desk.log.head()
    offset = at - _now()
    begun = _now()
    with _commits(desk.log, since) as commits:
        async with ClockRunner(desk.pool, desk.judging, lambda: _now() + offset, at_once=at_once):
            await _recorded(desk, since, len(due))
    return (await _lateness(desk, dict.fromkeys(due, begun), since, commits, due))[-1]


async def _recorded(desk: Desk, since: int, count: int) -> None:
    """Waits for that many judgements; nothing else is recorded meanwhile."""
    async with asyncio.timeout(PATIENCE):
        while await desk.log.wait_beyond(since + count - 1, 1.0) < since + count:
            pass


@contextmanager
def _commits(log: EventLog, since: int) -> Iterator[list[tuple[int, datetime]]]:
    """Notes up to which position the log had come when."""
    noted: list[tuple[int, datetime]] = []

    async def watch() -> None:
        position = since
        while True:
            head = await log.wait_beyond(position, 1.0)
            if head > position:
                position = head
                noted.append((position, _now()))

    task = asyncio.create_task(watch())
    try:
        yield noted
    finally:
        task.cancel()


async def _lateness(
    desk: Desk,
    due: dict[UUID, datetime],
    since: int,
    commits: Sequence[tuple[int, datetime]],
    order: dict[UUID, datetime],
) -> list[float]:
    """Seconds from the instants of `due` to the commits; each must have been judged once, in the order of `order`."""
    recorded = await desk.log.after(since, len(due), topics=TOPICS)
    ids = [one.originator_id for one in recorded]
    instants = [order[id] for id in ids]
    if len(set(ids)) != len(due) or instants != sorted(instants):
        raise RuntimeError("some were judged twice, not at all, or out of order")
    waiting = iter(commits)
    position, at = next(waiting)
    late: list[float] = []
    for one in recorded:
        while position < one.position:
            position, at = next(waiting)
        late.append((at - due[one.originator_id]).total_seconds())
    return sorted(late)


def _share(values: Sequence[float], share: float) -> float:
    return values[min(len(values) - 1, int(share * len(values)))]
