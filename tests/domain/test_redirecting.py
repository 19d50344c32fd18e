"""改派、撤回、增派: who was asked can be corrected from the dispatch until the close, and who leads is known."""

from dataclasses import replace
from typing import Final

import pytest

from domain import errors
from domain.clocks.clock import is_waiting
from domain.complaint import commands as c
from domain.complaint import events
from domain.complaint.requirements import missing_for
from domain.limits.limits import WorkingDays
from domain.notices.notices import Addressee
from domain.procedure.procedure import ClockRule, Procedure
from domain.titles import Title
from procedures.library import Library
from tests.facts import (
    AGENT,
    ASKED,
    ASKED_TWO,
    CLOSED,
    EXECUTED,
    EXECUTING,
    FRIDAY_9AM,
    MANAGER,
    MONDAY_9AM,
    OPENED,
    OVERTURNED,
    SETTLEMENT,
    TRADING,
    TUESDAY_9AM,
    WEDNESDAY_9AM,
    Fact,
    called_back,
    classified,
    confirmed,
    dispatched,
    disputed,
    executed,
    happened,
    member_of,
    recalled,
    received,
    redirected,
    reopened,
    revised,
    ruled,
    unit_added,
)
from tests.spec import History, given

RISK: Final = member_of("risk-control")
REDIRECT: Final = c.RedirectComplaint("settlement", "trading", "派错了部门")
RECALL: Final = c.RecallComplaint("settlement", "派错了部门")
ADD: Final = c.AddUnit("trading")
READY: Final = Library.ready().procedures


def executing(story: History) -> set[str | None]:
    """The units whose time to execute runs."""
    return {clock.unit for clock in story.complaint.clocks if clock.name == "execute" and is_waiting(clock)}


def states(*facts: Fact) -> dict[str, tuple[str, str | None]]:
    now = given(*facts).complaint.this_round
    return {unit.unit: (unit.state, now.role_of(unit.unit)) for unit in now.units}


# Any time from the dispatch until the close


@pytest.mark.parametrize(
    "facts",
    [ASKED, (*ASKED, disputed()), OVERTURNED, (*OVERTURNED, revised()), EXECUTING, EXECUTED],
    ids=["asked", "disputed", "overturned", "revised", "executing", "executed"],
)
@pytest.mark.parametrize("command", [REDIRECT, RECALL, ADD], ids=["redirect", "recall", "add-unit"])
def test_who_was_asked_is_corrected_at_any_time_from_the_dispatch_until_the_close(
    facts: tuple[Fact, ...], command: c.Command
) -> None:
    assert {"redirect", "recall", "add-unit"} <= set(given(*facts).allowed(AGENT))
    assert given(*facts).when(command).refusal is None


@pytest.mark.parametrize("command", [REDIRECT, RECALL, ADD], ids=["redirect", "recall", "add-unit"])
def test_nobody_is_corrected_before_the_dispatch_and_after_the_close(command: c.Command) -> None:
    given(*OPENED).when(command).then_refused(errors.NotYetDispatched)
    given(*CLOSED).when(command).then_refused(errors.ComplaintEnded)
    for facts in (OPENED, CLOSED):
        assert {"redirect", "recall", "add-unit"}.isdisjoint(given(*facts).allowed(AGENT))


def test_redirecting_takes_the_case_from_one_unit_and_gives_it_to_another_with_a_reason() -> None:
    outcome = given(*ASKED).when(REDIRECT)
    outcome.then(happened(events.Redirected, from_unit="settlement", to_unit="trading", reason="派错了部门"))
    assert states(*ASKED, redirected()) == {"settlement": ("recalled", None), "trading": ("asked", None)}


def test_the_case_is_taken_only_from_a_unit_that_has_it() -> None:
    given(*ASKED).when(c.RecallComplaint("risk-control", "派错了")).then_refused(errors.UnitNotAsked)
    given(*ASKED, redirected()).when(REDIRECT).then_refused(errors.TakenFromThisUnit)
    given(*ASKED, redirected()).when(RECALL).then_refused(errors.TakenFromThisUnit)


def test_the_case_is_given_only_to_a_unit_that_exists_and_does_not_have_it() -> None:
    to_nobody = c.RedirectComplaint("settlement", "kitchen", "派错了")
    unknown = given(*ASKED).when(to_nobody).then_refused(errors.UnknownUnit)
    assert isinstance(unknown, errors.Invalid)
    assert unknown.pointer == "/to"
    given(*ASKED).when(c.AddUnit("kitchen")).then_refused(errors.UnknownUnit)
    given(*ASKED).when(c.RedirectComplaint("settlement", "settlement", "派错了")).then_refused(errors.UnitHasItAlready)
    given(*ASKED_TWO).when(REDIRECT).then_refused(errors.UnitHasItAlready)
    given(*ASKED_TWO).when(ADD).then_refused(errors.UnitHasItAlready)


def test_a_unit_that_it_was_taken_from_may_be_given_it_again() -> None:
    back = c.RedirectComplaint("trading", "settlement", "原部门更合适")
    given(*ASKED, redirected()).when(back).then(happened(events.Redirected))
    assert states(*ASKED, redirected(), redirected("trading", "settlement"))["settlement"] == ("asked", None)


def test_after_dissatisfaction_only_those_correct_who_then_decide() -> None:
    procedure = READY["courier"]
    sent = (received(), classified("general", "service"), dispatched("station"))
    rounds = [
        (dispatched("station"), executed("station"), called_back(satisfied=False), reopened(number))
        for number in (2, 3, 4)
    ]  # fmt: skip
    thrice = (*sent[:2], *(fact for one in rounds for fact in one), dispatched("station"))
    for command in (c.RecallComplaint("station", "…"), c.AddUnit("sorting")):
        given(*thrice, procedure=procedure).when(command).then_refused(errors.DecidedFurtherUp)
    assert "recall" not in given(*thrice, procedure=procedure).allowed(AGENT)


# What becomes of the units


def test_the_unit_taken_away_loses_its_clocks_which_are_cancelled_and_not_missed() -> None:
    story = given(*ASKED, redirected().at(TUESDAY_9AM))
    assert story.clock("unit-answers", "settlement").state == "cancelled"
    judged = story.judged(FRIDAY_9AM)
    assert {event.unit for event in judged.events if isinstance(event, events.DeadlineMissed)} >= {"trading"}
    assert "settlement" not in {event.unit for event in judged.events if isinstance(event, events.DeadlineMissed)}


def test_the_unit_it_is_given_to_has_clocks_of_its_own_from_then() -> None:
    for fact, unit in ((redirected(), "trading"), (unit_added(), "trading")):
        clock = given(*ASKED, fact.at(TUESDAY_9AM)).clock("unit-answers", unit)
        assert (clock.started_at, clock.state) == (TUESDAY_9AM, "running")
        assert clock.due_at > given(*ASKED).clock("unit-answers", "settlement").due_at


def test_the_unit_taken_away_reads_what_it_saw_and_answers_nothing() -> None:
    story = given(*ASKED, redirected())
    assert story.complaint.sight_for(SETTLEMENT) == "texts"
    for command in (c.ConfirmOpinion(), c.DisputeOpinion("异议"), c.AcceptWork()):
        story.when(command, by=SETTLEMENT).then_refused(errors.TakenFromThisUnit)
    assert {"confirm-opinion", "dispute-opinion", "accept", "execute"}.isdisjoint(story.allowed(SETTLEMENT))


def test_the_unit_it_is_given_to_sees_it_confirms_and_executes() -> None:
    story = given(*ASKED, redirected())
    assert story.complaint.sight_for(TRADING) == "texts"
    story.when(c.ConfirmOpinion(), by=TRADING).then(happened(events.OpinionConfirmed, unit="trading", revision=1))
    agreed = given(*ASKED, redirected(), confirmed("trading"))
    assert agreed.complaint.status == "executing"
    agreed.when(c.ExecuteMeasure("补入账"), by=TRADING).then(happened(events.Executed, unit="trading"))


def test_recalling_the_last_unit_puts_the_case_back_to_be_dispatched() -> None:
    for facts in (ASKED, (*ASKED, disputed()), EXECUTING, EXECUTED):
        story = given(*facts, recalled())
        assert story.complaint.status == "classified"
        assert "dispatch" in story.allowed(AGENT)
        assert "recall" not in story.allowed(AGENT)
        again = (*facts, recalled(), dispatched("trading"))
        given(*again).when(c.ConfirmOpinion(), by=TRADING).then(happened(events.OpinionConfirmed, unit="trading"))


def test_recalling_one_of_two_leaves_the_other_at_work() -> None:
    story = given(*ASKED_TWO, recalled())
    assert story.complaint.status == "dispatched"
    story.when(c.ConfirmOpinion(), by=TRADING).then(happened(events.OpinionConfirmed))
    assert given(*ASKED_TWO, recalled(), confirmed("trading")).complaint.status == "executing"


def test_an_opinion_is_final_once_all_that_are_left_have_confirmed_it() -> None:
    story = given(*ASKED_TWO, confirmed("trading"), recalled().at(TUESDAY_9AM))
    assert story.complaint.status == "executing"
    assert story.clock("execute").started_at == TUESDAY_9AM


def test_with_the_unit_that_disputed_the_dispute_goes_too() -> None:
    story = given(*ASKED_TWO, disputed(), recalled())
    opinion = story.complaint.this_round.opinion
    assert opinion is not None
    assert (story.complaint.status, opinion.state) == ("dispatched", "asked")
    handed_on = given(*ASKED, disputed(), redirected())
    assert handed_on.complaint.status == "dispatched"
    handed_on.when(c.DisputeOpinion("也有异议"), by=TRADING).then(happened(events.OpinionDisputed, unit="trading"))
    assert given(*ASKED_TWO, confirmed("trading"), disputed(), recalled()).complaint.status == "executing"


@pytest.mark.parametrize(
    ("facts", "state"),
    [((recalled(),), "cancelled"), ((redirected("settlement", "risk-control"),), "cancelled"),
     ((recalled("trading"),), "running"), ((), "running")],
    ids=["recalled", "redirected", "another recalled", "nothing"],
)  # fmt: skip
def test_nobody_waits_for_a_ruling_on_a_dispute_that_went_with_its_unit(facts: tuple[Fact, ...], state: str) -> None:
    ruling = ClockRule(
        "ruling", Title("裁定", "Ruling"), frozenset({"OpinionDisputed"}), frozenset({"RulingIssued"}),
        WorkingDays(1), "…",
    )  # fmt: skip
    procedure = replace(READY["kf0001"], clocks=(*READY["kf0001"].clocks, ruling))
    assert given(*ASKED_TWO, disputed(), *facts, procedure=procedure).clock("ruling").state == state


def test_the_opinion_that_a_redirected_unit_disputed_is_asked_again() -> None:
    opinion = given(*ASKED, disputed(), redirected()).complaint.this_round.opinion
    assert opinion is not None
    assert opinion.state == "asked"


def test_the_other_units_dispute_outlasts_a_recall() -> None:
    assert given(*ASKED_TWO, disputed("trading"), recalled()).complaint.status == "disputed"


def test_a_unit_asked_after_the_others_had_agreed_still_confirms_or_disputes_or_simply_executes() -> None:
    late = (*ASKED_TWO, confirmed(), confirmed("trading"), redirected("trading", "risk-control").at(TUESDAY_9AM))
    story = given(*late)
    assert story.clock("unit-answers", "risk-control").state == "running"
    assert {"confirm-opinion", "dispute-opinion", "execute"} <= set(story.allowed(RISK))
    assert "confirm-opinion" not in story.allowed(SETTLEMENT)
    story.when(c.ExecuteMeasure("补入账"), by=SETTLEMENT).then(happened(events.Executed, unit="settlement"))
    done = given(*late, executed("risk-control").at(WEDNESDAY_9AM))
    assert done.clock("unit-answers", "risk-control").stopped_at is not None
    again = given(*late, disputed("risk-control"))
    assert again.complaint.status == "disputed"
    again.when(c.ExecuteMeasure("补入账"), by=SETTLEMENT).then_refused(errors.OpinionStillDisputed)


def test_a_revised_opinion_is_executed_anew_by_whoever_had_executed_the_former() -> None:
    late = (*ASKED_TWO, confirmed(), confirmed("trading"), executed(), redirected("trading", "risk-control"))
    over = (*late, disputed("risk-control"), ruled("overturned"), revised())
    agreed = (*over, confirmed(revision=2), confirmed("risk-control", revision=2))
    given(*agreed).when(c.ExecuteMeasure("按修改后的意见"), by=SETTLEMENT).then(happened(events.Executed))


def test_an_upheld_opinion_binds_the_unit_that_is_asked_after_the_ruling() -> None:
    story = given(*ASKED, disputed(), ruled("upheld"), redirected())
    assert story.complaint.status == "executing"
    story.when(c.DisputeOpinion("异议"), by=TRADING).then_refused(errors.OpinionNotAsked)
    story.when(c.ExecuteMeasure("补入账"), by=TRADING).then(happened(events.Executed, unit="trading"))


def test_an_overturned_opinion_is_revised_before_the_new_unit_answers_it() -> None:
    story = given(*OVERTURNED, redirected())
    assert story.complaint.status == "disputed"
    story.when(c.ConfirmOpinion(), by=TRADING).then_refused(errors.OpinionNotAsked)
    assert [clock.unit for clock in story.complaint.clocks if clock.name == "unit-answers"] == ["settlement"]
    given(*OVERTURNED, redirected(), revised()).when(c.ConfirmOpinion(), by=TRADING).then(
        happened(events.OpinionConfirmed, unit="trading", revision=2)
    )


def test_an_overturned_opinion_is_not_sent_to_another_unit_as_it_was() -> None:
    story = given(*OVERTURNED, recalled())
    story.when(c.DispatchComplaint(("trading",))).then_refused(errors.RulingAlreadyIssued)
    given(*OVERTURNED, recalled(), revised()).when(c.DispatchComplaint(("trading",))).then(happened(events.Dispatched))


def test_what_a_unit_did_before_it_was_taken_away_is_shown_and_waited_for_no_more() -> None:
    complaint = given(*EXECUTED, redirected()).complaint
    assert not complaint.standing.is_executed
    assert [(one.unit, one.measure, one.round) for one in complaint.measures] == [("settlement", "已补入账", 1)]
    back = given(*EXECUTED, redirected(), redirected("trading", "settlement"), confirmed())
    back.when(c.ExecuteMeasure("已补入账"), by=SETTLEMENT).then(happened(events.Executed))


@pytest.mark.parametrize("facts", [EXECUTING, EXECUTED], ids=["agreed", "executed"])
def test_an_opinion_that_nobody_who_is_left_agreed_to_is_confirmed_by_the_unit_it_is_given_to(
    facts: tuple[Fact, ...],
) -> None:
    story = given(*facts, redirected())
    assert story.complaint.status == "dispatched"
    story.when(c.ExecuteMeasure("补入账"), by=TRADING).then_refused(errors.OpinionNotYetConfirmed)
    agreed = given(*facts, redirected(), confirmed("trading").at(TUESDAY_9AM))
    assert agreed.clock("execute", "trading").started_at == TUESDAY_9AM
    assert "final-opinion" not in missing_for("close", agreed.complaint, agreed.complaint.procedure)


def test_a_unit_added_meanwhile_lets_nobody_execute_what_nobody_agreed_to() -> None:
    one = given(*EXECUTING, redirected(), unit_added("risk-control"), confirmed("trading"))
    assert executing(one) == set()
    both = given(*EXECUTING, redirected(), unit_added("risk-control"), confirmed("trading"), confirmed("risk-control"))
    assert executing(both) == {"trading", "risk-control"}


def test_what_was_ruled_binds_the_unit_it_is_given_to_from_then_on() -> None:
    story = given(*ASKED, disputed(), ruled("upheld"), redirected().at(TUESDAY_9AM))
    assert story.clock("execute", "trading").started_at == TUESDAY_9AM
    assert "final-opinion" not in missing_for("close", story.complaint, story.complaint.procedure)
    story.when(c.ExecuteMeasure("补入账"), by=TRADING).then(happened(events.Executed, unit="trading"))


def test_the_recall_of_the_last_unit_that_had_not_executed_ends_the_work() -> None:
    story = given(*ASKED_TWO, confirmed(), confirmed("trading"), executed(), recalled("trading"))
    assert story.complaint.standing.is_executed
    assert story.complaint.status == "executed"


# Who hears of it


@pytest.mark.parametrize(
    ("fact", "units"),
    [
        (redirected(), ["trading", "settlement"]),
        (recalled(), ["settlement"]),
        (unit_added(), ["trading", "settlement"]),
        (unit_added(role="lead"), ["trading"]),
    ],
    ids=["redirected", "recalled", "added", "added as lead"],
)
def test_the_unit_that_is_given_the_case_and_the_one_it_was_taken_from_are_told(fact: Fact, units: list[str]) -> None:
    story = given(*OPENED, dispatched("settlement", lead="settlement"), fact)
    assert [notice.to for notice in story.told] == [
        Addressee("unit", unit) for unit in units
    ]


# 主办、协办


def test_the_first_unit_leads_where_none_is_named() -> None:
    given(*OPENED).when(c.DispatchComplaint(("settlement", "trading"))).then(
        happened(events.Dispatched, lead="settlement")
    )
    given(*OPENED).when(c.DispatchComplaint(("settlement", "trading"), lead="trading")).then(
        happened(events.Dispatched, lead="trading")
    )


def test_only_a_unit_that_is_asked_leads() -> None:
    refusal = given(*OPENED).when(c.DispatchComplaint(("settlement",), lead="trading"))
    assert isinstance(refusal.then_refused(errors.LeadNotAsked), errors.Invalid)


LED: Final = (*OPENED, dispatched("settlement", "trading", lead="settlement"))


def test_one_unit_leads_at_most_and_the_others_support_it() -> None:
    assert states(*LED) == {"settlement": ("asked", "lead"), "trading": ("asked", "support")}
    assert states(*LED, unit_added("risk-control"))["risk-control"] == ("asked", "support")
    assert states(*LED, unit_added("risk-control", "lead")) == {
        "settlement": ("asked", "support"), "trading": ("asked", "support"), "risk-control": ("asked", "lead"),
    }  # fmt: skip


def test_the_lead_goes_with_the_case_and_falls_to_the_next_unit_where_nobody_takes_it() -> None:
    assert states(*LED, redirected("settlement", "risk-control"))["risk-control"] == ("asked", "lead")
    assert states(*LED, recalled("settlement"))["trading"] == ("asked", "lead")
    assert states(*LED, redirected("trading", "risk-control"))["risk-control"] == ("asked", "support")


def test_a_unit_that_was_asked_by_an_older_dispatch_has_no_role() -> None:
    assert states(*ASKED_TWO) == {"settlement": ("asked", None), "trading": ("asked", None)}


# In every procedure


def who_was_asked_can_be_corrected(procedure: Procedure) -> bool:
    """Whoever only examines what a unit appealed against sends it out again, and has no other say in who is asked."""
    dispatchers = tuple(role for role in procedure.steps.get("dispatch", ()) if not procedure.only_examines(role))
    return all(procedure.steps.get(step, ()) == dispatchers for step in ("redirect", "recall", "add-unit"))


@pytest.mark.parametrize("code", sorted(code for code, one in READY.items() if one.incidents is None))
def test_in_every_procedure_those_who_dispatch_correct_who_was_asked(code: str) -> None:
    assert who_was_asked_can_be_corrected(READY[code])


def test_a_case_without_opinions_goes_on_with_the_new_unit() -> None:
    procedure = READY["market-30min"]
    sent = (received(), classified("general", "product"), dispatched("east").at(MONDAY_9AM))
    story = given(*sent, redirected("east", "south"), procedure=procedure)
    assert story.complaint.status == "dispatched"
    assert "execute" not in story.allowed(member_of("east"))
    taken_back = given(*sent, recalled("east"), procedure=procedure)
    assert taken_back.complaint.status == "classified"
    assert "dispatch" in taken_back.allowed(MANAGER)
