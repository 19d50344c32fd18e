"""谁能了结: who lets a grave complaint go, who says that no agent was at fault, and what is set aside with a reason."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

import pytest

from app.recurrence.issue_occurrences import standing_of
from domain import errors
from domain.complaint import commands as c
from domain.complaint import events
from domain.procedure.procedure import Procedure
from domain.values import Actor, CustomerAnswer, LinkedComplaint
from procedures.library import Library
from tests.facts import (
    AGENT,
    COMPLAINT_ID,
    EXECUTED,
    MANAGER,
    OTHER_ID,
    QUALITY,
    READY_TO_CLOSE,
    Fact,
    called_back,
    capa_issued,
    capa_requested,
    capa_submitted,
    classified,
    dispatched,
    effect_confirmed,
    executed,
    followed,
    happened,
    informed,
    member_of,
    raised,
    recalled,
    received,
    rejected,
    settled,
)
from tests.spec import History, given

READY: Final[Mapping[str, Procedure]] = Library.ready().procedures
CLOSE: Final = c.CloseComplaint("已解决", "小结")
# Severities and who lets them go; those not named here anybody may who takes the step.
GRAVE: Final = [
    ("kf0001", "major", "manager"), ("kf0001", "severe", "manager"), ("telecom-hall", "major", "manager"),
    ("outbound", "over-level", "manager"), ("dealer-4s", "major", "manager"), ("after-sales", "major", "manager"),
    ("market-30min", "major", "manager"), ("courier", "major", "supervisor"), ("retail-400", "class-one", "manager"),
]  # fmt: skip


def of(code: str, *facts: Fact) -> History:
    return given(*facts, procedure=READY[code])


def about(code: str, severity: str | None, category: str | None = None) -> Fact:
    return classified(severity, category or next(iter(READY[code].categories)))


@pytest.mark.parametrize(("code", "severity", "role"), GRAVE)
def test_a_grave_complaint_is_rejected_or_withdrawn_by_a_manager_at_least(code: str, severity: str, role: str) -> None:
    grave = (received(), about(code, severity))
    for step, ending in (("reject", c.RejectComplaint("不受理")), ("withdraw", c.WithdrawComplaint("客户撤回"))):
        procedure = READY[code]
        if "agent" in procedure.steps.get(step, ()):
            history = of(code, *grave)
            history.when(ending).then_refused(errors.EndedByOthers)
            assert step not in history.allowed(AGENT)
        needs = [need for need in procedure.needs_of(step, severity, None) if need.startswith("evidence.")]
        files = [
            happened(events.AttachmentAdded, name="附件", kind="audio", reference="file://1", evidence=need[9:])
            for need in needs
        ]
        if role in procedure.steps.get(step, ()):
            assert of(code, *grave, *files).when(ending, by=Actor("m-1", frozenset({role}))).refusal is None


def test_a_severe_complaint_is_not_made_less_by_whoever_may_not_end_it() -> None:
    severe = (received(), classified("severe"))
    for less in ("general", "minor"):
        given(*severe).when(c.ClassifyComplaint(less)).then_refused(errors.EndedByOthers)
    given(*severe).when(c.ClassifyComplaint("general"), by=MANAGER).then(happened(events.Classified))
    assert given(*severe).when(c.ClassifyComplaint("major")).refusal is None  # as grave a matter
    assert given(received(), classified("general")).when(c.ClassifyComplaint("severe")).refusal is None
    given(received(), classified(), raised()).when(c.ClassifyComplaint("general")).then_refused(errors.EndedByOthers)


def test_a_general_complaint_is_ended_by_whoever_takes_the_step() -> None:
    history = given(received(), classified("general"))
    assert history.when(c.WithdrawComplaint("客户撤回")).refusal is None
    assert history.when(c.RejectComplaint("不受理")).refusal is None


def test_whoever_the_dispatch_centre_reports_a_grave_complaint_to_lets_it_go() -> None:
    grave = of("courier", received(), about("courier", "major"))
    for role in ("dispatcher", "manager"):
        grave.when(c.RejectComplaint("不受理"), by=Actor("d-1", frozenset({role}))).then_refused(errors.EndedByOthers)
    deputy = Actor("d-1", frozenset({"deputy-general-manager"}))
    grave.when(c.RejectComplaint("不受理"), by=deputy).then(happened(events.Rejected))


QUALITY_AND_SAFETY: Final = Actor("qs-1", frozenset({"quality-safety"}))


@pytest.mark.parametrize("severity", ["class-two", "class-one"])
def test_quality_and_safety_lets_nothing_go_that_no_store_appealed_against(severity: str) -> None:
    reject = c.RejectComplaint("申诉属实")
    store = member_of("store")
    sent = (received(), about("retail-400", severity), settled(accepted=False), dispatched("store"))
    appeal = happened(
        events.Returned, unit="store", ground="与事实不符", legal_basis="三包规定第9条", evidence="交机视频"
    ).by(store)  # fmt: skip
    not_ours = happened(events.Returned, unit="store", ground="不属本店", legal_basis="门店职责").by(store)
    for facts in (sent[:2], (*sent, not_ours), (*sent, appeal, dispatched("store"), recalled("store"))):
        history = of("retail-400", *facts)
        history.when(reject, by=QUALITY_AND_SAFETY).then_refused(errors.NothingAppealed)
        assert "reject" not in history.allowed(QUALITY_AND_SAFETY)
    appealed = of("retail-400", *sent, appeal)
    assert "reject" in appealed.allowed(QUALITY_AND_SAFETY)
    appealed.when(reject, by=QUALITY_AND_SAFETY).then(happened(events.Rejected))
    appealed.when(c.DispatchComplaint(("store",)), by=QUALITY_AND_SAFETY).then(happened(events.Dispatched))
    of("retail-400", *sent, not_ours).when(c.DispatchComplaint(("store",)), by=QUALITY_AND_SAFETY).then_refused(
        errors.NothingAppealed
    )
    of("retail-400", *sent[:2]).when(reject, by=MANAGER).then(happened(events.Rejected))


# 座席差错


def test_a_complaint_is_taken_from_the_agents_by_quality_alone() -> None:
    faulty = of("agent-fault", received(), about("agent-fault", None, "answer"))
    faulty.when(c.ClassifyComplaint(category="not-agent")).then_refused(errors.FoundByOthers)
    faulty.when(c.ClassifyComplaint(category="not-agent.line"), by=MANAGER).then_refused(errors.FoundByOthers)
    faulty.when(c.ClassifyComplaint(category="not-agent"), by=QUALITY).then(happened(events.Classified))
    assert faulty.when(c.ClassifyComplaint(category="manner")).refusal is None
    assert of("agent-fault", received()).when(c.ClassifyComplaint(category="not-agent")).refusal is None


def test_a_justified_complaint_is_closed_as_not_the_agents_by_quality_alone() -> None:
    spared = of("agent-fault", received(), about("agent-fault", None, "not-agent"))
    justified = c.CloseComplaint("非座席原因", "系统故障", True)
    spared.when(justified).then_refused(errors.FoundByOthers)
    spared.when(justified, by=MANAGER).then_refused(errors.FoundByOthers)
    spared.when(justified, by=QUALITY).then(happened(events.Closed))
    spared.when(c.CloseComplaint("非座席原因", "客户误会", False)).then(happened(events.Closed))


def test_whether_what_is_not_the_agents_was_justified_has_to_be_said() -> None:
    spared = of("agent-fault", received(), about("agent-fault", None, "not-agent"))
    for actor in (AGENT, QUALITY):
        refusal = spared.when(c.CloseComplaint("非座席原因", "系统故障"), by=actor).refusal
        assert isinstance(refusal, errors.NotReadyToClose)
        assert set(refusal.missing) == {"verdict"}


# 预防措施


def test_the_effect_is_confirmed_only_after_the_capa_report_was_issued() -> None:
    ordered = (*EXECUTED, informed(), capa_requested())
    effect = c.ConfirmEffect(True, "已改善")
    for facts in (ordered, (*ordered, capa_submitted())):
        given(*facts).when(effect, by=MANAGER).then_refused(errors.StepNeedsMore)
    given(*ordered, capa_submitted(), capa_issued()).when(effect, by=MANAGER).then(happened(events.EffectConfirmed))


def test_an_effect_confirmed_before_a_report_was_issued_does_not_count() -> None:
    late = (*READY_TO_CLOSE, capa_requested(), capa_submitted(), capa_issued())
    refusal = given(*late).when(CLOSE).then_refused(errors.NotReadyToClose)
    assert set(refusal.missing) == {"effect-confirmed"}
    assert given(*late, effect_confirmed()).when(CLOSE).refusal is None
    assert given(*READY_TO_CLOSE).when(CLOSE).refusal is None  # nobody ordered a report


# 客户信息


def checked(code: Any = "no-such-customer") -> Fact:
    answer = CustomerAnswer.of(code)
    return happened(events.CustomerChecked, matches=code == "agrees", source="lookup", answer=answer)


DISPATCH: Final = c.DispatchComplaint(("shop",))
REGISTERED: Final = (received(), classified("general", "sales"))


def test_no_such_customer_stops_the_dispatch_until_a_manager_overrides_it_with_a_reason() -> None:
    unknown = of("dealer-4s", *REGISTERED, checked())
    refusal = unknown.when(DISPATCH).then_refused(errors.StepNeedsMore)
    assert set(refusal.missing) == {"customer-known"}
    unknown.when(c.OverrideNeed("电话核实为车主家属")).then_refused(errors.RoleForbids)
    outcome = unknown.when(c.OverrideNeed("电话核实为车主家属"), by=MANAGER)
    outcome.then(happened(events.NeedOverridden, need="customer-known", reason="电话核实为车主家属"))
    overridden = happened(events.NeedOverridden, need="customer-known", reason="已核实").by(MANAGER)
    of("dealer-4s", *REGISTERED, checked(), overridden).when(DISPATCH).then(happened(events.Dispatched))


def test_a_customer_whom_the_system_finds_later_is_known() -> None:
    for found in (checked("agrees"), checked("differs")):
        assert of("dealer-4s", *REGISTERED, checked(), found).when(DISPATCH).refusal is None


def test_a_check_by_hand_neither_stops_the_dispatch_nor_unsays_what_the_system_said() -> None:
    for matches in (True, False):
        by_hand = happened(events.CustomerChecked, matches=matches, source="person")
        assert of("dealer-4s", *REGISTERED, by_hand).when(DISPATCH).refusal is None
        of("dealer-4s", *REGISTERED, checked(), by_hand).when(DISPATCH).then_refused(errors.StepNeedsMore)


def test_nothing_is_overridden_that_does_not_stand_in_the_way() -> None:
    override = c.OverrideNeed("无")
    of("dealer-4s", *REGISTERED).when(override, by=MANAGER).then_refused(errors.NothingInTheWay)
    known = of("dealer-4s", *REGISTERED, checked("agrees"))
    known.when(override, by=MANAGER).then_refused(errors.NothingInTheWay)
    assert "override" not in known.allowed(MANAGER)
    assert "override" in of("dealer-4s", *REGISTERED, checked()).allowed(MANAGER)


def test_only_what_the_procedure_names_is_overridden_and_where_there_are_two_it_is_named() -> None:
    two = replace(READY["dealer-4s"], overridable=("customer-known", "callback"))
    stuck = given(*REGISTERED, checked(), procedure=two)
    stuck.when(c.OverrideNeed("无", "meeting-held"), by=MANAGER).then_refused(errors.UnknownNeed)
    stuck.when(c.OverrideNeed("无"), by=MANAGER).then_refused(errors.NeedMustBeNamed)
    command = c.OverrideNeed("客户要求不再致电", "callback")
    stuck.when(command, by=MANAGER).then(happened(events.NeedOverridden, need="callback"))
    overridden = happened(events.NeedOverridden, need="callback", reason="不再致电").by(MANAGER)
    given(*REGISTERED, checked(), overridden, procedure=two).when(command, by=MANAGER).then_nothing()
    closing = given(*REGISTERED, overridden, procedure=two).when(CLOSE)
    assert "callback" not in closing.then_refused(errors.NotReadyToClose).missing


def test_the_maker_s_own_pre_warning_rules_apply_where_the_form_says_so() -> None:
    def asked(*answers: bool) -> bool:
        boxes = [happened(events.FormCompleted, facts={"maker_warning_due": answer}) for answer in answers]
        return "evidence.maker-warning" in left("dealer-4s", *REGISTERED, *boxes)

    assert asked(True)
    assert not asked()
    assert not asked(True, False)
    report = happened(events.AttachmentAdded, name="预警", kind="report", reference="oms:1", evidence="maker-warning")
    due = happened(events.FormCompleted, facts={"maker_warning_due": True})
    assert "evidence.maker-warning" not in left("dealer-4s", *REGISTERED, due, report)


# 重复投诉


def test_a_repeated_complaint_of_one_customer_is_raised_and_one_of_another_customer_is_not() -> None:
    history = of("dealer-4s", received(issue_point=None), classified("general", "sales", issue_point=None))
    others = (LinkedComplaint(OTHER_ID, "DEALER-4S-20260301-000001"),)
    history.when(c.RaiseSeverity(f"customer:{OTHER_ID}", others)).then(
        followed(events.SeverityRaised, severity="major", before="general", issue_point=None, others=others),
        followed(events.Escalated, to_role="manager"), followed(events.Escalated, to_role="general-manager"),
    )  # fmt: skip
    history.when(c.RaiseSeverity(f"customer:{COMPLAINT_ID}", others)).then_nothing()


def test_an_earlier_complaint_of_a_customer_counts_however_grave_it_was_and_a_rejected_one_does_not() -> None:
    rule = READY["dealer-4s"].recurrence
    assert rule is not None
    stream = given(received(), classified("major", "sales")).stream
    assert standing_of(stream).occurs_at(rule) == f"customer:{OTHER_ID}"
    assert standing_of(stream[:1]).occurs_at(rule) is None
    assert standing_of(given(received(), classified("general", "sales"), rejected()).stream).occurs_at(rule) is None


# 重大投诉处理申报表; 越级


def left(code: str, *facts: Fact) -> set[str]:
    refusal = of(code, *facts).when(CLOSE, by=MANAGER).refusal
    return set() if refusal is None else set(refusal.missing)


def test_a_major_case_has_climbed_to_the_hall_manager_and_has_its_form_not_any_attachment() -> None:
    major = (received(), about("telecom-hall", "major"))
    boxes = {f"form.{box.name}" for box in READY["telecom-hall"].form if box.severities == ("major",)}
    assert len(boxes) == 5
    scan = happened(
        events.AttachmentAdded, name="重大投诉处理申报表", kind="form", reference="f", evidence="major-complaint-form"
    )
    assert {*boxes, "escalated.manager"} <= left("telecom-hall", *major, scan)
    answers = {name.removeprefix("form."): "见附件" for name in boxes}
    filed = happened(events.FormCompleted, facts=answers)
    climbed = happened(events.Escalated, to_role="manager", reason="重大")
    assert not {*boxes, "escalated.manager"} & left("telecom-hall", *major, filed, climbed)
    assert not boxes & left("telecom-hall", received(), about("telecom-hall", "general"))


def test_an_over_level_complaint_ends_when_the_customer_agreed_or_raised_no_objection() -> None:
    over = (received(), about("outbound", "over-level"), dispatched("outbound-group"), executed("outbound-group"))
    agreed = happened(events.SolutionAgreed, text="退订并退费", agreed=True)
    refused = happened(events.SolutionAgreed, text="退订", agreed=False)
    assert "no-objection" in left("outbound", *over)
    assert "no-objection" not in left("outbound", *over, agreed)
    assert "no-objection" in left("outbound", *over, agreed, refused)
    assert "no-objection" not in left("outbound", *over, called_back(satisfied=None))
    assert "no-objection" in left("outbound", *over, called_back(reached=False))
    assert "no-objection" in left("outbound", *over, refused, called_back(satisfied=None))
    assert "no-objection" not in left("outbound", received(), about("outbound", "ordinary"))


def test_an_outbound_complaint_ends_when_the_customer_was_told_and_both_recordings_are_there() -> None:
    told = {"customer-informed", "evidence.sales-recording", "evidence.handling-recording"}
    assert told <= left("outbound", received(), about("outbound", "ordinary"))
    assert "evidence.written-account" in left("outbound", received(), about("outbound", "over-level"))
