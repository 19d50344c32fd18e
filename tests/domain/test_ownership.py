"""首问责任与交接: a case has one owner at any time, and changes hands only when the next one has accepted."""

from dataclasses import replace

import pytest

from domain import errors
from domain.complaint import commands as c
from domain.complaint import events
from domain.complaint.obligations import obligations_of
from domain.procedure.procedure import Procedure
from tests.facts import (
    AGENT,
    ASKED,
    CLOSED,
    EXECUTED,
    INTEGRATION,
    MANAGER,
    MONDAY_9AM,
    READY_TO_CLOSE,
    SETTLEMENT,
    Fact,
    accused,
    dispatched,
    happened,
    on,
    person,
    received,
    reopened,
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


def test_only_the_receiver_accepts() -> None:
    for other in (AGENT, MANAGER, THIRD):
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
    for actor in (AGENT, MANAGER):
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


def test_whom_it_was_offered_to_declines_it_to_the_owner_and_gives_it_to_nobody_else() -> None:
    rules = procedure(steps={**kf0001().steps, "assign": ("manager",)})
    history = given(*ASKED, offered(), procedure=rules)
    assert "hand-over" in history.allowed(SECOND)
    history.when(c.HandOver("agent-3"), by=SECOND).then_refused(errors.NotTheOwner)
    declined = history.when(c.HandOver("agent-1", "手头已满"), by=SECOND)
    declined.then(happened(events.HandedOver, to="agent-1", before="agent-1", note="手头已满"))
    assert (declined.complaint.owner.actor, declined.complaint.offer) == ("agent-1", None)
    again = given(*ASKED, offered(), offered("agent-1").by(SECOND), procedure=rules)
    again.when(c.HandOver("agent-1"), by=SECOND).then_refused(errors.NotTheOwner)


# 移交未接收: an obligation with a limit


def the_offers(*facts: Fact) -> list[tuple[str, str]]:
    """Of each hand-over the state of its clock, and who owes the answer."""
    complaint = given(*ASKED, *facts).complaint
    return [(one.state, str(one.owed_by)) for one in obligations_of(complaint) if one.name == "hand-over"]


def test_an_unaccepted_hand_over_is_owed_by_whom_it_was_offered_to_and_has_a_limit() -> None:
    assert the_offers() == []
    assert the_offers(offered()) == [("open", "person:agent-2")]
    clock = given(*ASKED, offered()).clock("hand-over")
    assert (clock.started_at, clock.due_at) == (MONDAY_9AM, on("2026-03-04", "00:00"))
    missed = given(*ASKED, offered()).judged(on("2026-03-04", "09:00"))
    told = {event.clock: event.told for event in missed.events if isinstance(event, events.DeadlineMissed)}
    assert told["hand-over"] == ("manager",)


def test_it_is_met_when_accepted_and_void_when_taken_back_declined_or_given_to_another() -> None:
    accepted = happened(events.HandoverAccepted, to="agent-2", unit=None).by(SECOND)
    assert the_offers(offered(), accepted) == [("met", "person:agent-2")]
    assert the_offers(offered(), offered("agent-1")) == [("waived", "person:agent-2")]
    assert the_offers(offered(), offered("agent-1").by(SECOND)) == [("waived", "person:agent-2")]
    assert the_offers(offered(), offered("agent-3")) == [("waived", "person:agent-2"), ("open", "person:agent-3")]
    assert the_offers(offered(), happened(events.Assigned, to="agent-3")) == [("waived", "person:agent-2")]
    assert the_offers(offered(), accused("agent-2")) == [("waived", "person:agent-2")]


def test_a_round_that_is_opened_while_it_is_offered_asks_anew() -> None:
    withdrawn = happened(events.Withdrawn, reason="撤回")
    assert the_offers(offered(), withdrawn) == [("waived", "person:agent-2")]
    assert the_offers(offered(), withdrawn, reopened()) == [("waived", "person:agent-2"), ("open", "person:agent-2")]


# 待领取: what a machine took down


TAKEN_BY_A_MACHINE = received(queue="agent").by(INTEGRATION)


def test_what_a_machine_took_down_waits_in_a_roles_queue_and_is_not_the_machines() -> None:
    complaint = given(TAKEN_BY_A_MACHINE).complaint
    assert (complaint.owner.actor, complaint.owner.role, complaint.first_contact) == (None, "agent", None)
    assert complaint.owner.unit is None
    assert kf0001().queue_role == "agent"


def test_what_was_taken_down_by_a_machine_before_has_no_first_contact_either() -> None:
    assert given(received().by(INTEGRATION)).complaint.first_contact is None


def test_whoever_is_of_the_queues_role_takes_it_and_nobody_else() -> None:
    history = given(TAKEN_BY_A_MACHINE)
    assert "accept-hand-over" in history.allowed(SECOND)
    assert "accept-hand-over" not in history.allowed(MANAGER)
    history.when(c.AcceptHandOver(), by=MANAGER).then_refused(errors.NothingHandedOver)
    taken = history.when(c.AcceptHandOver(), by=SECOND)
    taken.then(happened(events.HandoverAccepted, to="agent-2"))
    assert (taken.complaint.owner.actor, taken.complaint.owner.role) == ("agent-2", None)
    assigned = history.when(c.Assign("agent-3"), by=MANAGER).complaint
    assert (assigned.owner.actor, assigned.owner.role) == ("agent-3", None)


def test_nobody_takes_from_a_queue_what_was_offered_to_one_of_them() -> None:
    history = given(TAKEN_BY_A_MACHINE, happened(events.HandedOver, to="agent-2", before=None).by(MANAGER))
    history.when(c.AcceptHandOver(), by=THIRD).then_refused(errors.HandOverNotToYou)
    history.when(c.AcceptHandOver(), by=SECOND).then(happened(events.HandoverAccepted, to="agent-2"))


def test_a_new_owner_does_not_stand_for_the_unit_of_the_one_before() -> None:
    taken = happened(events.HandoverAccepted, to="settlement-clerk", unit="settlement").by(SETTLEMENT)
    assert given(*ASKED, taken).complaint.owner.unit == "settlement"
    given_back = happened(events.HandoverAccepted, to="agent-2", unit=None).by(SECOND)
    for change in (happened(events.Assigned, to="agent-2"), given_back, dispatched("settlement", owner="agent-2")):
        owner = given(*ASKED, taken, change).complaint.owner
        assert (owner.actor, owner.unit) == ("agent-2", None)


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
    for actor in (AGENT, SECOND, MANAGER):
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
