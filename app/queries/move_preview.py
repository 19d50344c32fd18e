"""What would move: the open complaints folded from the log, and their clocks computed under another version."""

from dataclasses import dataclass, field
from datetime import datetime
from heapq import nsmallest
from typing import Final
from uuid import UUID

from app.clocks.deadline_candidates import Candidates
from app.readmodels.fold import Folding
from app.service import Service
from domain.clocks.moves import Move
from domain.complaint.complaint import Complaint
from domain.complaint.deadlines import judge_clocks
from domain.limits.calendar import Calendar
from domain.values import Actor

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

    def add(self, complaint: Complaint, moves: list[Move], now: datetime, *, shown: bool) -> None:
        self.complaints += bool(moves)
        self.clocks += len(moves)
        self.overdue += any(move.makes_overdue(now) for move in moves)
        if shown:
            self.items += [_view(complaint, move, now) for move in moves]
        if len(self.items) > 10 * SHOWN:
            self.trim()

    def trim(self) -> None:
        self.items = nsmallest(SHOWN, self.items, key=lambda item: (item.before, item.number, item.clock))


async def preview(service: Service, calendar: Calendar, reader: Actor) -> MovePreview:
    """Nothing is recorded. A complaint that names the reader, or is kept from them, is counted and not shown.

    Raises `StorageAway`.
    """
    now, head = service.now(), await service.log.head()
    folding = Folding(service.log, service.codec, service.complainants, service.library, keep=0)
    candidates = Candidates(calendar, service.library)
    found = MovePreview(calendar.code, calendar.version)
    last: UUID | None = None
    while ids := await candidates.after(service.pool, last, FOLDED_AT_ONCE):
        folded = await folding.whole(ids, head)
        found.failed += len(folded.failed)
        for case in folded.complaints:
            complaint = case.complaint  # kept by nobody, so it may be judged here as it would be first
            judge_clocks(complaint, now)
            shown = reader.id not in complaint.accused and not complaint.is_withheld_from(reader)
            found.add(complaint, complaint.moves_under(calendar), now, shown=shown)
        last = ids[-1]
    found.trim()
    return found


def _view(complaint: Complaint, move: Move, now: datetime) -> MovedClockView:
    clock = move.clock
    return MovedClockView(
        complaint.id, complaint.number, clock.name, clock.unit, clock.round, clock.due_at, move.after,
        move.makes_overdue(now), move.provisional,
    )  # fmt: skip
