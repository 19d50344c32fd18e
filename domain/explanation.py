"""Why a limit ends when it ends: every stretch between start and due, counted or not, with the reason."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Literal

from domain.calendar import ONE_DAY, Calendar
from domain.limits import CalendarDays, Elapsed, Limit, SameDay, WorkingDays, WorkingTime, deadline

Kind = Literal["counted", "make-up", "start-day", "weekend", "holiday", "outside-hours", "moved", "extended"]
Unit = Literal["days", "time"]

NOTHING = timedelta(0)


@dataclass(frozen=True, slots=True)
class Interval:
    """One stretch of one local day, in UTC. `counted` is what it adds to the sum: a day is 24 h, whatever its length.

    Kinds: `counted`; `make-up` (counted, on a make-up workday); `start-day` (the day of the event); `weekend`;
    `holiday`; `outside-hours`; `moved` (after a last day off); `extended` (past the limit's own end).
    """

    from_: datetime
    until: datetime
    kind: Kind
    counted: timedelta
    note: str


@dataclass(frozen=True, slots=True)
class Explanation:
    """Contiguous intervals from `start` to `due`; `unit` says whether the totals count whole days or time.

    `counted_total` equals `limit_total` unless the due time was brought forward from the limit's own end.
    """

    limit: Limit
    calendar: str
    calendar_version: str
    start: datetime
    due: datetime
    unit: Unit
    intervals: tuple[Interval, ...]
    counted_total: timedelta
    limit_total: timedelta


def explain(limit: Limit, start: datetime, due: datetime, calendar: Calendar) -> Explanation:
    """Account for the span from `start` to `due`, which may differ from the limit's own end. Raises OutsideCalendar."""
    start, due = start.astimezone(UTC), due.astimezone(UTC)
    own = deadline(limit, start, calendar)
    end = min(own, due)
    match limit:
        case Elapsed() | SameDay():
            parts = _by_the_clock(start, end, calendar)
            total = own - start
        case WorkingTime(duration):
            parts = _working_time(start, end, calendar)
            total = duration
        case WorkingDays(count):
            parts = _working_days(start, end, calendar, calendar.add_working_days(calendar.local_date(start), count))
            total = count * ONE_DAY
        case CalendarDays(count):
            parts = _calendar_days(start, end, calendar, calendar.local_date(start) + count * ONE_DAY)
            total = count * ONE_DAY
    intervals = (*parts, *_extended(own, due, calendar))
    return Explanation(
        limit=limit,
        calendar=calendar.code,
        calendar_version=calendar.version,
        start=start,
        due=due,
        unit="days" if isinstance(limit, WorkingDays | CalendarDays) else "time",
        intervals=intervals,
        counted_total=sum((interval.counted for interval in intervals), NOTHING),
        limit_total=total,
    )


def _by_the_clock(start: datetime, end: datetime, calendar: Calendar) -> Iterator[Interval]:
    for _, from_, until in _local_days(start, end, calendar):
        yield Interval(from_, until, "counted", until - from_, "Runs by the clock, every day.")


def _working_time(start: datetime, end: datetime, calendar: Calendar) -> Iterator[Interval]:
    reached = start
    for shift, opens, closes in calendar.working_intervals(start, end):
        yield from _time_off(reached, opens, calendar)
        for day, from_, until in _local_days(opens, closes, calendar):
            kind, note = _workday(shift, calendar)
            if day != shift:
                note = f"{note} Hours of {shift} that run past midnight."
            yield Interval(from_, until, kind, until - from_, note)
        reached = closes
    yield from _time_off(reached, end, calendar)


def _time_off(start: datetime, end: datetime, calendar: Calendar) -> Iterator[Interval]:
    for day, from_, until in _local_days(start, end, calendar):
        if calendar.is_workday(day):
            yield Interval(from_, until, "outside-hours", NOTHING, "Outside working hours.")
        else:
            yield _day_off(from_, until, day, calendar)


def _working_days(start: datetime, end: datetime, calendar: Calendar, last: date) -> Iterator[Interval]:
    for day, from_, until in _local_days(start, end, calendar, last):
        if day == calendar.local_date(start):
            yield _start_day(from_, until)
        elif calendar.is_workday(day):
            kind, note = _workday(day, calendar)
            yield Interval(from_, until, kind, _whole_day(day, until, calendar), note)
        else:
            yield _day_off(from_, until, day, calendar)


def _calendar_days(start: datetime, end: datetime, calendar: Calendar, last: date) -> Iterator[Interval]:
    for day, from_, until in _local_days(start, end, calendar, calendar.next_workday(last)):
        if day == calendar.local_date(start):
            yield _start_day(from_, until)
        elif day <= last:
            yield Interval(from_, until, "counted", _whole_day(day, until, calendar), "Every day counts.")
        else:
            where = "Moved here" if calendar.is_workday(day) else f"Moved past, as {day} is {_off(day, calendar)}"
            yield Interval(from_, until, "moved", NOTHING, f"{where}: the last day, {last}, is {_off(last, calendar)}.")


def _extended(start: datetime, end: datetime, calendar: Calendar) -> Iterator[Interval]:
    for _, from_, until in _local_days(start, end, calendar):
        yield Interval(from_, until, "extended", NOTHING, "Past the limit's own end: the due time was moved.")


def _start_day(from_: datetime, until: datetime) -> Interval:
    return Interval(
        from_, until, "start-day", NOTHING, "The day of the event is not counted (Civil Code, article 201)."
    )


def _day_off(from_: datetime, until: datetime, day: date, calendar: Calendar) -> Interval:
    kind: Kind = "holiday" if calendar.day_kind(day) == "holiday" else "weekend"
    return Interval(from_, until, kind, NOTHING, f"{day} is {_off(day, calendar)}.")


def _workday(day: date, calendar: Calendar) -> tuple[Kind, str]:
    if calendar.day_kind(day) == "make-up":
        return "make-up", f"A make-up workday for {calendar.day_name(day)}."
    return "counted", "A working day."


def _off(day: date, calendar: Calendar) -> str:
    name = calendar.day_name(day)
    return f"a holiday ({name})" if name else "a weekend day"


def _whole_day(day: date, until: datetime, calendar: Calendar) -> timedelta:
    """A day counts once its end is reached, so a due time brought forward into it leaves it uncounted."""
    reached = until >= min(calendar.end_of_day(day), calendar.start_of_day(day + ONE_DAY))
    return ONE_DAY if reached else NOTHING


def _local_days(
    start: datetime, end: datetime, calendar: Calendar, last: date | None = None
) -> Iterator[tuple[date, datetime, datetime]]:
    """The span cut at local midnights; day `last` runs to the end, since business may close after midnight."""
    day = calendar.local_date(start)
    while start < end:
        until = end if day == last else min(end, calendar.start_of_day(day + ONE_DAY))
        yield day, start, until
        start, day = until, day + ONE_DAY
