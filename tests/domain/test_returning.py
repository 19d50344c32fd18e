"""退单: what becomes of a case that one of several units sends back."""

from typing import Final

import pytest

from domain.complaint import commands as c
from domain.complaint import events
from tests.domain.test_units_and_their_limits import FILES, sent
from tests.facts import (
    AGENT,
    ASKED_TWO,
    SETTLEMENT,
    TUESDAY_9AM,
    Fact,
    confirmed,
    disputed,
    executed,
    happened,
    informed,
    recalled,
)
from tests.spec import given

BACK: Final = happened(events.Returned, unit="trading", ground="不归我部", legal_basis="职责表")
RETURNING: Final = [code for code, one in FILES.items() if one.incidents is None and "return" in one.steps]


@pytest.mark.parametrize("code", RETURNING)
def test_a_case_is_executed_when_the_last_that_has_it_has_executed_whoever_sent_it_back(code: str) -> None:
    facts = (*sent(FILES[code], "settlement", "trading"), executed(), BACK)
    assert given(*facts, procedure=FILES[code]).complaint.status == "executed"
    assert given(*facts, informed(), procedure=FILES[code]).complaint.status == "informed"


@pytest.mark.parametrize("code", RETURNING)
def test_a_case_that_one_of_two_sent_back_stands_where_it_would_had_it_been_recalled(code: str) -> None:
    for done in ((), (executed(),), (happened(events.Accepted, unit="settlement"),)):
        facts = (*sent(FILES[code], "settlement", "trading"), *done)
        returned = given(*facts, BACK, procedure=FILES[code]).complaint
        assert returned.status == given(*facts, recalled("trading"), procedure=FILES[code]).complaint.status


def test_what_one_department_has_executed_is_answered_to_the_customer_though_another_sent_it_back() -> None:
    procedure = FILES["hotline-12345"]
    story = given(*sent(procedure, "settlement", "trading"), executed(), BACK, procedure=procedure)
    assert story.clock("handle").state == "met"
    story.when(c.InformCustomer("phone", "已处理"), by=AGENT).then(happened(events.CustomerInformed))


@pytest.mark.parametrize(
    ("answers", "status"),
    [((confirmed(),), "executing"), ((disputed(),), "disputed"), ((), "dispatched")],
    ids=["confirmed", "disputed", "nothing said"],
)
def test_the_opinion_stands_as_those_that_are_left_have_answered_it(answers: tuple[Fact, ...], status: str) -> None:
    story = given(*ASKED_TWO, *answers, BACK.at(TUESDAY_9AM))
    assert story.complaint.status == status
    assert ("execute" in story.allowed(SETTLEMENT)) == (status == "executing")
