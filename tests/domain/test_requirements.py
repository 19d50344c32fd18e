"""Each thing that may have to happen before a step: it is missing until its event, and not after it."""

from dataclasses import dataclass, replace
from datetime import timedelta
from decimal import Decimal
from typing import Final

import pytest

from domain import errors
from domain.cause import Cause
from domain.complaint import commands as c
from domain.complaint import events
from domain.complaint.requirements import CHECKS, missing_for
from domain.procedure.procedure import PLAN_APPROVED, FormField, Procedure
from domain.titles import Title
from domain.values import Complainant, CustomerAnswer
from tests.facts import (
    ASKED,
    ASKED_TWO,
    DISPUTED,
    EXECUTED,
    EXECUTING,
    MANAGER,
    OPENED,
    TRADING,
    TUESDAY_9AM,
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
    received,
    reopened,
    ruled,
)
from tests.spec import given, kf0001

MONEY: Final = {"amount": Decimal("40.00"), "currency": "CNY"}
PROPOSED: Final = happened(events.CompensationProposed, **MONEY, basis="多扣", method="credit")
APPROVED: Final = happened(events.CompensationApproved, **MONEY).by(MANAGER)
PAID: Final = happened(events.CompensationPaid, **MONEY, method="credit")
REFUSED: Final = happened(events.CompensationRefused, **MONEY).by(MANAGER)
APOLOGY: Final = happened(events.ApologyMade, by=("agent-7",), leader="manager-1", means="phone")
NOTICE: Final = happened(events.NoticeIssued, text="通报", penalty="扣款")
CHARGE: Final = happened(
    events.ChargeVerified, charged=Decimal("50.00"), due=Decimal("30.00"), wrong=True, findings="多扣"
)
GRADE: Final = happened(events.FaultGraded, agent="agent-7", grade=1, findings="态度")
AGREED: Final = happened(events.SolutionAgreed, text="补入账", agreed=True)
REFUSED_BY_CUSTOMER: Final = happened(events.SolutionAgreed, text="补入账", agreed=False)
CHECKED: Final = happened(events.CustomerChecked, matches=False, source="agent")
NO_CUSTOMER: Final = happened(
    events.CustomerChecked, matches=False, source="lookup", answer=CustomerAnswer.of("no-such-customer")
)
KNOWN_CUSTOMER: Final = happened(
    events.CustomerChecked, matches=True, source="lookup", answer=CustomerAnswer.of("agrees", "name")
)
TWO_EXECUTING: Final = (*ASKED_TWO, confirmed("settlement"), confirmed("trading"))
UNMATCHED: Final = happened(events.AccusedNamed, people=("前台",), unmatched=("前台",))
MATCHED: Final = happened(events.AccusedMatched, accused="前台", people=("agent-7",), reason="监控录像")


@dataclass(frozen=True)
class Need:
    """What a requirement's name asks for: missing after `before`, there once `then` has happened too."""

    name: str
    before: tuple[Fact, ...]
    then: Fact

    def __str__(self) -> str:
        return f"{self.name}-{self.then.type.__name__}"


NEEDS: Final = [
    Need("final-opinion", ASKED, confirmed()),
    Need("final-opinion", DISPUTED, ruled("upheld")),
    Need("solution-agreed", (*ASKED, happened(events.SolutionAgreed, text="补入账", agreed=False)), AGREED),
    Need("executed", EXECUTING, executed()),
    Need("every-unit-executed", (*TWO_EXECUTING, executed("settlement")), executed("trading")),
    Need("customer-informed", EXECUTED, informed()),
    Need("asked-units-executed", (*TWO_EXECUTING, executed("settlement")), executed("trading")),
    Need("effect-confirmed", (*EXECUTED, effect_confirmed(effective=False)), effect_confirmed()),
    Need("callback", (*EXECUTED, called_back(reached=False)), called_back()),
    Need("callback", (*EXECUTED, called_back(reached=False), called_back(reached=False)), called_back(reached=False)),
    Need("callback-answered", (*EXECUTED, called_back(reached=False)), called_back()),
    Need("capa-ordered", EXECUTED, capa_requested()),
    Need("capa-issued", (*EXECUTED, capa_requested(), capa_submitted()), capa_issued()),
    Need("meeting-held", ASKED, meeting_held()),
    Need("apology", ASKED, APOLOGY),
    Need("apology", (*ASKED, accused("agent-8"), APOLOGY), accused("agent-7")),
    Need("accused-matched", (*ASKED, UNMATCHED), MATCHED),
    Need("accused-named", ASKED, accused("agent-7")),
    Need("liability-notice", ASKED, NOTICE),
    Need("customer-checked", OPENED, CHECKED),
    Need("charge-verified", ASKED, CHARGE),
    Need("no-objection", EXECUTED, AGREED),
    Need("no-objection", EXECUTED, called_back()),
    Need("customer-known", (*OPENED, NO_CUSTOMER), KNOWN_CUSTOMER),
    Need("compensation-settled", (*ASKED, PROPOSED), REFUSED),
    Need("compensation-settled", (*ASKED, PROPOSED, APPROVED), PAID),
    Need("fault-graded", ASKED, GRADE),
    Need("form-complete", OPENED, happened(events.FormCompleted, facts={"order_no": "R-1"})),
    Need("evidence.receipt", OPENED, happened(
        events.AttachmentAdded, name="收据", kind="document", reference="r-1", evidence="receipt")),
    Need("escalated.manager", OPENED, followed(events.Escalated, to_role="manager", reason="…")),
]  # fmt: skip


def asking(*names: str) -> Procedure:
    """The reference procedure with these alone to be done before the close."""
    severities = {code: replace(severity, close_needs=()) for code, severity in kf0001().severities.items()}
    return replace(
        kf0001(), close_needs=names, severities=severities, callback_attempts=3, callback_apart=timedelta(0),
        evidence={"receipt": Title("收据", "Receipt"), "photo": Title("照片", "Photo")},
        form=(FormField("order_no", Title("单号", "Order number"), to_close=True),),
    )  # fmt: skip


def missing(name: str, *facts: Fact) -> int:
    procedure = asking(name)
    return len(missing_for("close", given(*facts, procedure=procedure).complaint, procedure))


def test_every_requirement_has_a_case() -> None:
    asked_by_files = {need.name for need in NEEDS} - {"form-complete", "evidence.receipt", "escalated.manager"}
    # That one follows from a severity: test_approvals_and_returns.py plays it.
    assert CHECKS.keys() == {*asked_by_files, PLAN_APPROVED}


@pytest.mark.parametrize("need", NEEDS, ids=str)
def test_it_is_missing_until_its_event_and_not_after_it(need: Need) -> None:
    assert missing(need.name, *need.before) == 1
    assert missing(need.name, *need.before, need.then) == 0


@pytest.mark.parametrize("need", NEEDS, ids=str)
def test_the_close_is_refused_until_then_and_accepted_after_it(need: Need) -> None:
    close = c.CloseComplaint("已解决", "补入账")
    refusal = given(*need.before, procedure=asking(need.name)).when(close).then_refused(errors.NotReadyToClose)
    assert len(refusal.missing) == 1
    given(*need.before, need.then, procedure=asking(need.name)).when(close).then(happened(events.Closed))


def test_where_no_unit_was_asked_none_has_to_execute() -> None:
    assert missing("asked-units-executed", *OPENED) == 0
    assert missing("asked-units-executed", *ASKED) == 1


OF_THE_ROUND = (
    "final-opinion", "solution-agreed", "executed", "customer-informed", "effect-confirmed", "callback",
    "callback-answered",
)  # fmt: skip


@pytest.mark.parametrize("need", [need for need in NEEDS if need.name in OF_THE_ROUND], ids=str)
def test_what_belongs_to_a_round_is_missing_again_in_the_next(need: Need) -> None:
    assert missing(need.name, *need.before, need.then, closed(), reopened()) == 1


@pytest.mark.parametrize("name", ["callback", "customer-informed", "customer-checked", "apology"])
def test_what_only_a_known_customer_can_be_given_is_not_asked_for_an_anonymous_one(name: str) -> None:
    nobody = received(anonymous=True, complainant=Complainant(anonymous=True))
    assert missing(name, nobody, *ASKED[1:]) == 0
    assert missing(name, *ASKED) == 1


def test_a_compensation_that_nobody_proposed_and_a_capa_that_nobody_ordered_are_not_missing() -> None:
    assert missing("compensation-settled", *ASKED) == 0
    assert missing("capa-issued", *ASKED) == 0


def test_evidence_of_another_kind_and_word_to_another_role_do_not_do() -> None:
    photo = happened(events.AttachmentAdded, name="照片", kind="image", reference="p-1", evidence="photo")
    assert missing("evidence.receipt", *OPENED, photo) == 1
    assert missing("escalated.manager", *OPENED, followed(events.Escalated, to_role="board-office", reason="…")) == 1


def test_word_to_the_customer_counts_after_the_last_result() -> None:
    assert missing("customer-informed", *OPENED, informed()) == 1, "we received your complaint"
    assert missing("customer-informed", *EXECUTING, informed(), executed()) == 1
    assert missing("customer-informed", *TWO_EXECUTING, executed("settlement"), informed(), executed("trading")) == 1
    assert missing("customer-informed", *TWO_EXECUTING, executed("settlement"), executed("trading"), informed()) == 0


def test_where_no_unit_has_it_what_was_agreed_is_the_result() -> None:
    assert missing("customer-informed", *OPENED, AGREED, informed()) == 0
    assert missing("customer-informed", *OPENED, AGREED, informed(), REFUSED_BY_CUSTOMER) == 1
    assert missing("customer-informed", *OPENED, AGREED, informed(), REFUSED_BY_CUSTOMER, AGREED) == 1
    assert missing("customer-informed", *ASKED, AGREED, informed()) == 1


def test_the_customer_is_told_again_after_a_refund() -> None:
    assert missing("customer-informed", *EXECUTED, informed(), PROPOSED, APPROVED, PAID) == 1
    assert missing("customer-informed", *EXECUTED, informed(), PROPOSED, APPROVED, PAID, informed()) == 0


def test_callback_and_effect_from_before_the_last_result_do_not_count() -> None:
    half = (*TWO_EXECUTING, executed("settlement"))
    for name, said in (("callback", called_back()), ("effect-confirmed", effect_confirmed())):
        assert missing(name, *half, said, executed("trading")) == 1
        assert missing(name, *half, executed("trading"), said) == 0


def test_a_dissatisfied_callback_from_before_the_last_result_opens_no_round_and_takes_no_work_from_anybody() -> None:
    half = (*TWO_EXECUTING, executed("settlement"))
    dissatisfied = c.RecordCallback(reached=True, means="phone", satisfied=False)
    outcome = given(*half).when(dissatisfied)
    outcome.then(happened(events.CallbackDone, satisfied=False))
    assert (outcome.complaint.round, outcome.complaint.dissatisfactions) == (1, 0)
    story = given(*half, called_back(satisfied=False))
    assert story.clock("execute", "trading").state == "running"
    story.when(c.ExecuteMeasure("补入账"), by=TRADING).then(happened(events.Executed, unit="trading"))
    done = given(*half, called_back(satisfied=False), executed("trading")).when(dissatisfied)
    opened = followed(events.Reopened, round=2, cause=Cause.of("dissatisfied", count=1))
    done.then(happened(events.CallbackDone), opened)


def test_a_round_that_such_a_callback_once_opened_counts_as_it_did() -> None:
    opened = followed(events.Reopened, round=2, cause=Cause.of("dissatisfied", count=1))
    half = (*TWO_EXECUTING, executed("settlement"), called_back(satisfied=False), opened)
    assert given(*half).complaint.dissatisfactions == 1


def test_calls_in_quick_succession_are_one_try() -> None:
    procedure = replace(asking("callback"), callback_apart=timedelta(hours=1))
    minutes = (0, 20, 59, 60, 110, 120)
    tries = [called_back(reached=False).at(TUESDAY_9AM + timedelta(minutes=after)) for after in minutes]
    for number, expected in enumerate((1, 1, 1, 1, 1, 0), start=1):
        complaint = given(*EXECUTED, *tries[:number], procedure=procedure).complaint
        assert len(missing_for("close", complaint, procedure)) == expected, number


def test_a_customer_who_was_reached_and_said_nothing_of_the_handling_has_not_answered() -> None:
    assert missing("callback-answered", *EXECUTED, called_back(satisfied=None)) == 1
    assert missing("callback", *EXECUTED, called_back(satisfied=None)) == 0
