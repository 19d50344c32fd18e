"""What the close waits for and no clock asks for: who owes it, from when, and that it stays on the list once done."""

from dataclasses import replace
from decimal import Decimal
from typing import Any, Final

import pytest

from domain.complaint import commands as c
from domain.complaint import events
from domain.complaint.obligations import obligations_of
from domain.complaint.requirements import CHECKS
from domain.obligation import Obligation
from domain.procedure.compensation_rule import Authority, CompensationRule
from domain.procedure.duties import NEEDS, kind_of_need, stages_of
from domain.procedure.moments import MomentName
from domain.procedure.procedure import REQUIREMENTS, FormField, Procedure
from domain.titles import Title
from domain.values import Actor, Complainant
from tests.facts import (
    AGENT,
    ASKED,
    ASKED_TWO,
    BOARD_OFFICE,
    EXECUTED,
    MANAGER,
    OPENED,
    READY_TO_CLOSE,
    Fact,
    accused,
    called_back,
    capa_issued,
    capa_requested,
    capa_submitted,
    closed,
    confirmed,
    effect_confirmed,
    executed,
    followed,
    happened,
    informed,
    meeting_held,
    on,
    person,
    received,
    reopened,
    unit_added,
)
from tests.spec import given, kf0001

TITLE: Final = Title("题", "title")
UNTIL_50, UNTIL_500 = Authority(("agent", "manager"), Decimal(50)), Authority(("manager",), Decimal(500))
STEPS: Final = {
    "propose-compensation": ("agent",), "approve-compensation": ("agent", "manager", "general-manager"),
    "pay-compensation": ("agent",), "attach": ("agent",), "complete-form": ("agent",), "escalate": ("unit", "agent"),
}  # fmt: skip
LATER: Final = on("2026-03-03")
MUCH_LATER: Final = on("2026-03-04")


def asking(*needs: str, **more: Any) -> Procedure:
    """The reference procedure without clocks, with these alone to be done before the close."""
    rules = kf0001()
    return replace(
        rules, clocks=(), close_needs=needs, steps={**rules.steps, **STEPS}, evidence={"receipt": TITLE},
        severities={code: replace(severity, close_needs=()) for code, severity in rules.severities.items()},
        compensation=CompensationRule(authority=(UNTIL_50, UNTIL_500, Authority(("general-manager",)))), **more,
    )  # fmt: skip


def owed(*facts: Fact, procedure: Procedure) -> list[Obligation]:
    return obligations_of(given(*facts, procedure=procedure).complaint)


def told(*facts: Fact, procedure: Procedure) -> list[tuple[str, str, str]]:
    return [(one.name, str(one.owed_by), one.state) for one in owed(*facts, procedure=procedure)]


def proposed(amount: str = "40.00") -> Fact:
    return happened(
        events.CompensationProposed, amount=Decimal(amount), currency="CNY", basis="致歉", method="credit",
        of_charge=None, times=None, why_not_credit=None,
    )  # fmt: skip


def approved(amount: str = "40.00") -> Fact:
    return happened(events.CompensationApproved, amount=Decimal(amount), currency="CNY", remarks=None).by(MANAGER)


def refused(amount: str = "40.00") -> Fact:
    return happened(events.CompensationRefused, amount=Decimal(amount), currency="CNY", remarks=None).by(MANAGER)


PAID: Final = happened(events.CompensationPaid, amount=Decimal("40.00"), currency="CNY", method="credit")
MONEY: Final = asking("compensation-settled")


@pytest.mark.parametrize(
    ("amount", "ower"), [("50.00", "person:agent-1"), ("50.01", "role:manager"), ("501.00", "role:general-manager")]
)
def test_a_proposed_compensation_is_to_be_approved_by_the_lowest_whose_authority_reaches_so_far(
    amount: str, ower: str
) -> None:
    [row] = owed(*ASKED, proposed(amount).by(BOARD_OFFICE), procedure=MONEY)
    assert (row.name, row.step, str(row.owed_by)) == ("compensation-approved", "approve-compensation", ower)
    assert (row.state, row.due_at) == ("open", None)


@pytest.mark.parametrize(("by", "ower"), [(AGENT, "role:manager"), (MANAGER, "person:agent-1")])
def test_nobody_owes_the_approval_of_what_they_proposed(by: Actor, ower: str) -> None:
    [row] = owed(*ASKED, proposed().by(by), procedure=MONEY)
    assert (row.name, str(row.owed_by)) == ("compensation-approved", ower)


def test_what_nobody_else_may_approve_is_another_s_of_the_role_of_whoever_proposed_it() -> None:
    alone = replace(MONEY, compensation=CompensationRule(authority=(Authority(("agent",)),)))
    [row] = owed(*ASKED, proposed(), procedure=alone)
    assert str(row.owed_by) == "role:agent"


def test_an_approved_compensation_is_to_be_paid_and_whoever_pays_is_told() -> None:
    facts = (*ASKED, proposed(), approved())
    assert told(*facts, procedure=MONEY) == [
        ("compensation-approved", "role:manager", "met"), ("compensation-paid", "person:agent-1", "open"),
    ]  # fmt: skip
    history = given(*facts, procedure=MONEY)
    assert [one.to.code for one in history.told] == ["agent-1"]


def test_a_paid_and_a_refused_compensation_are_done_and_say_when() -> None:
    paid = owed(*ASKED, proposed(), approved().at(LATER), PAID.at(MUCH_LATER), procedure=MONEY)
    assert [(one.name, one.state, one.met_at) for one in paid] == [
        ("compensation-approved", "met", LATER), ("compensation-paid", "met", MUCH_LATER),
    ]  # fmt: skip
    assert told(*ASKED, proposed(), refused(), procedure=MONEY) == [("compensation-approved", "role:manager", "met")]


def test_a_second_proposal_is_owed_by_itself_and_one_whose_place_it_takes_is_void() -> None:
    anew = (*ASKED, proposed("40.00"), proposed("60.00"))
    assert told(*anew, procedure=MONEY) == [("compensation-approved", "role:manager", "open")]
    again = (*ASKED, proposed(), refused(), proposed("60.00"))
    assert [one[2] for one in told(*again, procedure=MONEY)] == ["met", "open"]


def test_what_was_promised_is_still_to_be_paid_after_the_close() -> None:
    rows = told(*READY_TO_CLOSE, proposed(), approved(), closed(), procedure=MONEY)
    assert rows[-1] == ("compensation-paid", "person:agent-1", "open")


def test_a_report_that_was_ordered_is_owed_by_its_unit_and_then_by_those_who_issue_it() -> None:
    rules = asking("capa-issued")
    assert told(*EXECUTED, capa_requested(), procedure=rules) == [("capa-submitted", "unit:settlement", "open")]
    assert told(*EXECUTED, capa_requested(), capa_submitted(), procedure=rules) == [
        ("capa-submitted", "unit:settlement", "met"), ("capa-issued", "role:board-office", "open"),
    ]  # fmt: skip
    assert told(*EXECUTED, capa_requested(), capa_submitted(), capa_issued(), procedure=rules)[-1] == (
        "capa-issued", "role:board-office", "met",
    )  # fmt: skip


def test_an_ordered_report_is_owed_whatever_the_close_needs_and_after_it_too() -> None:
    rules = asking("callback")
    ordered = (*READY_TO_CLOSE[:-1], capa_requested())
    assert ("capa-submitted", "unit:settlement", "open") in told(*ordered, procedure=rules)
    closed_over = (*READY_TO_CLOSE, capa_requested(), capa_submitted(), closed())
    assert ("capa-issued", "role:board-office", "open") in told(*closed_over, procedure=rules)
    given(*closed_over, procedure=rules).when(c.IssueCAPA("settlement"), by=BOARD_OFFICE).then(
        happened(events.CAPAIssued, unit="settlement")
    )


def test_word_callback_and_effect_are_owed_from_the_last_result_that_still_holds() -> None:
    rules = asking("effect-confirmed", "callback", "customer-informed")
    assert {one[0] for one in told(*EXECUTED, procedure=rules)} == {"effect-confirmed", "callback", "customer-informed"}
    joined = (*EXECUTED, unit_added())
    assert told(*joined, procedure=rules) == []
    names = {one.name for one in owed(*joined, executed("trading").at(LATER), procedure=rules)}
    assert names == {"effect-confirmed", "callback", "customer-informed"}


def test_what_a_clock_asks_for_is_not_owed_a_second_time() -> None:
    facts = (*EXECUTED, capa_requested(), capa_submitted())
    names = [one.name for one in owed(*facts, procedure=kf0001())]
    assert not {"capa-submitted", "capa-issued"} & set(names)
    assert len(names) == len({(one.name, one.unit, one.arose_at) for one in owed(*facts, procedure=kf0001())})


def test_what_is_the_units_is_owed_by_a_unit_that_has_it_and_never_by_units_at_large() -> None:
    rules = asking("escalated.manager")
    up = followed(events.Escalated, to_role="manager", reason="…")
    assert told(*ASKED_TWO, procedure=rules)[0][:2] == ("escalated.manager", "unit:settlement")
    assert told(*OPENED, procedure=rules) == [("escalated.manager", "person:agent-1", "open")]
    assert told(*OPENED, up, procedure=rules) == [("escalated.manager", "person:agent-1", "met")]
    other = followed(events.Escalated, to_role="board-office", reason="…")
    assert told(*OPENED, other, procedure=rules) == [("escalated.manager", "person:agent-1", "open")]


def test_a_unit_owes_its_own_confirmation_until_it_gave_it() -> None:
    rules = asking("effect-confirmed")
    rules = replace(rules, steps={**rules.steps, "confirm-effect": ("unit",)})
    both = (*ASKED_TWO, confirmed(), confirmed("trading"), executed(), executed("trading"))
    assert {one[1] for one in told(*both, procedure=rules)} == {"unit:settlement", "unit:trading"}
    one_did = (*both, effect_confirmed().by(person("m", "unit", unit="settlement")))
    rows = [one[1:] for one in told(*one_did, procedure=rules)]
    assert rows == [("unit:settlement", "met"), ("unit:trading", "open")]


def form(**facts: Any) -> Fact:
    return happened(events.FormCompleted, facts=facts, district=None)


def test_a_form_is_one_thing_to_do_and_done_when_its_last_box_was_filled() -> None:
    boxes = (FormField("order_no", TITLE, to_close=True), FormField("shop", TITLE, to_close=True))
    rules = asking("form-complete", form=(*boxes, FormField("remark", TITLE)))
    assert told(*OPENED, procedure=rules) == [("form-complete", "person:agent-1", "open")]
    assert told(*OPENED, form(order_no="R-1"), procedure=rules)[0][2] == "open"
    filled = (form(order_no="R-1"), form(shop="西单店").at(LATER), form(order_no="R-2", remark="…").at(MUCH_LATER))
    [row] = owed(*OPENED, *filled, procedure=rules)
    assert (row.state, row.met_at) == ("met", LATER), "what is corrected later was done before"


def test_what_was_there_before_it_was_owed_was_never_owed() -> None:
    box = FormField("order_no", TITLE, to_close=True)
    rules = asking("form-complete", form=(box,))
    assert told(received(facts={"order_no": "R-1"}), *OPENED[1:], procedure=rules) == []


DONE: Final = {
    "meeting-held": meeting_held(), "capa-ordered": capa_requested(), "accused-named": accused("agent-7"),
    "apology": happened(events.ApologyMade, by=("agent-7",), leader="manager-1", means="phone"),
    "liability-notice": happened(events.NoticeIssued, text="通报", penalty="扣款"),
    "charge-verified": happened(
        events.ChargeVerified, charged=Decimal(5), due=Decimal(5), wrong=False, findings="无误", item=None
    ),
    "fault-graded": happened(events.FaultGraded, agent="agent-7", grade=1, findings="态度"),
    "evidence.receipt": happened(
        events.AttachmentAdded, name="收据", kind="document", reference="r-1", evidence="receipt"
    ),
    "customer-checked": happened(events.CustomerChecked, matches=True, source="agent"),
    "executed": executed(), "customer-informed": informed(), "callback": called_back(),
    "no-objection": happened(events.SolutionAgreed, text="补入账", agreed=True),
}  # fmt: skip


@pytest.mark.parametrize("need", DONE)
def test_what_was_done_stays_on_the_list_as_met(need: str) -> None:
    before = (*ASKED, confirmed()) if need == "executed" else EXECUTED
    rules = asking(need)
    [open_row] = owed(*before, procedure=rules)
    [row] = [one for one in owed(*before, DONE[need].at(LATER), procedure=rules) if one.name == need]
    assert (open_row.name, open_row.state, open_row.met_at) == (need, "open", None)
    assert (row.name, row.state, row.met_at, row.arose_at) == (need, "met", LATER, open_row.arose_at)


def test_what_is_missing_in_a_round_is_owed_from_its_opening() -> None:
    rules = asking("meeting-held")
    [row] = owed(*READY_TO_CLOSE, closed(), reopened().at(LATER), procedure=rules)
    assert (row.name, row.state, row.arose_at) == ("meeting-held", "open", LATER)


def test_whatever_a_file_may_ask_for_is_known_to_the_work_list() -> None:
    kinds = {kind_of_need(stage) for need in REQUIREMENTS | CHECKS.keys() for stage in stages_of(need)}
    assert kinds | {"evidence", "escalated"} == NEEDS.keys()


def test_every_moment_from_which_something_is_owed_or_by_which_it_is_done_comes_from_an_event() -> None:
    named: set[MomentName] = {name for need in NEEDS.values() for name in (need.ripe, *need.met_by) if name}
    wrong = happened(
        events.ChargeVerified, charged=Decimal(50), due=Decimal(5), wrong=True, findings="多扣", item=None
    )
    up = followed(events.Escalated, to_role="manager", reason="…")
    plan = happened(events.Approved, subject="换货", form="oral", by="head-1", unit="settlement")
    nobodys = happened(events.AccusedNamed, people=("前台",), unmatched=("前台",))
    right = Complainant(name="张三丰")
    named_right = happened(events.ComplainantCorrected, complainant=right, changed=("name",), reason="听错了")
    facts = (
        *EXECUTED, named_right, *DONE.values(), wrong, up, capa_submitted(), capa_issued(), form(order_no="R-1"),
        proposed(), refused(), proposed(), approved(), PAID, plan, nobodys,
    )  # fmt: skip
    brought = {moment.name for moment in given(*facts, procedure=MONEY).complaint.moments}
    assert named - brought <= {"executed"}  # a condition, which clocks and lists see


