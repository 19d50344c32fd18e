"""Figures and the events behind them, for one reader."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from app.http.protocol.cursors import After
from app.http.protocol.list_parameters import Code, Listed, ListQuery, Position, fetch
from app.http.protocol.parameters import Day
from app.service import Service
from domain.complaint.events import type_of
from domain.procedure.titles import Language, Title
from domain.reporting.indicators import INDICATORS, Shape
from projections.indicators_query import By, IndicatorFigure, IndicatorFilter, conditions_of, events, figures, sums
from projections.scope import Scope
from wording.indicators import COUNTED_BY, DEFINITIONS, DENOMINATORS, NUMERATORS, SOURCES
from wording.subjects import title

Counts = Literal["numerator", "denominator", "excluded"]


class _Chosen(BaseModel):
    model_config = ConfigDict(extra="forbid", populate_by_name=True)
    procedure: Code | None = None
    unit: Code | None = Field(None, description="Only what counts for this unit")
    category: Code | None = Field(None, description="This very category; - for the unclassified")
    agent: Code | None = Field(None, description="The owner's actor id; - for nobody")
    first: Annotated[Day | None, Field(alias="from", description="First day, in the zone of the calendar")] = None
    last: Annotated[Day | None, Field(alias="to", description="Last day, included")] = None


class IndicatorQuery(_Chosen):
    by: By | None = Field(None, description="What the figures are grouped by")
    indicator: Code | None = Field(None, description="This one only")
    min_position: Position | None = None


class DrillQuery(ListQuery, _Chosen):
    currency: Code | None = Field(None, description="Of money: only this currency")


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


def filter_of(query: IndicatorQuery | DrillQuery) -> IndicatorFilter:
    fields = {name: getattr(query, name, None) for name in IndicatorFilter.__dataclass_fields__}
    return IndicatorFilter(**fields)


def indicator_view(name: str, language: Language) -> Indicator:
    """What an indicator means; `name` is one that there is."""
    denominator = DENOMINATORS.get(name)
    return Indicator(
        name, title("indicators", name), INDICATORS[name], DEFINITIONS[name].in_(language),
        NUMERATORS[name].in_(language), None if denominator is None else denominator.in_(language),
        COUNTED_BY[name].in_(language), SOURCES[name],
    )  # fmt: skip


async def figures_of(service: Service, scope: Scope, wanted: IndicatorFilter) -> list[IndicatorFigure]:
    """Every indicator of every group that is asked for. Raises `StorageAway`."""
    conditions = conditions_of(wanted, scope)
    return figures(await fetch(service, sums(conditions, wanted.by), *conditions.values), wanted)


def row_of(one: IndicatorFigure) -> IndicatorRow:
    it = one.figure
    return IndicatorRow(
        one.indicator, title("indicators", one.indicator), one.key, it.value, it.numerator, it.denominator, it.excluded,
        it.median, it.p90, it.amount, one.currency,
    )  # fmt: skip


class DrilledPages:
    """The events behind one figure, in the order of the log."""

    def __init__(self, service: Service, scope: Scope, wanted: IndicatorFilter) -> None:
        self._service, self._conditions = service, conditions_of(wanted, scope)

    async def page(self, after: After | None, limit: int) -> Listed[DrilledEvent]:
        """The next events. Raises `StorageAway`."""
        conditions = self._conditions.copy()
        statement = events(conditions, None if after is None else _place(after), limit + 1)
        rows = await fetch(self._service, statement, *conditions.values)
        shown = [
            DrilledEvent(
                row["position"], row["complaint_id"], row["number"], row["version"], type_of(row["topic"]),
                row["recorded_at"], row["unit"], row["counts"],
            )
            for row in rows[:limit]
        ]  # fmt: skip
        last = rows[limit - 1] if len(rows) > limit else None
        return Listed(shown, None if last is None else _after(last["position"], last["ordinal"], last["place"], last))


def _after(position: int, ordinal: int, place: int, row: dict[str, UUID]) -> After:
    return After(None, row["complaint_id"], (position << 20) + (ordinal << 2) + place)


def _place(after: After) -> tuple[int, UUID, int, int]:
    return after.ordinal >> 20, after.id, (after.ordinal >> 2) & 0x3FFFF, after.ordinal & 3


def day_span(first: date | None, last: date | None) -> bool:
    """Whether the two days, where both are given, are in their order."""
    return first is None or last is None or first <= last
