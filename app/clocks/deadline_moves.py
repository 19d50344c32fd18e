"""Moves open complaints to a version of their calendar, once each, whoever dies meanwhile.

Complaints are gone through in the order of their ids, a batch at a time, by the process that has leased the move; when
it dies, another goes on where it was. Should two work at once, the command's id, which follows from the move and the
complaint, keeps it to one event, and the cursor, which is compared and set, to one count.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from time import monotonic
from typing import Any, Final, Protocol, Self
from uuid import UUID, uuid4, uuid5

import asyncpg
import structlog

from app.clocks.deadline_candidates import Candidates
from app.commands.stream import CommandResult, Loaded
from domain.complaint.commands import MoveDeadlines
from domain.complaint.complaint import Complaint
from domain.complaint.events import ComplaintEvent, DeadlineMissed, DeadlineMoved
from domain.limits.calendar import Calendar
from eventlog.database import StorageAway, is_storage_away
from eventlog.follower import Follower
from eventlog.log import EventLog, QueueFull, Recorded, VersionConflict
from eventlog.streams import AnyEvent
from procedures.rules import Rules

log = structlog.get_logger()

COMMANDS: Final = UUID("2b5d3f0a-6f5b-5c0e-8d1f-0e8f4f6f2a27")  # the name space of the moves' command ids
BATCH: Final = 200
LEASE: Final = 10.0  # seconds, far longer than a batch takes
AT_ONCE: Final = 16
POLL: Final = 0.5  # seconds
LOOK: Final = 0.05  # seconds
PATIENCE: Final = 5.0  # seconds for the read model
PAUSE_WHEN_BUSY: Final = 0.05  # seconds

COLUMNS = """
id, calendar, version, reason, approved_by, asked_by, asked_at, total, looked_at, complaints, clocks, overdue, failed,
last_complaint, finished_at
"""
ASK = """
INSERT INTO deadline_moves (id, calendar, version, reason, approved_by, asked_by, asked_at)
VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (id) DO NOTHING
"""
ONE = f"SELECT {COLUMNS} FROM deadline_moves WHERE id = $1"
OF_CALENDAR = f"SELECT {COLUMNS} FROM deadline_moves WHERE calendar = $1 ORDER BY ordinal DESC"
WAITING = "SELECT EXISTS (SELECT FROM deadline_moves WHERE finished_at IS NULL)"
CLAIM = f"""
UPDATE deadline_moves SET worker = $1, leased_until = now() + make_interval(secs => $2)
WHERE id = (SELECT id FROM deadline_moves WHERE finished_at IS NULL ORDER BY ordinal LIMIT 1)
    AND finished_at IS NULL AND (worker = $1 OR leased_until IS NULL OR leased_until < now())
RETURNING {COLUMNS}
"""
BEGIN = "UPDATE deadline_moves SET total = $2 WHERE id = $1 AND total IS NULL"
WENT_ON = """
UPDATE deadline_moves SET looked_at = looked_at + $3, complaints = complaints + $4, clocks = clocks + $5,
    overdue = overdue + $6, failed = failed || $7::uuid[], last_complaint = $8
WHERE id = $1 AND last_complaint IS NOT DISTINCT FROM $2
"""
FINISHED = """
UPDATE deadline_moves SET finished_at = $3
WHERE id = $1 AND last_complaint IS NOT DISTINCT FROM $2 AND finished_at IS NULL
"""


@dataclass(frozen=True)
class MoveOrder:
    """One move and how far it has come.

    `total` candidates (None: not counted yet), of which `looked_at`; `complaints` moved with `clocks`, and `overdue` of
    them at once. `failed` could not be decided. `last_complaint` is the last one that was looked at.
    """

    id: UUID
    calendar: str
    version: str
    reason: str
    approved_by: str
    asked_by: str
    asked_at: datetime
    total: int | None = None
    looked_at: int = 0
    complaints: int = 0
    clocks: int = 0
    overdue: int = 0
    failed: Sequence[UUID] = ()
    last_complaint: UUID | None = None
    finished_at: datetime | None = None


class Moves(Protocol):
    """What is wanted of `app.commands.complaints.Complaints`."""

    async def move_deadlines(
        self, id: UUID, command: MoveDeadlines, to: Calendar, command_id: UUID
    ) -> CommandResult[Complaint]:
        """Moves one complaint, and does nothing the second time."""
        ...

    async def history(self, id: UUID) -> tuple[Loaded[Complaint], list[tuple[Recorded, ComplaintEvent | None]]]:
        """A complaint and all of its events."""
        ...


class DeadlineMoves:
    """Runs in every process; use it as an async context manager."""

    def __init__(
        self,
        pool: asyncpg.Pool[asyncpg.Record],
        event_log: EventLog,
        follower: Follower[Any],
        complaints: Moves,
        rules: Rules,
        *,
        now: Callable[[], datetime],
        batch: int = BATCH,
        lease: float = LEASE,
    ) -> None:
        """`batch`: complaints between two records of the progress; `lease`: seconds until another process goes on."""
        self._pool, self._log, self._follower, self._now = pool, event_log, follower, now
        self._complaints, self._rules, self._batch = complaints, rules, batch
        self._slots = asyncio.Semaphore(AT_ONCE)
        self._asked = asyncio.Event()
        self._worker, self._lease = uuid4(), lease
        self._task: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        self._task = asyncio.create_task(self._run(), name="deadline moves")
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    async def ask(self, order: MoveOrder) -> None:
        """Has a move done; one that was asked for already is left as it is. Raises `StorageAway`."""
        facts = (order.calendar, order.version, order.reason, order.approved_by, order.asked_by, order.asked_at)
        await self._fetch(ASK, order.id, *facts)
        self._asked.set()

    async def progress(self, id: UUID) -> MoveOrder | None:
        """Raises `StorageAway`."""
        rows = await self._fetch(ONE, id)
        return _order(rows[0]) if rows else None

    async def of_calendar(self, code: str) -> list[MoveOrder]:
        """Every move of one calendar's complaints, the last first. Raises `StorageAway`."""
        return [_order(row) for row in await self._fetch(OF_CALENDAR, code)]

    async def finished(self, id: UUID, timeout: float) -> MoveOrder | None:  # noqa: ASYNC109 (running out is an answer)
        """The move when it has finished, or as far as it has come in `timeout` seconds. Raises `StorageAway`."""
        until = monotonic() + timeout
        while True:
            order = await self.progress(id)
            if order is None or order.finished_at is not None or monotonic() >= until:
                return order
            await asyncio.sleep(LOOK)

    async def _run(self) -> None:
        while True:
            try:
                self._asked.clear()
                while await self._pool.fetchval(WAITING) and await self._go_on():
                    pass
                async with asyncio.timeout(POLL):
                    await self._asked.wait()
            except TimeoutError:
                continue
            except Exception as error:
                # Whatever it was: this must not end before the process does, and nothing is lost.
                away = is_storage_away(error)
                (log.warning if away else log.error)("deadline_moves_failed", error=type(error).__name__)
                await asyncio.sleep(POLL)

    async def _go_on(self) -> bool:
        """The next batch; False where another process is at it, or nothing is left."""
        # No connection is held meanwhile: the complaints need those of the pool, however few they are.
        row = await self._pool.fetchrow(CLAIM, self._worker, self._lease)
        if row is None:
            return False
        order = _order(row)
        calendar = await self._calendar(order)
        candidates = Candidates(calendar, self._rules)
        if order.total is None and not await self._begin(order, candidates):
            return False
        ids = await candidates.after(self._pool, order.last_complaint, self._batch)
        if ids:
            await self._move(order, calendar, ids)
        else:
            await self._pool.execute(FINISHED, order.id, order.last_complaint, self._now())
        return True

    async def _calendar(self, order: MoveOrder) -> Calendar:
        try:
            return self._rules.calendar_at(order.calendar, order.version)
        except KeyError:
            await self._rules.learn()
            return self._rules.calendar_at(order.calendar, order.version)

    async def _begin(self, order: MoveOrder, candidates: Candidates) -> bool:
        if not await self._follower.reached(await self._log.head(), PATIENCE):
            return False
        await self._pool.execute(BEGIN, order.id, await candidates.count(self._pool))
        return True

    async def _move(self, order: MoveOrder, calendar: Calendar, ids: Sequence[UUID]) -> None:
        outcomes = await asyncio.gather(*(self._one(order, calendar, id) for id in ids), return_exceptions=True)
        moved: list[_Moved] = []
        failed: list[UUID] = []
        for id, outcome in zip(ids, outcomes, strict=True):
            if isinstance(outcome, _Moved):
                moved.append(outcome)
            elif not isinstance(outcome, Exception) or is_storage_away(outcome):
                raise outcome
            else:
                log.error("deadlines_not_moved", complaint=str(id), error=type(outcome).__name__)
                failed.append(id)
        clocks = sum(one.clocks for one in moved)
        touched, overdue = sum(one.clocks > 0 for one in moved), sum(one.overdue for one in moved)
        counts = (len(ids), touched, clocks, overdue, failed)
        await self._pool.execute(WENT_ON, order.id, order.last_complaint, *counts, ids[-1])

    async def _one(self, order: MoveOrder, calendar: Calendar, id: UUID) -> _Moved:
        command = MoveDeadlines(order.reason, order.approved_by, order.asked_by)
        command_id = uuid5(COMMANDS, f"{order.id}/{id}")
        async with self._slots:
            done = await self._when_there_is_room(id, command, calendar, command_id)
            if done.appended:
                return _Moved.by(done.appended)
            # Another process may have died after it had moved this one, or may be at it too.
            seen = await self._log.command(command_id)
            return _Moved.by([]) if seen is None or seen.version is None else await self._moved_before(id, seen.version)

    async def _when_there_is_room(
        self, id: UUID, command: MoveDeadlines, calendar: Calendar, command_id: UUID
    ) -> CommandResult[Complaint]:
        while True:
            try:
                return await self._complaints.move_deadlines(id, command, calendar, command_id)
            except (QueueFull, VersionConflict):
                await asyncio.sleep(PAUSE_WHEN_BUSY)

    async def _moved_before(self, id: UUID, version: int) -> _Moved:
        """What the command did whose last event is the complaint's of this version: all that was recorded with it."""
        _, happened = await self._complaints.history(id)
        at = happened[version - 1][0].recorded_at
        moved = [event for recorded, event in happened[:version] if recorded.recorded_at == at]
        return _Moved.by([event for event in moved if event is not None])

    async def _fetch(self, query: str, *values: Any) -> list[asyncpg.Record]:
        try:
            rows: list[asyncpg.Record] = await self._pool.fetch(query, *values)
            return rows
        except Exception as error:
            if is_storage_away(error):
                raise StorageAway from error
            raise


@dataclass(frozen=True)
class _Moved:
    """What became of one complaint: how many of its clocks moved, and whether it is overdue by that."""

    clocks: int
    overdue: bool

    @classmethod
    def by(cls, happened: Sequence[AnyEvent]) -> _Moved:
        moves = [event for event in happened if isinstance(event, DeadlineMoved)]
        new = {(move.clock, move.unit, move.round, move.after) for move in moves}
        missed = [event for event in happened if isinstance(event, DeadlineMissed)]
        return cls(len(moves), any((miss.clock, miss.unit, miss.round, miss.due_at) in new for miss in missed))


def _order(row: asyncpg.Record) -> MoveOrder:
    return MoveOrder(**{**row, "failed": tuple(row["failed"])})
