"""查明: graded faults, apologies, notices, the customer check, the form that is completed later."""

from dataclasses import replace
from typing import Any

import pytest

from domain import errors
from domain.complaint import commands as c
from domain.complaint import events
from domain.complaint.state import Fault
from domain.people import People, Person
from domain.procedure.procedure import FormField, Procedure
from domain.titles import Title
from tests.facts import (
    AGENT,
    ASKED,
    ASKED_TWO,
    CLOSED,
    MANAGER,
    QUALITY,
    READY_TO_CLOSE,
    SETTLEMENT,
    THURSDAY_9AM,
    Fact,
    accused,
    confirmed,
    followed,
    happened,
    interim_measure,
    person,
    received,
)
from tests.spec import History, given, kf0001
from wording.refusals import missing_in_words, refusal_text

TITLE = Title("名称", "Name")
STEPS = {
    "grade-fault": ("quality",), "record-apology": ("agent",), "issue-notice": ("manager",),
    "check-customer": ("agent",), "complete-form": ("agent",),
}  # fmt: skip


def with_findings(**rules: Any) -> Procedure:
    return replace(kf0001(), steps={**kf0001().steps, **STEPS}, **rules)


def case(*facts: Any, **rules: Any) -> History:
    return given(*(facts or ASKED), procedure=with_findings(**rules))


# 差错定级


def test_a_graded_agent_is_named_in_the_complaint_and_takes_no_part_from_then_on() -> None:
    outcome = case().when(c.GradeFault("agent-7", 2, "多次与客户争执"), by=QUALITY)
    outcome.then(
        followed(events.AccusedNamed, people=("agent-7",)),
        happened(events.FaultGraded, agent="agent-7", grade=2, findings="多次与客户争执"),
    )
    assert outcome.complaint.accused == ["agent-7"]


def test_an_agent_who_is_named_already_is_not_named_again() -> None:
    outcome = case(*ASKED, accused("agent-7")).when(c.GradeFault("agent-7", 1, "态度冷淡"), by=QUALITY)
    outcome.then(happened(events.FaultGraded))


def test_the_same_grade_again_changes_nothing_and_another_one_is_recorded_beside_it() -> None:
    graded = happened(events.FaultGraded, agent="agent-7", grade=1, findings="态度冷淡")
    history = case(*ASKED, accused("agent-7"), graded)
    history.when(c.GradeFault("agent-7", 1, "态度冷淡"), by=QUALITY).then_nothing()
    regraded = history.when(c.GradeFault("agent-7", 3, "辱骂客户"), by=QUALITY)
    assert regraded.complaint.faults == [Fault("agent-7", 1, "态度冷淡"), Fault("agent-7", 3, "辱骂客户")]


def test_quality_grades_also_after_the_close_and_nobody_grades_themselves() -> None:
    assert case(*CLOSED).when(c.GradeFault("agent-7", 1, "漏答"), by=QUALITY).refusal is None
    case(*ASKED, accused("quality-1")).when(c.GradeFault("agent-7", 1, "漏答"), by=QUALITY).then_refused(errors.Recused)
    for actor in (AGENT, MANAGER):
        case().when(c.GradeFault("agent-7", 1, "漏答"), by=actor).then_refused(errors.RoleForbids)


def test_only_the_grades_of_the_procedure_are_given() -> None:
    history = case(*ASKED, fault_grades={"1": TITLE, "2": TITLE})
    history.when(c.GradeFault("agent-7", 3, "辱骂"), by=QUALITY).then_refused(errors.UnknownGrade)


def test_how_a_fault_was_graded_is_seen_by_quality_and_the_auditor() -> None:
    for role, sees in (("quality", True), ("auditor", True), ("manager", False), ("agent", False)):
        assert with_findings().sees_faults(role) is sees


# 道歉, 责任通报


def test_the_person_at_fault_and_the_leader_apologise_before_the_close() -> None:
    history = case(*READY_TO_CLOSE, close_needs=("apology",))
    refusal = history.when(c.CloseComplaint("已解决", "小结")).then_refused(errors.NotReadyToClose)
    assert (tuple(refusal.missing), "道歉" in refusal_text(refusal, "zh")) == (("apology",), True)
    apology = happened(events.ApologyMade, by=("agent-7",), leader="manager-1", means="phone", text=None)
    closing = case(*READY_TO_CLOSE, apology, close_needs=("apology",)).when(c.CloseComplaint("已解决", "小结"))
    assert closing.refusal is None


def test_a_justified_complaint_is_closed_only_after_the_notice_to_those_responsible() -> None:
    history = case(*READY_TO_CLOSE, notice_when_justified=True)
    refusal = history.when(c.CloseComplaint("已解决", "小结", justified=True)).then_refused(errors.NotReadyToClose)
    assert (tuple(refusal.missing), "责任通报" in refusal_text(refusal, "zh")) == (("liability-notice",), True)
    assert history.when(c.CloseComplaint("已解决", "小结", justified=False)).refusal is None
    notice = c.IssueNotice("全员通报", "扣绩效 200 元", people=("agent-7",))
    noticed = history.when(notice, by=MANAGER)
    noticed.then(happened(events.NoticeIssued, people=("agent-7",)))


def test_a_notice_names_a_unit_or_people() -> None:
    case().when(c.IssueNotice("通报", "扣分"), by=MANAGER).then_refused(errors.NobodyNoticed)
    case().when(c.IssueNotice("通报", "扣分", unit="nobody"), by=MANAGER).then_refused(errors.UnknownUnit)


def test_a_notice_goes_to_people_who_hear_of_it() -> None:
    left = Person("agent-8", roles=frozenset({"agent"}), present=False)
    nobody = c.IssueNotice("通报", "扣分", unit="settlement", people=(AGENT.id, "不存在"))
    refusal = case().when(nobody, by=MANAGER).then_refused(errors.UnknownPerson)
    assert isinstance(refusal, errors.Invalid)
    assert refusal.pointer == "/people/1"
    gone = c.IssueNotice("通报", "扣分", people=("agent-8",))
    case().when(gone, by=MANAGER, people=People.of([left])).then_refused(errors.PersonHasLeft)


# 客户信息核对, 投诉单


def test_the_customer_is_checked_before_the_case_opens() -> None:
    first = {"dispatch": ("customer-checked",)}
    history = case(*ASKED[:3], step_needs=first)
    refusal = history.when(c.DispatchComplaint(("settlement",))).then_refused(errors.StepNeedsMore)
    assert (tuple(refusal.missing), "核对客户信息" in refusal_text(refusal, "zh")) == (("customer-checked",), True)
    assert "dispatch" not in history.allowed(AGENT)
    checked = happened(events.CustomerChecked, matches=False, source="person", findings="系统中无此车主")
    assert case(*ASKED[:3], checked, step_needs=first).when(c.DispatchComplaint(("settlement",))).refusal is None


@pytest.mark.parametrize(
    ("step", "facts", "command"),
    [
        ("dispatch", ASKED[:3], c.DispatchComplaint(("settlement",))),
        ("settle", (received(),), c.SettleOnTheSpot("已解释", accepted=True)),
    ],
)
def test_no_step_tells_whether_a_fault_was_graded_to_who_does_not_see_it(
    step: str, facts: tuple[Fact, ...], command: c.Command
) -> None:
    refusal = case(*facts, step_needs={step: ("fault-graded",)}).when(command).then_refused(errors.StepNeedsMore)
    assert tuple(refusal.missing) == ("quality-done",)


def test_without_a_lookup_the_person_says_what_the_customer_system_says() -> None:
    case().when(c.CheckCustomer()).then_refused(errors.CheckNeedsResult)
    case().when(c.CheckCustomer(True, "一致")).then(happened(events.CustomerChecked, matches=True, source="person"))


FORM = (
    FormField("waybill", Title("运单号", "Waybill"), required=True),
    FormField("cause", Title("原因", "Cause"), to_close=True),
    FormField("loss", Title("损失金额", "Loss"), "number", to_close=True),
    FormField("remark", Title("备注", "Remark")),
)


def test_the_refused_close_lists_what_is_missing_in_the_form() -> None:
    facts = (received(facts={"waybill": "SF1"}), *READY_TO_CLOSE[1:])
    history = case(*facts, form=FORM, close_needs=("form-complete",))
    refusal = history.when(c.CloseComplaint("已解决", "小结")).then_refused(errors.NotReadyToClose)
    assert refusal.missing == {"form.cause": FORM[1].title, "form.loss": FORM[2].title}
    assert missing_in_words(refusal.missing, "zh") == [
        "填写投诉单中的“原因”（cause）", "填写投诉单中的“损失金额”（loss）",
    ]  # fmt: skip
    completed = happened(events.FormCompleted, facts={"cause": "分拣错误", "loss": 0})
    done = case(*facts, completed, form=FORM, close_needs=("form-complete",))
    assert done.when(c.CloseComplaint("已解决", "小结")).refusal is None
    assert done.complaint.facts == {"waybill": "SF1", "cause": "分拣错误", "loss": 0}


def test_answers_that_do_not_fit_the_form_are_refused_and_known_ones_change_nothing() -> None:
    history = case(received(facts={"waybill": "SF1"}), form=FORM, form_is_open=False)
    history.when(c.CompleteForm({"loss": "很多"})).then_refused(errors.FactOfWrongKind)
    history.when(c.CompleteForm({"colour": "红"})).then_refused(errors.FactNotInForm)
    history.when(c.CompleteForm({"waybill": "SF1"})).then_nothing()


# 证据


def test_a_piece_of_evidence_is_attached_before_the_step_that_needs_it() -> None:
    evidence: dict[str, Any] = {
        "evidence": {"sale-recording": Title("销售录音", "Recording of the sale")},
        "step_needs": {"inform-customer": ("evidence.sale-recording",)},
    }
    history = case(**evidence)
    refusal = history.when(c.InformCustomer("phone", "致电")).then_refused(errors.StepNeedsMore)
    assert tuple(refusal.missing) == ("evidence.sale-recording",)
    assert missing_in_words(refusal.missing, "en") == ["Recording of the sale (attach with evidence: sale-recording)"]
    plain = happened(events.AttachmentAdded, name="录音", kind="recording", reference="rec:1")
    case(*ASKED, plain, **evidence).when(c.InformCustomer("phone", "致电")).then_refused(errors.StepNeedsMore)
    sale = happened(events.AttachmentAdded, name="录音", kind="recording", reference="rec:1", evidence="sale-recording")
    assert case(*ASKED, sale, **evidence).when(c.InformCustomer("phone", "致电")).refusal is None


def test_evidence_that_the_procedure_does_not_know_is_refused() -> None:
    command = c.Attach("录音", "recording", "rec:1", evidence="nonsense")
    case().when(command).then_refused(errors.UnknownEvidence)


# 逐级上报, 延期


def test_a_case_climbs_the_ladder_rung_by_rung() -> None:
    ladder = {"ladder": ("agent", "manager", "general-manager")}
    refusal = case(**ladder).when(c.EscalateComplaint("general-manager", "技术难题"), by=AGENT)
    assert "manager" not in case().complaint.escalated_to
    assert "That is agent." in refusal_text(refusal.then_refused(errors.EscalationSkipsRung), "en")
    up = [happened(events.Escalated, to_role=role, reason="技术难题") for role in ("agent", "manager")]
    assert case(*ASKED, *up, **ladder).when(c.EscalateComplaint("general-manager", "技术难题")).refusal is None
    assert case(*ASKED, *up, **ladder).when(c.EscalateComplaint("manager", "再看")).refusal is None
    assert case(**ladder).when(c.EscalateComplaint("board-office", "不在梯上")).refusal is None


def test_what_is_confidential_goes_up_only_to_those_who_may_see_it() -> None:
    secret: dict[str, Any] = {"confidential_to": {"complaint": ("board-office", "manager")}}
    refused = case(**secret).when(c.EscalateComplaint("general-manager", "请示"), by=MANAGER)
    assert "board-office, manager" in refusal_text(refused.then_refused(errors.OutsideTheCircle), "en")
    assert case(**secret).when(c.EscalateComplaint("board-office", "请示"), by=MANAGER).refusal is None


@pytest.mark.parametrize(("clock", "may"), [("unit-answers", True), ("record-out", False)])
def test_a_role_extends_only_the_clocks_that_are_its_own(clock: str, may: bool) -> None:
    history = case(*ASKED, interim_measure(), extendable={"unit": ("unit-answers",)})
    command = c.ExtendDeadline(clock, THURSDAY_9AM, "等银行")
    outcome = history.when(command, by=SETTLEMENT)
    assert (outcome.refusal is None) is may
    if not may:
        outcome.then_refused(errors.NotYourClock)


def test_the_head_of_every_department_that_was_asked_approves() -> None:
    severities = dict(kf0001().severities)
    severities["general"] = replace(severities["general"], approval_of_each_unit=True)
    final = (*ASKED_TWO, confirmed("settlement"), confirmed("trading"))
    head = person("head-1", "unit", unit="settlement")
    approved = happened(events.Approved, subject="方案", form="oral", by="head-1", unit="settlement")
    measure = c.ExecuteMeasure("已补入账", "settlement")
    case(*final, severities=severities).when(measure, by=head).then_refused(errors.ApprovalOfEachUnitMissing)
    case(*final, approved, severities=severities).when(measure, by=head).then_refused(errors.ApprovalOfEachUnitMissing)
    both = (approved, happened(events.Approved, subject="方案", form="written", by="head-2", unit="trading"))
    assert case(*final, *both, severities=severities).when(measure, by=head).refusal is None
