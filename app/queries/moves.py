"""What would move under another version of a calendar, folded from the log; and how far the moves have come."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from heapq import nsmallest
from typing import Final, Literal
from uuid import UUID

import asyncpg

from app.access.keys import require_role
from app.access.privileges import ADMINISTERS, READS_MOVES
from app.clocks.deadline_candidates import Candidates
from app.clocks.deadline_moves import DeadlineMoves, MoveOrder
from app.queries.paging import Source
from app.queries.rules import RuleQueries
from app.readmodels.fold import Folding
from domain.clocks.moves import Move
from domain.complaint.complaint import Complaint
from domain.complaint.deadlines import judge_clocks
from domain.errors import NotFound
from domain.identity import is_among
from domain.titles import Language
from domain.values import Actor
from eventlog.log import EventLog
from eventlog.patience import in_batches

FOLDED_AT_ONCE: Final = 200
SHOWN: Final = 100


@dataclass(frozen=True, slots=True)
class MovedClockView:
    """One clock, due at `before` and under the other version at `after`, both UTC.

    The two are equal where a provisional due time is confirmed. `overdue`: it would be past its due time at once.
    """

    complaint_id: UUID
    number: str
    clock: str
    clock_title: str
    unit: str | None
    round: int
    before: datetime
    after: datetime
    overdue: bool
    provisional: bool


@dataclass
class MovePreview:
    """How many open complaints and clocks would move, how many complaints would be overdue at once, and the first 100.

    The clocks that are due first come first. `failed`: complaints that could not be read.
    """

    calendar: str
    version: str
    complaints: int = 0
    clocks: int = 0
    overdue: int = 0
    failed: int = 0
    items: list[MovedClockView] = field(default_factory=list)

    def add(
        self, complaint: Complaint, moves: list[Move], now: datetime, language: Language, *, shown: bool
    ) -> None:
        self.complaints += bool(moves)
        self.clocks += len(moves)
        self.overdue += any(move.makes_overdue(now) for move in moves)
        if shown:
            self.items += [_view(complaint, move, now, language) for move in moves]
        if len(self.items) > 10 * SHOWN:
            self.trim()

    def trim(self) -> None:
        self.items = nsmallest(SHOWN, self.items, key=lambda item: (item.before, item.number, item.clock))


@dataclass(frozen=True)
class MoveView:
    """A move of open complaints: `looked_at` of `total` (null: not counted yet), `complaints` moved with `clocks`.

    `overdue` of them are past their due time by it; `failed` could not be decided: applying again tries them again.
    """

    id: UUID
    calendar: str
    version: str
    state: Literal["running", "finished"]
    reason: str
    approved_by: str
    asked_by: str
    asked_at: datetime
    finished_at: datetime | None
    total: int | None
    looked_at: int
    complaints: int
    clocks: int
    overdue: int
    failed: list[UUID]


@dataclass(frozen=True)
class MoveList:
    """The last one first."""

    items: list[MoveView]


class NoSuchMove(NotFound): ...


@dataclass(frozen=True)
class MoveQueries:
    """What would move, and what became of the moves that were asked for."""

    pool: asyncpg.Pool
    log: EventLog
    folding: Callable[[], Folding]
    rules: RuleQueries
    moves: DeadlineMoves
    source: Source
    now: Callable[[], datetime]

    async def preview(self, code: str, version: str, actor: Actor, language: Language) -> MovePreview:
        """Nothing is recorded. A complaint that names the administrator, or is withheld from them, is only counted.

        Raises `RoleNeeded`, `NoSuchCalendar`, `Behind`, `StorageAway`.
        """
        require_role(actor, *ADMINISTERS)
        in_batches()
        calendar, head = await self.rules.calendar_at(code, version), await self.log.head()
        await self.source.must_reach(head)
        now, folding = self.now(), self.folding()
        candidates = Candidates(calendar, self.rules.rules)
        found = MovePreview(calendar.code, calendar.version)
        last: UUID | None = None
        while ids := await candidates.after(self.pool, last, FOLDED_AT_ONCE):
            folded = await folding.whole(ids, head)
            found.failed += len(folded.failed)
            for case in folded.complaints:
                complaint = case.complaint  # kept by nobody, so it may be judged here as it would be first
                judge_clocks(complaint, now)
                shown = not is_among(actor.id, complaint.accused) and not complaint.is_withheld_from(actor)
                found.add(complaint, complaint.moves_under(calendar), now, language, shown=shown)
            last = ids[-1]
        found.trim()
        return found

    async def of_calendar(self, code: str, actor: Actor) -> MoveList:
        """Every move of one calendar's complaints. Raises `RoleNeeded`, `StorageAway`."""
        require_role(actor, *READS_MOVES)
        orders = await self.moves.of_calendar(code) if code.isprintable() else []
        return MoveList([move_view(order) for order in orders])

    async def one(self, code: str, id: str, actor: Actor) -> MoveView:
        """How far a move has come. Raises `RoleNeeded`, `NoSuchMove`, `StorageAway`."""
        require_role(actor, *READS_MOVES)
        try:
            order = await self.moves.progress(UUID(id))
        except ValueError:
            order = None
        if order is None or order.calendar != code:
            raise NoSuchMove
        return move_view(order)


def move_view(order: MoveOrder) -> MoveView:
    """A move as every answer shows it."""
    return MoveView(
        order.id, order.calendar, order.version, "running" if order.finished_at is None else "finished", order.reason,
        order.approved_by, order.asked_by, order.asked_at, order.finished_at, order.total, order.looked_at,
        order.complaints, order.clocks, order.overdue, list(order.failed),
    )  # fmt: skip


def _view(complaint: Complaint, move: Move, now: datetime, language: Language) -> MovedClockView:
    clock = move.clock
    return MovedClockView(
        complaint.id, complaint.number, clock.name, clock.rule.title.in_(language), clock.unit, clock.round,
        clock.due_at, move.after, move.makes_overdue(now), move.provisional,
    )  # fmt: skip
