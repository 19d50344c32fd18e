"""Days, hours and working time of a calendar."""

from datetime import UTC, date, datetime, timedelta, timezone

import pytest

from domain.limits.calendar import Calendar, OutsideCalendar, Window
from domain.limits.wrong import WrongRule

CHINA = timezone(timedelta(hours=8))
HOUR = timedelta(hours=1)

MORNING, AFTERNOON = Window(9 * 60, 12 * 60), Window(13 * 60 + 30, 18 * 60)
NIGHT = Window(22 * 60, 30 * 60)
WEEKDAYS = range(5)

DAYS = Calendar(
    "days",
    "1",
    "Asia/Shanghai",
    holidays={date(2026, 2, 16): "春节", date(2026, 2, 17): "春节", date(2026, 2, 21): "春节"},
    make_ups={date(2026, 2, 14): "春节"},
    known_years=frozenset({2026}),
)
OFFICE = Calendar(
    "office",
    "1",
    "Asia/Shanghai",
    holidays=DAYS.holidays,
    make_ups=DAYS.make_ups,
    hours=dict.fromkeys(WEEKDAYS, (MORNING, AFTERNOON)),
    make_up_hours=(MORNING,),
)
NIGHTS = Calendar("nights", "1", "Asia/Shanghai", hours=dict.fromkeys(WEEKDAYS, (NIGHT,)))


def china(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=CHINA)


@pytest.mark.parametrize(
    ("day", "kind", "name", "worked"),
    [
        (date(2026, 2, 13), "workday", None, True),
        (date(2026, 2, 14), "make-up", "春节", True),
        (date(2026, 2, 15), "weekend", None, False),
        (date(2026, 2, 16), "holiday", "春节", False),
        (date(2026, 2, 21), "holiday", "春节", False),
    ],
)
def test_a_day_says_what_it_is_and_why(day: date, kind: str, name: str | None, worked: bool) -> None:
    assert (DAYS.day_kind(day), DAYS.day_name(day), DAYS.is_workday(day)) == (kind, name, worked)


def test_a_year_without_its_notice_is_provisional() -> None:
    assert DAYS.provisional(date(2027, 1, 1))
    assert not DAYS.provisional(date(2026, 12, 31))


def test_a_calendar_that_waits_for_no_notice_is_never_provisional() -> None:
    assert not NIGHTS.provisional(date(2040, 1, 1))


def test_a_day_ends_at_midnight_or_at_the_close_of_business() -> None:
    friday, make_up_saturday, sunday = date(2026, 2, 13), date(2026, 2, 14), date(2026, 2, 15)
    assert DAYS.end_of_day(friday) == china("2026-02-14T00:00")
    assert OFFICE.end_of_day(friday) == china("2026-02-13T18:00")
    assert OFFICE.end_of_day(make_up_saturday) == china("2026-02-14T12:00")
    assert OFFICE.end_of_day(sunday) == china("2026-02-16T00:00")
    assert NIGHTS.end_of_day(friday) == china("2026-02-14T06:00")


def test_answers_are_in_utc() -> None:
    start = china("2026-02-13T10:00")
    answers = [
        DAYS.start_of_day(date(2026, 2, 13)),
        OFFICE.end_of_day(date(2026, 2, 13)),
        OFFICE.add_working_time(start, HOUR),
        OFFICE.add_working_time(start, timedelta(0)),
    ]
    assert {answer.tzinfo for answer in answers} == {UTC}


def test_the_local_date_is_the_one_on_the_calendars_wall() -> None:
    assert DAYS.local_date(datetime(2026, 2, 13, 15, 59, tzinfo=UTC)) == date(2026, 2, 13)
    assert DAYS.local_date(datetime(2026, 2, 13, 16, 0, tzinfo=UTC)) == date(2026, 2, 14)


def test_working_days_count_make_up_days_and_skip_holidays() -> None:
    friday = date(2026, 2, 13)
    assert [DAYS.add_working_days(friday, count) for count in (1, 2, 4)] == [
        date(2026, 2, 14),
        date(2026, 2, 18),
        date(2026, 2, 20),
    ]
    assert DAYS.add_working_days(date(2026, 12, 31), 262) == date(2028, 1, 3)


def test_the_next_workday_is_the_day_itself_when_it_is_worked() -> None:
    assert DAYS.next_workday(date(2026, 2, 14)) == date(2026, 2, 14)
    assert DAYS.next_workday(date(2026, 2, 15)) == date(2026, 2, 18)


def test_working_time_leaves_out_lunch_nights_weekends_and_holidays() -> None:
    assert OFFICE.working_time(china("2026-02-13T11:00"), china("2026-02-18T10:00")) == 5.5 * HOUR + 3 * HOUR + HOUR
    assert OFFICE.working_time(china("2026-02-15T00:00"), china("2026-02-18T00:00")) == timedelta(0)
    assert OFFICE.working_time(china("2026-02-13T11:00"), china("2026-02-13T10:00")) == timedelta(0)


def test_working_time_keeps_microseconds() -> None:
    start = china("2026-02-13T17:59:59.999999")
    assert OFFICE.add_working_time(start, timedelta(microseconds=2)) == china("2026-02-14T09:00:00.000001")


def test_working_time_that_ends_at_a_close_ends_there_and_not_at_the_next_opening() -> None:
    friday = china("2026-02-13T16:00")
    assert OFFICE.add_working_time(friday, 2 * HOUR) == china("2026-02-13T18:00")
    assert OFFICE.resume_after(friday, 2 * HOUR) == china("2026-02-14T09:00")


def test_working_time_that_ends_with_the_year_resumes_in_the_next() -> None:
    new_years_eve = china("2026-12-31T17:00")
    assert OFFICE.add_working_time(new_years_eve, HOUR) == china("2026-12-31T18:00")
    assert OFFICE.resume_after(new_years_eve, HOUR) == china("2027-01-01T09:00")


def test_hours_that_only_touch_a_span_are_no_part_of_it() -> None:
    assert list(OFFICE.working_intervals(china("2026-02-13T12:00"), china("2026-02-13T13:30"))) == []


def test_a_night_shift_belongs_to_the_day_on_which_it_begins() -> None:
    friday_night = list(NIGHTS.working_intervals(china("2026-02-13T23:00"), china("2026-02-16T23:00")))
    assert [(shift.day, shift.opens, shift.closes) for shift in friday_night] == [
        (date(2026, 2, 13), china("2026-02-13T23:00"), china("2026-02-14T06:00")),
        (date(2026, 2, 16), china("2026-02-16T22:00"), china("2026-02-16T23:00")),
    ]


def test_a_night_shift_over_new_year_is_counted_once() -> None:
    new_years_eve, new_year = china("2026-12-31T21:00"), china("2027-01-01T12:00")
    assert NIGHTS.working_time(new_years_eve, new_year) == 8 * HOUR
    assert NIGHTS.add_working_time(new_years_eve, 7 * HOUR) == china("2027-01-01T05:00")


@pytest.mark.parametrize(
    ("zone", "day", "hours"),
    [
        ("Europe/Paris", date(2026, 3, 29), 23),
        ("Europe/Paris", date(2026, 10, 25), 25),
        ("America/New_York", date(2026, 3, 8), 23),
        ("America/New_York", date(2026, 11, 1), 25),
        ("Asia/Beirut", date(2026, 3, 29), 23),
        ("America/Sao_Paulo", date(2018, 2, 17), 25),
        ("Pacific/Apia", date(2011, 12, 30), 0),
    ],
)
def test_a_day_is_as_long_as_its_zone_makes_it(zone: str, day: date, hours: int) -> None:
    calendar = Calendar("every-day", "1", zone, frozenset(range(7)))
    start, end = calendar.start_of_day(day), calendar.start_of_day(day + timedelta(days=1))
    assert end - start == hours * HOUR
    assert calendar.working_time(start, end) == hours * HOUR


def test_hours_that_the_zone_skips_are_not_worked_and_those_it_repeats_are_worked_once() -> None:
    every_day = dict.fromkeys(range(7), (Window(90, 150),))
    calendar = Calendar("half-past", "1", "America/New_York", frozenset(range(7)), hours=every_day)
    spring, autumn = datetime(2026, 3, 8, 5, tzinfo=UTC), datetime(2026, 11, 1, 4, tzinfo=UTC)
    assert calendar.working_time(spring, spring + 12 * HOUR) == 0.5 * HOUR
    assert calendar.working_time(autumn, autumn + 12 * HOUR) == 2 * HOUR


def test_calendars_are_the_same_by_code_and_version() -> None:
    assert Calendar("days", "1", "Europe/Paris") == DAYS
    assert len({DAYS, Calendar("days", "1", "Europe/Paris"), Calendar("days", "2", "Asia/Shanghai")}) == 2


def test_a_time_without_a_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="zone or offset"):
        DAYS.local_date(datetime(2026, 2, 13))  # noqa: DTZ001


@pytest.mark.parametrize("year", [1, 1899, 3000, 9999])
def test_a_time_outside_the_calendars_years_is_refused(year: int) -> None:
    with pytest.raises(OutsideCalendar):
        DAYS.add_working_time(datetime(year, 6, 1, tzinfo=UTC), HOUR)


def test_counting_past_the_last_year_is_refused() -> None:
    with pytest.raises(OutsideCalendar):
        DAYS.add_working_days(date(2999, 12, 1), 300)


def test_time_and_days_are_only_added_forward() -> None:
    with pytest.raises(ValueError, match="cannot be negative"):
        DAYS.add_working_time(china("2026-02-13T16:00"), -HOUR)
    with pytest.raises(ValueError, match="at least one working day"):
        DAYS.add_working_days(date(2026, 2, 13), 0)


@pytest.mark.parametrize(("opens", "closes"), [(-1, 60), (1440, 1500), (60, 60), (60, 1501)])
def test_a_window_opens_within_the_day_and_closes_within_a_day_of_opening(opens: int, closes: int) -> None:
    with pytest.raises(ValueError, match="closes within a day"):
        Window(opens, closes)


def test_a_calendar_without_a_working_weekday_is_refused() -> None:
    with pytest.raises(WrongRule, match="no-weekday-in-calendar"):
        Calendar("idle", "1", "Asia/Shanghai", frozenset())


def test_a_day_that_is_both_off_and_worked_is_refused() -> None:
    day = {date(2026, 2, 14): "春节"}
    with pytest.raises(WrongRule, match="holiday-and-make-up"):
        Calendar("both", "1", "Asia/Shanghai", holidays=day, make_ups=day)


@pytest.mark.parametrize(
    ("hours", "message"),
    [
        ({0: (MORNING,)}, "weekday-without-hours.*1"),
        (dict.fromkeys(WEEKDAYS, (AFTERNOON, MORNING)), "hours-overlap"),
        (dict.fromkeys(WEEKDAYS, (Window(5 * 60, 8 * 60), NIGHT)), "hours-into-next-day.*opens=300"),
        ({**dict.fromkeys(WEEKDAYS, (Window(0, 60),)), 6: (NIGHT,)}, "hours-into-next-day.*opens=1320.*opens=0"),
    ],
)
def test_hours_that_contradict_each_other_are_refused(hours: dict[int, tuple[Window, ...]], message: str) -> None:
    with pytest.raises(WrongRule, match=message):
        Calendar("wrong", "1", "Asia/Shanghai", hours=hours)


def test_a_make_up_day_needs_hours_where_the_calendar_names_them() -> None:
    with pytest.raises(WrongRule, match=r"make-up-without-hours.*2026, 2, 14"):
        Calendar(
            "bare", "1", "Asia/Shanghai", make_ups=DAYS.make_ups, hours=dict.fromkeys(WEEKDAYS, (MORNING, AFTERNOON))
        )
