"""A clock that stops only when the case has gone up to several roles, and needs that name the roles it went up to."""

from dataclasses import replace
from datetime import timedelta
from typing import Final

from domain import errors
from domain.complaint import commands as c
from domain.complaint import events
from domain.procedure.procedure import Procedure, Severity
from domain.titles import Title
from tests.domain.test_procedures_without_opinions import clock, hotline
from tests.facts import (
    MONDAY_9AM,
    TUESDAY_9AM,
    WEDNESDAY_9AM,
    Fact,
    called_back,
    classified,
    dispatched,
    executed,
    followed,
    happened,
    received,
    reopened,
)
from tests.spec import given
from wording.refusals import missing_in_words

TITLE: Final = Title("", "")
TEN: Final = MONDAY_9AM + timedelta(hours=1)
ELEVEN: Final = MONDAY_9AM + timedelta(hours=2)
BOTH: Final = frozenset({"brand", "legal"})
ROLES: Final = {"brand": Title("品牌事业部", "Brand"), "legal": Title("法务部", "Legal"), "press": TITLE}


def dealer() -> Procedure:
    """Major complaints go up to the brand division and to legal within 24 hours of being found major."""
    major = frozenset({"major"})
    warning = clock("pre-warning", "SeverityChanged", "Escalated", "24 h", to_roles=BOTH, severities=major)
    grades = {
        "general": Severity("general", TITLE),
        "major": Severity("major", TITLE, close_needs=("escalated.brand", "escalated.legal")),
    }
    plain = hotline(severities=grades, clocks=(warning,), close_needs=(), return_window=None)
    return replace(plain, roles={**plain.roles, **ROLES})


def told(role: str) -> Fact:
    return followed(events.Escalated, to_role=role, reason="重大投诉预警")


MAJOR: Final = (received(), classified("major", "housing").at(TEN))


def test_the_clock_runs_on_until_the_last_of_the_roles_was_told() -> None:
    assert given(*MAJOR, procedure=dealer()).clock("pre-warning").due_at == TEN + timedelta(hours=24)
    half = (*MAJOR, told("brand").at(ELEVEN))
    assert given(*half, procedure=dealer()).clocks() == [("pre-warning", "running")]
    both = (*half, told("press").at(ELEVEN), told("legal").at(TUESDAY_9AM))
    history = given(*both, procedure=dealer())
    assert history.clocks() == [("pre-warning", "met")]
    assert history.clock("pre-warning").stopped_at == TUESDAY_9AM


def test_telling_one_role_twice_or_another_role_is_not_telling_both() -> None:
    for role in ("brand", "press"):
        story = (*MAJOR, told("brand").at(ELEVEN), told(role).at(ELEVEN))
        assert given(*story, procedure=dealer()).clocks() == [("pre-warning", "running")]


def test_the_second_role_told_too_late_is_a_miss() -> None:
    story = (*MAJOR, told("brand").at(ELEVEN), told("legal").at(WEDNESDAY_9AM))
    assert given(*story, procedure=dealer()).clocks() == [("pre-warning", "missed")]


def test_a_classification_that_leaves_the_severity_as_it_is_does_not_start_the_clock_again() -> None:
    story = (*MAJOR, classified("major", "other").at(TUESDAY_9AM))
    history = given(*story, procedure=dealer())
    assert [(one.started_at, one.state) for one in history.complaint.clocks] == [(TEN, "running")]


def test_the_clock_starts_when_the_complaint_is_found_major_and_not_at_an_earlier_classification() -> None:
    story = (received(), classified("general", "housing").at(TEN), classified("major", "housing").at(ELEVEN))
    history = given(*story, procedure=dealer())
    assert [(one.started_at, one.state) for one in history.complaint.clocks] == [(ELEVEN, "running")]


def test_the_clock_ends_with_the_severity_and_starts_anew_with_it() -> None:
    down = (*MAJOR, classified("general", "housing").at(ELEVEN))
    assert given(*down, procedure=dealer()).clocks() == [("pre-warning", "cancelled")]
    again = given(*down, classified("major", "housing").at(TUESDAY_9AM), procedure=dealer())
    assert [(one.started_at, one.state) for one in again.complaint.clocks] == [
        (TEN, "cancelled"), (TUESDAY_9AM, "running"),
    ]  # fmt: skip


def test_a_major_complaint_is_not_closed_before_each_role_was_told_and_the_missing_one_is_named() -> None:
    close = c.CloseComplaint("已解决", "已换车")
    refusal = given(*MAJOR, told("legal").at(ELEVEN), procedure=dealer()).when(close).then_refused(
        errors.NotReadyToClose
    )  # fmt: skip
    assert tuple(refusal.missing) == ("escalated.brand",)
    assert missing_in_words(refusal.missing, "zh") == ["上报品牌事业部（brand）"]
    told_both = (*MAJOR, told("legal").at(ELEVEN), told("brand").at(ELEVEN))
    given(*told_both, procedure=dealer()).when(close, at=ELEVEN).then(happened(events.Closed))


def test_who_was_told_stays_told_in_the_next_round() -> None:
    story = (
        *MAJOR, told("legal").at(ELEVEN), told("brand").at(ELEVEN), dispatched("settlement").at(ELEVEN),
        executed().at(ELEVEN), called_back(satisfied=False).at(ELEVEN), reopened(2).at(ELEVEN),
    )  # fmt: skip
    close = c.CloseComplaint("已解决", "已换车")
    history = given(*story, procedure=dealer())
    assert history.clocks() == [("pre-warning", "met")]
    history.when(close, at=TUESDAY_9AM).then(happened(events.Closed))
