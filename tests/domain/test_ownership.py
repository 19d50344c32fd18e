"""首问责任与交接: a case has one owner at any time, and changes hands only when the next one has accepted."""

from dataclasses import replace

import pytest

from domain import errors
from domain.complaint import commands as c
from domain.complaint import events
from domain.procedure.procedure import Procedure
from tests.facts import (
    ADMIN,
    AGENT,
    ASKED,
    CLOSED,
    EXECUTED,
    MANAGER,
    READY_TO_CLOSE,
    Fact,
    accused,
    happened,
    person,
    received,
)
from tests.spec import given, kf0001

SECOND = person("agent-2", "agent")
THIRD = person("agent-3", "agent")


def offered(to: str = "agent-2") -> Fact:
    return happened(events.HandedOver, to=to, before="agent-1", note=None)


def procedure(**rules: object) -> Procedure:
    return replace(kf0001(), **rules)  # type: ignore[arg-type]


def test_a_hand_over_is_open_until_the_receiver_accepts_it() -> None:
    history = given(*ASKED, offered())
    assert history.complaint.owner.actor == "agent-1"
    assert history.complaint.offer is not None
    assert history.complaint.offer.to == "agent-2"
    after = history.when(c.AcceptHandOver(), by=SECOND)
    after.then(happened(events.HandoverAccepted, to="agent-2"))
    assert (after.complaint.owner.actor, after.complaint.offer) == ("agent-2", None)


def test_only_the_receiver_accepts_not_even_the_administrator() -> None:
    for other in (AGENT, MANAGER, THIRD, ADMIN):
        given(*ASKED, offered()).when(c.AcceptHandOver(), by=other).then_refused(errors.HandOverNotToYou)
        assert "accept-hand-over" not in given(*ASKED, offered()).allowed(other)
    assert "accept-hand-over" in given(*ASKED, offered()).allowed(SECOND)
    given(*ASKED, offered()).when(c.AcceptHandOver("agent-3"), by=SECOND).then_refused(errors.HandOverNotToYou)


def test_nothing_is_accepted_that_nobody_handed_over() -> None:
    given(*ASKED).when(c.AcceptHandOver(), by=SECOND).then_refused(errors.NothingHandedOver)


def test_accepting_twice_changes_nothing() -> None:
    accepted = happened(events.HandoverAccepted, to="agent-2", unit=None)
    given(*ASKED, offered(), accepted).when(c.AcceptHandOver(), by=SECOND).then_nothing()


def test_the_owner_hands_over_and_whoever_may_assign_and_nobody_else() -> None:
    assigned_by_manager = procedure(steps={**kf0001().steps, "assign": ("manager",)})
    for actor in (AGENT, MANAGER, ADMIN):
        outcome = given(*ASKED, procedure=assigned_by_manager).when(c.HandOver("agent-2"), by=actor)
        outcome.then(happened(events.HandedOver, to="agent-2", before="agent-1"))
    history = given(*ASKED, procedure=assigned_by_manager)
    history.when(c.HandOver("agent-3"), by=SECOND).then_refused(errors.NotTheOwner)
    assert "hand-over" not in history.allowed(SECOND)


def test_an_offer_is_taken_back_or_made_to_another_and_the_same_offer_again_changes_nothing() -> None:
    history = given(*ASKED, offered())
    history.when(c.HandOver("agent-2")).then_nothing()
    taken_back = history.when(c.HandOver("agent-1"))
    assert taken_back.complaint.offer is None
    assert taken_back.complaint.owner.actor == "agent-1"
    to_another = history.when(c.HandOver("agent-3"))
    assert to_another.complaint.offer is not None
    assert to_another.complaint.offer.to == "agent-3"
    given(*ASKED, offered(), offered("agent-1")).when(c.AcceptHandOver(), by=SECOND).then_refused(
        errors.NothingHandedOver
    )


def test_nobody_takes_over_a_complaint_about_themselves() -> None:
    given(*ASKED, accused("agent-2")).when(c.HandOver("agent-2")).then_refused(errors.OwnerIsAccused)
    late = given(*ASKED, offered(), accused("agent-2"))
    assert late.complaint.offer is None
    late.when(c.AcceptHandOver(), by=SECOND).then_refused(errors.Recused)


def test_an_assignment_ends_an_open_hand_over() -> None:
    assigned = happened(events.Assigned, to="agent-3")
    assert given(*ASKED, offered(), assigned).complaint.offer is None


def test_where_owners_must_accept_nobody_is_assigned_over_the_head_of_the_owner() -> None:
    strict = procedure(owner_must_accept=True)
    given(*ASKED, procedure=strict).when(c.Assign("agent-2")).then_refused(errors.OwnerChangesByHandOver)
    assert "assign" not in given(*ASKED, procedure=strict).allowed(MANAGER)
    opened = given(*ASKED[:3], procedure=strict)
    opened.when(c.DispatchComplaint(("settlement",), owner="agent-2")).then(
        happened(events.Dispatched, owner=None), happened(events.HandedOver, to="agent-2", before="agent-1")
    )
    opened.when(c.DispatchComplaint(("settlement",), owner="agent-1")).then(happened(events.Dispatched))


def test_a_case_whose_owner_is_recused_is_assigned_to_another() -> None:
    history = given(*ASKED, accused("agent-1"), procedure=procedure(owner_must_accept=True))
    assert history.complaint.owner.actor is None
    history.when(c.Assign("agent-2"), by=MANAGER).then(happened(events.Assigned, to="agent-2"))


# 首问责任


def test_the_first_to_receive_stays_the_first_contact_however_often_it_is_passed_on() -> None:
    passed_on = given(*ASKED, offered(), happened(events.HandoverAccepted, to="agent-2", unit=None))
    assert (passed_on.complaint.owner.actor, passed_on.complaint.first_contact) == ("agent-2", "agent-1")


@pytest.mark.parametrize(
    ("facts", "command"),
    [
        (EXECUTED, c.InformCustomer("sms", "结果")),
        (EXECUTED, c.RecordCallback(True, "phone", True)),
        (READY_TO_CLOSE, c.CloseComplaint("已解决", "小结")),
    ],
    ids=["inform-customer", "record-callback", "close"],
)
def test_the_first_contact_the_owner_or_a_leader_follows_the_case_to_its_end(
    facts: tuple[Fact, ...], command: c.Command
) -> None:
    rules = procedure(first_contact_follows=True, steps={**kf0001().steps, "assign": ("manager",)})
    handed = (offered(), happened(events.HandoverAccepted, to="agent-2", unit=None))
    history = given(*facts, *handed, procedure=rules)
    for actor in (AGENT, SECOND, MANAGER, ADMIN):
        assert history.when(command, by=actor).refusal is None
    history.when(command, by=THIRD).then_refused(errors.NotTheFirstContact)
    assert set(history.allowed(THIRD)).isdisjoint({"inform-customer", "record-callback", "close"})


def test_where_the_first_contact_is_named_in_it_anybody_of_the_role_follows_it() -> None:
    rules = procedure(first_contact_follows=True)
    history = given(*EXECUTED, accused("agent-1"), procedure=rules)
    assert history.complaint.first_contact is None
    assert history.when(c.InformCustomer("sms", "结果"), by=THIRD).refusal is None


def test_a_complaint_that_has_ended_is_not_handed_over() -> None:
    given(*CLOSED).when(c.HandOver("agent-2")).then_refused(errors.ComplaintEnded)
    assert given(received()).complaint.offer is None
