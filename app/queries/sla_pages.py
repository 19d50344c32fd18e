"""Pages of the clocks, and their sums."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

import asyncpg

from app.queries.paging import After, Listed, Rows, Source
from app.queries.visibility import Visibility
from domain.clocks.clock import ClockState
from domain.values import Actor
from eventlog.database import fetch
from projections.sla_query import COLUMNS, SlaFilter, SlaSort, conditions_of, page_after, statement, summary

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
    state: ClockState
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


@dataclass(frozen=True)
class ClockTable:
    """The clocks for every reader."""

    pool: asyncpg.Pool
    visibility: Visibility
    source: Source
    now: Callable[[], datetime]

    def rows(self, actor: Actor, wanted: SlaFilter, sort: SlaSort = "due_at") -> Rows[ClockRow]:
        """One row per clock, in order of due time. Raises `RoleForbids`."""
        conditions = conditions_of(wanted, self.visibility.scope(actor))

        async def page(after: After | None, limit: int) -> Listed[ClockRow]:
            place = None if after is None else (after.key, after.id, after.ordinal)
            page = page_after(conditions, sort, place)
            rows = await fetch(self.pool, statement(page, sort, limit + 1), *page.values)
            shown = rows[:limit]
            last = shown[-1] if len(rows) > limit else None
            more = None if last is None else After(last["due_at"], last["complaint_id"], last[LAST])
            return Listed([ClockRow(*tuple(row)[:LAST]) for row in shown], more)

        return Rows(ClockRow, self.source, page)

    def sums(self, actor: Actor, wanted: SlaFilter) -> Rows[ClockSums]:
        """What the clocks come to per procedure and unit, on one page. Raises `RoleForbids`."""
        conditions = conditions_of(wanted, self.visibility.scope(actor))
        query = summary(conditions, self.now())

        async def page(after: After | None, limit: int) -> Listed[ClockSums]:
            return Listed([ClockSums(*row) for row in await fetch(self.pool, query, *conditions.values)], None)

        return Rows(ClockSums, self.source, page)
