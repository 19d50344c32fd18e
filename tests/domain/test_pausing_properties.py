"""What must hold for every pause of every limit, checked against a walk that counts the minutes that are not paused."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from fractions import Fraction
from itertools import pairwise

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from domain.limits.explanation import explain
from domain.limits.limits import (
    Absolute,
    CalendarDays,
    Elapsed,
    Limit,
    SameDay,
    WorkingDays,
    WorkingTime,
    deadline,
    warning,
)
from domain.limits.pauses import Pause
from tests.domain.slow_calendar import DAY, MINUTE, SlowCalendar
from tests.domain.test_limits_properties import PAIRS, STARTS, Pair, limits, pairs_and_starts, properties, slow_deadline

MICROSECOND = timedelta(microseconds=1)
minutes = st.integers(0, 3 * 60) | st.integers(0, 5 * 1440)


Lengths = list[tuple[int, int, bool, bool]]


def pauses_from(pair: Pair, start: datetime, lengths: Lengths) -> tuple[Pause, ...]:
    """Pauses after one another: each so many minutes after the last and so many long, or up to the end of that day."""
    found = []
    for number, (after, length, begins_with_day, ends_with_day) in enumerate(lengths, start=2):
        since = start + after * MINUTE
        if begins_with_day:
            since = max(since, pair.calendar.end_of_day(pair.calendar.local_date(since)))
        start = since + length * MINUTE
        if ends_with_day:
            start = max(start, pair.calendar.end_of_day(pair.calendar.local_date(start)))
        found.append(Pause(since, start, number))
    return tuple(found)


rarely = st.integers(0, 3).map(lambda chance: chance == 0)
lengths = st.lists(st.tuples(minutes, minutes.map(lambda count: count + 1), rarely, rarely), min_size=1, max_size=3)


def is_paused(instant: datetime, pauses: Sequence[Pause]) -> bool:
    return any(pause.from_ <= instant < pause.until for pause in pauses)


def unpaused_minutes(start: datetime, pauses: Sequence[Pause]) -> Iterator[datetime]:
    while True:
        if not is_paused(start, pauses):
            yield start
        start += MINUTE


def walked(limit: Limit, start: datetime, slow: SlowCalendar, pauses: Sequence[Pause]) -> datetime:
    """The due time by counting: a day is used up when its last minute was lived, not paused."""

    def lived(end: datetime) -> bool:
        return not is_paused(end - MINUTE, pauses)

    match limit:
        case Elapsed() | Absolute():
            left = (slow_deadline(limit, start, slow) - start) // MINUTE
            return start + left * MINUTE if left == 0 else _nth(unpaused_minutes(start, pauses), left) + MINUTE
        case WorkingTime(duration):
            worked = (at for at, works in slow.minutes(start) if works and not is_paused(at, pauses))
            return _nth(worked, duration // MINUTE) + MINUTE
        case WorkingDays(count) | CalendarDays(count):
            day = slow.local_date(start)
            while count:
                day += DAY
                counts = isinstance(limit, CalendarDays) or slow.is_workday(day)
                count -= counts and lived(slow.end_of_day(day))
            while not (slow.is_workday(day) and lived(slow.end_of_day(day))):
                day += DAY
            return slow.end_of_day(day)
        case SameDay():
            due = slow_deadline(limit, start, slow)
            while not lived(due):
                start = next(at for at in unpaused_minutes(due, pauses))
                due = slow_deadline(limit, start, slow)
            return due


def _nth(instants: Iterator[datetime], count: int) -> datetime:
    for _ in range(count - 1):
        next(instants)
    return next(instants)


soon = limits.filter(lambda limit: not isinstance(limit, Absolute))


@st.composite
def named_soon(draw: st.DrawFn, start: datetime, pair: Pair) -> Limit:
    """Any limit; a named date within two weeks."""
    if draw(st.integers(0, 5)):
        return draw(soon)
    clock = (start + draw(minutes) * MINUTE).time().replace(second=0, microsecond=0)
    return Absolute(
        pair.calendar.local_date(start + draw(st.integers(0, 14)) * DAY), draw(st.sampled_from([None, clock]))
    )


@st.composite
def cases(draw: st.DrawFn) -> tuple[Pair, datetime, Limit, tuple[Pause, ...]]:
    pair, start = draw(pairs_and_starts)
    return pair, start, draw(named_soon(start, pair)), pauses_from(pair, start, draw(lengths))


@pytest.mark.parametrize("pair", PAIRS, ids=lambda pair: pair.calendar.code)
@settings(properties, max_examples=80)
@given(st.data())
def test_every_deadline_with_pauses_is_the_one_that_walking_finds(pair: Pair, data: st.DataObject) -> None:
    start = data.draw(STARTS[pair.calendar.code])
    limit, pauses = data.draw(named_soon(start, pair)), pauses_from(pair, start, data.draw(lengths))
    assert deadline(limit, start, pair.calendar, pauses) == walked(limit, start, pair.slow, pauses)


@settings(properties, max_examples=300)
@given(pairs_and_starts, soon, st.integers(0, 30), st.floats(0, 1), st.floats(0, 1))
def test_a_pause_outside_working_hours_changes_nothing(
    case: tuple[Pair, datetime], limit: Limit, skipped: int, first: float, last: float
) -> None:
    pair, start = case
    assume(isinstance(limit, WorkingTime | WorkingDays))
    shifts = list(pair.calendar.working_intervals(start, start + 60 * DAY))
    gaps = [(before.closes, after.opens) for before, after in pairwise(shifts) if before.closes < after.opens]
    assume(gaps)
    closes, opens = gaps[skipped % len(gaps)]
    since = closes + int(first * ((opens - closes) // MINUTE)) * MINUTE
    pause = (Pause(since, since + int(last * ((opens - since) // MINUTE)) * MINUTE),)
    due = deadline(limit, start, pair.calendar)
    assert deadline(limit, start, pair.calendar, pause) == due
    assert warning(start, due, pair.calendar, limit, 0.8, pause) == warning(start, due, pair.calendar, limit, 0.8)


@settings(properties, max_examples=300)
@given(cases(), st.floats(0, 1))
def test_two_pauses_that_touch_are_as_one(case: tuple[Pair, datetime, Limit, tuple[Pause, ...]], share: float) -> None:
    pair, start, limit, (*others, last) = case
    middle = last.from_ + int(share * ((last.until - last.from_) // MINUTE)) * MINUTE
    whole = (*others, last)
    split = (*others, Pause(last.from_, middle), Pause(middle, last.until))
    due = deadline(limit, start, pair.calendar, whole)
    assert deadline(limit, start, pair.calendar, split) == due
    assert warning(start, due, pair.calendar, limit, 0.8, split) == warning(
        start, due, pair.calendar, limit, 0.8, whole
    )


@settings(properties, max_examples=500)
@given(cases(), minutes)
def test_a_longer_pause_never_ends_a_limit_earlier(
    case: tuple[Pair, datetime, Limit, tuple[Pause, ...]], more: int
) -> None:
    pair, start, limit, (*others, last) = case
    dues = [
        deadline(limit, start, pair.calendar, pauses)
        for pauses in ((), others, (*others, last), (*others, Pause(last.from_, last.until + more * MINUTE)))
    ]
    assert dues == sorted(dues)


@settings(properties, max_examples=300)
@given(cases(), st.integers(1, 20 * 1440))
def test_a_longer_limit_never_ends_earlier_in_spite_of_pauses(
    case: tuple[Pair, datetime, Limit, tuple[Pause, ...]], more: int
) -> None:
    pair, start, limit, pauses = case
    longer: Limit = limit
    match limit:
        case Elapsed(duration):
            longer = Elapsed(duration + more * MINUTE)
        case WorkingTime(duration):
            longer = WorkingTime(duration + more * MINUTE)
        case WorkingDays(count):
            longer = WorkingDays(count + more % 30 + 1)
        case CalendarDays(count):
            longer = CalendarDays(count + more % 30 + 1)
        case Absolute(day):
            longer = Absolute(day + (more % 30 + 1) * DAY)
    assert deadline(limit, start, pair.calendar, pauses) <= deadline(longer, start, pair.calendar, pauses)


@settings(properties, max_examples=300)
@given(cases())
def test_no_limit_ends_in_a_pause(case: tuple[Pair, datetime, Limit, tuple[Pause, ...]]) -> None:
    pair, start, limit, pauses = case
    due = deadline(limit, start, pair.calendar, pauses)
    assume(start < due)
    assert not any(pause.from_ < due <= pause.until for pause in pauses)


@settings(properties, max_examples=300)
@given(cases(), st.sampled_from([0.0, 0.29, 0.5, 0.8, 1.0]))
def test_a_warning_comes_at_its_share_of_the_time_that_is_not_paused_and_never_in_a_pause(
    case: tuple[Pair, datetime, Limit, tuple[Pause, ...]], share: float
) -> None:
    pair, start, limit, pauses = case
    due = deadline(limit, start, pair.calendar, pauses)
    warned = warning(start, due, pair.calendar, limit, share, pauses)
    assert start <= warned <= due
    assert share == 1 or not is_paused(warned, pauses) or start == due
    by_work = isinstance(limit, WorkingTime | WorkingDays) and counted(pair, start, due, pauses, work=True)
    whole = counted(pair, start, due, pauses, work=bool(by_work))
    passed = int(Fraction(str(share)) * (whole // MICROSECOND)) * MICROSECOND
    assert counted(pair, start, warned, pauses, work=bool(by_work)) == passed


def counted(pair: Pair, start: datetime, end: datetime, pauses: Sequence[Pause], *, work: bool) -> timedelta:
    """The time, or working time, between two instants that lies in no pause."""

    def between(since: datetime, until: datetime) -> timedelta:
        return pair.calendar.working_time(since, until) if work else max(until - since, timedelta(0))

    paused = (between(max(start, pause.from_), min(end, pause.until)) for pause in pauses)
    return between(start, end) - sum(paused, timedelta(0))


@settings(properties, max_examples=300)
@given(cases())
def test_an_explanation_with_pauses_has_no_gaps_and_sums_up_to_the_limit(
    case: tuple[Pair, datetime, Limit, tuple[Pause, ...]],
) -> None:
    pair, start, limit, pauses = case
    due = deadline(limit, start, pair.calendar, pauses)
    assume(start < due)
    told = explain(limit, start, due, pair.calendar, pauses)
    assert (told.intervals[0].from_, told.intervals[-1].until) == (start, due)
    assert all(before.until == after.from_ for before, after in pairwise(told.intervals))
    assert all(stretch.from_ < stretch.until for stretch in told.intervals)
    assert told.counted_total == told.limit_total
    match limit:
        case Elapsed(duration) | WorkingTime(duration):
            assert told.limit_total == duration
        case WorkingDays(count) | CalendarDays(count):
            assert told.limit_total == count * DAY
        case SameDay() | Absolute():
            assert told.limit_total == counted(pair, start, due, pauses, work=False)
    for stretch in told.intervals:
        paused_by = [pause.event for pause in pauses if pause.from_ <= stretch.from_ < pause.until]
        assert ([stretch.event] if stretch.kind == "paused" else []) == paused_by
        assert stretch.kind != "paused" or stretch.counted == timedelta(0)
