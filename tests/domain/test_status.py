"""Where a case stands between its dispatch and the last result: the same in every procedure."""

import pytest

from domain.complaint import events
from procedures.library import Library
from tests.facts import Fact, accepted, dispatched, executed, happened, informed, recalled, received
from tests.spec import given

READY = Library.ready().procedures
WITHOUT_OPINIONS = [code for code, one in READY.items() if one.incidents is None and not one.has_opinions]
AGREED = happened(events.SolutionAgreed, text="换货", agreed=True, unit="settlement")


def status(code: str, *facts: Fact) -> str:
    procedure = READY[code]
    kind = next(iter(procedure.kinds))
    severity = next((code for code, one in procedure.severities.items() if not one.front_line), None)
    opened = happened(events.Classified, severity=severity, category=next(iter(procedure.categories)))
    both = dispatched("settlement", "trading")
    return given(received(issue_point=None, kind=kind), opened, both, *facts, procedure=procedure).complaint.status


@pytest.mark.parametrize("code", WITHOUT_OPINIONS)
def test_a_case_is_being_executed_from_the_first_unit_that_took_it_up_and_executed_by_the_last(code: str) -> None:
    assert status(code) == "dispatched"
    assert status(code, accepted()) == "executing"
    assert status(code, executed("settlement")) == "executing"
    assert status(code, executed("settlement"), executed("trading")) == "executed"
    assert status(code, executed("settlement"), executed("trading"), informed()) == "informed"
    assert status(code, executed("settlement"), recalled("trading")) == "executed"


def test_a_plan_that_the_customer_agreed_to_is_being_executed_and_one_that_was_taken_back_is_not() -> None:
    assert status("market-30min", AGREED) == "executing"
    refused = happened(events.SolutionAgreed, text="换货", agreed=False, unit="settlement")
    assert status("market-30min", AGREED, refused) == "dispatched"
