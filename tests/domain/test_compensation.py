"""补偿: verified first, computed, approved by whoever has the authority, paid and counted."""

from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from typing import Any

import pytest

from domain import errors
from domain.complaint import commands as c
from domain.complaint import events
from domain.complaint.charges import refund_due
from domain.complaint.obligations import obligations_of
from domain.complaint.state import VerifiedCharge
from domain.procedure.compensation_rule import Authority, CompensationRule
from domain.procedure.procedure import Procedure
from domain.titles import Title
from procedures.library import Library
from tests.facts import (
    AGENT,
    ASKED,
    MANAGER,
    OPENED,
    READY_TO_CLOSE,
    TUESDAY_9AM,
    Fact,
    called_back,
    classified,
    dispatched,
    executed,
    happened,
    informed,
    on,
    person,
    received,
    reopened,
    withdrawn,
)
from tests.spec import History, given, kf0001
from wording.refusals import refusal_text

COLLEAGUE = person("agent-2", "agent")
DIRECTOR = person("director-1", "general-manager")
HALL = CompensationRule(
    verified_first=True,
    times=2,
    billing_errors={"wrong-rating": Title("计费不准确", "Wrong rating")},
    other_bases=False,
    credit_first=True,
    authority=(
        Authority(("agent", "manager", "general-manager"), Decimal(50)),
        Authority(("manager", "general-manager"), Decimal(500)),
        Authority(("general-manager",)),
    ),
)
STEPS = {
    "verify-charge": ("agent",),
    "propose-compensation": ("agent", "manager"),
    "approve-compensation": ("agent", "manager", "general-manager"),
    "pay-compensation": ("agent",),
}


def rules(compensation: CompensationRule = HALL) -> Procedure:
    return replace(kf0001(), steps={**kf0001().steps, **STEPS}, compensation=compensation)


def hall(*facts: Fact, compensation: CompensationRule = HALL) -> History:
    return given(*ASKED, *facts, procedure=rules(compensation))


def verified(charged: str = "50.00", due: str = "30.00", item: str | None = None, *, wrong: bool = True) -> Fact:
    return happened(
        events.ChargeVerified, charged=Decimal(charged), due=Decimal(due), wrong=wrong, findings="话单核实", item=item
    )


def proposed(
    amount: str = "40.00", method: str = "credit", of_charge: int | None = 0, times: int | None = None
) -> Fact:
    return happened(
        events.CompensationProposed, amount=Decimal(amount), currency="CNY", basis="wrong-rating", method=method,
        of_charge=of_charge, times=times, why_not_credit=None,
    )  # fmt: skip


def approved(amount: str = "40.00") -> Fact:
    return happened(events.CompensationApproved, amount=Decimal(amount), currency="CNY", remarks=None)


def paid(amount: str = "40.00") -> Fact:
    return happened(events.CompensationPaid, amount=Decimal(amount), currency="CNY", method="credit", reference="V-1")


def proposal(amount: str | None = None, method: Any = "credit", **more: Any) -> c.ProposeCompensation:
    return c.ProposeCompensation("wrong-rating", method, None if amount is None else Decimal(amount), **more)


def approval(amount: str) -> c.ApproveCompensation:
    return c.ApproveCompensation(amount=Decimal(amount))


def test_nothing_is_refunded_before_the_charge_was_verified_as_wrong() -> None:
    hall().when(proposal("40")).then_refused(errors.ChargeNotVerified)
    hall(verified(wrong=False)).when(proposal("40")).then_refused(errors.ChargeNotVerified)


def test_a_billing_error_is_made_good_twice_over() -> None:
    outcome = hall(verified("50.00", "30.00")).when(proposal())
    outcome.then(happened(events.CompensationProposed, amount=Decimal("40.00"), of_charge=0))


@pytest.mark.parametrize(
    ("charged", "due", "twice"),
    [("0.3", "0.1", "0.40"), ("12.34", "12.34", "0.00"), ("10", "20", "0.00"), ("99999999.99", "0", "199999999.98")],
)
def test_two_times_the_positive_difference_in_decimal_money(charged: str, due: str, twice: str) -> None:
    assert str(refund_due(VerifiedCharge(Decimal(charged), Decimal(due), True), 2)) == twice


def test_over_compensation_is_refused_to_the_cent() -> None:
    history = hall(verified("50.00", "30.00"))
    refusal = history.when(proposal("40.01")).then_refused(errors.OverCompensation)
    assert "At most 40.00 CNY is left to make good." in refusal_text(refusal, "en")
    assert history.when(proposal("40.00")).refusal is None


def test_one_error_is_not_made_good_twice() -> None:
    history = hall(verified(), proposed(), approved(), paid())
    history.when(proposal()).then_refused(errors.OverCompensation)
    second = hall(verified(), proposed(), approved(), paid(), verified("8.00", "3.00"))
    second.when(proposal()).then(happened(events.CompensationProposed, amount=Decimal("10.00"), of_charge=1))


def test_what_was_charged_rightly_has_nothing_to_make_good() -> None:
    hall(verified("30.00", "30.00")).when(proposal()).then_refused(errors.OverCompensation)


def test_only_the_listed_kinds_of_error_are_made_good() -> None:
    command = c.ProposeCompensation("goodwill", "credit", Decimal(5))
    hall(verified()).when(command).then_refused(errors.UnknownBasis)


@pytest.mark.parametrize("basis", ["wrong-rating", "计费不准确", "Wrong rating"])
def test_a_listed_error_is_named_by_its_code_or_as_people_call_it(basis: str) -> None:
    outcome = hall(verified()).when(c.ProposeCompensation(basis, "credit"))
    outcome.then(happened(events.CompensationProposed, amount=Decimal("40.00")))


def test_credit_comes_before_cash() -> None:
    history = hall(verified())
    history.when(proposal(method="cash")).then_refused(errors.CreditComesFirst)
    assert history.when(proposal(method="cash", why_not_credit="已销户")).refusal is None


def test_the_currency_is_the_procedures() -> None:
    hall(verified()).when(proposal(currency="USD")).then_refused(errors.WrongCurrency)


@pytest.mark.parametrize(
    ("amount", "who", "may"),
    [
        ("50.00", COLLEAGUE, True), ("50.01", COLLEAGUE, False), ("500.00", MANAGER, True), ("500.01", MANAGER, False),
        ("500.01", DIRECTOR, True),
    ],
)  # fmt: skip
def test_the_table_of_authority_says_who_approves_which_amount(amount: str, who: Any, may: bool) -> None:
    outcome = hall(verified("999", "0"), proposed(amount)).when(approval(amount), by=who)
    if may:
        outcome.then(happened(events.CompensationApproved, amount=Decimal(amount)))
    else:
        outcome.then_refused(errors.AmountAboveAuthority)


def test_nobody_approves_what_they_proposed() -> None:
    history = hall(verified(), proposed())
    history.when(c.ApproveCompensation(), by=AGENT).then_refused(errors.OwnProposal)
    history.when(c.ApproveCompensation(approved=False), by=AGENT).then_refused(errors.OwnProposal)
    assert "approve-compensation" not in history.allowed(AGENT)
    assert "approve-compensation" in history.allowed(MANAGER)


def test_a_refused_proposal_is_over_and_another_one_may_be_made() -> None:
    history = hall(verified(), proposed())
    outcome = history.when(c.ApproveCompensation(approved=False, remarks="重新核实"), by=MANAGER)
    outcome.then(happened(events.CompensationRefused))
    refused = happened(events.CompensationRefused, amount=Decimal(40), currency="CNY", remarks=None)
    assert hall(verified(), proposed(), refused).when(proposal("10")).refusal is None


def test_a_new_proposal_takes_the_place_of_one_that_nobody_has_decided() -> None:
    history = hall(verified(), proposed("40.00"), proposed("20.00"))
    assert [one.state for one in history.complaint.compensations] == ["withdrawn", "proposed"]


@pytest.mark.parametrize(
    "other", [{"amount": Decimal(20)}, {"currency": "USD"}, {"basis": "goodwill"}, {"method": "cash"}]
)
def test_the_approval_is_of_the_compensation_that_stands(other: dict[str, Any]) -> None:
    history = hall(verified(), proposed())
    history.when(c.ApproveCompensation(**other), by=MANAGER).then_refused(errors.NotTheApprovedCompensation)


def test_whoever_approves_and_pays_may_say_all_of_it_again() -> None:
    all_of_it: dict[str, Any] = {
        "amount": Decimal(40), "currency": "CNY", "basis": "wrong-rating", "method": "credit",
    }  # fmt: skip
    approval = hall(verified(), proposed()).when(c.ApproveCompensation(**all_of_it), by=MANAGER)
    approval.then(happened(events.CompensationApproved, amount=Decimal("40.00")))
    payment = hall(verified(), proposed(), approved()).when(c.PayCompensation(**all_of_it))
    payment.then(happened(events.CompensationPaid, amount=Decimal("40.00"), method="credit"))
    hall(verified(), proposed(), approved(), paid()).when(c.PayCompensation(**all_of_it)).then_nothing()


def test_only_what_was_approved_is_paid_and_only_once() -> None:
    hall(verified(), proposed()).when(c.PayCompensation()).then_refused(errors.NoCompensationApproved)
    outcome = hall(verified(), proposed(), approved()).when(c.PayCompensation(reference="V-1"))
    outcome.then(happened(events.CompensationPaid, amount=Decimal("40.00"), method="credit", reference="V-1"))
    hall(verified(), proposed(), approved(), paid()).when(c.PayCompensation()).then_nothing()


@pytest.mark.parametrize(
    "command",
    [
        c.PayCompensation(Decimal(41)), c.PayCompensation(currency="USD"), c.PayCompensation(method="cash"),
        c.PayCompensation(basis="goodwill"),
    ],
)  # fmt: skip
def test_what_is_paid_is_what_was_approved(command: c.PayCompensation) -> None:
    hall(verified(), proposed(), approved()).when(command).then_refused(errors.NotTheApprovedCompensation)


def test_an_approved_compensation_is_paid_before_another_is_proposed() -> None:
    hall(verified(), proposed(), approved()).when(proposal("1")).then_refused(errors.CompensationOpen)


def test_a_second_approval_changes_nothing_and_without_a_proposal_there_is_none() -> None:
    hall(verified(), proposed(), approved()).when(c.ApproveCompensation(), by=MANAGER).then_nothing()
    hall(verified()).when(c.ApproveCompensation(), by=MANAGER).then_refused(errors.NoCompensationProposed)


def test_where_nothing_has_to_be_verified_any_ground_will_do_and_the_amount_is_named() -> None:
    plain = CompensationRule()
    goodwill = c.ProposeCompensation("服务补偿", "voucher", Decimal("30.5"))
    hall(compensation=plain).when(goodwill).then(happened(events.CompensationProposed, amount=Decimal("30.50")))
    for amount in (None, Decimal(0)):
        command = c.ProposeCompensation("服务补偿", "voucher", amount)
        hall(compensation=plain).when(command).then_refused(errors.AmountMissing)


def test_a_complaint_is_not_closed_while_a_compensation_is_open() -> None:
    closing = replace(rules(), close_needs=("compensation-settled",))
    for facts, may in (((), False), ((proposed(),), False), ((proposed(), approved()), False), (
        (proposed(), approved(), paid()), True
    )):  # fmt: skip
        done = (*READY_TO_CLOSE, verified(), *facts, informed())
        outcome = given(*done, procedure=closing).when(c.CloseComplaint("已解决", "小结"))
        if may:
            assert outcome.refusal is None
        else:
            outcome.then_refused(errors.NotReadyToClose)


def test_a_charge_that_is_verified_twice_is_made_good_once() -> None:
    again = c.VerifyCharge(Decimal("50.0"), Decimal("30"), True, "话单核实")
    hall(verified()).when(again).then_nothing()
    hall(verified(), proposed(), approved(), paid()).when(again).then_nothing()


def test_every_way_but_the_first_needs_its_reason() -> None:
    history = hall(verified())
    for method in ("cash", "transfer", "goods", "service", "voucher"):
        history.when(proposal(method=method)).then_refused(errors.CreditComesFirst)
        assert history.when(proposal(method=method, why_not_credit="已销户")).refusal is None


def test_two_wrong_charges_are_both_made_good_each_once() -> None:
    both = hall(verified("50.00", "30.00", "话单1"), verified("8.00", "3.00", "话单2"))
    both.when(proposal()).then(happened(events.CompensationProposed, amount=Decimal("10.00"), of_charge=1))
    both.when(proposal(item="话单1")).then(happened(events.CompensationProposed, amount=Decimal("40.00"), of_charge=0))
    second_paid = (proposed("10.00", of_charge=1), approved("10.00"), paid("10.00"))
    one_left = hall(verified("50.00", "30.00", "话单1"), verified("8.00", "3.00", "话单2"), *second_paid)
    one_left.when(proposal()).then(happened(events.CompensationProposed, amount=Decimal("40.00"), of_charge=0))
    one_left.when(proposal(item="话单2")).then_refused(errors.OverCompensation)
    first_paid = (proposed("40.00", of_charge=0), approved("40.00"), paid("40.00"))
    none_left = hall(verified("50.00", "30.00", "话单1"), verified("8.00", "3.00", "话单2"), *second_paid, *first_paid)
    none_left.when(proposal()).then_refused(errors.OverCompensation)
    assert "propose-compensation" not in none_left.allowed(AGENT)


@pytest.mark.parametrize(
    "again",
    [
        verified("50.00", "30.00", "话单17"), verified("50.00", "30.00"), verified("50.00", "30.00", " 话单１７"),
        verified("50.00", "40.00", "话单17"),
    ],
    ids=["in the same words", "without its item", "spelt otherwise", "with less to make good"],
)  # fmt: skip
def test_a_charge_that_is_verified_again_is_not_refunded_twice(again: Fact) -> None:
    history = hall(verified("50.00", "30.00", "话单17"), proposed(), approved(), paid(), again)
    history.when(proposal()).then_refused(errors.OverCompensation)


def test_a_charge_that_is_given_its_item_later_is_not_refunded_twice() -> None:
    named = verified("50.00", "30.00", "话单17")
    hall(verified(), proposed(), approved(), paid(), named).when(proposal()).then_refused(errors.OverCompensation)
    hall(verified(), proposed(), named).when(approval("40.00"), by=MANAGER).then(happened(events.CompensationApproved))


def test_of_one_charge_the_newest_verification_counts() -> None:
    history = hall(verified("50.00", "30.00", "话单17"), verified("60.00", "30.00", "话单17"))
    history.when(proposal()).then(happened(events.CompensationProposed, amount=Decimal("60.00"), of_charge=1))
    paid_before = hall(
        verified("50.00", "30.00", "话单17"), proposed(), approved(), paid(), verified("60.00", "30.00", "话单17")
    )
    paid_before.when(proposal()).then(happened(events.CompensationProposed, amount=Decimal("20.00"), of_charge=1))


def test_a_charge_that_is_later_verified_right_is_not_refunded() -> None:
    right = verified("50.00", "50.00", "话单17", wrong=False)
    history = hall(verified("50.00", "30.00", "话单17"), right)
    history.when(proposal()).then_refused(errors.ChargeNotVerified)
    stopped = hall(verified("50.00", "30.00", "话单17"), proposed(), right)
    stopped.when(approval("40.00"), by=MANAGER).then_refused(errors.NoCompensationProposed)
    approved_before = hall(verified("50.00", "30.00", "话单17"), proposed(), approved(), right)
    approved_before.when(c.PayCompensation()).then_refused(errors.NoCompensationApproved)
    assert [one.state for one in approved_before.complaint.compensations] == ["withdrawn"]


def test_an_old_history_that_paid_what_was_verified_right_in_between_still_says_that_it_was_paid() -> None:
    right = verified("50.00", "50.00", wrong=False)
    history = hall(verified(), proposed(), approved(), right, paid())
    assert [one.state for one in history.complaint.compensations] == ["paid"]


def test_a_charge_that_nobody_verified_is_not_made_good() -> None:
    hall(verified(item="话单17")).when(proposal(item="话单18")).then_refused(errors.NoSuchWrongCharge)


def test_whoever_approves_names_the_amount() -> None:
    refusal = hall(verified(), proposed()).when(c.ApproveCompensation(), by=MANAGER).then_refused(errors.AmountNotNamed)
    assert refusal_text(refusal, "en").endswith("What waits for approval is 40.00 CNY.")


def test_a_refund_is_owed_from_the_first_wrong_charge_until_none_is_left() -> None:
    def moments(*facts: Fact) -> list[str]:
        found = [moment.name for moment in hall(*facts).complaint.moments]
        return [name for name in found if name in {"ChargeFoundWrong", "ChargesMadeGood"}]

    first, second = verified("50.00", "30.00", "话单1"), verified("8.00", "3.00", "话单2")
    first_paid = (proposed("40.00", of_charge=0), approved(), paid())
    second_paid = (proposed("10.00", of_charge=1), approved("10.00"), paid("10.00"))
    assert moments(verified(wrong=False)) == []
    assert moments(first, second, *first_paid) == ["ChargeFoundWrong"]
    assert moments(first, second, *first_paid, *second_paid) == ["ChargeFoundWrong", "ChargesMadeGood"]
    assert moments(first, verified("50.00", "50.00", "话单1", wrong=False)) == ["ChargeFoundWrong", "ChargesMadeGood"]
    refused = happened(events.CompensationRefused, amount=Decimal(40), currency="CNY", remarks=None)
    assert moments(first, proposed("40.00", of_charge=0), refused) == ["ChargeFoundWrong", "ChargesMadeGood"]


CLOSING = replace(rules(), close_needs=("compensation-settled",))


def left_with_the_money(*facts: Fact) -> set[str]:
    """What a close says is left to do with the money."""
    done = (*READY_TO_CLOSE, *facts, informed())
    outcome = given(*done, procedure=CLOSING).when(c.CloseComplaint("已解决", "小结"))
    return set() if outcome.refusal is None else set(outcome.then_refused(errors.NotReadyToClose).missing)


def refund_moments(*facts: Fact) -> list[str]:
    found = [moment.name for moment in hall(*facts).complaint.moments]
    return [name for name in found if name in {"ChargeFoundWrong", "ChargesMadeGood"}]


def test_a_charge_paid_in_part_holds_up_the_close_and_the_refund_clock_runs() -> None:
    part = (verified(), proposed("10.00", times=2), approved("10.00"), paid("10.00"))
    assert left_with_the_money(*part) == {"refund-proposed"}
    assert refund_moments(*part) == ["ChargeFoundWrong"]
    rest = (proposed("30.00", times=2), approved("30.00"), paid("30.00"))
    assert left_with_the_money(*part, *rest) == set()
    assert refund_moments(*part, *rest) == ["ChargeFoundWrong", "ChargesMadeGood"]


def test_a_charge_verified_higher_after_it_was_paid_holds_up_the_close_and_the_refund_clock_runs_again() -> None:
    whole = (verified(item="话单17"), proposed(times=2), approved(), paid())
    higher = verified("60.00", "30.00", "话单17")
    assert left_with_the_money(*whole) == set()
    assert left_with_the_money(*whole, higher) == {"refund-proposed"}
    assert refund_moments(*whole, higher) == ["ChargeFoundWrong", "ChargesMadeGood", "ChargeFoundWrong"]
    rest = (proposed("20.00", of_charge=1, times=2), approved("20.00"), paid("20.00"))
    assert left_with_the_money(*whole, higher, *rest) == set()


HALL_FILE = Library.ready().procedure("telecom-hall")
DUE = on("2026-03-06", "00:00")  # three working days after Monday


def with_refund(*facts: Fact) -> History:
    asked = (received(procedure="telecom-hall"), classified("general", "charges"), verified(), dispatched("settlement"))
    return given(*asked, executed("settlement"), *facts, procedure=replace(HALL_FILE, step_needs={}))


def refunds(history: History) -> list[tuple[int, str, datetime]]:
    return [(clock.round, clock.state, clock.due_at) for clock in history.complaint.clocks if clock.name == "refund"]


def test_a_refund_that_is_owed_goes_on_over_a_dissatisfied_customer_until_it_is_made_good() -> None:
    again = (called_back(satisfied=False), reopened(2))
    assert refunds(with_refund(*again)) == [(1, "running", DUE)]
    owed = [one for one in obligations_of(with_refund(*again).complaint) if one.name == "refund"]
    assert [(one.state, one.waits) for one in owed] == [("open", True)]
    late = with_refund(*again).judged(DUE)
    assert [event.clock for event in late.events if isinstance(event, events.DeadlineMissed)].count("refund") == 1
    made_good = (proposed(times=2), approved(), paid())
    assert refunds(with_refund(*again, *made_good)) == [(1, "met", DUE)]


def test_a_refund_that_was_owed_when_the_case_ended_begins_anew_with_its_reopening() -> None:
    assert refunds(with_refund(withdrawn())) == [(1, "cancelled", DUE)]
    tuesday = reopened(2).at(TUESDAY_9AM)
    assert refunds(with_refund(withdrawn(), tuesday)) == [
        (1, "cancelled", DUE), (2, "running", on("2026-03-07", "00:00")),
    ]  # fmt: skip
    made_good = (proposed(times=2), approved(), paid())
    assert refunds(with_refund(*made_good, withdrawn(), tuesday)) == [(1, "met", DUE)]


def test_a_charge_later_verified_right_or_lower_is_not_refunded_and_holds_up_nothing() -> None:
    whole = (verified(item="话单17"), proposed(times=2), approved(), paid())
    assert left_with_the_money(*whole, verified("50.00", "50.00", "话单17", wrong=False)) == set()
    assert left_with_the_money(*whole, verified("50.00", "40.00", "话单17")) == set()
    assert left_with_the_money(verified(item="话单17"), verified("50.00", "50.00", "话单17", wrong=False)) == set()


def test_what_is_missing_says_that_a_wrong_charge_waits_for_a_proposal_an_approval_or_a_payment() -> None:
    assert left_with_the_money(verified()) == {"refund-proposed"}
    assert left_with_the_money(verified(), proposed(times=2)) == {"compensation-approved"}
    assert left_with_the_money(verified(), proposed(times=2), approved()) == {"compensation-paid"}
    two = (verified("50.00", "30.00", "话单1"), verified("8.00", "3.00", "话单2"))
    assert left_with_the_money(*two, proposed("10.00", of_charge=1, times=2)) == {
        "refund-proposed", "compensation-approved"
    }  # fmt: skip


def test_a_refusal_is_of_what_was_known_then() -> None:
    refused = happened(events.CompensationRefused, amount=Decimal(40), currency="CNY", remarks=None)
    decided = (verified(item="话单17"), proposed(times=2), refused)
    assert left_with_the_money(*decided) == set()
    assert left_with_the_money(*decided, verified("90.00", "30.00", "话单17")) == {"refund-proposed"}


def test_a_payment_on_another_ground_makes_good_the_difference_alone() -> None:
    once = (verified(), proposed("20.00", times=1), approved("20.00"), paid("20.00"))
    assert left_with_the_money(*once) == set()
    assert left_with_the_money(verified(), proposed("5.00", times=1), approved("5.00"), paid("5.00")) == {
        "refund-proposed"
    }


def test_a_payment_of_before_still_stands_for_the_whole_of_its_charge() -> None:
    assert left_with_the_money(verified(), proposed("10.00"), approved("10.00"), paid("10.00")) == set()


def test_a_proposal_says_how_many_times_over_its_charge_is_made_good() -> None:
    hall(verified()).when(proposal()).then(happened(events.CompensationProposed, amount=Decimal("40.00"), times=2))
    other = hall(verified(), compensation=replace(HALL, other_bases=True))
    goodwill = c.ProposeCompensation("goodwill", "credit", Decimal(5))
    other.when(goodwill).then(happened(events.CompensationProposed, amount=Decimal("5.00"), times=1))


WITH_MONEY = [rules for rules in Library.ready().procedures.values() if "propose-compensation" in rules.steps]
ENDS = ("close", "settle", "reject", "withdraw")


@pytest.mark.parametrize("procedure", WITH_MONEY, ids=lambda procedure: procedure.code)
def test_in_every_file_with_money_no_complaint_ends_over_an_open_compensation(procedure: Procedure) -> None:
    ends = [step for step in ENDS if step in procedure.steps]
    assert {"close", "withdraw"} <= set(ends)
    for step in ends:
        for severity in procedure.severities or (None,):
            assert "compensation-settled" in procedure.needs_of(step, severity, None), (step, severity)


@pytest.mark.parametrize("ending", [c.RejectComplaint("不受理"), c.WithdrawComplaint("客户撤回")])
def test_a_complaint_is_neither_rejected_nor_withdrawn_over_an_open_compensation(ending: Any) -> None:
    needs = {"reject": ("compensation-settled",), "withdraw": ("compensation-settled",)}
    ended = replace(rules(), step_needs=needs)
    for facts in ((verified(),), (verified(), proposed(times=2)), (verified(), proposed(times=2), approved())):
        given(*OPENED, *facts, procedure=ended).when(ending).then_refused(errors.StepNeedsMore)
    settled = (verified(), proposed(times=2), approved(), paid())
    assert given(*OPENED, *settled, procedure=ended).when(ending).refusal is None


def test_a_settling_that_the_customer_accepts_ends_nothing_over_an_open_compensation() -> None:
    needs = replace(rules(), step_needs={"settle": ("compensation-settled",)})
    history = given(received(), verified(), procedure=needs)
    history.when(c.SettleOnTheSpot("已解释", True)).then_refused(errors.StepNeedsMore)
    history.when(c.SettleOnTheSpot("已解释", False)).then(happened(events.SettledOnTheSpot, accepted=False))
    paid_back = given(received(), verified(), proposed(times=2), approved(), paid(), procedure=needs)
    paid_back.when(c.SettleOnTheSpot("已退费", True)).then(happened(events.SettledOnTheSpot, accepted=True))


def test_money_is_kept_as_money_is_written() -> None:
    outcome = hall().when(c.VerifyCharge(Decimal("1E+2"), Decimal("-0"), True, "话单核实"))
    [event] = outcome.events
    assert isinstance(event, events.ChargeVerified)
    assert (str(event.charged), str(event.due)) == ("100.00", "0.00")


def test_what_is_left_to_make_good_is_never_less_than_nothing() -> None:
    history = hall(verified(), proposed(), approved(), paid(), compensation=replace(HALL, other_bases=True))
    refusal = history.when(c.ProposeCompensation("goodwill", "credit", Decimal("5"))).refusal
    assert isinstance(refusal, errors.OverCompensation)
    assert "At most 0 CNY" in refusal_text(refusal, "en")
