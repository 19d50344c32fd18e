"""Figures and the events behind them, for one reader."""

from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from typing import Any, Literal
from uuid import UUID

import asyncpg

from app.queries.paging import After, InvalidParameters, Listed, Rows, Source
from app.queries.visibility import Visibility
from domain.complaint.events import type_of
from domain.errors import NotFound
from domain.indicators import INDICATORS, Shape
from domain.titles import Language, Title
from domain.values import Actor
from eventlog.codec import EventCodec
from eventlog.database import fetch
from projections.indicators_query import IndicatorFigure, IndicatorFilter, conditions_of, events, figures, sums
from projections.scope import Conditions
from wording.indicators import COUNTED_BY, DEFINITIONS, DENOMINATORS, NUMERATORS, SOURCES
from wording.subjects import title

Counts = Literal["numerator", "denominator", "excluded"]


@dataclass(frozen=True)
class Indicator:
    """One indicator. A rate is numerator over denominator; a count has only a numerator.

    A duration is the mean of its numerator's seconds; money is a sum per currency. `counted_by` is the day by which
    something falls into a period, in the zone of the complaint's calendar. `source` quotes the rules.
    """

    name: str
    title: Title
    shape: Shape
    definition: str
    numerator: str
    denominator: str | None
    counted_by: str
    source: str


@dataclass(frozen=True, slots=True)
class IndicatorRow:
    """One figure. `value` is a share from 0 to 1, a number, or seconds; None where nothing was counted.

    `key` is the group, as asked for with `by`. `excluded` were left out of the scoring, and are in no figure.
    """

    indicator: str
    title: Title
    key: str | None
    value: float | None
    numerator: float
    denominator: int | None
    excluded: int
    median: float | None
    p90: float | None
    amount: Decimal | None
    currency: str | None


@dataclass(frozen=True, slots=True)
class DrilledEvent:
    """One event that made a figure, and to what of it it counts; `at` is when it was recorded (UTC)."""

    position: int
    complaint_id: UUID
    number: str
    version: int
    type: str
    at: datetime
    unit: str | None
    counts: Counts


class NoSuchIndicator(NotFound): ...


def indicator_view(name: str, language: Language) -> Indicator:
    """What an indicator means. Raises `NoSuchIndicator`."""
    _must_be_known(name)
    denominator = DENOMINATORS.get(name)
    return Indicator(
        name, title("indicators", name), INDICATORS[name], DEFINITIONS[name].in_(language),
        NUMERATORS[name].in_(language), None if denominator is None else denominator.in_(language),
        COUNTED_BY[name].in_(language), SOURCES[name],
    )  # fmt: skip


@dataclass(frozen=True)
class Figures:
    """The figures for every reader, and the events behind them."""

    pool: asyncpg.Pool
    codec: EventCodec
    visibility: Visibility
    source: Source

    def rows(self, actor: Actor, wanted: IndicatorFilter) -> Rows[IndicatorRow]:
        """Every indicator of every group that is asked for, on one page.

        Raises `RoleForbids`, `InvalidParameters`, `NoSuchIndicator`.
        """
        conditions = self._conditions(actor, wanted)
        query = sums(conditions, wanted.by, self.visibility.figures_scope(actor))

        async def page(after: After | None, limit: int) -> Listed[IndicatorRow]:
            found = figures(await fetch(self.pool, query, *conditions.values), wanted, self.codec.opened_place)
            return Listed([_row(one) for one in found], None)

        return Rows(IndicatorRow, self.source, page)

    def events(self, actor: Actor, name: str, wanted: IndicatorFilter) -> Rows[DrilledEvent]:
        """The events behind one figure, in the order of the log. Raises as `rows`, and `NoSuchIndicator`."""
        _must_be_known(name)
        asked = self._conditions(actor, replace(wanted, indicator=(name,)))

        async def page(after: After | None, limit: int) -> Listed[DrilledEvent]:
            conditions = asked.copy()
            statement = events(conditions, None if after is None else _place(after), limit + 1)
            rows = await fetch(self.pool, statement, *conditions.values)
            shown = [
                DrilledEvent(
                    row["position"], row["complaint_id"], row["number"], row["version"], type_of(row["topic"]),
                    row["recorded_at"], row["unit"], row["counts"],
                )
                for row in rows[:limit]
            ]  # fmt: skip
            return Listed(shown, _after(rows[limit - 1]) if len(rows) > limit else None)

        return Rows(DrilledEvent, self.source, page)

    def _conditions(self, actor: Actor, wanted: IndicatorFilter) -> Conditions:
        scope = self.visibility.figures_scope(actor)
        if wanted.first is not None and wanted.last is not None and wanted.last < wanted.first:
            raise InvalidParameters("?to", last_before_first=True)
        return conditions_of(wanted, scope)


def _must_be_known(name: str) -> None:
    if name not in INDICATORS:
        raise NoSuchIndicator(known=tuple(INDICATORS))


def _row(one: IndicatorFigure) -> IndicatorRow:
    it = one.figure
    return IndicatorRow(
        one.indicator, title("indicators", one.indicator), one.key, it.value, it.numerator, it.denominator, it.excluded,
        it.median, it.p90, it.amount, one.currency,
    )  # fmt: skip


def _after(row: Any) -> After:
    ordinal = (row["position"] << 20) + (row["ordinal"] << 2) + row["place"]
    return After(None, row["complaint_id"], ordinal)


def _place(after: After) -> tuple[int, UUID, int, int]:
    return after.ordinal >> 20, after.id, (after.ordinal >> 2) & 0x3FFFF, after.ordinal & 3
