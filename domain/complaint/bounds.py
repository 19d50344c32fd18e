"""有界: how often and how far a clock is extended and paused at most, where the procedure bounds it."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from domain import errors
from domain.clocks.clock import Clock
from domain.complaint.complaint import Complaint
from domain.limits.calendar import Calendar
from domain.limits.limits import longest
from domain.procedure.procedure import Bounds


def may_still_be_extended(complaint: Complaint, clock: Clock) -> bool:
    bounds = complaint.procedure.bounds
    if bounds is None:
        return True
    return _extensions_of(complaint, clock) < bounds.extensions and clock.due_at < _latest(clock, bounds)


def must_be_within_bounds(complaint: Complaint, clocks: Iterable[Clock], until: datetime) -> None:
    """Raises `ExtendedTooOften`, `ExtendedTooFar`; the earliest bound of the clocks counts."""
    bounds = complaint.procedure.bounds
    if bounds is None:
        return
    for clock in clocks:
        left, latest = bounds.extensions - _extensions_of(complaint, clock), _latest(clock, bounds)
        if left <= 0:
            raise errors.ExtendedTooOften(most=bounds.extensions)
        if until > latest:
            raise errors.ExtendedTooFar("/until", latest=latest, left=left)


def _latest(clock: Clock, bounds: Bounds) -> datetime:
    return longest(clock.rule.limit, 1 + bounds.times, clock.started_at, clock.calendar, clock.pauses)


def _extensions_of(complaint: Complaint, clock: Clock) -> int:
    """How often it was extended since it started, or another started that is extended along with it."""
    together = (one for one in complaint.clocks if one.state == "running" and one.name == clock.name)
    since = min((one.started_at for one in together if one.unit == clock.unit), default=clock.started_at)
    return sum(
        moment.name == "Extended" and moment.subject == clock.name and moment.at >= since
        and (clock.unit is None or moment.unit in (None, clock.unit))
        for moment in complaint.moments
    )  # fmt: skip


def may_still_be_paused(complaint: Complaint, clock: Clock) -> bool:
    bounds = complaint.procedure.bounds
    return bounds is None or len(clock.pauses) < bounds.pauses


def must_have_pauses_left(complaint: Complaint, clocks: Iterable[Clock]) -> None:
    """Raises `PausedTooOften`."""
    bounds = complaint.procedure.bounds
    if bounds is not None and not all(may_still_be_paused(complaint, clock) for clock in clocks):
        raise errors.PausedTooOften(most=bounds.pauses)


def latest_end_of_pause(complaint: Complaint, clocks: Iterable[Clock], now: datetime, calendar: Calendar) -> datetime:
    """When a pause that begins now ends at the latest: it is no longer than one may be, nor are all together."""
    rule, bounds = complaint.procedure.longest_pause, complaint.procedure.bounds
    latest = longest(rule, 1, now, calendar)
    if bounds is None:
        return latest
    paused = max((sum((one.until - one.from_ for one in clock.pauses), timedelta(0)) for clock in clocks), default=None)
    return latest if not paused else min(latest, longest(rule, bounds.times, now, calendar) - paused)
