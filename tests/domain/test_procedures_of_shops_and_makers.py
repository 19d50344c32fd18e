"""What shops and makers ask of a procedure: explain first, word before delay, an appeal with evidence, who decides."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, Final

import pytest

from domain import errors
from domain.complaint import commands as c
from domain.complaint import events
from domain.procedure.procedure import Dissatisfaction, Procedure, Severity
from domain.titles import Title
from tests.domain.test_procedures_without_opinions import RETURN, clock, hotline
from tests.facts import (
    AGENT,
    MANAGER,
    MONDAY_9AM,
    SETTLEMENT,
    TUESDAY_9AM,
    Fact,
    called_back,
    capa_issued,
    capa_requested,
    capa_submitted,
    classified,
    dispatched,
    executed,
    extended,
    followed,
    happened,
    informed,
    received,
    reopened,
    settled,
)
from tests.spec import given

TITLE: Final = Title("", "")
TODAY_AT_TEN: Final = MONDAY_9AM + timedelta(hours=1)


def shop(**rules: Any) -> Procedure:
    grades = {
        "grievance": Severity("grievance", TITLE, explain_first=True),
        "grave": Severity("grave", TITLE, close_needs=("capa-ordered", "capa-issued")),
    }
    clocks = (clock("result", "Received", "Executed", "48 h"),)
    plain = hotline(severities=grades, clocks=clocks, return_window=None, close_needs=())
    return replace(replace(plain, interim_measure_before_extension=False), **rules)


GRIEVANCE: Final = (received(), classified("grievance", "housing"))
GRAVE: Final = (received(), classified("grave", "housing"))
SENT: Final = (*GRAVE, dispatched("settlement"))
SEND: Final = c.DispatchComplaint(("settlement",))


def test_what_is_to_be_explained_first_is_not_passed_on_before_the_customer_heard_it() -> None:
    given(*GRIEVANCE, procedure=shop()).when(SEND).then_refused(errors.NotYetExplained)
    assert "dispatch" not in given(*GRIEVANCE, procedure=shop()).allowed(AGENT)
    tried = (*GRIEVANCE, settled(accepted=False))
    given(*tried, procedure=shop()).when(SEND).then(happened(events.Dispatched, units=("settlement",)))


def test_an_explanation_that_the_customer_accepts_ends_it_and_a_grave_one_is_never_ended_so() -> None:
    explain = c.SettleOnTheSpot("已说明检测流程", accepted=True)
    given(*GRIEVANCE, procedure=shop()).when(explain).then(happened(events.SettledOnTheSpot))
    given(*GRAVE, procedure=shop()).when(explain).then_refused(errors.NotForFrontLine)
    given(*GRAVE, procedure=shop()).when(SEND).then(happened(events.Dispatched))


def test_a_dissatisfied_customer_who_heard_the_explanation_once_is_not_given_it_again() -> None:
    story = (*GRIEVANCE, settled(accepted=False), dispatched("settlement"), executed())
    again = (*story, called_back(satisfied=False), reopened(2))
    given(*again, procedure=shop()).when(SEND).then(happened(events.Dispatched))


def test_nobody_can_explain_anything_to_an_anonymous_complainant() -> None:
    anonymous = (received(anonymous=True), *GRIEVANCE[1:])
    given(*anonymous, procedure=shop()).when(SEND).then(happened(events.Dispatched))


def later(hours: int) -> datetime:
    return MONDAY_9AM + timedelta(hours=hours)


def test_an_extension_needs_word_to_the_customer_and_every_further_one_needs_new_word() -> None:
    procedure = shop(word_before_extension=True)
    given(*SENT, procedure=procedure).when(c.ExtendDeadline("result", later(60), "等配件")).then_refused(
        errors.CustomerNotTold
    )
    assert "extend" not in given(*SENT, procedure=procedure).allowed(AGENT)
    told = (*SENT, informed("phone"))
    assert "extend" in given(*told, procedure=procedure).allowed(AGENT)
    given(*told, procedure=procedure).when(c.ExtendDeadline("result", later(60), "等配件")).then(
        happened(events.Extended, clock="result")
    )
    once = (*told, extended("result", later(60), before=later(48)))
    further = c.ExtendDeadline("result", later(70), "仍等配件")
    given(*once, procedure=procedure).when(further).then_refused(errors.CustomerNotTold)
    assert "extend" not in given(*once, procedure=procedure).allowed(AGENT)
    given(*once, informed("phone"), procedure=procedure).when(further).then(happened(events.Extended))


def test_an_extension_is_too_late_once_the_limit_is_over() -> None:
    story = given(*SENT, informed("phone"), procedure=shop(word_before_extension=True))
    late = c.ExtendDeadline("result", later(60), "等配件")
    assert isinstance(story.when(late, at=later(47)).events[-1], events.Extended)
    story.when(late, at=later(48)).then_refused(errors.ClockNotRunning)


def test_a_return_that_brings_evidence_goes_to_those_who_examine_it() -> None:
    procedure = shop(evidence_examined_by=("general-manager",))
    proof = c.ReturnWork("与事实不符", "三包规定第9条", evidence="监控截图")
    given(*SENT, procedure=procedure).when(proof, by=SETTLEMENT).then(
        happened(events.Returned, evidence="监控截图"), followed(events.Escalated, to_role="general-manager")
    )
    given(*SENT, procedure=procedure).when(RETURN, by=SETTLEMENT).then(happened(events.Returned, evidence=None))


def test_only_those_to_whom_dissatisfaction_goes_up_send_it_out_again() -> None:
    decides = Dissatisfaction(1, ("manager",), decides=("manager",))
    procedure = replace(shop(dissatisfaction=decides), steps={**shop().steps, "dispatch": ("agent", "manager")})
    given(*GRAVE, procedure=procedure).when(SEND).then(happened(events.Dispatched))
    unhappy = (*SENT, executed(), called_back(satisfied=False), reopened(2))
    story = given(*unhappy, procedure=procedure)
    story.when(SEND, by=AGENT).then_refused(errors.DecidedFurtherUp)
    assert "dispatch" not in story.allowed(AGENT)
    assert "dispatch" in story.allowed(MANAGER)
    both = replace(AGENT, roles=frozenset({"agent", "manager"}))
    for person, role in ((MANAGER, "manager"), (both, "agent")):
        story.when(SEND, by=person).then(happened(events.Dispatched).by(person, role))


def test_a_grave_one_is_closed_only_after_a_report_was_ordered_and_issued() -> None:
    close = c.CloseComplaint("已整改", "完成")
    done = (*SENT, executed())
    refusal = given(*done, procedure=shop()).when(close).then_refused(errors.NotReadyToClose)
    assert tuple(refusal.missing) == ("capa-ordered",)
    ordered = (*done, capa_requested("settlement"))
    given(*ordered, procedure=shop()).when(close).then_refused(errors.NotReadyToClose)
    issued = (*ordered, capa_submitted("settlement"), capa_issued("settlement"))
    given(*issued, procedure=shop()).when(close).then(happened(events.Closed))


def refused_plan(text: str = "换货") -> Fact:
    return happened(events.SolutionAgreed, text=text, agreed=False)


def test_a_plan_the_customer_refused_takes_its_approval_with_it() -> None:
    procedure = shop(severities={"grave": Severity("grave", TITLE, approval=True)}, solution_before_execution=True)
    approved = happened(events.Approved, subject="方案", form="oral", by="部门经理")
    agreed = happened(events.SolutionAgreed, text="退款", agreed=True)
    execute = c.ExecuteMeasure("退款")
    story = (*SENT, approved, refused_plan(), agreed)
    given(*story, procedure=procedure).when(execute, by=SETTLEMENT).then_refused(errors.ApprovalMissing)
    given(*story, approved, procedure=procedure).when(execute, by=SETTLEMENT).then(happened(events.Executed))


@pytest.mark.parametrize(("before", "goes_up"), [(0, False), (1, False), (2, True), (3, False)])
def test_plans_refused_again_and_again_go_up_once(before: int, goes_up: bool) -> None:
    procedure = shop(disagreement=Dissatisfaction(3, ("manager",)))
    story = (*SENT, *[refused_plan(f"方案{number}").at(TODAY_AT_TEN) for number in range(before)])
    told = [followed(events.Escalated, to_role="manager")] if goes_up else []
    given(*story, procedure=procedure).when(c.AgreeSolution("新方案", agreed=False), at=TUESDAY_9AM).then(
        happened(events.SolutionAgreed), *told
    )
