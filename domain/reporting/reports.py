"""日报、周报、月报: what was reported of a period that has ended, as a fact in the log; one stream per procedure.

It holds counts and codes and no personal data; what is counted by district is sealed. What it counted is said in
indicators.py.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Any, ClassVar, Final
from uuid import UUID, uuid5

from eventsourcing.domain import AggregateEvent
from eventsourcing.utils import register_topic

from domain.procedure.procedure import Procedure, ReportRule
from domain.reporting.indicators import has_risen, rise_of
from domain.reporting.periods import Period
from domain.values import PLACES, ActedBy

REPORTS: Final = UUID("5b8a7f1e-7c52-5a0e-8f43-3f0f3f6b2a17")  # the name space of the streams and of their command ids
RUNNER: Final = ActedBy("system", "system", source="clock")


@dataclass(frozen=True)
class ReportedFigure:
    """One figure of the period and of the one before; `rise` in per cent, None where there was nothing before.

    Money has a `currency` and an `amount`; its value is how many were paid.
    """

    indicator: str
    value: float | None
    numerator: float
    denominator: int | None
    before: float | None
    rise: float | None
    currency: str | None = None
    amount: Decimal | None = None


@dataclass(frozen=True)
class ReportedCount:
    """Complaints (or misses) of one category, unit, kind, district or issue point, in the period and in the one before.

    `rise` as for figures.
    """

    key: str
    count: int
    before: int
    rise: float | None


class ReportEvent(AggregateEvent):
    """The root of the events of a procedure's reports."""

    TOPIC: ClassVar[str]
    actor: ActedBy

    def apply(self, aggregate: Any) -> None:
        """Nothing is folded from reports: each stands for itself."""


class PeriodReported(ReportEvent):
    """A day, week or month was over: its figures, and who is to be told of them (`told`) and of a rise (`rise_told`).

    `position` is how far the log had been counted; what was recorded of the period later is in no figure.
    """

    procedure: str
    procedure_version: str
    kind: str
    period: str
    first: date
    last: date
    position: int
    figures: tuple[ReportedFigure, ...]
    by_category: tuple[ReportedCount, ...]
    by_unit: tuple[ReportedCount, ...]
    risen: bool
    told: tuple[str, ...]
    rise_told: tuple[str, ...]
    missed_by_unit: tuple[ReportedCount, ...] = ()
    by_kind: tuple[ReportedCount, ...] = ()
    by_district: Annotated[tuple[ReportedCount, ...], PLACES] = ()
    by_issue_point: tuple[ReportedCount, ...] = ()


REPORT_EVENTS: Final[tuple[type[ReportEvent], ...]] = (PeriodReported,)

for _event in REPORT_EVENTS:
    _event.TOPIC = f"report.{_event.__name__}"
    register_topic(_event.TOPIC, _event)


def stream_of(procedure: str) -> UUID:
    """The stream of one procedure's reports."""
    return uuid5(REPORTS, procedure)


def command_id_of(procedure: str, period: Period) -> UUID:
    """The command id under which a period is reported, at most once."""
    return uuid5(REPORTS, f"{procedure}/{period.kind}/{period.name}")


def counts_of(now: Mapping[str, int], before: Mapping[str, int]) -> tuple[ReportedCount, ...]:
    """Of every key that occurs in one of the two, the most frequent now first."""
    keys = sorted({*now, *before}, key=lambda key: (-now.get(key, 0), key))
    return tuple(
        ReportedCount(key, now.get(key, 0), before.get(key, 0), rise_of(now.get(key, 0), before.get(key, 0)))
        for key in keys
    )


MOST_HOT: Final = 3  # where no number says how many complaints make a hot spot


def hot_spots(event: PeriodReported, procedure: Procedure) -> list[ReportedCount]:
    """热点: the listed issue points that were complained of most; a code that somebody made up may say anything."""
    rule = next((rule for rule in procedure.reports if rule.period == event.kind), None)
    listed = [one for one in event.by_issue_point if one.count and one.key in procedure.issue_points]
    if rule is None or rule.hot_from is None:
        return listed[:MOST_HOT]
    return [one for one in listed if one.count >= rule.hot_from]


@dataclass(frozen=True)
class Counted:
    """What was counted of a period and of the one before; `is_first`: nothing had come in before the period."""

    position: int
    figures: tuple[ReportedFigure, ...]
    by_category: tuple[ReportedCount, ...]
    by_unit: tuple[ReportedCount, ...]
    missed_by_unit: tuple[ReportedCount, ...] = ()
    by_kind: tuple[ReportedCount, ...] = ()
    by_district: tuple[ReportedCount, ...] = ()
    by_issue_point: tuple[ReportedCount, ...] = ()
    is_first: bool = False

    @property
    def has_risen(self) -> bool:
        """环比上升: whether more complaints came in than in the period before; before the first there was none."""
        return not self.is_first and any(
            one.indicator == "volume" and has_risen(one.value or 0, one.before or 0) for one in self.figures
        )


@dataclass(frozen=True)
class OfProcedure:
    """Whose report it is: the procedure's code, and the version whose rule asks for it."""

    code: str
    version: str
    rule: ReportRule


def reported(of: OfProcedure, period: Period, counted: Counted, *, version: int, at: datetime) -> PeriodReported:
    """The fact that a period was reported, as event number `version` of the procedure's reports."""
    facts: dict[str, Any] = {
        "actor": RUNNER, "procedure": of.code, "procedure_version": of.version, "kind": period.kind,
        "period": period.name, "first": period.first, "last": period.last, "position": counted.position,
        "figures": counted.figures, "by_category": counted.by_category, "by_unit": counted.by_unit,
        "missed_by_unit": counted.missed_by_unit, "by_kind": counted.by_kind, "by_district": counted.by_district,
        "by_issue_point": counted.by_issue_point,
        "risen": counted.has_risen, "told": of.rule.tell,
        "rise_told": of.rule.rise_tell if counted.has_risen else (),
    }  # fmt: skip
    return PeriodReported(originator_id=stream_of(of.code), originator_version=version, timestamp=at, **facts)


def still_to_report(periods: Iterable[Period], done: Iterable[tuple[str, str]]) -> list[Period]:
    """Those of the periods that are not among the reported ones (kind, name), the earliest end first."""
    known = set(done)
    return sorted((p for p in periods if (p.kind, p.name) not in known), key=lambda p: (p.last, p.kind))
