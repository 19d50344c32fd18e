"""One number for many departments, without severities: what was sent back, opened again, and may be closed."""

from typing import Final

from domain import errors
from domain.complaint import commands as c
from domain.complaint import events
from domain.procedure.procedure import Procedure
from tests.domain.test_procedures_without_opinions import HOUSING, RETURNED, SENT, about, hotline
from tests.facts import AGENT, SETTLEMENT, TRADING, Fact, happened, received
from tests.spec import History, given

EXECUTED: Final = happened(events.Executed, measure="已维修", unit="settlement")


def given_hotline(*facts: Fact, procedure: Procedure | None = None) -> History:
    return given(*facts, procedure=procedure or hotline())


def test_what_came_back_is_not_routed_to_where_it_came_from() -> None:
    story = given_hotline(*RETURNED)
    refusal = story.when(c.DispatchComplaint()).then_refused(errors.RouteWasReturned)
    assert isinstance(refusal, errors.Invalid)
    assert refusal.pointer == "/units"


def test_a_new_category_leads_what_came_back_to_another_department() -> None:
    procedure = hotline(routes={"housing": "settlement", "other": "trading"})
    given_hotline(*RETURNED, about("other"), procedure=procedure).when(c.DispatchComplaint()).then(
        happened(events.Dispatched, units=("trading",))
    )


def test_a_department_may_be_named_again_by_who_knows_that_it_is_competent() -> None:
    given_hotline(*RETURNED).when(c.DispatchComplaint(("settlement",))).then(
        happened(events.Dispatched, units=("settlement",))
    )


def test_a_new_round_may_be_routed_to_the_department_that_sent_the_first_one_back() -> None:
    again = happened(events.Reopened, reason="未解决", round=2)
    given_hotline(*RETURNED, again).when(c.DispatchComplaint()).then(happened(events.Dispatched, units=("settlement",)))


def test_a_matter_that_was_sorted_stays_so_in_a_new_round() -> None:
    again = happened(events.Reopened, reason="未解决", round=2)
    assert given_hotline(*SENT, EXECUTED, again).complaint.status == "classified"
    assert given_hotline(received(), again).complaint.status == "received"


def test_closing_is_offered_as_soon_as_nothing_is_missing() -> None:
    assert "close" not in given_hotline(received(), HOUSING).allowed(AGENT)
    assert "close" in given_hotline(*SENT, EXECUTED).allowed(AGENT)
    unsorted = given_hotline(received(), procedure=hotline(close_needs=()))
    assert "close" not in unsorted.allowed(AGENT)
    unsorted.when(c.CloseComplaint("已办结", "完成")).then_refused(errors.NotYetClassified)


def test_who_sent_it_back_cannot_claim_to_have_done_it_while_another_has_it() -> None:
    rerouted = (*RETURNED, happened(events.Dispatched, units=("trading",)))
    story = given_hotline(*rerouted)
    story.when(c.ExecuteMeasure("已维修"), by=SETTLEMENT).then_refused(errors.ReturnedByThisUnit)
    assert "execute" not in story.allowed(SETTLEMENT)
    story.when(c.ExecuteMeasure("已维修"), by=TRADING).then(
        happened(events.Accepted, unit="trading"), happened(events.Executed, unit="trading")
    )
