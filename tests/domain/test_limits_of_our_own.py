"""No complaint lies anywhere without a limit: where a source gives no number, the ready file has a sensible one."""

from typing import Final

import pytest

from domain.clocks.clock import is_waiting
from domain.complaint import events
from domain.complaint.obligations import obligations_of
from domain.complaint.owers import units_owing
from domain.obligation import OwedBy
from domain.procedure.duties import owing_role, step_of
from domain.procedure.procedure import ClockRule, Procedure
from procedures.library import Library
from tests.facts import (
    ASKED,
    EXECUTED,
    MUCH_LATER,
    NEXT_MONDAY_9AM,
    TUESDAY_9AM,
    Fact,
    called_back,
    dispatched,
    happened,
    informed,
    recalled,
    received,
    reopened,
    withdrawn,
)
from tests.spec import History, given

READY: Final = Library.ready().procedures
FOR_COMPLAINTS: Final = {code: one for code, one in READY.items() if one.incidents is None}
RULES: Final = [
    pytest.param(procedure, rule, id=f"{code} {rule.name} {place}")
    for code, procedure in FOR_COMPLAINTS.items()
    for place, rule in enumerate(procedure.clocks)
    if not rule.window
]
OURS: Final = ("classify", "send-on", "answer-customer", "close-out")


def running(story: History) -> set[str]:
    return {clock.name for clock in story.complaint.clocks if is_waiting(clock) and not clock.soft}


@pytest.mark.parametrize(("procedure", "rule"), RULES)
def test_who_owes_what_a_limit_asks_for_may_take_the_step_that_ends_it(procedure: Procedure, rule: ClockRule) -> None:
    assert owing_role(rule, procedure) in procedure.steps[step_of(rule, procedure)]


@pytest.mark.parametrize("code", FOR_COMPLAINTS)
def test_what_no_unit_has_any_more_is_to_be_sent_on_and_not_to_be_closed(code: str) -> None:
    steps = {step_of(rule, FOR_COMPLAINTS[code]) for rule in FOR_COMPLAINTS[code].clocks if rule.name == "send-on"}
    assert steps == {"dispatch"}


@pytest.mark.parametrize(
    ("facts", "limit"),
    [
        ((received(),), "classify"),
        ((received(), withdrawn(), reopened()), "classify"),
        ((*ASKED, recalled()), "send-on"),
        (EXECUTED, "answer-customer"),
        ((*EXECUTED, informed()), "close-out"),
    ],
)
def test_a_general_complaint_of_the_group_waits_for_something_that_can_be_missed(
    facts: tuple[Fact, ...], limit: str
) -> None:
    assert limit in running(given(*facts))


def test_whoever_is_asked_after_a_recall_ends_the_time_to_send_it_on() -> None:
    story = given(*ASKED, recalled(), dispatched("trading").at(TUESDAY_9AM))
    assert (story.clock("send-on").state, story.clock("send-on").stopped_at) == ("met", TUESDAY_9AM)


def test_a_customer_whom_nobody_knows_is_owed_no_word() -> None:
    nameless = (received(anonymous=True), *EXECUTED[1:])
    assert "answer-customer" not in {clock.name for clock in given(*nameless).complaint.clocks}


@pytest.mark.parametrize("name", OURS)
def test_what_is_ours_is_customer_service_s_and_charged_to_no_unit(name: str) -> None:
    lying = {"classify": (received(),), "send-on": (*ASKED, recalled())}.get(name, EXECUTED)
    outcome = given(*lying).judged(MUCH_LATER)
    [miss] = [one for one in outcome.events if isinstance(one, events.DeadlineMissed) and one.clock == name]
    assert (miss.unit, miss.owed_by, miss.told) == (None, (), ("manager",))
    [clock] = [clock for clock in outcome.complaint.clocks if clock.name == name]
    assert units_owing(outcome.complaint, clock) == ()


def test_the_time_to_close_begins_anew_with_the_next_execution_when_a_new_round_opens() -> None:
    story = given(*EXECUTED, called_back(satisfied=False), reopened().at(TUESDAY_9AM))
    assert [(clock.round, clock.state) for clock in story.complaint.clocks if clock.name == "close-out"] == [
        (1, "cancelled")
    ]


def test_a_case_that_is_opened_again_was_responded_to_before() -> None:
    after_sales = READY["after-sales"]
    sorted_out = happened(events.Classified, severity="general", category="software", issue_point=None)
    ended = (received(issue_point=None), sorted_out, withdrawn(), reopened().at(NEXT_MONDAY_9AM))
    assert [
        clock.round for clock in given(*ended, procedure=after_sales).complaint.clocks if clock.name == "response"
    ] == [1]
    unsorted = (received(issue_point=None), withdrawn(), reopened().at(NEXT_MONDAY_9AM))
    assert "response" in running(given(*unsorted, procedure=after_sales))


CONFIDENTIAL: Final = (received(kind="report"), happened(events.Classified, severity="general", category="service"))


@pytest.mark.parametrize("facts", [CONFIDENTIAL[:1], CONFIDENTIAL, (*CONFIDENTIAL, dispatched("discipline"))])
def test_what_is_confidential_is_owed_by_those_who_see_it_alone(facts: tuple[Fact, ...]) -> None:
    complaint = given(*facts, procedure=READY["courier"]).complaint
    waiting = [one for one in obligations_of(complaint) if one.waits]
    assert {one.owed_by for one in waiting} == {OwedBy("role", "supervisor")}
    assert all("supervisor" in complaint.procedure.steps[one.step] for one in waiting)


def test_what_a_unit_was_sent_that_may_not_see_it_is_executed_by_who_may() -> None:
    complaint = given(*CONFIDENTIAL, dispatched("discipline"), procedure=READY["courier"]).complaint
    [handle] = [one for one in obligations_of(complaint) if one.name == "handle" and one.waits]
    assert handle.step == "execute"
