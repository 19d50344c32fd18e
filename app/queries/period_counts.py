"""What a period comes to beside the one before it, counted from the read model of the indicators."""

from collections.abc import Callable
from datetime import datetime
from typing import Any, Final

import asyncpg

from domain.procedure.access import Access
from domain.procedure.procedure import Procedure
from domain.reporting.indicators import rise_of
from domain.reporting.periods import Period
from domain.reporting.reports import Counted, ReportedCount, ReportedFigure, counts_of
from eventlog.codec import EventCodec
from eventlog.database import fetch
from procedures.rules import Rules, every_procedure
from projections.indicators_query import GroupBy, IndicatorFigure, IndicatorFilter, conditions_of, figures, sums
from projections.scope import Grants, Scope

POSITION: Final = "SELECT position FROM follower_checkpoints WHERE name = 'indicators'"
FIRST_DAY: Final = """
SELECT min(day) FROM reading.indicator_samples JOIN reading.indicator_cases USING (complaint_id) WHERE {where}
"""

FIRST_RECORDED: Final = """
SELECT recorded_at FROM stored_events WHERE notification_id = (
    SELECT min(fitting[1]) FROM reading.indicator_samples JOIN reading.indicator_cases USING (complaint_id)
    WHERE {where}
)
"""


def reported_of(procedure: Procedure, rules: Rules) -> Scope:
    """What the service itself counts of a procedure when it reports: all of it but the confidential kinds.

    A report is read outside their circle, and what is rare would show in its figures.
    """
    versions = [procedure, *(one for one in every_procedure(rules) if one.code == procedure.code)]
    kinds = tuple(dict.fromkeys(kind for one in versions for kind in one.confidential_to))
    everything = Grants((Access("", "all", "all"),), {kind: () for kind in kinds})
    return Scope("", None, {procedure.code: everything})


class PeriodCounts:
    """Counts for one reader's scope. Every method raises `StorageAway`."""

    def __init__(self, pool: asyncpg.Pool, codec: EventCodec, procedure: str, scope: Scope) -> None:
        self._pool, self._codec, self._procedure, self._scope = pool, codec, procedure, scope

    async def counted(self, period: Period) -> Counted:
        """The figures of the period and how they changed, and complaints by what they are about."""
        rows = await fetch(self._pool, POSITION)
        now, before = await self._figures(period), await self._figures(period.before)
        earlier = {(one.indicator, one.currency): one for one in before}
        return Counted(
            rows[0]["position"] if rows else 0,
            tuple(_beside(one, earlier.get((one.indicator, one.currency))) for one in now),
            await self._counts(period, "category"),
            await self._counts(period, "unit"),
            await self._counts(period, "unit", "breaches"),
            await self._counts(period, "kind"),
            await self._counts(period, "district"),
            await self._counts(period, "issue_point"),
            await self._is_first(period),
        )

    async def _counts(self, period: Period, by: GroupBy, indicator: str = "volume") -> tuple[ReportedCount, ...]:
        now, before = await self._by(period, by, indicator), await self._by(period.before, by, indicator)
        return counts_of(now, before)

    async def _is_first(self, period: Period) -> bool:
        first = await self.first_day()
        return first is None or first >= period.first

    async def first_day(self) -> Any:
        """The day of the first complaint, in the zone of its calendar; None before there is one."""
        conditions = conditions_of(IndicatorFilter((self._procedure,), indicator=("volume",)), self._scope)
        return (await fetch(self._pool, FIRST_DAY.format(where=conditions.where), *conditions.values))[0][0]

    async def first_recorded(self) -> datetime | None:
        """When the first complaint was recorded here, whenever it was received; None before there is one."""
        conditions = conditions_of(IndicatorFilter((self._procedure,), indicator=("volume",)), self._scope)
        rows = await fetch(self._pool, FIRST_RECORDED.format(where=conditions.where), *conditions.values)
        return rows[0][0] if rows else None

    async def _figures(self, period: Period) -> list[IndicatorFigure]:
        return await self._ask(IndicatorFilter((self._procedure,), first=period.first, last=period.last))

    async def _by(self, period: Period, by: GroupBy, indicator: str) -> dict[str, int]:
        counted = (indicator,)
        wanted = IndicatorFilter((self._procedure,), first=period.first, last=period.last, by=by, indicator=counted)
        return {str(one.key): int(one.figure.numerator) for one in await self._ask(wanted)}

    async def _ask(self, wanted: IndicatorFilter) -> list[IndicatorFigure]:
        conditions = conditions_of(wanted, self._scope)
        rows = await fetch(self._pool, sums(conditions, wanted.by, self._scope), *conditions.values)
        return figures(rows, wanted, self._codec.opened_place)


def _beside(one: IndicatorFigure, earlier: IndicatorFigure | None) -> ReportedFigure:
    it, before = one.figure, None if earlier is None else earlier.figure.value
    rise = rise_of(it.value, before)
    return ReportedFigure(one.indicator, it.value, it.numerator, it.denominator, before, rise, one.currency, it.amount)


def counts_for(pool: asyncpg.Pool, codec: EventCodec, rules: Rules) -> Callable[[Procedure], PeriodCounts]:
    """The counts of a procedure as the service itself reports them."""
    return lambda procedure: PeriodCounts(pool, codec, procedure.code, reported_of(procedure, rules))
