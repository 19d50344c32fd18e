"""What must hold for every limit, start and calendar, checked against a calendar that walks minute by minute."""

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from fractions import Fraction
from itertools import pairwise
from zoneinfo import ZoneInfo

import chinese_calendar
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from domain.limits.calendar import Calendar, Window
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
from procedures.calendar_reader import ready_calendar
from tests.domain.slow_calendar import DAY, MINUTE, SlowCalendar

settings.register_profile("calendar", derandomize=True, deadline=None, max_examples=80, database=None)
properties = settings(settings.get_profile("calendar"))

FIRST, LAST = datetime(2018, 1, 1, tzinfo=UTC), datetime(2026, 12, 31, 23, 59, tzinfo=UTC)
OFFICE = ((9 * 60, 12 * 60), (13 * 60 + 30, 18 * 60))
# Each of these meets the hours that New York and Paris skip in spring and repeat in autumn.
NIGHT = ((90, 150), (23 * 60, 24 * 60 + 90))
SHIFTS = ((6 * 60, 14 * 60), (22 * 60, 30 * 60))
# A shop that shuts for stocktaking and a flood, and opens on two Sundays for it, for other hours than its own.
CLOSURES = {date(2024, 6, 28): "盘点", date(2024, 7, 1): "暴雨", date(2024, 7, 2): "暴雨"}
OPENINGS = {date(2024, 6, 30): "盘点", date(2024, 7, 7): "暴雨"}
SUNDAYS = ((10 * 60, 15 * 60), (16 * 60, 17 * 60))


def a_chinese_workday(day: date) -> bool:
    return bool(chinese_calendar.is_workday(day)) if day.year <= 2026 else day.weekday() < 5


def a_weekday(day: date) -> bool:
    return day.weekday() < 5


def every_day(day: date) -> bool:
    return True


def a_shop_day(day: date) -> bool:
    return day in OPENINGS or (day.weekday() < 5 and day not in CLOSURES)


@dataclass(frozen=True)
class Pair:
    """A calendar, the walker that must agree with it, and the days around which it is worth starting."""

    calendar: Calendar
    slow: SlowCalendar
    days: tuple[date, ...]


def windows(*spans: tuple[int, int]) -> tuple[Window, ...]:
    return tuple(Window(opens, closes) for opens, closes in spans)


def abroad(code: str, zone: str, hours: dict[int, tuple[tuple[int, int], ...]]) -> Pair:
    weekly = frozenset(hours) or frozenset(range(5))
    in_windows = {weekday: windows(*spans) for weekday, spans in hours.items()}
    calendar = Calendar(code, "1", zone, weekly, hours=in_windows)
    slow = SlowCalendar(ZoneInfo(zone), every_day if len(weekly) == 7 else a_weekday, hours)
    tz = ZoneInfo(zone)
    noons = [datetime(2018, 1, 1, 12, tzinfo=tz) + number * DAY for number in range(9 * 365)]
    changes = [after.date() for before, after in pairwise(noons) if before.utcoffset() != after.utcoffset()]
    return Pair(calendar, slow, tuple(changes))


CN, CN_OFFICE = ready_calendar("cn"), ready_calendar("cn-office")
SHANGHAI = ZoneInfo("Asia/Shanghai")
CHINESE_DAYS = tuple(sorted(CN.holidays.keys() | CN.make_ups.keys()))
PAIRS = [
    Pair(CN, SlowCalendar(SHANGHAI, a_chinese_workday), CHINESE_DAYS),
    Pair(CN_OFFICE, SlowCalendar(SHANGHAI, a_chinese_workday, dict.fromkeys(range(5), OFFICE), OFFICE), CHINESE_DAYS),
    Pair(
        Calendar(
            "shop",
            "1",
            "Asia/Shanghai",
            holidays=CLOSURES,
            make_ups=OPENINGS,
            hours=dict.fromkeys(range(5), windows(*OFFICE)),
            make_up_hours=windows(*SUNDAYS),
        ),
        SlowCalendar(SHANGHAI, a_shop_day, dict.fromkeys(range(5), OFFICE), SUNDAYS),
        (*CLOSURES, *OPENINGS),
    ),
    abroad("paris", "Europe/Paris", {}),
    abroad("paris-shifts", "Europe/Paris", dict.fromkeys(range(5), SHIFTS)),
    abroad("new-york-nights", "America/New_York", dict.fromkeys(range(7), NIGHT)),
    abroad("new-york", "America/New_York", dict.fromkeys(range(7), ((0, 1440),))),
]

few_minutes = st.integers(1, 40 * 60)
working_times = few_minutes.map(lambda count: WorkingTime(count * MINUTE))
working_days = st.integers(1, 40).map(WorkingDays)
clocks_shown = st.none() | st.integers(0, 1439).map(lambda minutes: time(*divmod(minutes, 60)))
dates = st.builds(Absolute, st.dates(FIRST.date(), LAST.date()), clocks_shown)
limits: st.SearchStrategy[Limit] = st.one_of(
    few_minutes.map(lambda count: Elapsed(count * MINUTE)),
    working_times,
    working_days,
    st.integers(1, 40).map(CalendarDays),
    st.just(SameDay()),
    dates,
)


def starts_of(pair: Pair) -> st.SearchStrategy[datetime]:
    anywhere = st.integers(0, (LAST - FIRST) // MINUTE).map(lambda count: FIRST + count * MINUTE)
    near = st.builds(
        lambda day, minutes: datetime(day.year, day.month, day.day, tzinfo=UTC) + minutes * MINUTE,
        st.sampled_from(pair.days),
        st.integers(-3 * 1440, 1440),
    )
    return st.one_of(anywhere, near).filter(lambda start: FIRST <= start <= LAST)


# Made once: to make a strategy, and to look what it may give, takes longer than to draw from it.
STARTS = {pair.calendar.code: starts_of(pair) for pair in PAIRS}
pairs_and_starts = st.one_of([st.tuples(st.just(pair), STARTS[pair.calendar.code]) for pair in PAIRS])


def slow_deadline(limit: Limit, start: datetime, slow: SlowCalendar) -> datetime:
    today = slow.local_date(start)
    match limit:
        case Elapsed(duration):
            return start + duration
        case WorkingTime(duration):
            return slow.after_working_minutes(start, duration // MINUTE)
        case WorkingDays(count):
            return slow.end_of_day(slow.nth_workday_after(today, count))
        case CalendarDays(count):
            return slow.end_of_day(slow.workday_from(today + count * DAY))
        case SameDay():
            midnight = slow.first_shown(datetime(today.year, today.month, today.day) + DAY)  # noqa: DTZ001
            close = min(slow.end_of_day(today), midnight)
            return close if start < close else midnight
        case Absolute(day, clock):
            end = slow.end_of_day(day) if clock is None else slow.first_shown(datetime.combine(day, clock))
            return max(start, end)


@pytest.mark.parametrize("pair", PAIRS, ids=lambda pair: pair.calendar.code)
@settings(properties, max_examples=150)
@given(st.data())
def test_every_deadline_is_the_one_that_walking_finds(pair: Pair, data: st.DataObject) -> None:
    start, limit = data.draw(STARTS[pair.calendar.code]), data.draw(limits)
    assert deadline(limit, start, pair.calendar) == slow_deadline(limit, start, pair.slow)


def test_every_day_of_every_year_with_a_notice_leads_to_the_working_day_that_the_notice_gives() -> None:
    assert CN.known_years == frozenset(range(FIRST.year, LAST.year + 1)), "a year is in the data and not in these tests"
    for number in range((LAST - FIRST).days - 15):
        day = FIRST.date() + number * DAY
        afternoon = datetime.combine(day, time(16), SHANGHAI)
        following = day + DAY
        while not chinese_calendar.is_workday(following):
            following += DAY
        midnight = datetime.combine(following + DAY, time(), SHANGHAI)
        assert deadline(WorkingDays(1), afternoon, CN) == midnight, day
        assert deadline(WorkingDays(1), afternoon, CN_OFFICE) == midnight - 6 * 60 * MINUTE, day
        assert deadline(CalendarDays(1), afternoon, CN) == midnight, day


@properties
@given(pairs_and_starts, st.integers(0, 6 * 1440))
def test_working_time_is_the_minutes_that_walking_finds(case: tuple[Pair, datetime], length: int) -> None:
    pair, start = case
    end = start + length * MINUTE
    assert pair.calendar.working_time(start, end) == pair.slow.working_minutes(start, end) * MINUTE


@settings(properties, max_examples=500)
@given(pairs_and_starts, st.timedeltas(timedelta(0), timedelta(days=400)))
def test_the_working_time_up_to_a_limits_end_is_the_limit(case: tuple[Pair, datetime], duration: timedelta) -> None:
    pair, start = case
    end = pair.calendar.add_working_time(start, duration)
    assert pair.calendar.working_time(start, end) == duration
    assert pair.calendar.working_time(start, pair.calendar.resume_after(start, duration)) == duration


@settings(properties, max_examples=500)
@given(pairs_and_starts, limits, st.integers(0, 20 * 1440))
def test_a_later_start_never_ends_earlier(case: tuple[Pair, datetime], limit: Limit, later: int) -> None:
    pair, start = case
    assert deadline(limit, start, pair.calendar) <= deadline(limit, start + later * MINUTE, pair.calendar)


@settings(properties, max_examples=300)
@given(pairs_and_starts, st.integers(1, 9999), st.integers(0, 500))
def test_a_longer_limit_never_ends_earlier(case: tuple[Pair, datetime], count: int, more: int) -> None:
    pair, start = case
    for short, long in (
        (Elapsed(count * MINUTE), Elapsed((count + more) * MINUTE)),
        (WorkingTime(count * MINUTE), WorkingTime((count + more) * MINUTE)),
        (WorkingDays(count % 300 + 1), WorkingDays(count % 300 + 1 + more)),
        (CalendarDays(count % 300 + 1), CalendarDays(count % 300 + 1 + more)),
    ):
        assert deadline(short, start, pair.calendar) <= deadline(long, start, pair.calendar)


@settings(properties, max_examples=400)
@given(pairs_and_starts, limits, st.integers(-1, 60))
def test_one_more_holiday_never_moves_a_deadline_earlier(case: tuple[Pair, datetime], limit: Limit, after: int) -> None:
    pair, start = case
    day = pair.calendar.local_date(start) + after * DAY
    make_ups = {worked: name for worked, name in pair.calendar.make_ups.items() if worked != day}
    closed = replace(pair.calendar, holidays={**pair.calendar.holidays, day: "closure"}, make_ups=make_ups)
    assert not closed.is_workday(day)
    assert deadline(limit, start, closed) >= deadline(limit, start, pair.calendar)


@settings(properties, max_examples=400)
@given(pairs_and_starts, limits, st.integers(-1, 60))
def test_one_more_make_up_day_never_moves_a_deadline_later(
    case: tuple[Pair, datetime], limit: Limit, after: int
) -> None:
    pair, start = case
    calendar, day = pair.calendar, pair.calendar.local_date(start) + after * DAY
    holidays = {off: name for off, name in calendar.holidays.items() if off != day}
    hours = calendar.make_up_hours or (calendar.hours[0] if calendar.hours else ())
    opened = replace(calendar, holidays=holidays, make_ups={**calendar.make_ups, day: "opening"}, make_up_hours=hours)
    assert opened.is_workday(day)
    assert deadline(limit, start, opened) <= deadline(limit, start, calendar)


@settings(properties, max_examples=300)
@given(pairs_and_starts, limits)
@example((PAIRS[0], datetime(2026, 2, 13, 8, tzinfo=UTC)), CalendarDays(3))
def test_an_explanation_has_no_gaps_and_sums_up_to_the_limit(case: tuple[Pair, datetime], limit: Limit) -> None:
    pair, start = case
    due = deadline(limit, start, pair.calendar)
    explanation = explain(limit, start, due, pair.calendar)
    stretches = explanation.intervals
    assert (stretches[0].from_, stretches[-1].until) == (start, due) if start < due else stretches == ()
    assert all(before.until == after.from_ for before, after in pairwise(stretches))
    assert all(stretch.from_ < stretch.until for stretch in stretches)
    assert explanation.counted_total == explanation.limit_total
    match limit:
        case Elapsed(duration) | WorkingTime(duration):
            assert explanation.limit_total == duration
        case WorkingDays(count) | CalendarDays(count):
            assert explanation.limit_total == count * DAY
            assert sum(stretch.counted == DAY for stretch in stretches) == count
        case SameDay() | Absolute():
            assert explanation.limit_total == due - start


@properties
@given(pairs_and_starts, st.integers(1, 20 * 60))
def test_each_stretch_of_working_time_counts_what_walking_finds(case: tuple[Pair, datetime], count: int) -> None:
    pair, start = case
    limit = WorkingTime(count * MINUTE)
    for stretch in explain(limit, start, deadline(limit, start, pair.calendar), pair.calendar).intervals:
        assert stretch.counted == pair.slow.working_minutes(stretch.from_, stretch.until) * MINUTE
        assert pair.slow.local_date(stretch.from_) == pair.slow.local_date(stretch.until - timedelta(microseconds=1))


@settings(properties, max_examples=300)
@given(pairs_and_starts, working_times | working_days, st.sampled_from([0.0, 0.29, 0.5, 0.8, 0.95, 1.0]))
def test_a_warning_comes_at_its_share_of_the_working_time_and_in_working_hours(
    case: tuple[Pair, datetime], limit: Limit, share: float
) -> None:
    pair, start = case
    due = deadline(limit, start, pair.calendar)
    warned = warning(start, due, pair.calendar, limit, share)
    whole = pair.calendar.working_time(start, due)
    passed = int(Fraction(str(share)) * (whole // timedelta(microseconds=1)))
    assert start <= warned <= due
    assert pair.calendar.working_time(start, warned) == timedelta(microseconds=passed)
    minute = warned.replace(second=0, microsecond=0)
    assert share == 1 or pair.slow.working_minutes(minute, minute + MINUTE) == 1
