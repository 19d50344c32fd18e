"""What another version of a calendar does to the clocks of a complaint: which of them move, and to when."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from domain.clocks.clock import Clock, Judged, has_come_due
from domain.limits.calendar import FIRST_YEAR, LAST_YEAR, ONE_DAY, Calendar
from domain.limits.limits import Absolute, deadline, is_over, is_provisional


@dataclass(frozen=True, slots=True)
class Move:
    """One clock as it is, and when it would be due (UTC) under the other version; `provisional`: still so then."""

    clock: Clock
    after: datetime
    provisional: bool

    def makes_overdue(self, now: datetime) -> bool:
        """Whether the clock would be past its due time at once, and is not yet."""
        return not self.clock.soft and is_over(self.after, now) and not is_over(self.clock.due_at, now)


def moves_under(clocks: Iterable[Clock], judged: Judged, calendar: Calendar) -> list[Move]:
    """The clocks that another version of their calendar moves, or whose provisional due time it confirms.

    A clock that was stopped, judged, or extended to a time that people agreed on does not move, nor does a named date.
    One that is paused moves like one that runs.
    """
    moves: list[Move] = []
    for clock in clocks:
        if clock.state not in ("running", "paused") or clock.calendar == calendar or not clock.of_present_severity:
            continue
        if clock.extended or isinstance(clock.rule.limit, Absolute):
            continue
        after = deadline(clock.rule.limit, clock.started_at, calendar, clock.pauses)
        provisional = is_provisional(clock.started_at, after, calendar, clock.rule.limit)
        if (after, provisional) != (clock.due_at, clock.provisional) and not has_come_due(clock, judged):
            moves.append(Move(clock, after, provisional))
    return moves


def days_that_differ(one: Calendar, other: Calendar) -> tuple[date, date] | None:
    """The first and the last day on which two versions may disagree; None where they never do.

    A limit that ends before the first of these days, or begins after the last, is the same under both.
    """
    if _pattern(one) != _pattern(other):
        return date(FIRST_YEAR, 1, 1), date(LAST_YEAR, 12, 31)
    named = {*one.holidays, *one.make_ups, *other.holidays, *other.make_ups}
    days = {day for day in named if one.windows(day) != other.windows(day)}
    for year in (one.known_years or frozenset()) ^ (other.known_years or frozenset()):
        days |= {date(year, 1, 1), date(year, 12, 31)}
    # The hours of a night shift reach into the next day, and a day that ends at 24:00 ends on the next.
    return (min(days) - ONE_DAY, max(days) + ONE_DAY) if days else None


def _pattern(calendar: Calendar) -> tuple[object, ...]:
    never_provisional = calendar.known_years is None
    return calendar.zone, calendar.weekly, dict(calendar.hours), calendar.make_up_hours, never_provisional
