"""When limits end, when they warn, and how their ends are explained."""

from datetime import UTC, date, datetime, time, timedelta, timezone

import pytest

from domain.limits.calendar import Calendar, OutsideCalendar, Window
from domain.limits.explanation import Explanation, Note, explain
from domain.limits.limits import (
    Absolute,
    CalendarDays,
    Elapsed,
    Limit,
    SameDay,
    WorkingDays,
    WorkingTime,
    deadline,
    is_provisional,
    parse_limit,
    warning,
)
from domain.limits.wrong import WrongRule
from procedures.calendar_reader import ready_calendar
from wording.explanations import note_in_words

CHINA = timezone(timedelta(hours=8))
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
CN, OFFICE = ready_calendar("cn"), ready_calendar("cn-office")
NIGHTS = Calendar("nights", "1", "Asia/Shanghai", hours=dict.fromkeys(range(5), (Window(22 * 60, 30 * 60),)))


def china(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=CHINA)


FRIDAY_4PM = china("2026-02-13T16:00")


def explained(limit: Limit, start: datetime, calendar: Calendar) -> Explanation:
    return explain(limit, start, deadline(limit, start, calendar), calendar)


@pytest.mark.parametrize(
    ("text", "limit"),
    [
        ("30 min", Elapsed(30 * MINUTE)),
        ("60 min", Elapsed(HOUR)),
        ("1 h", Elapsed(HOUR)),
        ("24 h", Elapsed(24 * HOUR)),
        ("30 working min", WorkingTime(30 * MINUTE)),
        ("8 working h", WorkingTime(8 * HOUR)),
        ("1 WD", WorkingDays(1)),
        ("30 WD", WorkingDays(30)),
        ("1 day", CalendarDays(1)),
        ("3 days", CalendarDays(3)),
        ("same day", SameDay()),
        ("by 2026-12-31", Absolute(date(2026, 12, 31))),
        ("by 2026-12-31 18:00", Absolute(date(2026, 12, 31), time(18))),
    ],
)
def test_a_limit_is_read_and_written_back(text: str, limit: Limit) -> None:
    assert parse_limit(text) == limit
    assert str(parse_limit(text)) == text


def test_a_limit_made_in_code_is_written_in_its_largest_unit() -> None:
    assert [str(Elapsed(90 * MINUTE)), str(Elapsed(2 * HOUR)), str(WorkingTime(HOUR))] == [
        "90 min",
        "2 h",
        "1 working h",
    ]


@pytest.mark.parametrize(
    "text",
    ["", "soon", "1", "WD", "0 WD", "-1 h", "1.5 h", "01 h", "10000 h", "1  WD", " 1 WD", "1 WD\n", "1 wd", "٣ h"],
)
def test_what_is_no_limit_is_refused_with_examples(text: str) -> None:
    with pytest.raises(WrongRule) as wrong:
        parse_limit(text)
    assert (wrong.value.code, wrong.value.facts) == ("no-limit", {"text": text})


def test_a_limit_of_nothing_or_of_part_of_a_minute_is_refused() -> None:
    for duration in (timedelta(0), timedelta(seconds=90)):
        with pytest.raises(WrongRule, match="no-duration"):
            Elapsed(duration)
    with pytest.raises(WrongRule, match="no-duration"):
        WorkingTime(90 * MINUTE, "h")
    for kind in (WorkingDays, CalendarDays):
        with pytest.raises(WrongRule, match="no-day-count"):
            kind(0)


@pytest.mark.parametrize(
    ("text", "start", "due"),
    [
        ("1 WD", "2026-02-13T16:00", "2026-02-15T00:00"),  # Saturday the 14th is a make-up workday
        ("2 WD", "2026-02-13T16:00", "2026-02-25T00:00"),
        ("1 WD", "2026-02-15T10:00", "2026-02-25T00:00"),  # begun on a holiday
        ("3 days", "2026-02-13T16:00", "2026-02-25T00:00"),  # the 16th is a holiday, work resumes on the 24th
        ("1 day", "2026-02-13T00:00", "2026-02-15T00:00"),
        ("3 days", "2026-03-02T09:00", "2026-03-06T00:00"),
        ("3 days", "2026-03-04T09:00", "2026-03-10T00:00"),  # Saturday moves to Monday
        ("same day", "2026-02-16T23:59", "2026-02-17T00:00"),  # holiday or not
        ("same day", "2026-02-13T00:00", "2026-02-14T00:00"),
        ("24 h", "2026-02-13T16:00", "2026-02-14T16:00"),
        ("30 min", "2026-02-15T23:45", "2026-02-16T00:15"),
        ("5 WD", "2026-12-28T09:00", "2027-01-05T00:00"),
    ],
)
def test_limits_without_business_hours_end_at_midnight(text: str, start: str, due: str) -> None:
    assert deadline(parse_limit(text), china(start), CN) == china(due)


@pytest.mark.parametrize(
    ("text", "start", "due"),
    [
        ("1 WD", "2026-02-13T16:00", "2026-02-14T18:00"),
        ("3 days", "2026-02-13T16:00", "2026-02-24T18:00"),
        ("same day", "2026-02-13T16:00", "2026-02-13T18:00"),
        ("same day", "2026-02-13T18:00", "2026-02-14T00:00"),  # after the close
        ("same day", "2026-02-16T10:00", "2026-02-17T00:00"),  # on a day off
        ("8 working h", "2026-02-13T16:00", "2026-02-14T16:30"),
        ("30 working min", "2026-02-13T17:45", "2026-02-14T09:15"),
        ("30 working min", "2026-02-13T12:00", "2026-02-13T14:00"),
    ],
)
def test_limits_with_business_hours_end_at_the_close(text: str, start: str, due: str) -> None:
    assert deadline(parse_limit(text), china(start), OFFICE) == china(due)


def test_the_reference_example_is_due_at_the_end_of_the_make_up_saturday() -> None:
    due = deadline(parse_limit("1 WD"), FRIDAY_4PM, CN)
    assert due.isoformat() == "2026-02-14T16:00:00+00:00"


def test_the_same_day_never_reaches_into_the_next_even_on_a_night_shift() -> None:
    assert deadline(SameDay(), china("2026-02-12T23:00"), NIGHTS) == china("2026-02-13T00:00")
    assert deadline(WorkingDays(1), china("2026-02-11T23:00"), NIGHTS) == china("2026-02-13T06:00")


def test_a_limit_beyond_the_calendars_years_is_refused() -> None:
    with pytest.raises(OutsideCalendar):
        deadline(WorkingDays(9999), datetime(2990, 1, 1, tzinfo=UTC), CN)
    with pytest.raises(OutsideCalendar):
        deadline(CalendarDays(9999), datetime(2999, 1, 1, tzinfo=UTC), CN)


def test_a_warning_in_working_days_shares_out_the_working_time() -> None:
    friday = china("2026-03-06T12:00")
    due = deadline(WorkingDays(1), friday, CN)
    assert due == china("2026-03-10T00:00")
    # 12 hours of Friday and 24 of Monday: 80 % are 28.8 hours.
    assert warning(friday, due, CN, WorkingDays(1)) == china("2026-03-09T16:48")


def test_a_warning_that_falls_on_fridays_midnight_waits_for_monday() -> None:
    friday = china("2026-03-06T00:00")
    due = deadline(WorkingDays(1), friday, CN)
    assert warning(friday, due, CN, WorkingDays(1), 0.5) == china("2026-03-09T00:00")


def test_a_warning_that_falls_on_the_close_waits_for_the_opening() -> None:
    friday = china("2026-03-06T14:00")
    due = deadline(WorkingTime(5 * HOUR), friday, OFFICE)
    assert warning(friday, due, OFFICE, WorkingTime(5 * HOUR), 0.8) == china("2026-03-09T09:00")


@pytest.mark.parametrize(
    ("limit", "warned"),
    [
        (Elapsed(HOUR), "2026-03-07T10:48"),
        (SameDay(), "2026-03-07T21:12"),
        (CalendarDays(2), "2026-03-09T11:36"),
    ],
)
def test_a_warning_of_other_limits_shares_out_the_elapsed_time(limit: Limit, warned: str) -> None:
    saturday = china("2026-03-07T10:00")
    due = deadline(limit, saturday, CN)
    assert warning(saturday, due, CN, limit) == china(warned)


def test_a_warning_without_working_time_shares_out_the_elapsed_time() -> None:
    saturday = china("2026-03-07T00:00")
    assert warning(saturday, saturday + 10 * HOUR, CN, WorkingDays(1)) == saturday + 8 * HOUR


def test_a_warning_is_cut_to_whole_microseconds() -> None:
    start = china("2026-03-06T12:00")
    assert warning(start, start + timedelta(microseconds=9), CN, Elapsed(HOUR)) == start + timedelta(microseconds=7)


@pytest.mark.parametrize("share", [-0.1, 1.1])
def test_a_warning_at_an_impossible_share_is_refused(share: float) -> None:
    with pytest.raises(ValueError, match="between 0 and 1"):
        warning(FRIDAY_4PM, FRIDAY_4PM + HOUR, CN, Elapsed(HOUR), share)


@pytest.mark.parametrize(
    ("limit", "start", "provisional"),
    [
        (WorkingDays(1), "2026-12-30T10:00", False),  # due at 24:00 on the last day that is known
        (WorkingDays(2), "2026-12-30T10:00", True),
        (CalendarDays(3), "2026-12-30T10:00", True),
        (WorkingTime(48 * HOUR), "2026-12-30T10:00", True),
        (Elapsed(48 * HOUR), "2026-12-30T10:00", False),
        (SameDay(), "2027-01-04T10:00", False),
    ],
)
def test_a_due_time_is_provisional_where_an_unknown_year_may_move_it(
    limit: Limit, start: str, provisional: bool
) -> None:
    begun = china(start)
    assert is_provisional(begun, deadline(limit, begun, CN), CN, limit) is provisional


def test_the_same_day_is_provisional_only_where_business_hours_end_it() -> None:
    begun = china("2027-01-04T10:00")
    assert is_provisional(begun, deadline(SameDay(), begun, OFFICE), OFFICE, SameDay())


def test_working_days_are_explained_day_by_day() -> None:
    explanation = explained(WorkingDays(2), FRIDAY_4PM, CN)
    kinds = [stretch.kind for stretch in explanation.intervals]
    assert kinds == ["start-day", "make-up", *["holiday"] * 9, "counted"]
    assert explanation.intervals[1].note == Note("make-up", {"name": "春节"})
    assert note_in_words(explanation.intervals[2].note, "en") == "2026-02-15 is a holiday (Spring Festival)."
    assert note_in_words(explanation.intervals[2].note, "zh") == "2026-02-15 是节假日（春节）。"
    assert (explanation.unit, explanation.counted_total) == ("days", 2 * DAY)
    assert (explanation.calendar, explanation.calendar_version) == ("cn", CN.version)


def test_calendar_days_moved_off_a_holiday_say_so() -> None:
    stretches = explained(CalendarDays(3), FRIDAY_4PM, CN).intervals
    assert [stretch.kind for stretch in stretches] == ["start-day", *["counted"] * 3, *["moved"] * 8]
    past, here = (note_in_words(stretches[index].note, "en") for index in (4, -1))
    assert past == (
        "Moved past, as 2026-02-17 is a holiday (Spring Festival): "
        "the last day, 2026-02-16, is a holiday (Spring Festival)."
    )
    assert here == "Moved here: the last day, 2026-02-16, is a holiday (Spring Festival)."


def test_working_time_is_explained_with_lunch_night_and_weekend() -> None:
    stretches = explained(WorkingTime(8 * HOUR), china("2026-03-06T16:00"), OFFICE).intervals
    assert [(stretch.kind, stretch.counted) for stretch in stretches] == [
        ("counted", 2 * HOUR),
        ("outside-hours", timedelta(0)),
        ("weekend", timedelta(0)),
        ("weekend", timedelta(0)),
        ("outside-hours", timedelta(0)),
        ("counted", 3 * HOUR),
        ("outside-hours", timedelta(0)),
        ("counted", 3 * HOUR),
    ]


def test_hours_past_midnight_name_the_shift_they_belong_to() -> None:
    stretches = explained(WorkingTime(4 * HOUR), china("2026-03-06T23:00"), NIGHTS).intervals
    assert [(stretch.counted, note_in_words(stretch.note, "en")) for stretch in stretches] == [
        (HOUR, "A working day."),
        (3 * HOUR, "A working day. Hours of 2026-03-06 that run past midnight."),
    ]


def test_elapsed_time_counts_every_hour_of_every_day() -> None:
    explanation = explained(Elapsed(24 * HOUR), FRIDAY_4PM, CN)
    assert [stretch.counted for stretch in explanation.intervals] == [8 * HOUR, 16 * HOUR]
    assert explanation.unit == "time"


def test_a_due_time_moved_later_shows_the_extension_uncounted() -> None:
    due = china("2026-02-14T00:00") + 2 * DAY
    explanation = explain(WorkingDays(1), FRIDAY_4PM, due, CN)
    assert [stretch.kind for stretch in explanation.intervals] == ["start-day", "make-up", "extended"]
    assert [(stretch.from_, stretch.until) for stretch in explanation.intervals[1:]] == [
        (china("2026-02-14T00:00"), china("2026-02-15T00:00")),
        (china("2026-02-15T00:00"), due),
    ]
    assert explanation.counted_total == explanation.limit_total == DAY


def test_a_due_time_brought_forward_leaves_the_unfinished_day_uncounted() -> None:
    explanation = explain(WorkingDays(1), FRIDAY_4PM, china("2026-02-14T12:00"), CN)
    assert [(stretch.kind, stretch.counted) for stretch in explanation.intervals] == [
        ("start-day", timedelta(0)),
        ("make-up", timedelta(0)),
    ]
    assert (explanation.counted_total, explanation.limit_total) == (timedelta(0), DAY)


def test_a_due_time_brought_forward_into_a_break_is_explained_to_its_end() -> None:
    lunch = china("2026-03-06T13:00")
    explanation = explain(WorkingTime(4 * HOUR), china("2026-03-06T11:00"), lunch, OFFICE)
    assert [(stretch.kind, stretch.counted) for stretch in explanation.intervals] == [
        ("counted", HOUR),
        ("outside-hours", timedelta(0)),
    ]
    assert explanation.intervals[-1].until == lunch
    assert (explanation.counted_total, explanation.limit_total) == (HOUR, 4 * HOUR)


def test_a_last_day_that_closes_after_midnight_is_one_stretch() -> None:
    stretches = explained(WorkingDays(1), china("2026-03-05T12:00"), NIGHTS).intervals
    assert [(stretch.kind, stretch.from_, stretch.until) for stretch in stretches] == [
        ("start-day", china("2026-03-05T12:00"), china("2026-03-06T00:00")),
        ("counted", china("2026-03-06T00:00"), china("2026-03-07T06:00")),
    ]
