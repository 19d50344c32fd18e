"""Pages of the clocks, and their sums."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from app.http.protocol.cursors import After
from app.http.protocol.list_parameters import Listed, SlaQuery, SlaSummaryQuery, fetch
from app.service import Service
from projections.scope import Scope
from projections.sla_query import COLUMNS, SlaFilter, conditions_of, page_after, statement, summary

LAST: Final = len(COLUMNS)


@dataclass(frozen=True, slots=True)
class ClockRow:
    """One clock of one complaint. Times are UTC; `provisional`: the year's holidays are not announced yet."""

    complaint_id: UUID
    number: str
    procedure: str
    clock: str
    unit: str | None
    round: int
    started_at: datetime
    warn_at: datetime | None
    due_at: datetime
    stopped_at: datetime | None
    state: str
    soft: bool
    provisional: bool


@dataclass(frozen=True, slots=True)
class ClockSums:
    """How many clocks of a procedure and unit (None: the case as a whole) stand how; `warned` are a part of running."""

    procedure: str
    unit: str | None
    total: int
    running: int
    met: int
    missed: int
    paused: int
    cancelled: int
    warned: int
    next_due_at: datetime | None


class SlaPages:
    """The clocks for one reader and one question."""

    def __init__(self, service: Service, scope: Scope, query: SlaQuery) -> None:
        self._service, self._sort = service, query.sort
        wanted = SlaFilter(query.state, query.unit, query.procedure, query.clock, query.due_before)
        self._conditions = conditions_of(wanted, scope)

    async def page(self, after: After | None, limit: int) -> Listed[ClockRow]:
        """The next rows. Raises `StorageAway`."""
        place = None if after is None else (after.key, after.id, after.ordinal)
        page = page_after(self._conditions, self._sort, place)
        rows = await fetch(self._service, statement(page, self._sort, limit + 1), *page.values)
        shown = rows[:limit]
        last = shown[-1] if len(rows) > limit else None
        more = None if last is None else After(last["due_at"], last["complaint_id"], last[LAST])
        return Listed([ClockRow(*tuple(row)[:LAST]) for row in shown], more)


async def clock_sums(service: Service, scope: Scope, query: SlaSummaryQuery) -> list[ClockSums]:
    """The sums over what the reader may see. Raises `StorageAway`."""
    conditions = conditions_of(SlaFilter(unit=query.unit, procedure=query.procedure), scope)
    statement = summary(conditions, service.now())
    return [ClockSums(*row) for row in await fetch(service, statement, *conditions.values)]
