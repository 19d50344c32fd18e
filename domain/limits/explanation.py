"""Why a limit ends when it ends: every stretch between start and due, counted or not, with the reason."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from typing import Literal

from domain.limits.calendar import ONE_DAY, Calendar
from domain.limits.limits import (
    Absolute,
    CalendarDays,
    Elapsed,
    Limit,
    SameDay,
    WorkingDays,
    WorkingTime,
    deadline,
    last_day,
)
from domain.limits.pauses import Pause, Span, is_in, merged

Kind = Literal["counted", "make-up", "start-day", "weekend", "holiday", "outside-hours", "moved", "extended", "paused"]
NoteCode = Literal[
    "by-the-clock", "working-day", "make-up", "every-day", "start-day", "day-off", "outside-hours", "paused",
    "extended", "moved-here", "moved-past", "moved-past-pause",
]  # fmt: skip
Unit = Literal["days", "time"]

NOTHING = timedelta(0)


@dataclass(frozen=True, slots=True)
class Note:
    """Why a stretch is counted or not: a code and its facts, put into words by wording/explanations.py."""

    code: NoteCode
    facts: Mapping[str, object] = field(default_factory=dict)


PAUSED = Note("paused")


@dataclass(frozen=True, slots=True)
class Interval:
    """One stretch of one local day, in UTC. `counted` is what it adds to the sum: a day is 24 h, whatever its length.

    Kinds: `counted`; `make-up` (counted, on a make-up workday); `start-day` (the day of the event); `weekend`;
    `holiday`; `outside-hours`; `moved` (after a last day off); `extended` (past the limit's own end);
    `paused`, with the version of the complaint (`event`) at which the pause was recorded.
    """

    from_: datetime
    until: datetime
    kind: Kind
    counted: timedelta
    note: Note
    event: int | None = None


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


def explain(
    limit: Limit, start: datetime, due: datetime, calendar: Calendar, pauses: Sequence[Pause] = ()
) -> Explanation:
    """Account for the span from `start` to `due`, which may differ from the limit's own end. Raises OutsideCalendar."""
    start, due = start.astimezone(UTC), due.astimezone(UTC)
    own = deadline(limit, start, calendar, pauses)
    end = min(own, due)
    spans = merged(pauses)
    match limit:
        case Elapsed() | SameDay() | Absolute():
            parts, total = _by_the_clock(start, end, calendar), _unpaused_time(start, own, spans)
        case WorkingTime(duration):
            parts, total = _working_time(start, end, calendar), duration
        case WorkingDays(count):
            parts, total = _working_days(limit, start, end, calendar, spans), count * ONE_DAY
        case CalendarDays(count):
            parts, total = _calendar_days(limit, start, end, calendar, spans), count * ONE_DAY
    days = isinstance(limit, WorkingDays | CalendarDays)
    intervals = (*parts, *_extended(own, due, calendar))
    if pauses:
        intervals = tuple(_cut_by_pauses(intervals, pauses, days=days))
    return Explanation(
        limit=limit,
        calendar=calendar.code,
        calendar_version=calendar.version,
        start=start,
        due=due,
        unit="days" if days else "time",
        intervals=intervals,
        counted_total=sum((interval.counted for interval in intervals), NOTHING),
        limit_total=total,
    )


def _unpaused_time(start: datetime, end: datetime, spans: Sequence[Span]) -> timedelta:
    paused = (min(until, end) - max(since, start) for since, until in spans if since < end and until > start)
    return end - start - sum(paused, NOTHING)


def _cut_by_pauses(intervals: Iterable[Interval], pauses: Sequence[Pause], *, days: bool) -> Iterator[Interval]:
    """The same stretches with the pauses cut out of them, which count nothing.

    A day that counts is counted in its last stretch that is not paused, or in the next there is: its hours may run past
    midnight.
    """
    owed = NOTHING
    for interval in intervals:
        pieces = list(_pieces(interval, pauses))
        if not days:
            yield from (
                replace(piece, counted=piece.until - piece.from_) if interval.counted and piece.counted else piece
                for piece in pieces
            )
            continue
        owed += interval.counted
        lived = [piece for piece in pieces if piece.kind != "paused"]
        for piece in pieces:
            is_last = bool(lived) and piece is lived[-1]
            yield replace(piece, counted=owed if is_last else NOTHING)
            owed = NOTHING if is_last else owed


def _pieces(interval: Interval, pauses: Sequence[Pause]) -> Iterator[Interval]:
    reached = interval.from_
    for pause in pauses:
        since, until = max(pause.from_, reached), min(pause.until, interval.until)
        if since >= until:
            continue
        if reached < since:
            yield replace(interval, from_=reached, until=since)
        yield Interval(since, until, "paused", NOTHING, PAUSED, pause.event)
        reached = until
    if reached < interval.until:
        yield replace(interval, from_=reached)


def _by_the_clock(start: datetime, end: datetime, calendar: Calendar) -> Iterator[Interval]:
    for _, from_, until in _local_days(start, end, calendar):
        yield Interval(from_, until, "counted", until - from_, Note("by-the-clock"))


def _working_time(start: datetime, end: datetime, calendar: Calendar) -> Iterator[Interval]:
    reached = start
    for shift, opens, closes in calendar.working_intervals(start, end):
        yield from _time_off(reached, opens, calendar)
        for day, from_, until in _local_days(opens, closes, calendar):
            kind, note = _workday(shift, calendar, past_midnight=day != shift)
            yield Interval(from_, until, kind, until - from_, note)
        reached = closes
    yield from _time_off(reached, end, calendar)


def _time_off(start: datetime, end: datetime, calendar: Calendar) -> Iterator[Interval]:
    for day, from_, until in _local_days(start, end, calendar):
        if calendar.is_workday(day):
            yield Interval(from_, until, "outside-hours", NOTHING, Note("outside-hours"))
        else:
            yield _day_off(from_, until, day, calendar)


def _working_days(
    limit: WorkingDays, start: datetime, end: datetime, calendar: Calendar, spans: Sequence[Span]
) -> Iterator[Interval]:
    for day, from_, until in _local_days(start, end, calendar, last_day(limit, start, calendar, spans)):
        if day == calendar.local_date(start):
            yield _start_day(from_, until)
        elif calendar.is_workday(day):
            kind, note = _workday(day, calendar)
            yield Interval(from_, until, kind, _whole_day(day, until, calendar, spans), note)
        else:
            yield _day_off(from_, until, day, calendar)


def _calendar_days(
    limit: CalendarDays, start: datetime, end: datetime, calendar: Calendar, spans: Sequence[Span]
) -> Iterator[Interval]:
    last = last_day(limit, start, calendar, spans)
    final = calendar.next_workday(last)
    while is_in(calendar.end_of_day(final), spans):
        final = calendar.next_workday(final + ONE_DAY)
    for day, from_, until in _local_days(start, end, calendar, final):
        if day == calendar.local_date(start):
            yield _start_day(from_, until)
        elif day <= last:
            yield Interval(from_, until, "counted", _whole_day(day, until, calendar, spans), Note("every-day"))
        else:
            yield Interval(from_, until, "moved", NOTHING, _moved(day, last, final, calendar))


def _moved(day: date, last: date, final: date, calendar: Calendar) -> Note:
    """Why the limit does not end on `last`, a day off, but on `final`."""
    facts = {"last": last, "last_name": calendar.day_name(last)}
    if day == final:
        return Note("moved-here", facts)
    if calendar.is_workday(day):
        return Note("moved-past-pause", {"day": day, **facts})
    return Note("moved-past", {"day": day, "name": calendar.day_name(day), **facts})


def _extended(start: datetime, end: datetime, calendar: Calendar) -> Iterator[Interval]:
    for _, from_, until in _local_days(start, end, calendar):
        yield Interval(from_, until, "extended", NOTHING, Note("extended"))


def _start_day(from_: datetime, until: datetime) -> Interval:
    return Interval(from_, until, "start-day", NOTHING, Note("start-day"))


def _day_off(from_: datetime, until: datetime, day: date, calendar: Calendar) -> Interval:
    kind: Kind = "holiday" if calendar.day_kind(day) == "holiday" else "weekend"
    return Interval(from_, until, kind, NOTHING, Note("day-off", {"day": day, "name": calendar.day_name(day)}))


def _workday(day: date, calendar: Calendar, *, past_midnight: bool = False) -> tuple[Kind, Note]:
    facts: dict[str, object] = {"shift": day} if past_midnight else {}
    if calendar.day_kind(day) == "make-up":
        return "make-up", Note("make-up", {"name": calendar.day_name(day), **facts})
    return "counted", Note("working-day", facts)


def _whole_day(day: date, until: datetime, calendar: Calendar, spans: Sequence[Span]) -> timedelta:
    """A day counts once its end is reached, so a due time brought forward into it leaves it uncounted; so does a pause
    that its end falls into.
    """
    if is_in(calendar.end_of_day(day), spans):
        return NOTHING
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
