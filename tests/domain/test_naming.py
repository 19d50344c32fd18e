"""指名: whoever is named to own a case, to take it over or to have approved is there, and may do it."""

from dataclasses import replace

import pytest

from domain import errors
from domain.complaint import commands as c
from domain.complaint import events
from domain.people import People, Person
from domain.procedure.procedure import Procedure
from tests.facts import (
    ADMIN,
    ASKED,
    GENERAL_MANAGER,
    MANAGER,
    OPENED,
    SETTLEMENT,
    STAFF,
    accused,
    happened,
)
from tests.spec import given, kf0001

THERE = People.of([
    *STAFF.known.values(),
    Person("left-1", "刘洋", frozenset({"agent"}), present=False),
    Person("wang-1", "王伟", frozenset({"agent"})),
    Person("wang-2", "王伟", frozenset({"manager"})),
])  # fmt: skip
NOT_OWNERS: list[tuple[str, type[errors.Invalid]]] = [
    ("nobody-we-know", errors.UnknownPerson),
    ("left-1", errors.PersonHasLeft),
    ("pbx-1", errors.RoleCannotTakeIt),
    ("partner-1", errors.RoleCannotTakeIt),
    ("auditor-1", errors.RoleCannotTakeIt),
    ("quality-1", errors.RoleCannotTakeIt),
    ("trading-clerk", errors.NotInTheirReach),
    ("王伟", errors.SeveralOfThisName),
]


def strict() -> Procedure:
    return replace(kf0001(), owner_must_accept=True)


@pytest.mark.parametrize(("named", "why"), NOT_OWNERS, ids=[named for named, _ in NOT_OWNERS])
def test_an_owner_is_a_known_active_actor_with_a_role_that_may(named: str, why: type[errors.Invalid]) -> None:
    refusal = given(*ASKED).when(c.Assign(named), by=MANAGER, people=THERE).then_refused(why)
    assert isinstance(refusal, errors.Invalid)
    assert refusal.pointer == "/to"
    command = c.DispatchComplaint(("settlement",), owner=named)
    refusal = given(*OPENED).when(command, people=THERE).then_refused(why)
    assert isinstance(refusal, errors.Invalid)
    assert refusal.pointer == "/owner"
    given(*OPENED, procedure=strict()).when(command, people=THERE).then_refused(
        errors.RoleCannotTakeIt if named == "trading-clerk" else why
    )


@pytest.mark.parametrize(("named", "why"), NOT_OWNERS[:6], ids=[named for named, _ in NOT_OWNERS[:6]])
def test_a_case_is_handed_over_to_a_known_active_actor_who_may_accept_it(named: str, why: type[errors.Invalid]) -> None:
    given(*ASKED).when(c.HandOver(named), people=THERE).then_refused(why)
    given(*ASKED).when(c.HandOver("settlement-clerk"), people=THERE).then_refused(errors.RoleCannotTakeIt)
    given(*ASKED).when(c.HandOver("wang-1"), people=THERE).then(happened(events.HandedOver, to="wang-1"))


def test_a_member_owns_what_is_sent_to_their_unit_by_the_same_step() -> None:
    own = c.DispatchComplaint(("settlement",), owner=SETTLEMENT.id)
    given(*OPENED).when(own).then(happened(events.Dispatched, owner="settlement-clerk"))
    given(*ASKED).when(c.Assign(SETTLEMENT.id)).then(happened(events.Assigned, to="settlement-clerk"))


def test_of_what_is_confidential_nobody_outside_its_circle_is_made_the_owner() -> None:
    secret = replace(kf0001(), confidential_to={"complaint": ("manager",)})
    given(*ASKED, procedure=secret).when(c.Assign("agent-2"), by=MANAGER).then_refused(errors.NotInTheirReach)
    given(*ASKED, procedure=secret).when(c.Assign("manager-1"), by=MANAGER).then(happened(events.Assigned))


def test_an_administrator_owns_nothing_for_they_take_no_steps() -> None:
    given(*ASKED).when(c.Assign(ADMIN.id), by=MANAGER).then_refused(errors.RoleCannotTakeIt)


def test_near_misses_are_offered_of_those_who_may() -> None:
    refusal = given(*ASKED).when(c.Assign("agent-77"), by=MANAGER).then_refused(errors.UnknownPerson)
    near = refusal.facts["near"]
    assert isinstance(near, tuple)
    assert near[0] == "agent-7"
    refusal = given(*ASKED).when(c.Assign("auditor-2"), by=MANAGER).then_refused(errors.UnknownPerson)
    assert "auditor-1" not in str(refusal.facts["near"])
    refusal = given(*ASKED).when(c.Assign("王伟"), by=MANAGER, people=THERE).then_refused(errors.SeveralOfThisName)
    assert refusal.facts["near"] == ("wang-1", "wang-2")


def test_the_owner_named_again_changes_nothing() -> None:
    given(*ASKED).when(c.Assign("agent-1"), by=MANAGER).then_nothing()
    given(*ASKED).when(c.HandOver("agent-1"), by=MANAGER).then_nothing()


def test_a_case_is_not_assigned_to_its_owner_who_has_left_but_an_offer_is_declined_in_their_favour() -> None:
    given(*ASKED).when(c.Assign("agent-1"), by=MANAGER, people=People()).then_refused(errors.UnknownPerson)
    given(*ASKED).when(c.HandOver("agent-1"), by=MANAGER, people=People()).then_nothing()


@pytest.mark.parametrize(
    ("named", "why"),
    [
        ("nobody-we-know", errors.UnknownPerson),
        ("left-1", errors.PersonHasLeft),
        ("agent-1", errors.RoleCannotTakeIt),
        ("settlement-clerk", errors.RoleCannotTakeIt),
        ("pbx-1", errors.RoleCannotTakeIt),
    ],
)
def test_an_approver_is_a_known_person_of_a_role_that_may_approve(named: str, why: type[errors.Invalid]) -> None:
    refusal = given(*ASKED).when(c.Approve("赔偿", "oral", named), by=MANAGER, people=THERE).then_refused(why)
    assert isinstance(refusal, errors.Invalid)
    assert refusal.pointer == "/by"


def test_an_oral_approval_is_recorded_by_another_than_who_gave_it() -> None:
    given(*ASKED).when(c.Approve("赔偿", "oral", GENERAL_MANAGER.id), by=MANAGER).then(
        happened(events.Approved, by="gm-1", form="oral")
    )


def test_nobody_who_is_accused_approves() -> None:
    history = given(*ASKED, accused("gm-1"))
    history.when(c.Approve("赔偿", "oral", "gm-1"), by=MANAGER).then_refused(errors.ApproverIsAccused)


def test_a_second_person_of_any_spelling_is_the_same() -> None:
    given(*ASKED).when(c.Assign("Ａgent－２"), by=MANAGER).then(happened(events.Assigned, to="agent-2"))
