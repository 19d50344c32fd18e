"""紧急代办: a step that an administrator takes in the place of those whose it is, and what stays theirs even then."""

import pytest

from domain import errors
from domain.complaint import commands as c
from domain.complaint import events
from domain.complaint.steps import STEPS
from domain.notices.notices import Addressee
from tests.domain.test_access import OTHERS, READY
from tests.facts import (
    ADMIN,
    AGENT,
    ASKED,
    ASKED_TWO,
    DISPUTED,
    GENERAL_MANAGER,
    MANAGER,
    OPENED,
    READY_TO_CLOSE,
    accused,
    classified,
    happened,
    person,
    received,
)
from tests.spec import given, kf0001, told_by

REASON = "董事办全体出差，客户今晚登机"
LEFT_TO_THEIRS = {
    "approve", "retract-miss", "override", "verify-charge", "propose-compensation", "approve-compensation",
    "pay-compensation", "grade-fault", "match-accused", "exclude-from-scoring", "include-in-scoring",
}  # fmt: skip


def in_place(step: c.Command) -> c.TakeInEmergency:
    return c.TakeInEmergency(REASON, step)


def test_an_administrator_takes_a_step_in_an_emergency_and_says_why_in_an_event_of_its_own() -> None:
    _, ruling, _ = READY["issue-ruling"]
    given(*DISPUTED).when(ruling, by=ADMIN).then_refused(errors.RoleForbids)
    outcome = given(*DISPUTED).when(in_place(ruling), by=ADMIN)
    place = ("board-office", "general-manager")
    outcome.then(
        happened(events.RulingIssued, outcome="upheld"),
        happened(events.Overridden, step="issue-ruling", in_place_of=place, reason=REASON),
    )


def test_the_auditor_is_told_and_those_in_whose_place_it_was() -> None:
    story = given(*DISPUTED)
    outcome = story.when(in_place(READY["issue-ruling"][1]), by=ADMIN)
    told = [notice.to for notice in told_by([*story.stream, *outcome.events])]
    assert told == [Addressee("role", role) for role in ("auditor", "board-office", "general-manager")]


def test_units_in_whose_place_it_was_are_told() -> None:
    story = given(*ASKED_TWO)
    outcome = story.when(in_place(c.ConfirmOpinion("trading")), by=ADMIN)
    told = [notice.to for notice in told_by([*story.stream, *outcome.events])]
    assert told == [Addressee("role", "auditor"), Addressee("unit", "settlement"), Addressee("unit", "trading")]
    given(*ASKED_TWO).when(in_place(c.ConfirmOpinion()), by=ADMIN).then_refused(errors.UnitMustBeNamed)


def test_where_a_need_is_set_aside_the_auditor_is_told_too() -> None:
    set_aside = happened(events.NeedOverridden, need="callback", reason=REASON).by(MANAGER)
    assert [notice.to for notice in given(*ASKED, set_aside).told] == [Addressee("role", "auditor")]


def test_it_is_offered_to_nobody_for_it_is_outside_of_what_the_procedure_plans() -> None:
    for facts, _, _ in READY.values():
        assert given(*facts).allowed(ADMIN) == []


@pytest.mark.parametrize("step", sorted(set(READY) - LEFT_TO_THEIRS))
def test_every_step_can_be_taken_so_but_approvals_money_and_findings(step: str) -> None:
    facts, command, _ = READY[step]
    outcome = given(*facts).when(in_place(command), by=ADMIN, known_complaints=OTHERS)
    assert outcome.refusal is None
    assert [type(event) for event in outcome.events].count(events.Overridden) == 1
    assert all(event.actor.role in ("admin", "system") for event in outcome.events)


def test_which_steps_are_left_to_their_own_roles() -> None:
    assert {step.name for step in STEPS if step.waits_for_its_own} == LEFT_TO_THEIRS
    facts, command, _ = READY["approve"]
    given(*facts).when(in_place(command), by=ADMIN).then_refused(errors.NotInAnEmergency)


def test_only_an_administrator_takes_a_step_so() -> None:
    for actor in (AGENT, MANAGER, GENERAL_MANAGER):
        given(*ASKED).when(in_place(c.ConfirmOpinion()), by=actor).then_refused(errors.RoleForbids)


def test_what_a_step_needs_and_the_state_of_the_complaint_are_not_passed_over() -> None:
    _, close, _ = READY["close"]
    given(*ASKED).when(in_place(close), by=ADMIN).then_refused(errors.NotReadyToClose)
    given(*ASKED).when(in_place(READY["issue-ruling"][1]), by=ADMIN).then_refused(errors.NothingDisputed)
    assert given(*READY_TO_CLOSE).when(in_place(close), by=ADMIN).refusal is None


def test_recusal_and_the_circle_of_a_confidential_matter_are_not_passed_over() -> None:
    given(*ASKED, accused("admin-1")).when(in_place(c.ConfirmOpinion()), by=ADMIN).then_refused(errors.Recused)


def test_a_step_that_the_procedure_does_not_have_is_not_taken_in_an_emergency_either() -> None:
    given(*ASKED).when(in_place(c.ReturnWork("非本部门", "章程")), by=ADMIN).then_refused(errors.StepNotInProcedure)


def test_whoever_has_the_role_too_takes_the_step_in_it_and_needs_no_emergency() -> None:
    both = person("both-1", "admin", "agent")
    note = c.AddNote("备注")
    assert "add-note" in given(*ASKED).allowed(both)
    [event] = given(*ASKED).when(note, by=both).events
    assert event.actor.role == "agent"
    given(*ASKED).when(in_place(note), by=both).then_refused(errors.NothingInTheWay)


def test_what_stands_already_is_not_overridden() -> None:
    again = c.ClassifyComplaint("general", "other")
    given(received(), classified("general", "other")).when(in_place(again), by=ADMIN).then_refused(
        errors.NothingInTheWay
    )


def test_whoever_may_end_or_decide_a_grave_one_is_passed_over_too() -> None:
    assert given(*OPENED).when(in_place(c.DispatchComplaint(("settlement",))), by=ADMIN).refusal is None
    assert kf0001().steps["dispatch"] == ("agent", "manager")
