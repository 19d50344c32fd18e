"""Between a plan and its end: who approved it, what kind of solution it is, who sent it back, who is noticed."""

from dataclasses import replace
from typing import Any, Final

import pytest

from domain import errors
from domain.complaint import commands as c
from domain.complaint import events
from domain.complaint.obligations import obligations_of
from domain.notices.notices import Addressee
from domain.procedure.procedure import Dissatisfaction, Procedure, Severity, Sight
from domain.titles import Title
from procedures.library import Library
from procedures.reader import ProcedureErrors, read_procedure
from tests.domain.test_procedures_of_shops_and_makers import GRAVE, TITLE, shop
from tests.domain.test_procedures_without_opinions import RETURN
from tests.facts import (
    AGENT,
    MANAGER,
    SETTLEMENT,
    TRADING,
    Fact,
    called_back,
    classified,
    dispatched,
    executed,
    followed,
    happened,
    member_of,
    people,
    person,
    received,
    redirected,
    reopened,
)
from tests.spec import History, given
from wording.refusals import refusal_text

EACH: Final = {"grave": Severity("grave", TITLE, approval=True, approval_of_each_unit=True)}
SENT: Final = (*GRAVE, dispatched("settlement", "trading"))
FILES: Final = Library.ready().procedures
PLANNING: Final = sorted(code for code, one in FILES.items() if "agree-solution" in one.steps)
EXECUTE: Final = c.ExecuteMeasure("换货")


def approved(by: str, unit: str | None = None) -> Fact:
    return happened(events.Approved, subject="换货", form="oral", by=by, unit=unit)


@pytest.mark.parametrize(
    ("approvals", "is_enough"),
    [
        ((approved("head-1", "settlement"),), False),
        ((approved("head-1", "settlement"), approved("head-2", "trading")), True),
        ((approved("head-1", "settlement"), approved("head-2")), True),
        ((approved("head-1"), approved("head-2")), True),
        ((approved("head-1"), approved("head-1")), False),
    ],
)
def test_the_heads_of_all_departments_that_were_asked_approve_and_each_counts_once(
    approvals: tuple[Fact, ...], is_enough: bool
) -> None:
    outcome = given(*SENT, *approvals, procedure=shop(severities=EACH)).when(EXECUTE, by=SETTLEMENT)
    if is_enough:
        outcome.then(happened(events.Executed))
    else:
        outcome.then_refused(errors.ApprovalOfEachUnitMissing)


def test_a_department_that_sent_the_matter_back_need_not_approve() -> None:
    back = happened(events.Returned, unit="trading", ground="不归我部", legal_basis="职责表")
    story = (*SENT, back, approved("head-1", "settlement"))
    given(*story, procedure=shop(severities=EACH)).when(EXECUTE, by=SETTLEMENT).then(happened(events.Executed))


# 各部门经理: where the file says who is the head of which department

HEAD: Final = person("head-1", "department-head", unit="settlement")
OTHER_HEAD: Final = person("head-2", "department-head", unit="trading")
HEAD_OF_ONE: Final = person("head-3", "manufacturing-manager")
UNATTACHED: Final = person("head-4", "department-head")
THERE: Final = people(HEAD, OTHER_HEAD, HEAD_OF_ONE, UNATTACHED, MANAGER)


def with_heads() -> Procedure:
    heads = {"department-head": "own", "manufacturing-manager": "trading"}
    sees: dict[str, Sight] = {**shop().sees, "department-head": "texts", "manufacturing-manager": "texts"}
    steps = {**shop().steps, "approve": ("department-head", "manufacturing-manager", "manager")}
    return shop(severities=EACH, heads=heads, sees=sees, steps=steps)


def agreed(text: str = "换货", *, yes: bool = True) -> Fact:
    return happened(events.SolutionAgreed, text=text, agreed=yes)


def approve(by: str, unit: str | None = None) -> c.Approve:
    return c.Approve("换货", "oral", by, unit)


@pytest.mark.parametrize(
    ("by", "named", "unit"),
    [
        ("head-1", None, "settlement"), ("head-1", "settlement", "settlement"), ("head-2", None, "trading"),
        ("head-3", None, "trading"), ("head-4", None, None), ("head-4", "trading", "trading"),
    ],
)  # fmt: skip
def test_a_head_approves_for_their_own_department(by: str, named: str | None, unit: str | None) -> None:
    recorded = given(*SENT, procedure=with_heads()).when(approve(by, named), by=MANAGER, people=THERE)
    recorded.then(happened(events.Approved, by=by, unit=unit, form="oral"))


@pytest.mark.parametrize(
    ("by", "named", "refusal"),
    [
        ("head-1", "trading", errors.NotTheirHead), ("head-3", "settlement", errors.NotTheirHead),
        ("head-4", "logistics", errors.NotTheirHead), ("manager-1", None, errors.RoleCannotTakeIt),
        ("nobody-1", None, errors.UnknownPerson),
    ],
)  # fmt: skip
def test_nobody_approves_for_a_department_of_which_they_are_not_the_head(
    by: str, named: str | None, refusal: type[errors.Refused]
) -> None:
    recorded = given(*SENT, procedure=with_heads()).when(approve(by, named), by=MANAGER, people=THERE)
    recorded.then_refused(refusal)


def test_a_head_whose_department_was_not_asked_has_nothing_to_approve() -> None:
    only = given(*GRAVE, dispatched("settlement"), procedure=with_heads())
    only.when(approve("head-2"), by=MANAGER, people=THERE).then_refused(errors.UnitNotAsked)


BOTH: Final = (approved("head-1", "settlement"), approved("head-2", "trading"))


@pytest.mark.parametrize(
    ("story", "refusal"),
    [
        ((agreed(), *BOTH), None),
        ((*BOTH, agreed()), None),  # approved first and agreed then, in the same words
        ((agreed(), *BOTH, agreed()), None),  # the customer says so again
        ((agreed(), approved("head-1", "settlement")), errors.ApprovalOfEachUnitMissing),
        ((*BOTH, agreed("全额退款")), errors.ApprovalMissing),
        ((agreed(), *BOTH, agreed("全额退款")), errors.ApprovalMissing),
        ((agreed(), *BOTH, agreed("全额退款"), agreed()), errors.ApprovalMissing),
        ((agreed(), *BOTH, agreed(yes=False), agreed()), errors.ApprovalMissing),
        ((agreed(), *BOTH, dispatched("settlement", "trading")), errors.ApprovalMissing),
        ((agreed(), *BOTH, dispatched("settlement", "trading"), agreed()), errors.ApprovalMissing),
        ((agreed("全额退款"), *BOTH, agreed("换货三台"), *BOTH), None),
    ],
)  # fmt: skip
def test_an_approval_counts_only_for_the_plan_it_was_given_for(
    story: tuple[Fact, ...], refusal: type[errors.Refused] | None
) -> None:
    outcome = given(*SENT, *story, procedure=with_heads()).when(EXECUTE, by=SETTLEMENT)
    if refusal is None:
        outcome.then(happened(events.Executed))
    else:
        outcome.then_refused(refusal)


# Each unit's own plan


def own(unit: str, text: str = "换货", *, yes: bool = True) -> Fact:
    return happened(events.SolutionAgreed, text=text, agreed=yes, unit=unit).by(member_of(unit))


def with_own_plans() -> Procedure:
    steps = {**with_heads().steps, "agree-solution": ("unit", "agent"), "redirect": ("agent",), "add-unit": ("agent",)}
    return replace(with_heads(), steps=steps, solution_before_execution=True)


def planning(*facts: Fact) -> History:
    return given(*SENT, *facts, procedure=with_own_plans())


SETTLED_ITS_OWN: Final = (own("settlement"), approved("head-1", "settlement"))
TRADING_EXECUTES: Final = c.ExecuteMeasure("已退款")


def test_the_plan_of_a_second_unit_leaves_the_approvals_of_the_first_as_they_are() -> None:
    story = planning(*SETTLED_ITS_OWN, own("trading", "全额退款"))
    story.when(EXECUTE, by=SETTLEMENT).then(happened(events.Executed, unit="settlement"))
    story.when(TRADING_EXECUTES, by=TRADING).then_refused(errors.ApprovalMissing)


def test_a_head_approves_the_plan_of_their_own_department_and_of_no_other() -> None:
    story = planning(*SETTLED_ITS_OWN, own("trading"))  # in the same words
    story.when(TRADING_EXECUTES, by=TRADING).then_refused(errors.ApprovalMissing)
    assert "execute" in story.allowed(SETTLEMENT)
    assert "execute" not in story.allowed(TRADING)
    done = planning(*SETTLED_ITS_OWN, own("trading"), approved("head-2", "trading"))
    done.when(TRADING_EXECUTES, by=TRADING).then(happened(events.Executed, unit="trading"))


def test_a_unit_executes_only_when_the_customer_agreed_to_its_own_plan() -> None:
    story = planning(*SETTLED_ITS_OWN)
    story.when(TRADING_EXECUTES, by=TRADING).then_refused(errors.SolutionNotAgreed)
    refused = planning(*SETTLED_ITS_OWN, own("trading", yes=False))
    refused.when(TRADING_EXECUTES, by=TRADING).then_refused(errors.SolutionNotAgreed)
    refused.when(EXECUTE, by=SETTLEMENT).then(happened(events.Executed, unit="settlement"))


def test_a_plan_that_no_unit_made_is_one_for_all_and_waits_for_every_head() -> None:
    story = planning(agreed(), approved("head-1", "settlement"))
    story.when(EXECUTE, by=SETTLEMENT).then_refused(errors.ApprovalOfEachUnitMissing)
    both = planning(agreed(), *BOTH)
    both.when(EXECUTE, by=SETTLEMENT).then(happened(events.Executed))
    both.when(TRADING_EXECUTES, by=TRADING).then(happened(events.Executed))


def test_a_plan_for_all_takes_the_place_of_the_units_own() -> None:
    story = planning(*SETTLED_ITS_OWN, agreed("全额退款"))
    story.when(EXECUTE, by=SETTLEMENT).then_refused(errors.ApprovalMissing)
    off = planning(*SETTLED_ITS_OWN, agreed(yes=False))
    off.when(EXECUTE, by=SETTLEMENT).then_refused(errors.SolutionNotAgreed)


def test_whoever_plans_for_a_unit_names_one_that_has_the_case_and_a_member_only_their_own() -> None:
    plan = c.AgreeSolution("换货", agreed=True)
    planning().when(plan, by=SETTLEMENT).then(happened(events.SolutionAgreed, unit="settlement"))
    planning().when(plan).then(happened(events.SolutionAgreed, unit=None))
    planning().when(replace(plan, unit="trading")).then(happened(events.SolutionAgreed, unit="trading"))
    planning().when(replace(plan, unit="logistics")).then_refused(errors.UnitNotAsked)
    planning().when(replace(plan, unit="trading"), by=SETTLEMENT).then_refused(errors.NotForAnotherUnit)


EXECUTED_ITS_OWN: Final = (*SETTLED_ITS_OWN, executed())


def test_no_plan_takes_the_place_of_one_that_was_executed_nor_does_the_customer_go_back_on_it() -> None:
    story = planning(*EXECUTED_ITS_OWN)
    for other in (c.AgreeSolution("全额退款", agreed=True), c.AgreeSolution("换货", agreed=False)):
        story.when(other, by=SETTLEMENT).then_refused(errors.PlanAlreadyExecuted)
        story.when(replace(other, unit="settlement")).then_refused(errors.PlanAlreadyExecuted)
        story.when(other).then_refused(errors.PlanAlreadyExecuted)  # for all
    assert "agree-solution" not in story.allowed(SETTLEMENT)
    story.when(c.AgreeSolution("换货", agreed=True), by=SETTLEMENT).then()  # as was agreed


def test_a_unit_that_has_not_executed_still_plans_when_another_has() -> None:
    story = planning(*EXECUTED_ITS_OWN)
    plan = c.AgreeSolution("全额退款", agreed=True)
    story.when(plan, by=TRADING).then(happened(events.SolutionAgreed, unit="trading"))
    story.when(replace(plan, unit="trading")).then(happened(events.SolutionAgreed, unit="trading"))
    assert "agree-solution" in story.allowed(TRADING)
    assert "agree-solution" in story.allowed(AGENT)
    both = planning(*EXECUTED_ITS_OWN, own("trading"), approved("head-2", "trading"), executed("trading"))
    assert "agree-solution" not in both.allowed(AGENT)


def test_a_new_round_after_the_execution_has_a_plan_of_its_own() -> None:
    story = planning(*EXECUTED_ITS_OWN, reopened(), dispatched("settlement"))
    plan = c.AgreeSolution("全额退款", agreed=True)
    story.when(plan, by=SETTLEMENT).then(happened(events.SolutionAgreed, unit="settlement"))


@pytest.mark.parametrize("code", PLANNING)
def test_after_the_execution_no_plan_is_agreed_on_where_it_comes_first_and_any_where_it_does_not(code: str) -> None:
    procedure = FILES[code]
    severity = next((one.code for one in procedure.severities.values() if not one.front_line), None)
    facts = (received(), classified(category=next(iter(procedure.categories)), severity=severity), dispatched())
    whoever = person("somebody", *procedure.steps.get("agree-solution", ("agent",)), unit="settlement")
    outcome = given(*facts, own("settlement"), executed(), procedure=procedure).when(
        c.AgreeSolution("全额退款", agreed=True, unit="settlement"),
        by=whoever,
    )
    comes_first = code in ("general", "market-30min")
    assert isinstance(outcome.refusal, errors.PlanAlreadyExecuted) == comes_first


def test_a_unit_that_is_asked_anew_plans_anew() -> None:
    away, back = redirected("settlement", "logistics"), redirected("logistics", "settlement")
    story = planning(*SETTLED_ITS_OWN, away, back)
    story.when(EXECUTE, by=SETTLEMENT).then_refused(errors.SolutionNotAgreed)
    again = planning(*SETTLED_ITS_OWN, away, back, own("settlement"))
    again.when(EXECUTE, by=SETTLEMENT).then_refused(errors.ApprovalMissing)


def owed_approvals(history: History) -> list[tuple[str | None, str, str]]:
    return [
        (one.unit, str(one.owed_by), one.state) for one in obligations_of(history.complaint) if one.step == "approve"
    ]


def test_the_head_of_each_unit_owes_the_approval_of_its_plan() -> None:
    assert owed_approvals(planning()) == []
    assert owed_approvals(planning(own("settlement"), own("trading"))) == [
        ("settlement", "role:department-head/settlement", "open"), ("trading", "role:manufacturing-manager", "open"),
    ]  # fmt: skip
    assert owed_approvals(planning(own("trading"), *SETTLED_ITS_OWN)) == [
        ("settlement", "role:department-head/settlement", "met"), ("trading", "role:manufacturing-manager", "open"),
    ]  # fmt: skip
    assert owed_approvals(planning(*SETTLED_ITS_OWN, own("settlement", "全额退款"))) == [
        ("settlement", "role:department-head/settlement", "open")
    ]
    assert owed_approvals(planning(agreed(), approved("head-2", "trading"))) == [
        ("settlement", "role:department-head/settlement", "open"), ("trading", "role:manufacturing-manager", "met"),
    ]  # fmt: skip


def test_a_head_is_told_once_that_a_plan_waits_for_their_approval() -> None:
    story = planning(own("settlement"))
    heads = [notice.to for notice in story.told if notice.to.kind == "role"]
    assert heads == [Addressee("role", "department-head/settlement")]  # of the department whose plan it is
    later = planning(own("settlement"), own("trading"))
    roles = [notice.to.code for notice in later.told if notice.to.kind == "role"]
    assert roles == ["manufacturing-manager"]


def test_nothing_is_closed_over_a_plan_that_nobody_approved() -> None:
    executing = (*SETTLED_ITS_OWN, own("trading"), approved("head-2", "trading"))
    done = (*executing, executed("settlement"), executed("trading"))
    story = planning(*done, own("trading", "全额退款"))
    refusal = story.when(c.CloseComplaint("已解决", "换货")).then_refused(errors.NotReadyToClose)
    assert list(refusal.missing) == ["plan-approved"]
    planning(*done).when(c.CloseComplaint("已解决", "换货")).then(happened(events.Closed))


def test_a_solution_says_of_which_kinds_it_is() -> None:
    procedure = shop(remedies={"refund": Title("退款", "Refund"), "apology": Title("道歉", "Apology")})
    agree = c.AgreeSolution("退款并致歉", agreed=True, remedies=("refund", "apology"))
    given(*SENT, procedure=procedure).when(agree).then(
        happened(events.SolutionAgreed, remedies=("refund", "apology"), agreed=True)
    )
    unknown = c.AgreeSolution("赠券", agreed=True, remedies=("voucher",))
    refusal = given(*SENT, procedure=procedure).when(unknown).then_refused(errors.UnknownRemedy)
    assert "It knows refund, apology." in refusal_text(refusal, "en")


@pytest.mark.parametrize(("before", "goes_up"), [(0, False), (1, True), (2, True)])
def test_a_matter_that_is_sent_back_again_and_again_goes_up(before: int, goes_up: bool) -> None:
    procedure = shop(returns=Dissatisfaction(2, ("manager",)))
    story: list[Fact] = [*GRAVE]
    for unit in ("trading", "risk-control", "logistics")[:before]:
        story += [dispatched(unit), happened(events.Returned, unit=unit, ground="…", legal_basis="…")]
    told = [followed(events.Escalated, to_role="manager")] if goes_up else []
    given(*story, dispatched("settlement"), procedure=procedure).when(RETURN, by=SETTLEMENT).then(
        happened(events.Returned), *told
    )


@pytest.mark.parametrize(
    ("dissatisfied", "justified", "is_refused"), [(True, True, True), (True, False, False), (False, True, False)]
)
def test_who_is_found_liable_when_the_case_is_judged_again_is_noticed_before_the_close(
    dissatisfied: bool, justified: bool, is_refused: bool
) -> None:
    again = Dissatisfaction(1, ("manager",), notice=True)
    procedure = shop(dissatisfaction=again, severities={"grave": Severity("grave", TITLE)})
    done = (*GRAVE, dispatched("settlement"), executed("settlement"))
    story: tuple[Fact, ...] = (*done, called_back(satisfied=False)) if dissatisfied else done
    close = c.CloseComplaint("已解决", "换货", justified)
    outcome = given(*story, procedure=procedure).when(close)
    if not is_refused:
        outcome.then(happened(events.Closed))
        return
    refusal = outcome.then_refused(errors.NotReadyToClose)
    assert tuple(refusal.missing) == ("liability-notice",)
    noticed = happened(events.NoticeIssued, text="通报", penalty="扣罚当月绩效", unit="settlement")
    given(*story, noticed, procedure=procedure).when(close).then(happened(events.Closed))


def test_what_is_classified_without_a_severity_is_of_the_usual_one() -> None:
    grades = {"general": Severity("general", TITLE, usual=True), "grave": Severity("grave", TITLE)}
    sort = c.ClassifyComplaint(category="housing")
    given(received(), procedure=shop(severities=grades)).when(sort).then(
        happened(events.Classified, severity="general")
    )
    raised = happened(events.Classified, severity="grave", category="housing")
    again = c.ClassifyComplaint(category="housing", issue_point="login-failed")
    given(received(), raised, procedure=shop(severities=grades)).when(again).then(
        happened(events.Classified, severity="grave")
    )


@pytest.mark.parametrize("on_the_spot", [True, False])
def test_the_front_line_settles_or_passes_on_what_the_file_lets_it_settle(on_the_spot: bool) -> None:
    procedure = shop(severities={"grave": Severity("grave", TITLE, on_the_spot=on_the_spot)})
    given(*GRAVE, procedure=procedure).when(c.DispatchComplaint(("settlement",))).then(happened(events.Dispatched))
    settle = given(*GRAVE, procedure=procedure).when(c.SettleOnTheSpot("已说明", accepted=True))
    if on_the_spot:
        settle.then(happened(events.SettledOnTheSpot))
    else:
        settle.then_refused(errors.NotForFrontLine)


def read(**rules: Any) -> None:
    """A file with a rule in a form that is not right."""
    text = """
code: mine
version: "1"
title: {zh: 甲, en: A}
source: 甲
calendar: cn
kinds: {complaint: {zh: 投诉, en: Complaint}}
roles: {agent: {zh: 客服, en: Agent}}
categories: {other: {zh: 其他, en: Other}}
severities:
  small: {title: {zh: 小, en: Small}, usual: true}
  big: {title: {zh: 大, en: Big}, usual: %(usual)s}
steps: {receive: [agent], dispatch: [agent]}
sees: {agent: all}
clocks: []
rules:
  dissatisfaction: {count: 1, tell: [agent], notice: %(notice)s}
  returns: {count: %(count)s, tell: [agent]}
remedies: {refund: {zh: 退款, en: Refund}}
"""
    procedure = read_procedure(text % {"usual": "false", "notice": "false", "count": 2, **rules}, calendars=("cn",))
    assert (procedure.usual_severity, list(procedure.remedies)) == ("small", ["refund"])
    assert procedure.returns == Dissatisfaction(2, ("agent",))


def test_these_rules_are_read_from_the_file() -> None:
    read()


@pytest.mark.parametrize(
    ("rule", "value", "field"),
    [
        ("usual", "true", "severities.big"),
        ("notice", "true", "rules.dissatisfaction.notice"),
        ("count", "0", "rules.returns.count"),
    ],
)
def test_a_rule_that_cannot_hold_is_named_with_its_field(rule: str, value: str, field: str) -> None:
    with pytest.raises(ProcedureErrors) as told:
        read(**{rule: value})
    assert [mistake.field for mistake in told.value.mistakes] == [field]
