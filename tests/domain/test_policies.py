"""Recurrence (重复投诉): the fifth general complaint of one issue point within a rolling month becomes severe."""

from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import pytest

from domain.cause import Cause
from domain.complaint import commands as c
from domain.complaint import events
from domain.complaint.recurrence import Occurrence, months_before, raise_severity_when_issue_recurs, window_start
from domain.values import LinkedComplaint
from tests.facts import (
    ASKED,
    CLOSED,
    OPENED,
    WEDNESDAY_9AM,
    Fact,
    accused,
    classified,
    fell_due,
    followed,
    missed,
    on,
    raised,
    received,
    withdrawn,
)
from tests.spec import CN, given, kf0001

RECURRENCE = kf0001().recurrence
OTHERS = tuple(LinkedComplaint(UUID(int=number), f"KF0001-20260301-{number:06}") for number in range(1, 5))
RAISE = c.RaiseSeverity("deposit-delay", OTHERS)


def occurrences(count: int) -> list[Occurrence]:
    return [Occurrence(UUID(int=number), f"KF0001-20260301-{number:06}", on("2026-03-01")) for number in range(count)]


def told(severity: str) -> list[Fact]:
    roles = ("manager", "general-manager", "board-office")
    cause = Cause.of("severity", subject=severity)
    return [followed(events.Escalated, to_role=role, reason="", cause=cause) for role in roles]


@pytest.mark.parametrize("count", [1, 2, 3, 4])
def test_up_to_four_complaints_of_an_issue_point_raise_nothing(count: int) -> None:
    assert RECURRENCE is not None
    others = occurrences(count - 1)  # beside the one that came now
    assert raise_severity_when_issue_recurs("deposit-delay", others, RECURRENCE) is None


@pytest.mark.parametrize("count", [5, 6, 100])
def test_the_fifth_and_each_later_one_is_raised_with_reference_to_the_others(count: int) -> None:
    assert RECURRENCE is not None
    others = occurrences(count - 1)  # beside the one that came now
    command = raise_severity_when_issue_recurs("deposit-delay", others, RECURRENCE)
    assert command is not None
    assert command.issue_point == "deposit-delay"
    assert [other.id for other in command.others] == [other.complaint_id for other in others]
    assert [other.number for other in command.others] == [other.number for other in others]


@pytest.mark.parametrize(
    ("day", "before"),
    [
        ("2026-03-15", "2026-02-15"),
        ("2026-03-31", "2026-02-28"),
        ("2026-03-29", "2026-02-28"),
        ("2028-03-31", "2028-02-29"),
        ("2028-03-29", "2028-02-29"),
        ("2026-05-31", "2026-04-30"),
        ("2026-08-31", "2026-07-31"),
        ("2026-01-31", "2025-12-31"),
        ("2026-01-01", "2025-12-01"),
    ],
)
def test_a_month_is_counted_back_to_the_same_day_of_the_month_before(day: str, before: str) -> None:
    assert months_before(date.fromisoformat(day), 1) == date.fromisoformat(before)


def test_two_months_are_not_clipped_by_a_short_month_between() -> None:
    assert months_before(date(2026, 3, 31), 2) == date(2026, 1, 31)
    assert months_before(date(2026, 2, 28), 14) == date(2024, 12, 28)


def test_the_window_begins_with_that_day_in_the_calendars_zone() -> None:
    late_evening_in_utc = datetime(2026, 3, 14, 17, 30, tzinfo=UTC)
    assert window_start(late_evening_in_utc, 1, CN) == on("2026-02-15", "00:00")
    assert window_start(late_evening_in_utc - timedelta(hours=2), 1, CN) == on("2026-02-14", "00:00")


def test_a_general_complaint_is_raised_to_severe_and_those_above_are_told() -> None:
    outcome = given(*OPENED).when(RAISE)
    outcome.then(
        raised(*OTHERS),
        *told("severe"),
    )
    assert outcome.complaint.severity == "severe"
    assert tuple(outcome.complaint.linked) == OTHERS


def test_raising_twice_changes_nothing_the_second_time() -> None:
    given(*OPENED, raised(*OTHERS)).when(RAISE).then_nothing()


@pytest.mark.parametrize(
    "facts",
    [
        (received(),),
        (received(), classified("minor")),
        (received(), classified("major")),
        (received(), classified("severe")),
        CLOSED,
        (*OPENED, withdrawn()),
    ],
    ids=["unclassified", "minor", "major", "severe", "closed", "withdrawn"],
)
def test_only_open_general_complaints_are_raised(facts: tuple[Fact, ...]) -> None:
    given(*facts).when(RAISE).then_nothing()


def test_a_complaint_raised_late_has_the_misses_of_both_severities_in_order() -> None:
    start = received().time
    outcome = given(*OPENED).when(RAISE, at=WEDNESDAY_9AM)
    whole_case = {"started_at": start, "due_at": on("2026-03-04", "00:00")}
    outcome.then(
        fell_due(events.DeadlineWarned, clock="record-out"),
        missed("record-out", **whole_case),
        followed(events.SeverityRaised),
        *told("severe"),
        fell_due(events.DeadlineWarned, clock="whole-case", due=False),
        missed("whole-case", told=("manager", "board-office", "general-manager"), **whole_case),
    )


def test_a_raised_case_at_the_units_goes_on_where_it_was() -> None:
    outcome = given(*ASKED, accused("agent-7")).when(RAISE)
    assert (outcome.complaint.status, outcome.complaint.severity) == ("dispatched", "severe")
