"""Confirming the effect, calling back, closing with every requirement met, and opening a new round."""

from datetime import timedelta
from typing import Any

import pytest

from domain import errors
from domain.complaint import commands as c
from domain.complaint import events
from domain.complaint.requirements import missing_for
from domain.titles import LANGUAGES
from domain.values import Actor, Complainant
from tests.facts import (
    AGENT,
    ASKED,
    BOARD_OFFICE,
    CLOSED,
    EXECUTED,
    EXECUTING,
    GENERAL_MANAGER,
    INFORMED,
    MANAGER,
    MONDAY_9AM,
    OPENED,
    OVERTURNED,
    READY_TO_CLOSE,
    SETTLEMENT,
    Fact,
    called_back,
    capa_issued,
    capa_requested,
    capa_submitted,
    classified,
    closed,
    confirmed,
    dispatched,
    drafted,
    effect_confirmed,
    executed,
    followed,
    happened,
    informed,
    meeting_held,
    raised,
    received,
    rejected,
    reopened,
    settled,
    withdrawn,
)
from tests.spec import given, kf0001
from wording.refusals import refusal_text
from wording.requirements import MISSING

CLOSE = c.CloseComplaint("已解决", "补入账, 客户满意", justified=True)
DISSATISFIED = c.RecordCallback(reached=True, means="phone", satisfied=False, score=1, remarks="仍未到账")
STEPS_TO_CLOSE = {
    "final-opinion": confirmed(),
    "executed": executed(),
    "customer-informed": informed(),
    "effect-confirmed": effect_confirmed(),
    "callback": called_back(),
}
NEEDED_OF_A_SEVERE_ONE = {*STEPS_TO_CLOSE, "meeting-held", "capa-issued"}


def missing(*facts: Fact) -> tuple[str, ...]:
    return tuple(missing_for("close", given(*facts).complaint, kf0001()))


def test_the_cs_manager_confirms_the_effect() -> None:
    given(*EXECUTED).when(c.ConfirmEffect(True, "已改善"), by=MANAGER).then(
        happened(events.EffectConfirmed, effective=True, findings="已改善")
    )


@pytest.mark.parametrize("actor", [AGENT, BOARD_OFFICE, GENERAL_MANAGER, SETTLEMENT], ids=lambda actor: actor.id)
def test_nobody_but_the_cs_manager_confirms_the_effect(actor: Actor) -> None:
    given(*EXECUTED).when(c.ConfirmEffect(True, "已改善"), by=actor).then_refused(errors.RoleForbids)


def test_there_is_no_effect_before_the_execution() -> None:
    given(*EXECUTING).when(c.ConfirmEffect(True, "已改善"), by=MANAGER).then_refused(errors.NotYetExecuted)


def test_an_effect_that_failed_can_be_confirmed_later() -> None:
    failed = (*INFORMED, called_back(), effect_confirmed(effective=False))
    given(*failed).when(CLOSE).then_refused(errors.NotReadyToClose)
    given(*failed, effect_confirmed()).when(CLOSE).then(happened(events.Closed))


def test_a_satisfied_customer_is_called_back_as_often_as_wanted() -> None:
    satisfied = c.RecordCallback(reached=True, means="phone", satisfied=True, score=5)
    for facts in (EXECUTED, (*EXECUTED, called_back()), CLOSED, (*CLOSED, called_back())):
        given(*facts).when(satisfied).then(happened(events.CallbackDone, reached=True, satisfied=True, score=5))


def test_nobody_is_called_back_before_the_execution() -> None:
    for facts in (OPENED, ASKED, EXECUTING):
        given(*facts).when(DISSATISFIED).then_refused(errors.NotYetExecuted)


def test_nobody_is_called_back_about_a_complaint_that_was_withdrawn_or_rejected() -> None:
    for end in (withdrawn(), rejected()):
        given(received(), end).when(DISSATISFIED).then_refused(errors.ComplaintEnded)


def test_a_customer_who_was_not_reached_has_said_nothing() -> None:
    said: list[dict[str, Any]] = [{"satisfied": True}, {"satisfied": False}, {"score": 3}, {"rated_by": "phone"}]
    for words in said:
        command = c.RecordCallback(reached=False, means="phone", **words)
        refusal = given(*EXECUTED).when(command).then_refused(errors.ContradictoryCallback)
        assert isinstance(refusal, errors.ContradictoryCallback)
        assert refusal.pointer == f"/{next(iter(words))}"
    outcome = given(*EXECUTED).when(c.RecordCallback(reached=False, means="phone", remarks="无人接听"))
    outcome.then(happened(events.CallbackDone, reached=False, satisfied=None, score=None))
    assert outcome.complaint.round == 1


@pytest.mark.parametrize("satisfied", [True, False, None])
@pytest.mark.parametrize("score", [1, 2, 3, 4, 5, None])
def test_points_that_belie_the_customer_s_word_are_refused(satisfied: bool | None, score: int | None) -> None:
    outcome = given(*EXECUTED).when(c.RecordCallback(reached=True, means="phone", satisfied=satisfied, score=score))
    if (satisfied, score) in {(True, 1), (True, 2), (False, 4), (False, 5)}:
        outcome.then_refused(errors.ContradictoryCallback)
    else:
        assert outcome.refusal is None


@pytest.mark.parametrize("facts", [EXECUTED, READY_TO_CLOSE, CLOSED], ids=["executed", "ready", "closed"])
def test_a_dissatisfied_customer_opens_a_new_round(facts: tuple[Fact, ...]) -> None:
    outcome = given(*facts).when(DISSATISFIED)
    outcome.then(happened(events.CallbackDone, satisfied=False), followed(events.Reopened, round=2))
    assert (outcome.complaint.status, outcome.complaint.round) == ("classified", 2)
    assert outcome.complaint.closed_at is None


def test_a_customer_whose_misunderstanding_came_back_starts_unclassified() -> None:
    outcome = given(received(), settled()).when(DISSATISFIED)
    assert (outcome.complaint.status, outcome.complaint.round) == ("received", 2)


def test_a_new_round_asks_everything_anew() -> None:
    again = (*CLOSED, reopened())
    assert missing(*again) == tuple(text for text in missing(*OPENED) if "CAPA" not in text)
    given(*again).when(c.DispatchComplaint(("settlement",))).then_refused(errors.OpinionNotDrafted)
    given(*again).when(c.ConfirmOpinion(), by=SETTLEMENT).then_refused(errors.NotYetDispatched)
    asked = (*again, drafted("另行处理"), dispatched("settlement"))
    given(*asked).when(c.ConfirmOpinion(), by=SETTLEMENT).then(happened(events.OpinionConfirmed, revision=1))


def test_a_complaint_is_closed_once_all_is_done() -> None:
    outcome = given(*READY_TO_CLOSE).when(CLOSE)
    outcome.then(happened(events.Closed, outcome="已解决", justified=True, summary="补入账, 客户满意"))
    assert outcome.complaint.status == "closed"
    assert outcome.complaint.closed_at is not None


def test_closing_twice_changes_nothing_the_second_time() -> None:
    given(*CLOSED).when(CLOSE).then_nothing()


@pytest.mark.parametrize("left_out", STEPS_TO_CLOSE)
def test_what_is_missing_for_closing_is_named(left_out: str) -> None:
    done = [fact for name, fact in STEPS_TO_CLOSE.items() if name != left_out]
    refusal = given(*ASKED, *done).when(CLOSE).then_refused(errors.NotReadyToClose)
    assert left_out in refusal.missing
    for language in LANGUAGES:
        assert MISSING[left_out].in_(language) in refusal_text(refusal, language)


def test_everything_that_is_missing_is_named_at_once() -> None:
    named = missing(*OPENED, classified("severe"), capa_requested())
    assert (set(named), len(named)) == (NEEDED_OF_A_SEVERE_ONE, len(NEEDED_OF_A_SEVERE_ONE))


def test_a_complaint_is_not_closed_while_a_capa_report_is_open() -> None:
    stages = [capa_requested(), capa_submitted(), capa_issued()]
    for reached in range(1, 4):
        outcome = given(*READY_TO_CLOSE, *stages[:reached], effect_confirmed()).when(CLOSE)
        if reached == 3:
            outcome.then(happened(events.Closed))
        else:
            assert "capa-issued" in outcome.then_refused(errors.NotReadyToClose).missing


def test_the_effect_is_confirmed_anew_after_a_capa_report_was_issued() -> None:
    done = (*READY_TO_CLOSE, capa_requested(), capa_submitted())
    for before in ((capa_issued(),), (effect_confirmed(), capa_issued())):
        refusal = given(*done, *before).when(CLOSE).then_refused(errors.NotReadyToClose)
        assert tuple(refusal.missing) == ("effect-confirmed",)


def test_each_of_several_capa_reports_holds_the_closing_back() -> None:
    one_left = (capa_requested(), capa_submitted(), capa_issued(), capa_requested("trading"))
    given(*READY_TO_CLOSE, *one_left).when(CLOSE).then_refused(errors.NotReadyToClose)


@pytest.mark.parametrize("grave", [classified("major"), classified("severe"), raised()])
def test_a_major_or_severe_complaint_is_not_closed_without_its_meeting(grave: Fact) -> None:
    refusal = given(*READY_TO_CLOSE, grave).when(CLOSE).then_refused(errors.NotReadyToClose)
    assert tuple(refusal.missing) == ("meeting-held",)
    given(*READY_TO_CLOSE, grave, meeting_held()).when(CLOSE).then(happened(events.Closed))


def test_three_attempts_to_call_back_are_enough() -> None:
    told = (*INFORMED, effect_confirmed())
    tries = [called_back(reached=False).at(MONDAY_9AM + timedelta(hours=hour)) for hour in range(3)]
    given(*told, *tries[:2]).when(CLOSE).then_refused(errors.NotReadyToClose)
    given(*told, *tries[:2], tries[1]).when(CLOSE).then_refused(errors.NotReadyToClose)
    given(*told, *tries).when(CLOSE).then(happened(events.Closed))


def test_an_anonymous_complainant_is_owed_neither_word_nor_callback() -> None:
    unknown = received(anonymous=True, complainant=Complainant(anonymous=True))
    handled = (classified(), drafted(), dispatched(), confirmed(), executed(), effect_confirmed())
    given(unknown, *handled).when(CLOSE).then(happened(events.Closed))


@pytest.mark.parametrize("facts", [OPENED, ASKED, OVERTURNED, READY_TO_CLOSE])
def test_what_is_open_is_not_reopened(facts: tuple[Fact, ...]) -> None:
    given(*facts).when(c.ReopenComplaint("再来")).then_refused(errors.StillOpen)


@pytest.mark.parametrize(
    "facts",
    [CLOSED, (received(), settled()), (received(), rejected()), (*OPENED, withdrawn())],
    ids=["closed", "settled", "rejected", "withdrawn"],
)
def test_what_has_ended_is_reopened_as_a_new_round(facts: tuple[Fact, ...]) -> None:
    outcome = given(*facts).when(c.ReopenComplaint("再次未到账"))
    outcome.then(happened(events.Reopened, reason="再次未到账", round=2))
    assert outcome.complaint.status in {"received", "classified"}


def test_rounds_are_counted_on() -> None:
    given(*CLOSED, reopened(), withdrawn()).when(c.ReopenComplaint("第三次")).then(happened(events.Reopened, round=3))


def test_only_customer_service_reopens() -> None:
    for actor in (SETTLEMENT, BOARD_OFFICE, GENERAL_MANAGER):
        given(*CLOSED).when(c.ReopenComplaint("再来"), by=actor).then_refused(errors.RoleForbids)


def test_a_reopened_complaint_can_turn_out_to_be_minor() -> None:
    history = given(*CLOSED, reopened(), classified("minor"))
    history.when(c.SettleOnTheSpot("客户误解", accepted=True)).then(happened(events.SettledOnTheSpot))


def test_a_complaint_that_was_closed_in_its_second_round_stays_so() -> None:
    second = (
        drafted(), dispatched("settlement"), confirmed(), executed(), informed(), effect_confirmed(), called_back()
    )  # fmt: skip
    assert given(*CLOSED, reopened(), *second, closed()).complaint.status == "closed"


def test_closing_again_with_the_same_outcome_changes_nothing_and_with_another_is_refused() -> None:
    given(*CLOSED).when(c.CloseComplaint(given(*CLOSED).complaint.outcome or "", "再次结案")).then_nothing()
    given(*CLOSED).when(c.CloseComplaint("另一个结果", "再次结案")).then_refused(errors.AlreadyClosed)
