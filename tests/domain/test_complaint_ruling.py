"""异议与裁定: a dispute is ruled on, liability apportioned, the opinion revised, and the rounds are bounded."""

import pytest

from domain import errors
from domain.complaint import commands as c
from domain.complaint import events
from domain.values import LiabilityShare
from tests.facts import (
    AGENT,
    ASKED,
    ASKED_TWO,
    BOARD_OFFICE,
    DISPUTED,
    EXECUTED,
    EXECUTING,
    GENERAL_MANAGER,
    OPENED,
    OVERTURNED,
    SETTLEMENT,
    TRADING,
    TUESDAY_9AM,
    Fact,
    confirmed,
    dispatched,
    disputed,
    drafted,
    followed,
    happened,
    person,
    recalled,
    revised,
    ruled,
)
from tests.spec import given, kf0001

SEVENTY_THIRTY = (LiabilityShare("settlement", 70), LiabilityShare("trading", 30))
UPHELD = c.IssueRuling("upheld", "维持原处理意见", SEVENTY_THIRTY)
OVERTURN = c.IssueRuling("overturned", "请修改处理意见", SEVENTY_THIRTY)


def after_rounds(count: int) -> tuple[Fact, ...]:
    """A dispute that was overturned `count` times, and revised each time."""
    facts: list[Fact] = [*ASKED]
    for revision in range(1, count + 1):
        facts += [disputed(revision=revision), ruled("overturned"), revised(revision + 1)]
    return tuple(facts)


def test_there_is_no_ruling_without_a_dispute() -> None:
    for facts in (OPENED, ASKED, EXECUTING, EXECUTED):
        given(*facts).when(UPHELD, by=BOARD_OFFICE).then_refused(errors.NothingDisputed)


def test_the_board_office_rules_and_apportions_the_liability() -> None:
    outcome = given(*ASKED_TWO, disputed("settlement"), confirmed("trading")).when(UPHELD, by=BOARD_OFFICE)
    outcome.then(happened(events.RulingIssued, outcome="upheld", liability=SEVENTY_THIRTY, final=False))
    assert outcome.complaint.liability == SEVENTY_THIRTY


@pytest.mark.parametrize(
    "shares",
    [
        (LiabilityShare("settlement", 70), LiabilityShare("trading", 29)),
        (LiabilityShare("settlement", 70), LiabilityShare("trading", 31)),
        (LiabilityShare("settlement", 99),),
        (LiabilityShare("settlement", 50), LiabilityShare("settlement", 50)),
        (),
    ],
)
def test_shares_sum_to_a_hundred_with_each_unit_named_once(shares: tuple[LiabilityShare, ...]) -> None:
    given(*DISPUTED).when(c.IssueRuling("upheld", "维持", shares), by=BOARD_OFFICE).then_refused(
        errors.LiabilityMustSumTo100
    )


def test_one_unit_may_bear_all_of_the_liability() -> None:
    whole = (LiabilityShare("trading", 100),)
    given(*DISPUTED).when(c.IssueRuling("upheld", "维持", whole), by=BOARD_OFFICE).then(happened(events.RulingIssued))


def test_liability_is_given_to_units_that_exist() -> None:
    shares = (LiabilityShare("kitchen", 100),)
    given(*DISPUTED).when(c.IssueRuling("upheld", "维持", shares), by=BOARD_OFFICE).then_refused(errors.UnknownUnit)


def test_an_upheld_opinion_is_executed_as_it_was() -> None:
    history = given(*DISPUTED, ruled("upheld"))
    assert history.complaint.status == "executing"
    history.when(c.ExecuteMeasure("补入账"), by=SETTLEMENT).then(happened(events.Executed, unit="settlement"))
    history.when(c.ReviseOpinion("改"), by=person("agent-1", "agent")).then_refused(errors.OpinionNotOverturned)


def test_an_upheld_opinion_binds_the_units_that_have_not_answered() -> None:
    history = given(*ASKED_TWO, disputed("settlement"), ruled("upheld"))
    history.when(c.ConfirmOpinion(), by=TRADING).then_refused(errors.OpinionNotAsked)
    history.when(c.ExecuteMeasure("补入账"), by=TRADING).then(happened(events.Executed, unit="trading"))


def test_a_dispute_is_ruled_on_once() -> None:
    given(*DISPUTED, ruled("upheld")).when(UPHELD, by=BOARD_OFFICE).then_refused(errors.NothingDisputed)
    given(*OVERTURNED).when(OVERTURN, by=BOARD_OFFICE).then_refused(errors.RulingAlreadyIssued)


def test_an_overturned_opinion_waits_for_its_revision() -> None:
    history = given(*ASKED_TWO, disputed("settlement"), ruled("overturned"))
    history.when(c.ExecuteMeasure("补入账"), by=SETTLEMENT).then_refused(errors.OpinionStillDisputed)
    history.when(c.ConfirmOpinion(), by=TRADING).then_refused(errors.OpinionNotAsked)
    outcome = history.when(c.ReviseOpinion("改由交易部处理"))
    outcome.then(happened(events.OpinionRevised, text="改由交易部处理", revision=2))
    assert outcome.complaint.status == "dispatched"


@pytest.mark.parametrize("again", [revised(), drafted("另拟处理意见")])
def test_another_opinion_after_one_that_was_overturned_is_its_revision_also_once_the_case_was_recalled(
    again: Fact,
) -> None:
    waiting = given(*OVERTURNED, recalled().at(TUESDAY_9AM))
    assert waiting.clock("revision").state == "running"
    found = given(*OVERTURNED, recalled().at(TUESDAY_9AM), again.at(TUESDAY_9AM)).clock("revision")
    assert (found.state, found.stopped_at) == ("met", TUESDAY_9AM)


def test_an_opinion_that_was_drafted_anew_is_answered_by_whom_it_is_sent_to_then() -> None:
    anew = given(*OVERTURNED, recalled(), drafted("另拟处理意见"), dispatched("trading"))
    anew.when(c.ConfirmOpinion(), by=TRADING).then(happened(events.OpinionConfirmed, unit="trading", revision=2))
    anew.when(c.ReviseOpinion("再改"), by=AGENT).then_refused(errors.OpinionNotOverturned)
    assert [state for name, state in anew.clocks() if name == "revision"] == ["met"]


def test_an_opinion_is_revised_only_after_it_was_overturned() -> None:
    for facts in (ASKED, DISPUTED, EXECUTING, after_rounds(1)):
        given(*facts).when(c.ReviseOpinion("改")).then_refused(errors.OpinionNotOverturned)


def test_every_unit_is_asked_again_about_the_revised_opinion() -> None:
    history = given(*ASKED_TWO, confirmed("trading"), disputed("settlement"), ruled("overturned"), revised())
    history.when(c.ConfirmOpinion(), by=TRADING).then(happened(events.OpinionConfirmed, unit="trading", revision=2))
    history.when(c.DisputeOpinion("仍有异议"), by=SETTLEMENT).then(happened(events.OpinionDisputed, revision=2))
    assert history.complaint.status == "dispatched"


def test_a_revised_opinion_is_final_once_all_confirm_it() -> None:
    assert given(*OVERTURNED, revised(), confirmed(revision=2)).complaint.status == "executing"


def test_five_overturned_rounds_are_escalated_to_the_general_manager() -> None:
    four = (*after_rounds(4), disputed(revision=5))
    assert kf0001().dispute_rounds == 5
    given(*four).when(OVERTURN, by=BOARD_OFFICE).then(
        happened(events.RulingIssued, final=False), followed(events.Escalated, to_role="general-manager")
    )


def test_a_fourth_overturned_round_is_not_escalated_yet() -> None:
    three = (*after_rounds(3), disputed(revision=4))
    given(*three).when(OVERTURN, by=BOARD_OFFICE).then(happened(events.RulingIssued))


def test_beyond_the_bound_only_the_general_manager_rules() -> None:
    history = given(*after_rounds(5), disputed(revision=6))
    history.when(UPHELD, by=BOARD_OFFICE).then_refused(errors.RulingIsTheLastInstances)
    for outcome in (UPHELD, OVERTURN):
        history.when(outcome, by=GENERAL_MANAGER).then(happened(events.RulingIssued, final=True))


def test_what_the_general_manager_has_revised_is_final_without_another_confirmation() -> None:
    last = given(*after_rounds(5), disputed(revision=6), ruled("overturned", final=True), revised(7))
    assert last.complaint.status == "executing"
    last.when(c.DisputeOpinion("第七次异议"), by=SETTLEMENT).then_refused(errors.OpinionNotAsked)
    last.when(c.ExecuteMeasure("执行"), by=SETTLEMENT).then(happened(events.Executed))


def test_the_general_manager_may_rule_before_the_bound_too() -> None:
    given(*DISPUTED).when(UPHELD, by=GENERAL_MANAGER).then(happened(events.RulingIssued, final=False))
