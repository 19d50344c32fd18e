"""Time limits: how a limit is written, when it ends, when to warn, and whether its end may still move.

Days are counted as China's Civil Code counts them (articles 200 to 204): the day of the event is not counted,
the period ends at the end of its last day, and a last day off moves to the next working day. Hours and minutes
begin at once and end by the clock. Time in a pause (pausing.py) is not counted: elapsed and working time stand still, a
day whose end falls into the pause is not used up, and a date that was named moves by the length of the pause.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from fractions import Fraction
from functools import lru_cache
from typing import Literal

from domain.limits.calendar import FIRST_YEAR, LAST_YEAR, ONE_DAY, Calendar, OutsideCalendar
from domain.limits.pauses import Pause, Span, is_in, later_by, merged, unpaused
from domain.limits.wrong import WrongRule

Unit = Literal["min", "h"]

HOUR, MINUTE, MICROSECOND = timedelta(hours=1), timedelta(minutes=1), timedelta(microseconds=1)
WARNING_SHARE = 0.8
LARGEST_COUNT = 9999
_WRITTEN = re.compile(r"(?P<count>[1-9][0-9]{0,3}) (?P<what>min|h|working min|working h|WD|days?)")
_BY = re.compile(r"by (?P<day>[0-9]{4}-[0-9]{2}-[0-9]{2})(?: (?P<clock>[0-9]{2}:[0-9]{2}))?")


@dataclass(frozen=True, slots=True)
class Elapsed:
    """Time by the clock, at once and round the clock: `30 min`, `24 h`. `unit` only says how it was written."""

    duration: timedelta
    unit: Unit | None = field(default=None, compare=False)

    def __post_init__(self) -> None:
        _check_duration(self.duration, self.unit)

    def __str__(self) -> str:
        return _spelled(self.duration, self.unit, "")


@dataclass(frozen=True, slots=True)
class WorkingTime:
    """Time that runs in working hours only: `8 working h`, `30 working min`."""

    duration: timedelta
    unit: Unit | None = field(default=None, compare=False)

    def __post_init__(self) -> None:
        _check_duration(self.duration, self.unit)

    def __str__(self) -> str:
        return _spelled(self.duration, self.unit, "working ")


@dataclass(frozen=True, slots=True)
class WorkingDays:
    """Whole working days after the day of the event: `1 WD`."""

    count: int

    def __post_init__(self) -> None:
        _check_count(self.count)

    def __str__(self) -> str:
        return f"{self.count} WD"


@dataclass(frozen=True, slots=True)
class CalendarDays:
    """Days after the day of the event, worked or not: `3 days`."""

    count: int

    def __post_init__(self) -> None:
        _check_count(self.count)

    def __str__(self) -> str:
        return f"{self.count} {'day' if self.count == 1 else 'days'}"


@dataclass(frozen=True, slots=True)
class SameDay:
    """Until the end of the day of the event, worked or not: `same day`. After the close of business, until 24:00."""

    def __str__(self) -> str:
        return "same day"


@dataclass(frozen=True, slots=True)
class Absolute:
    """By a date that is named, in the calendar's zone: `by 2026-12-31`, `by 2026-12-31 18:00`, worked or not.

    Without a time it is the end of that day, as the calendar has it when the clock starts. Where that is over already,
    the limit ends as it starts.
    """

    day: date
    clock: time | None = None

    def __post_init__(self) -> None:
        if not FIRST_YEAR <= self.day.year < LAST_YEAR:
            raise OutsideCalendar(OutsideCalendar.__doc__)

    def __str__(self) -> str:
        return f"by {self.day}" if self.clock is None else f"by {self.day} {self.clock:%H:%M}"


Limit = Elapsed | WorkingTime | WorkingDays | CalendarDays | SameDay | Absolute


def parse_limit(text: str) -> Limit:
    """Read a limit as procedures write it; `str` of the result gives the text back. Raises WrongRule."""
    if text == "same day":
        return SameDay()
    if named := _BY.fullmatch(text):
        return _absolute(text, named["day"], named["clock"])
    written = _WRITTEN.fullmatch(text)
    if written is None:
        raise WrongRule("no-limit", text=text)
    count = int(written["count"])
    match written["what"]:
        case "min":
            return Elapsed(count * MINUTE, "min")
        case "h":
            return Elapsed(count * HOUR, "h")
        case "working min":
            return WorkingTime(count * MINUTE, "min")
        case "working h":
            return WorkingTime(count * HOUR, "h")
        case "WD":
            return WorkingDays(count)
        case _:
            return CalendarDays(count)


def _absolute(text: str, day: str, clock: str | None) -> Absolute:
    try:
        return Absolute(date.fromisoformat(day), None if clock is None else time.fromisoformat(clock))
    except OutsideCalendar:
        raise
    except ValueError:
        raise WrongRule("no-such-date", text=text) from None


def longest(limit: Limit, times: int, start: datetime, calendar: Calendar, pauses: Sequence[Pause] = ()) -> datetime:
    """The instant, in UTC, at which so many such limits after each other have run out. Raises OutsideCalendar."""
    if isinstance(limit, Absolute):
        return start + times * (deadline(limit, start, calendar, pauses) - start)
    return deadline(_several(limit, times), start, calendar, pauses)


def _several(limit: Elapsed | WorkingTime | WorkingDays | CalendarDays | SameDay, times: int) -> Limit:
    match limit:
        case Elapsed(duration, unit):
            return Elapsed(min(times * duration, LARGEST_COUNT * HOUR), unit)
        case WorkingTime(duration, unit):
            return WorkingTime(min(times * duration, LARGEST_COUNT * HOUR), unit)
        case WorkingDays(count):
            return WorkingDays(min(times * count, LARGEST_COUNT))
        case CalendarDays(count):
            return CalendarDays(min(times * count, LARGEST_COUNT))
        case SameDay():
            return CalendarDays(times - 1) if times > 1 else limit


def is_over(due_at: datetime, at: datetime) -> bool:
    """Whether a time limit is over: at its very due time it is. 24:00 of its last day is the next day's beginning."""
    return due_at <= at


def deadline(limit: Limit, start: datetime, calendar: Calendar, pauses: Sequence[Pause] = ()) -> datetime:
    """The instant, in UTC, at which the limit that began at `start` has run out. Raises OutsideCalendar."""
    due = _paused_deadline(limit, start, calendar, merged(pauses)) if pauses else _deadline(limit, start, calendar)
    if due.year > LAST_YEAR:
        raise OutsideCalendar(OutsideCalendar.__doc__)
    return due


def _deadline(limit: Limit, start: datetime, calendar: Calendar) -> datetime:
    today = calendar.local_date(start)
    match limit:
        case Elapsed(duration):
            return start.astimezone(UTC) + duration
        case WorkingTime(duration):
            return calendar.add_working_time(start, duration)
        case WorkingDays(count):
            return calendar.end_of_day(calendar.add_working_days(today, count))
        case CalendarDays(count):
            return calendar.end_of_day(calendar.next_workday(today + count * ONE_DAY))
        case SameDay():
            midnight = calendar.start_of_day(today + ONE_DAY)
            close = min(calendar.end_of_day(today), midnight)
            return close if start < close else midnight
        case Absolute(day, clock):
            named = calendar.end_of_day(day) if clock is None else calendar.at_clock(day, clock)
            return max(named, start.astimezone(UTC))


def _paused_deadline(limit: Limit, start: datetime, calendar: Calendar, spans: Sequence[Span]) -> datetime:
    match limit:
        case Elapsed() | Absolute():
            return later_by(_deadline(limit, start, calendar), spans)
        case WorkingTime(duration):
            return _when_worked(start, duration, calendar, spans)
        case WorkingDays():
            return calendar.end_of_day(last_day(limit, start, calendar, spans))
        case CalendarDays():
            day = last_day(limit, start, calendar, spans)
            while not calendar.is_workday(day) or is_in(calendar.end_of_day(day), spans):
                day += ONE_DAY
            return calendar.end_of_day(day)
        case SameDay():
            due = _deadline(limit, start, calendar)
            for since, until in spans:
                if since < due <= until:
                    due = _deadline(limit, until, calendar)
            return due


def last_day(limit: WorkingDays | CalendarDays, start: datetime, calendar: Calendar, spans: Sequence[Span]) -> date:
    """The day with which the count is full: those that end in a pause are not counted. It may be a day off."""
    today = calendar.local_date(start)
    following: Callable[[date], date]
    if isinstance(limit, WorkingDays):
        following = lambda day: calendar.add_working_days(day, 1)  # noqa: E731
    else:
        following = lambda day: day + ONE_DAY  # noqa: E731
    day = today
    for _ in range(limit.count):
        day = following(day)
        while is_in(calendar.end_of_day(day), spans):
            day = following(day)
    return day


def _when_worked(start: datetime, duration: timedelta, calendar: Calendar, spans: Sequence[Span]) -> datetime:
    """The first instant by which so much working time outside the pauses has passed."""
    for since, until in spans:
        if since <= start:
            start = max(start, until)
            continue
        worked = calendar.working_time(start, since)
        if worked >= duration:
            break
        duration -= worked
        start = until
    return calendar.add_working_time(start, duration)


def warning(
    start: datetime,
    due: datetime,
    calendar: Calendar,
    limit: Limit,
    share: float = WARNING_SHARE,
    pauses: Sequence[Pause] = (),
) -> datetime:
    """The instant, in UTC, at which `share` (0 to 1) of the time from `start` to `due` has passed.

    Limits in working days or working time share out the working time, so the warning falls into working hours
    while any are left; the others, and a span without working time, share out the elapsed time. Time in a pause is not
    shared out. The result is cut to whole microseconds.
    """
    if not 0 <= share <= 1:
        raise ValueError("A warning comes at a share between 0 and 1 of the limit.")
    if pauses:
        return _paused_warning(start, due, calendar, limit, share, merged(pauses))
    if isinstance(limit, WorkingTime | WorkingDays):
        working = calendar.working_time(start, due)
        passed = _share_of(working, share)
        if working and passed < working:
            return calendar.resume_after(start, passed)
        if working:
            return calendar.add_working_time(start, working)
    return start.astimezone(UTC) + _share_of(due - start, share)


def _paused_warning(
    start: datetime, due: datetime, calendar: Calendar, limit: Limit, share: float, spans: Sequence[Span]
) -> datetime:
    stretches = list(unpaused(start, due, spans))
    lengths = [until - since for since, until in stretches]
    if isinstance(limit, WorkingTime | WorkingDays):
        worked = [calendar.working_time(since, until) for since, until in stretches]
        by_work = any(worked)
        lengths = worked if by_work else lengths
    else:
        by_work = False
    left = _share_of(sum(lengths, timedelta(0)), share)
    for (since, _), length in zip(stretches, lengths, strict=True):
        if left < length:
            return calendar.resume_after(since, left) if by_work else since.astimezone(UTC) + left
        left -= length
    # All of it has passed: the warning is due with the limit's last counted instant.
    since, until = next(
        (stretch for stretch, length in zip(reversed(stretches), reversed(lengths), strict=True) if length),
        (start, due),
    )
    return calendar.add_working_time(since, calendar.working_time(since, until)) if by_work else until.astimezone(UTC)


def is_provisional(start: datetime, due: datetime, calendar: Calendar, limit: Limit) -> bool:
    """Whether `due` hangs on a year whose notice of holidays and make-up days is still to come."""
    if isinstance(limit, Elapsed | Absolute) or (isinstance(limit, SameDay) and not calendar.hours):
        return False
    # A day that ends at 24:00 is due on the first instant of the next, which may be the next year.
    last = calendar.local_date(max(start, due - MICROSECOND))
    first = calendar.local_date(start)
    return any(calendar.provisional(last.replace(year=year, day=1)) for year in range(first.year, last.year + 1))


def _share_of(whole: timedelta, share: float) -> timedelta:
    counted, of = _as_ratio(share)
    return timedelta(microseconds=whole // MICROSECOND * counted // of)


@lru_cache(maxsize=128)
def _as_ratio(share: float) -> tuple[int, int]:
    """By the decimal text of the share, so that 0.29 of 100 is 29 and not 28.999…."""
    return Fraction(str(share)).as_integer_ratio()


def _check_duration(duration: timedelta, unit: Unit | None) -> None:
    if not timedelta(0) < duration <= LARGEST_COUNT * HOUR or duration % (HOUR if unit == "h" else MINUTE):
        raise WrongRule("no-duration")


def _check_count(count: int) -> None:
    if not 1 <= count <= LARGEST_COUNT:
        raise WrongRule("no-day-count")


def _spelled(duration: timedelta, unit: Unit | None, prefix: str) -> str:
    unit = unit or ("min" if duration % HOUR else "h")
    return f"{duration // (HOUR if unit == 'h' else MINUTE)} {prefix}{unit}"
