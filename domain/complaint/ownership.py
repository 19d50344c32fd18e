"""首问责任与移交: who owns the case, how it changes hands, and who follows it to its end.

A case has one owner at any time. Where owners must accept, the former one stays the owner until then.
"""

from domain import errors
from domain.complaint import commands, events
from domain.complaint.complaint import Complaint
from domain.complaint.naming import may_own_it, must_own, must_take_over
from domain.complaint.state import HandOverOffer, Owner
from domain.identity import is_among, is_same, levelled
from domain.request import SYSTEM, Request
from domain.values import ActedBy, Actor


def assign(complaint: Complaint, command: commands.Assign, by: ActedBy, request: Request) -> None:
    must_own(complaint, command.to, "/to", request)
    if command.to == complaint.owner.actor:
        return
    if not may_assign(complaint, by, request.actor):
        raise errors.OwnerChangesByHandOver
    complaint.trigger(events.Assigned, by, request.at, to=command.to)


def may_assign(complaint: Complaint, by: ActedBy, actor: Actor) -> bool:
    return not complaint.procedure.owner_must_accept or complaint.owner.actor is None


def assigned(complaint: Complaint, event: events.Assigned) -> None:
    become_owner(complaint, event.to, event)


def become_owner(complaint: Complaint, actor: str, event: events.ComplaintEvent) -> None:
    """From now on it is theirs, no longer of the unit of whom it was before, nor to be taken over by anybody."""
    if not is_same(actor, complaint.owner.actor):
        complaint.owner = Owner(levelled(actor))
    withdraw_offer(complaint, event)


def withdraw_offer(complaint: Complaint, event: events.ComplaintEvent) -> None:
    if complaint.offer is not None:
        complaint.offer = None
        complaint.add_moment("OfferWithdrawn", event)


def hand_over(complaint: Complaint, command: commands.HandOver, by: ActedBy, request: Request) -> None:
    owner = complaint.owner.actor
    if command.to != owner:
        must_take_over(complaint, command.to, "/to", request)
    if not may_hand_over(complaint, by, request.actor):
        raise errors.NotTheOwner
    if command.to != owner and not _may_give_away(complaint, by, request.actor):
        raise errors.NotTheOwner
    offered = None if complaint.offer is None else complaint.offer.to
    if command.to == offered or (command.to == owner and offered is None):
        return
    complaint.trigger(events.HandedOver, by, request.at, to=command.to, before=owner, note=command.note)


def may_hand_over(complaint: Complaint, by: ActedBy, actor: Actor) -> bool:
    """Whoever may give it away; and whom it was offered to may decline it: it goes back to its owner."""
    return _may_give_away(complaint, by, actor) or _is_offered_to(complaint, actor)


def _may_give_away(complaint: Complaint, by: ActedBy, actor: Actor) -> bool:
    """The owner, and whoever may give a case to somebody else anyway."""
    return by.in_emergency or _leads(complaint, actor) or is_among(complaint.owner.actor, (None, actor.id))


def handed_over(complaint: Complaint, event: events.HandedOver) -> None:
    if is_same(event.to, complaint.owner.actor):
        withdraw_offer(complaint, event)
        return
    complaint.offer = HandOverOffer(levelled(event.to), event.timestamp)
    wait_to_be_accepted(complaint, event)


def wait_to_be_accepted(complaint: Complaint, event: events.ComplaintEvent) -> None:
    """移交未接收: as long as it is offered, whom it was offered to owes an answer; in a new round anew."""
    if complaint.offer is not None:
        complaint.add_moment("HandedOver", event, subject=complaint.offer.to)


def accept_hand_over(complaint: Complaint, command: commands.AcceptHandOver, by: ActedBy, request: Request) -> None:
    if complaint.offer is None:
        if is_same(complaint.owner.actor, by.id) and is_among(command.to, (None, by.id)):
            return
        if not _is_in_queue_of(complaint, by, request.actor):
            raise errors.NothingHandedOver
    elif not is_same(complaint.offer.to, by.id) or not is_among(command.to, (None, by.id)):
        raise errors.HandOverNotToYou
    complaint.trigger(events.HandoverAccepted, by, request.at, to=by.id, unit=by.unit)


def may_accept_hand_over(complaint: Complaint, by: ActedBy, actor: Actor) -> bool:
    return _is_in_queue_of(complaint, by, actor) if complaint.offer is None else _is_offered_to(complaint, actor)


def _is_offered_to(complaint: Complaint, actor: Actor) -> bool:
    return complaint.offer is not None and is_same(complaint.offer.to, actor.id)


def _is_in_queue_of(complaint: Complaint, by: ActedBy, actor: Actor) -> bool:
    """What waits in the queue of a role, each of that role may take."""
    queue = complaint.owner.role
    return queue is not None and (by.in_emergency or queue in actor.roles)


def handover_accepted(complaint: Complaint, event: events.HandoverAccepted) -> None:
    complaint.owner, complaint.offer = Owner(levelled(event.to), event.unit), None
    complaint.add_moment("HandoverAccepted", event)


def release_owner(complaint: Complaint, request: Request) -> None:
    """Whoever owns it for their unit alone owns it no more once the unit is without it."""
    owner = complaint.owner.actor
    person = None if owner is None else request.people.person(owner)
    if complaint.has_ended or person is None or not person.present or may_own_it(complaint, person):
        return
    queue = complaint.procedure.queue_role
    complaint.trigger(events.OwnerReleased, SYSTEM, request.at, before=person.id, queue=queue)


def owner_released(complaint: Complaint, event: events.OwnerReleased) -> None:
    complaint.owner = Owner(role=event.queue)
    complaint.add_moment("OwnerLeft", event)


def may_follow_to_its_end(complaint: Complaint, by: ActedBy, actor: Actor) -> bool:
    """首问负责: where that is the rule, the first contact, the owner, or somebody who may assign ends the case."""
    if not complaint.procedure.first_contact_follows or by.in_emergency or _leads(complaint, actor):
        return True
    return complaint.first_contact is None or is_among(actor.id, (complaint.first_contact, complaint.owner.actor))


def _leads(complaint: Complaint, actor: Actor) -> bool:
    return complaint.procedure.may("assign", actor.roles) is not None
