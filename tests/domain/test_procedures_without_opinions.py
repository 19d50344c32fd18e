"""What a procedure may say that KF0001 does not: units that simply handle, kinds, routes, returns, solutions."""

from dataclasses import replace
from datetime import timedelta
from typing import Any, Final, cast

import pytest

from domain import errors
from domain.complaint import commands as c
from domain.complaint import events
from domain.limits.limits import parse_limit
from domain.procedure.moments import MomentName
from domain.procedure.procedure import Category, ClockRule, Dissatisfaction, Procedure, Severity
from domain.titles import Title
from tests.facts import (
    AGENT,
    MANAGER,
    MONDAY_9AM,
    SETTLEMENT,
    TRADING,
    TUESDAY_9AM,
    Fact,
    classified,
    fell_due,
    followed,
    happened,
    received,
)
from tests.spec import given, kf0001

TITLE: Final = Title("", "")


def clock(name: str, starts: MomentName, stops: str, limit: str, **more: Any) -> ClockRule:
    rule = ClockRule(
        name=name, title=TITLE, starts=frozenset({starts}), stops=frozenset(cast("list[MomentName]", stops.split())),
        limit=parse_limit(limit), source="",
    )  # fmt: skip
    return replace(rule, **more)


def hotline(**rules: Any) -> Procedure:
    """Many units behind one number: no opinions, no severities; what is handled by when depends on the kind."""
    steps = {name: roles for name, roles in kf0001().steps.items() if "opinion" not in name}
    procedure = replace(
        kf0001(),
        code="hotline",
        kinds={"complaint": TITLE, "consultation": TITLE},
        severities={},
        categories={"housing": Category("housing", TITLE, open=True), "other": Category("other", TITLE)},
        steps=steps | {"return": ("unit",), "agree-solution": ("agent",), "approve": ("manager",)},
        clocks=(
            clock("accept", "UnitAsked", "Accepted Returned", "1 WD", per_unit=True),
            clock("handle", "Dispatched", "Executed", "15 WD", kinds=frozenset({"complaint"}), once=True),
            clock("handle", "Dispatched", "Executed", "5 WD", kinds=frozenset({"consultation"}), once=True),
            clock("appeal", "UnitAsked", "Accepted Returned", "1 WD", per_unit=True, window=True),
        ),
        routes={"housing": "settlement"},
        return_window="appeal",
        recurrence=None,
        close_needs=("executed",),
    )
    return replace(procedure, **rules)


def about(category: str, **facts: Any) -> Fact:
    """A classification without a severity."""
    return happened(events.Classified, severity=None, category=category, **facts)


HOUSING: Final = about("housing.repair")
SENT: Final = (received(), HOUSING, happened(events.Dispatched, units=("settlement",)))
RETURNED: Final = (*SENT, happened(events.Returned, unit="settlement", ground="不属本部门", legal_basis="条例第5条"))
RETURN: Final = c.ReturnWork("不属本部门职责", "条例第5条")


def test_a_procedure_without_severities_classifies_by_category_alone() -> None:
    command = c.ClassifyComplaint(category="housing.repair")
    given(received(), procedure=hotline()).when(command).then(
        happened(events.Classified, severity=None, category="housing.repair")
    )


def test_a_procedure_with_severities_asks_for_one() -> None:
    refusal = given(received()).when(c.ClassifyComplaint(category="other")).then_refused(errors.SeverityMissing)
    assert isinstance(refusal, errors.Invalid)
    assert refusal.pointer == "/severity"
    given(received()).when(c.ClassifyComplaint(severity="general")).then_refused(errors.CategoryMissing)


def test_what_a_reclassification_leaves_out_stays_as_it_is() -> None:
    given(received(), classified()).when(c.ClassifyComplaint(category="other")).then(
        happened(events.Classified, severity="general", category="other")
    )


def test_a_matter_without_a_named_unit_goes_to_the_one_competent_for_its_category() -> None:
    given(received(), HOUSING, procedure=hotline()).when(c.DispatchComplaint()).then(
        happened(events.Dispatched, units=("settlement",))
    )


def test_where_no_route_leads_the_unit_has_to_be_named() -> None:
    other = about("other")
    given(received(), other, procedure=hotline()).when(c.DispatchComplaint()).then_refused(errors.NoRouteKnown)
    given(received(), other, procedure=hotline()).when(c.DispatchComplaint(("trading",))).then(
        happened(events.Dispatched, units=("trading",))
    )


@pytest.mark.parametrize(("kind", "working_days"), [("complaint", 15), ("consultation", 5)])
def test_the_kind_of_matter_decides_how_long_it_may_take(kind: str, working_days: int) -> None:
    story = given(received(kind=kind), *SENT[1:], procedure=hotline())
    assert str(story.clock("handle").rule.limit) == f"{working_days} WD"
    assert [name for name, _ in story.clocks()].count("handle") == 1


def test_a_kind_that_turns_out_to_be_another_takes_its_clock_with_it() -> None:
    consultation = about("housing", kind="consultation").at(TUESDAY_9AM)
    story = given(*SENT, consultation, procedure=hotline())
    assert [state for name, state in story.clocks() if name == "handle"] == ["cancelled", "running"]
    assert story.clock("handle").started_at == MONDAY_9AM


def test_a_unit_that_accepted_is_handling_it_and_may_execute() -> None:
    accepted = happened(events.Accepted, unit="settlement")
    story = given(*SENT, accepted, procedure=hotline())
    assert story.complaint.status == "executing"
    story.when(c.ExecuteMeasure("已维修"), by=SETTLEMENT).then(happened(events.Executed, unit="settlement"))


def test_the_execution_of_what_was_sent_needs_no_opinion() -> None:
    given(*SENT, procedure=hotline()).when(c.ExecuteMeasure("已维修"), by=SETTLEMENT).then(
        happened(events.Accepted), happened(events.Executed, measure="已维修")
    )


def test_a_returned_matter_waits_to_be_routed_again_and_its_clock_never_stops() -> None:
    story = given(*RETURNED, procedure=hotline())
    assert story.complaint.status == "classified"
    assert story.clock("handle").state == "running"
    again = happened(events.Dispatched, units=("trading",)).at(TUESDAY_9AM)
    routed = given(*RETURNED, again, procedure=hotline())
    assert [state for name, state in routed.clocks() if name == "handle"] == ["running"]
    assert routed.clock("handle").started_at == MONDAY_9AM


def test_what_was_returned_cannot_be_executed_by_the_unit_that_returned_it() -> None:
    given(*RETURNED, procedure=hotline()).when(c.ExecuteMeasure("已维修"), by=SETTLEMENT).then_refused(
        errors.ReturnedByThisUnit
    )


def test_a_return_is_refused_once_its_window_is_over() -> None:
    last_moment, too_late = MONDAY_9AM + timedelta(hours=38), MONDAY_9AM + timedelta(hours=39)
    given(*SENT, procedure=hotline()).when(RETURN, by=SETTLEMENT, at=last_moment).then(
        fell_due(events.DeadlineWarned, clock="accept"), happened(events.Returned)
    )
    given(*SENT, procedure=hotline()).when(RETURN, by=SETTLEMENT, at=too_late).then_refused(errors.ReturnWindowOver)


def test_a_window_neither_warns_nor_misses() -> None:
    judged = given(*SENT, procedure=hotline()).judged(MONDAY_9AM + timedelta(days=5)).events
    assert {getattr(event, "clock", None) for event in judged} == {"accept"}
    assert given(*SENT, procedure=hotline()).clock("appeal").soft


def test_a_unit_that_is_sent_it_again_has_to_handle_it() -> None:
    insisted = (*RETURNED, happened(events.Dispatched, units=("settlement",)))
    history = given(*insisted, procedure=hotline())
    history.when(RETURN, by=SETTLEMENT).then_refused(errors.ReturnedBefore)
    assert "return" not in history.allowed(SETTLEMENT)
    given(*insisted, procedure=hotline()).when(c.AcceptWork(), by=SETTLEMENT).then(happened(events.Accepted))


def test_one_unit_s_return_leaves_the_others_at_work() -> None:
    both = (*SENT[:2], happened(events.Dispatched, units=("settlement", "trading")))
    returned = (*both, RETURNED[-1])
    story = given(*returned, procedure=hotline())
    assert story.complaint.status == "dispatched"
    story.when(c.DispatchComplaint(("risk-control",))).then_refused(errors.AlreadyDispatched)
    story.when(c.ExecuteMeasure("已办"), by=TRADING).then(
        happened(events.Accepted, unit="trading"), happened(events.Executed, unit="trading")
    )


def test_nothing_is_executed_before_the_customer_has_agreed_where_the_procedure_says_so() -> None:
    procedure = hotline(solution_before_execution=True)
    given(*SENT, procedure=procedure).when(c.ExecuteMeasure("换货"), by=SETTLEMENT).then_refused(
        errors.SolutionNotAgreed
    )
    refused = happened(events.SolutionAgreed, text="换货", agreed=False)
    given(*SENT, refused, procedure=procedure).when(c.ExecuteMeasure("换货"), by=SETTLEMENT).then_refused(
        errors.SolutionNotAgreed
    )
    agreed = happened(events.SolutionAgreed, text="退款", agreed=True)
    given(*SENT, refused, agreed, procedure=procedure).when(c.ExecuteMeasure("退款"), by=SETTLEMENT).then(
        happened(events.Accepted), happened(events.Executed)
    )


def test_a_grave_plan_is_approved_before_it_is_executed_and_orally_is_enough() -> None:
    major = {"major": Severity("major", TITLE, approval=True)}
    procedure = hotline(severities=major)
    story: tuple[Fact, ...] = (received(), classified("major", "housing"), SENT[2])
    given(*story, procedure=procedure).when(c.ExecuteMeasure("换货"), by=SETTLEMENT).then_refused(
        errors.ApprovalMissing
    )
    approve = c.Approve("换货方案", "oral", MANAGER.id)
    given(*story, procedure=procedure).when(approve, by=MANAGER).then(happened(events.Approved, form="oral"))
    approved = happened(events.Approved, subject="换货方案", form="oral", by=MANAGER.id)
    given(*story, approved, procedure=procedure).when(c.ExecuteMeasure("换货"), by=SETTLEMENT).then(
        happened(events.Accepted), happened(events.Executed)
    )


def test_the_second_dissatisfied_callback_goes_up_to_those_who_decide() -> None:
    procedure = hotline(dissatisfaction=Dissatisfaction(2, ("manager", "general-manager")))
    executed = happened(events.Executed, measure="换货", unit="settlement")
    unhappy = c.RecordCallback(reached=True, satisfied=False, means="phone")
    once = (
        *SENT, executed, happened(events.CallbackDone, reached=True, satisfied=False, means="phone"),
        followed(events.Reopened, reason="不满意", round=2), happened(events.Dispatched, units=("settlement",)),
        executed,
    )  # fmt: skip
    given(*SENT, executed, procedure=procedure).when(unhappy).then(
        happened(events.CallbackDone), followed(events.Reopened, round=2)
    )
    given(*once, procedure=procedure).when(unhappy).then(
        happened(events.CallbackDone),
        followed(events.Reopened, round=3),
        followed(events.Escalated, to_role="manager"),
        followed(events.Escalated, to_role="general-manager"),
    )


def test_what_closing_needs_may_be_said_for_every_complaint_of_a_procedure() -> None:
    close = c.CloseComplaint("已办结", "完成")
    refusal = given(*SENT, procedure=hotline()).when(close).then_refused(errors.NotReadyToClose)
    assert len(refusal.missing) == 1
    executed = happened(events.Executed, measure="已维修", unit="settlement")
    given(*SENT, executed, procedure=hotline()).when(close, by=AGENT).then(happened(events.Closed))


def test_a_breach_raises_a_yellow_card_and_the_next_one_a_red() -> None:
    procedure = hotline(carded_clocks=frozenset({"accept", "handle"}))
    first = given(*SENT, procedure=procedure).judged(MONDAY_9AM + timedelta(days=2)).events
    assert [(type(event).__name__, getattr(event, "card", None)) for event in first] == [
        ("DeadlineWarned", None),
        ("DeadlineMissed", None),
        ("Supervised", "yellow"),
    ]
    both = given(*SENT, procedure=procedure).judged(MONDAY_9AM + timedelta(days=40)).events
    cards = [(event.card, event.unit) for event in both if isinstance(event, events.Supervised)]
    assert cards == [("yellow", "settlement"), ("red", "settlement")]


def cards_after(*story: Fact, days: int = 40) -> list[tuple[str | None, str | None]]:
    procedure = hotline(carded_clocks=frozenset({"accept", "handle"}))
    judged = given(*story, procedure=procedure).judged(MONDAY_9AM + timedelta(days=days)).events
    return [(event.card, event.unit) for event in judged if isinstance(event, events.Supervised)]


def test_every_department_gets_cards_of_its_own() -> None:
    two = (received(), HOUSING, happened(events.Dispatched, units=("settlement", "trading")))
    assert cards_after(*two, days=2) == [("yellow", "settlement"), ("yellow", "trading")]
    accepted = happened(events.Accepted, unit="trading")
    assert cards_after(*two, accepted) == [("yellow", "settlement"), ("red", "settlement"), ("yellow", "trading")]


def test_whoever_has_done_its_part_or_sent_it_back_gets_no_card_for_the_rest() -> None:
    accepted = [happened(events.Accepted, unit=unit) for unit in ("settlement", "trading")]
    two = (received(), HOUSING, happened(events.Dispatched, units=("settlement", "trading")), *accepted)
    back = happened(events.Returned, unit="trading", ground="…", legal_basis="…")
    assert cards_after(*two, back) == [("yellow", "settlement")]
    only = (received(), HOUSING, happened(events.Dispatched, units=("trading",)), back)
    assert cards_after(*only) == []  # with nobody: a card names a unit


def test_a_card_by_hand_that_names_no_unit_counts_for_all() -> None:
    by_hand = happened(events.Supervised, text="推诿", card="yellow")
    assert cards_after(*SENT, by_hand, days=2) == [("red", "settlement")]
