"""随单位退出: whoever owns a case for their unit owns it no more once the unit is without it."""

import pytest

from domain import errors
from domain.complaint import commands as c
from domain.complaint import events
from domain.people import People, Person
from domain.procedure.procedure import Procedure
from domain.values import Actor
from procedures.library import Library
from tests.facts import (
    AGENT,
    MANAGER,
    STAFF,
    Fact,
    classified,
    dispatched,
    executed,
    followed,
    happened,
    received,
)
from tests.spec import given

LIBRARY = Library.ready()
UNITS = ("unit-x", "unit-y")
WANG = Person("wang", "王五", frozenset({"unit"}), "unit-x")
BOTH = Person("both", "赵六", frozenset({"unit", "agent"}), "unit-x")
THERE = People.of([*STAFF.known.values(), WANG, BOTH])
MEMBER = Actor("wang", frozenset({"unit"}), "unit-x")
CODES = [code for code, one in LIBRARY.procedures.items() if {"recall", "redirect"} <= one.steps.keys()]


def sent(procedure: Procedure, *units: str, owner: str = "wang") -> tuple[Fact, ...]:
    severity = next((code for code, one in procedure.severities.items() if not one.front_line), None)
    category = next(iter(procedure.categories))
    return (
        received(issue_point=None, kind=next(iter(procedure.kinds))),
        classified(severity, category, issue_point=None), dispatched(*(units or UNITS[:1]), owner=owner),
    )  # fmt: skip


def released(procedure: Procedure) -> Fact:
    return followed(events.OwnerReleased, before="wang", queue=procedure.queue_role)


@pytest.mark.parametrize("code", CODES)
@pytest.mark.parametrize("step", ["recall", "redirect"])
def test_a_unit_that_the_case_is_taken_from_takes_its_owner_along_in_every_procedure(code: str, step: str) -> None:
    procedure = LIBRARY.procedures[code]
    taken = {"recall": c.RecallComplaint("unit-x", "派错"), "redirect": c.RedirectComplaint("unit-x", "unit-y", "派错")}
    by = Actor("dispatcher-1", frozenset({procedure.steps[step][0]}))
    outcome = given(*sent(procedure), procedure=procedure).when(
        taken[step], by=by, people=THERE, known_units=frozenset(UNITS)
    )
    assert outcome.refusal is None
    assert "OwnerReleased" in [type(event).__name__ for event in outcome.events]
    assert (outcome.complaint.owner.actor, outcome.complaint.owner.role) == (None, procedure.queue_role)


def test_a_unit_that_sends_it_back_takes_its_owner_along() -> None:
    procedure = LIBRARY.procedures["general"]
    history = given(*sent(procedure, *UNITS), procedure=procedure)
    outcome = history.when(c.ReturnWork("不属我部", "三定方案", unit="unit-x"), by=MEMBER, people=THERE)
    assert outcome.complaint.owner.role == "agent"
    other = history.when(c.RecallComplaint("unit-y", "派错"), by=MANAGER, people=THERE)
    assert other.complaint.owner.actor == "wang"  # it is another unit's


def test_in_a_new_round_no_unit_has_it_and_none_of_its_people_owns_it() -> None:
    procedure = LIBRARY.procedures["general"]
    unhappy = c.RecordCallback(reached=True, means="phone", satisfied=False)
    done = (*sent(procedure), executed("unit-x"))
    outcome = given(*done, procedure=procedure).when(unhappy, by=AGENT, people=THERE)
    assert "OwnerReleased" in [type(event).__name__ for event in outcome.events]
    assert outcome.complaint.owner.role == "agent"


def test_who_owns_it_in_another_role_too_stays_the_owner() -> None:
    procedure = LIBRARY.procedures["general"]
    outcome = given(*sent(procedure, owner="both"), procedure=procedure).when(
        c.RecallComplaint("unit-x", "派错"), by=MANAGER, people=THERE
    )
    assert outcome.complaint.owner.actor == "both"


def test_nobody_of_a_unit_without_the_case_is_made_its_owner() -> None:
    procedure = LIBRARY.procedures["general"]
    back = happened(events.Returned, unit="unit-x", ground="不属我部", legal_basis="三定方案")
    history = given(*sent(procedure, *UNITS, owner="agent-2"), back, procedure=procedure)
    history.when(c.Assign("wang"), by=MANAGER, people=THERE).then_refused(errors.NotInTheirReach)


def test_what_waits_in_the_queue_is_taken_by_whoever_of_the_role_takes_it() -> None:
    procedure = LIBRARY.procedures["kf0001"]
    waiting = given(*sent(procedure)[:2], dispatched("unit-y", owner="wang"), released(procedure), procedure=procedure)
    outcome = waiting.when(c.AcceptHandOver(), by=AGENT, people=THERE)
    assert outcome.complaint.owner.actor == AGENT.id
