"""Limits that end by a date that is named, `by 2026-12-31` or `by 2026-12-31 18:00`."""

from datetime import UTC, datetime, timedelta, timezone

import pytest

from domain.limits.calendar import Calendar, OutsideCalendar
from domain.limits.limits import deadline, is_provisional, parse_limit, warning
from domain.limits.wrong import WrongRule
from procedures.calendar_reader import ready_calendar
from wording.files import file_mistake_in_words

CHINA = timezone(timedelta(hours=8))
CN, OFFICE = ready_calendar("cn"), ready_calendar("cn-office")


def china(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=CHINA)


@pytest.mark.parametrize("text", ["by 2026-02-30", "by 2026-13-01", "by 2026-12-31 24:00", "by 2026-12-31 18:60"])
def test_a_date_or_time_that_does_not_exist_is_no_limit(text: str) -> None:
    with pytest.raises(WrongRule) as wrong:
        parse_limit(text)
    assert (wrong.value.code, wrong.value.facts) == ("no-such-date", {"text": text})


@pytest.mark.parametrize("text", ["by 1899-12-31", "by 2999-01-01", "by 0001-01-01"])
def test_a_date_beyond_the_calendars_years_is_no_limit(text: str) -> None:
    with pytest.raises(OutsideCalendar):
        parse_limit(text)


@pytest.mark.parametrize(
    "text", ["by tomorrow", "by 2026-12-31T18:00", "by 2026-12-31 18", "until 2026-12-31", "by 31.12.2026"]
)
def test_a_date_that_is_written_otherwise_is_refused_with_examples(text: str) -> None:
    with pytest.raises(WrongRule) as wrong:
        parse_limit(text)
    said = file_mistake_in_words(wrong.value.code, wrong.value.facts, "en")
    assert said.startswith(f"'{text}' is no limit")
    assert "or a date: 'by 2026-12-31', 'by 2026-12-31 18:00'" in said


@pytest.mark.parametrize(
    ("text", "calendar", "due"),
    [
        ("by 2026-03-06", CN, "2026-03-07T00:00"),
        ("by 2026-03-06", OFFICE, "2026-03-06T18:00"),  # the close of business
        ("by 2026-03-07", OFFICE, "2026-03-08T00:00"),  # a Saturday: a named date is not moved off it
        ("by 2026-03-06 12:30", OFFICE, "2026-03-06T12:30"),  # nor a named time out of the noon break
        ("by 2026-02-27", CN, "2026-03-02T09:00"),  # over when the clock starts: due at once
    ],
)
def test_a_named_date_is_due_at_its_end_and_a_named_time_at_that_time(text: str, calendar: Calendar, due: str) -> None:
    start = china("2026-03-02T09:00")
    limit = parse_limit(text)
    assert deadline(limit, start, calendar) == china(due)
    assert not is_provisional(start, deadline(limit, start, calendar), calendar, limit)


def test_a_named_time_that_the_zone_skips_or_repeats_is_its_first_showing() -> None:
    paris = Calendar("paris", "1", "Europe/Paris")
    start = datetime(2026, 3, 1, tzinfo=UTC)
    assert deadline(parse_limit("by 2026-03-29 02:30"), start, paris) == datetime(2026, 3, 29, 1, tzinfo=UTC)
    assert deadline(parse_limit("by 2026-10-25 02:30"), start, paris) == datetime(2026, 10, 25, 0, 30, tzinfo=UTC)


def test_a_named_date_is_warned_of_at_its_share_of_the_time_to_it() -> None:
    start, limit = china("2026-03-01T00:00"), parse_limit("by 2026-03-10")
    assert warning(start, deadline(limit, start, CN), CN, limit) == china("2026-03-09T00:00")
    over = parse_limit("by 2026-02-10")
    assert warning(start, deadline(over, start, CN), CN, over) == start
