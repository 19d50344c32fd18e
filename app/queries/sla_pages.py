"""Pages of the clocks, and their sums."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any
from uuid import UUID

import asyncpg

from app.commands.pinned_rules import procedures_at
from app.queries.paging import After, Listed, Rows, Source, counting
from app.queries.visibility import Visibility
from domain.clocks.clock import ClockState
from domain.titles import Language, Title
from domain.values import Actor
from eventlog.database import fetch
from procedures.rules import Rules
from projections.sla_query import SlaFilter, SlaSort, conditions_of, page_after, statement, summary


@dataclass(frozen=True, slots=True)
class ClockRow:
    """One clock of one complaint, called by the rule it runs by; `owed_by` are the units that it is charged to.

    Times are UTC; `provisional`: the year's holidays are not announced yet.
    """

    complaint_id: UUID
    number: str
    procedure: str
    clock: str
    clock_title: str
    unit: str | None
    round: int
    started_at: datetime
    warn_at: datetime | None
    due_at: datetime
    stopped_at: datetime | None
    state: ClockState
    soft: bool
    provisional: bool
    owed_by: list[str]


@dataclass(frozen=True, slots=True)
class ClockSums:
    """How many clocks of a procedure and unit stand how; `warned` are a part of running.

    A clock counts for every unit that it is charged to. Those of the case as a whole, and those that no unit owes, are
    counted under none.
    """

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
    rules: Rules
    visibility: Visibility
    source: Source
    now: Callable[[], datetime]

    def rows(self, actor: Actor, wanted: SlaFilter, language: Language, sort: SlaSort = "due_at") -> Rows[ClockRow]:
        """One row per clock, in order of due time. Raises `RoleForbids`."""
        conditions = conditions_of(wanted, self.visibility.scope(actor), self.visibility.for_readers)

        async def page(after: After | None, limit: int) -> Listed[ClockRow]:
            place = None if after is None else (after.key, after.id, after.ordinal)
            page = page_after(conditions, sort, place)
            rows = await fetch(self.pool, statement(page, sort, limit + 1), *page.values)
            shown = rows[:limit]
            last = shown[-1] if len(rows) > limit else None
            more = None if last is None else After(last["due_at"], last["complaint_id"], last["ordinal"])
            return Listed(await self._called(shown, language), more)

        return Rows(ClockRow, self.source, page, counted=counting(self.pool, "reading.sla", conditions))

    async def _called(self, rows: Sequence[Any], language: Language) -> list[ClockRow]:
        titles = await clock_titles(rows, self.rules)
        return [_row(row, title.in_(language)) for row, title in zip(rows, titles, strict=True)]

    def sums(self, actor: Actor, wanted: SlaFilter) -> Rows[ClockSums]:
        """What the clocks come to per procedure and unit, on one page. Raises `RoleForbids`."""
        conditions = conditions_of(wanted, self.visibility.scope(actor), self.visibility.for_readers)
        query = summary(conditions, wanted, self.now())

        async def page(after: After | None, limit: int) -> Listed[ClockSums]:
            return Listed([ClockSums(*row) for row in await fetch(self.pool, query, *conditions.values)], None)

        return Rows(ClockSums, self.source, page)


async def clock_titles(rows: Sequence[Any], rules: Rules) -> list[Title]:
    """What the clock of each of these rows is called by the rule it runs by, in the version that is pinned."""
    pinned: dict[str, set[str]] = {}
    for row in rows:
        pinned.setdefault(row["procedure"], set()).add(row["procedure_version"])
    versions = {code: await procedures_at(code, known, rules) for code, known in pinned.items()}
    return [versions[row["procedure"]][row["procedure_version"]].clocks[row["rule"]].title for row in rows]


def _row(row: Any, title: str) -> ClockRow:
    own = {field.name: row[field.name] for field in fields(ClockRow) if field.name != "clock_title"}
    return ClockRow(**own, clock_title=title)
