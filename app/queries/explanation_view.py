"""A clock's explanation as an answer: the intervals of domain/limits/explanation.py with their sums."""

from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Literal

from app.queries.complaint_view import ClockView, clock_view
from app.queries.masking import seen_text
from app.queries.visibility import Seen
from domain import errors
from domain.clocks.clock import Clock
from domain.complaint.complaint import Complaint
from domain.limits.explanation import Explanation, explain
from domain.procedure.procedure import Sight
from domain.titles import Language
from wording.explanations import note_in_words


@dataclass(frozen=True)
class IntervalView:
    """One stretch. `kind` is counted, make-up, start-day, weekend, holiday, outside-hours, moved, extended or paused.

    A paused one has the complaint's version (`event`) that the pause was recorded with, and its reason.
    """

    start: datetime
    end: datetime
    kind: str
    counted_seconds: float
    note: str
    event: int | None = None
    reason: str | None = None


@dataclass(frozen=True)
class ExplanationView:
    """`counted_total` and `limit_total` are in `unit`: whole days, or seconds."""

    clock: ClockView
    limit: str
    calendar: str
    calendar_version: str
    source: str
    unit: Literal["days", "seconds"]
    counted_total: float
    limit_total: float
    intervals: list[IntervalView]
    earlier: list["ExplanationView"] = field(default_factory=list)


class NoSuchClock(errors.NotFound): ...


class ClockHasNotRun(errors.NotFound): ...


def explanation_view(
    complaint: Complaint, name: str, seen: Seen, language: Language, *, unit: str | None, round: int | None
) -> ExplanationView:
    """The latest time the clock ran, with the earlier ones beside it. Raises `NoSuchClock`, `ClockHasNotRun`."""
    if complaint.procedure.clock_named(name) is None or name in seen.kept_from:
        raise NoSuchClock
    sight = seen.sight
    found = [
        clock
        for clock in complaint.clocks
        if clock.name == name and unit in (None, clock.unit) and round in (None, clock.round)
    ]
    if not found:
        raise ClockHasNotRun
    latest, *others = sorted(found, key=lambda clock: (clock.state != "cancelled", clock.started_at), reverse=True)
    earlier = [_view(complaint, clock, sight, language) for clock in others]
    return replace(_view(complaint, latest, sight, language), earlier=earlier)


def _view(complaint: Complaint, clock: Clock, sight: Sight, language: Language) -> ExplanationView:
    explained = explain(clock.rule.limit, clock.started_at, clock.due_at, clock.calendar, clock.pauses)
    days = explained.unit == "days"
    return ExplanationView(
        clock=clock_view(clock, language),
        limit=str(clock.rule.limit),
        calendar=explained.calendar,
        calendar_version=explained.calendar_version,
        source=clock.rule.source,
        unit="days" if days else "seconds",
        counted_total=_in_unit(explained.counted_total.total_seconds(), explained),
        limit_total=_in_unit(explained.limit_total.total_seconds(), explained),
        intervals=[
            IntervalView(
                part.from_, part.until, part.kind, part.counted.total_seconds(), note_in_words(part.note, language),
                part.event,
                None if part.event is None else seen_text(complaint.pause_reasons.get(part.event), sight),
            )
            for part in explained.intervals
        ],
    )  # fmt: skip


def _in_unit(seconds: float, explained: Explanation) -> float:
    return seconds / 86_400 if explained.unit == "days" else seconds
