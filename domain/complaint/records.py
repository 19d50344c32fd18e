"""记录: what belongs to a complaint (files, other complaints), and who is named in it and takes no part: 当事人回避."""

from collections.abc import Iterable
from datetime import datetime
from typing import Final

from domain import errors
from domain.complaint import commands, events
from domain.complaint.complaint import Complaint
from domain.complaint.naming import unknown_person
from domain.complaint.ownership import withdraw_offer
from domain.identity import each_once, is_among, levelled
from domain.people import as_called
from domain.request import SYSTEM, Request
from domain.values import ActedBy, Actor, LinkedComplaint

NOBODY: Final = "nobody"  # reserved: nobody has it for an id


def name_accused(complaint: Complaint, command: commands.NameAccused, by: ActedBy, request: Request) -> None:
    openly = set(complaint.accused) - complaint.named_by_grading
    people = tuple(person for person in command.people if person not in openly)
    if people:
        nobodys = request.people.unmatched((*complaint.accused, *people))
        unmatched = tuple(person for person in people if person in nobodys)
        complaint.trigger(events.AccusedNamed, by, request.at, people=people, unmatched=unmatched)


def accused_named(complaint: Complaint, event: events.AccusedNamed) -> None:
    people = set(each_once(event.people))
    if events.is_known_to_few(event):
        complaint.named_by_grading |= people - set(complaint.named)
    else:
        complaint.named_by_grading -= people
    take_accused(complaint, event)
    complaint.add_moment("AccusedNamed", event)


def take_accused(complaint: Complaint, event: events.Received | events.AccusedNamed) -> None:
    people = event.accused if isinstance(event, events.Received) else event.people
    complaint.named.extend(person for person in each_once(people) if person not in complaint.named)
    _wait_to_be_matched(complaint, each_once(event.unmatched), event)
    _take_from_the_accused(complaint, event)


def wait_to_be_matched_anew(complaint: Complaint, event: events.ComplaintEvent) -> None:
    """In a new round it is owed anew who of the accused are meant."""
    _wait_to_be_matched(complaint, sorted(complaint.standing.unmatched), event)


def _wait_to_be_matched(complaint: Complaint, unmatched: Iterable[str], event: events.ComplaintEvent) -> None:
    for said in unmatched:
        complaint.add_moment("AccusedUnmatched", event, subject=said)


def _take_from_the_accused(complaint: Complaint, event: events.ComplaintEvent) -> None:
    """Recusal: nobody owns a complaint about themselves, nor is it handed over to them."""
    if complaint.owner.actor in complaint.accused:
        complaint.owner.actor = None
        complaint.add_moment("OwnerLeft", event)
    if complaint.offer is not None and complaint.offer.to in complaint.accused:
        withdraw_offer(complaint, event)


def match_accused(complaint: Complaint, command: commands.MatchAccused, by: ActedBy, request: Request) -> None:
    """登记的称呼对应何人: whoever is decided to be meant is kept out from now on; of nobody of ours, nobody is."""
    if command.accused not in complaint.named:
        raise errors.NotAmongTheAccused("/accused")
    meant = None if command.person in (None, NOBODY) else command.person
    if meant is not None and request.people.person(meant) is None:
        raise unknown_person(meant, "/person", request.people)
    if _may_be_meant(command.accused, meant, request):
        raise errors.Recused
    if command.accused in complaint.matched and complaint.matched[command.accused] == meant:
        return
    people = () if meant is None else (meant,)
    complaint.trigger(
        events.AccusedMatched, by, request.at, accused=command.accused, people=people, reason=command.reason
    )


def _may_be_meant(said: str, meant: str | None, request: Request) -> bool:
    """Nobody decides about themselves, nor about a name that is theirs."""
    me = request.people.person(request.actor.id)
    return is_among(request.actor.id, (said, meant)) or (me is not None and as_called(said) in me.called)


def may_match_accused(complaint: Complaint, by: ActedBy, actor: Actor) -> bool:
    return bool(complaint.named)


def accused_matched(complaint: Complaint, event: events.AccusedMatched) -> None:
    complaint.matched[levelled(event.accused)] = next(map(levelled, event.people), None)
    complaint.add_moment("AccusedMatched", event, subject=levelled(event.accused))
    _take_from_the_accused(complaint, event)


def attach(complaint: Complaint, command: commands.Attach, by: ActedBy, request: Request) -> None:
    known = complaint.procedure.evidence
    if command.evidence is not None and command.evidence not in known:
        raise errors.UnknownEvidence("/evidence", known=known)
    named = [code for code, title in known.items() if title.zh in command.name]
    evidence = command.evidence or (named[0] if len(named) == 1 else None)  # it says itself what it is
    complaint.trigger(events.AttachmentAdded, by, request.at, **{**vars(command), "evidence": evidence})


def attachment_added(complaint: Complaint, event: events.AttachmentAdded) -> None:
    if event.evidence is not None:
        complaint.evidence.add(event.evidence)
        complaint.add_moment("AttachmentAdded", event, subject=event.evidence)


def link(complaint: Complaint, command: commands.LinkComplaints, by: ActedBy, request: Request) -> None:
    known = request.known_complaints
    for index, other in enumerate(command.complaints):
        if other == complaint.id:
            raise errors.LinkedToItself(f"/complaints/{index}")
        if other not in known:
            raise errors.UnknownComplaint(f"/complaints/{index}")
    already = {other.id for other in complaint.linked}
    new = tuple(LinkedComplaint(other, known[other]) for other in command.complaints if other not in already)
    if new:
        complaint.trigger(events.ComplaintsLinked, by, request.at, complaints=new, relation=command.relation)


def unlink(complaint: Complaint, command: commands.UnlinkComplaints, by: ActedBy, request: Request) -> None:
    linked = {other.id: other for other in complaint.linked}
    for index, other in enumerate(command.complaints):
        if other not in request.known_complaints:
            raise errors.UnknownComplaint(f"/complaints/{index}")
        if other not in linked and other not in complaint.unlinked:
            raise errors.NotLinked(f"/complaints/{index}")
    wrong = tuple(linked[other] for other in command.complaints if other in linked)
    if wrong:
        complaint.trigger(events.ComplaintsUnlinked, by, request.at, complaints=wrong, reason=command.reason)


def may_unlink(complaint: Complaint, by: ActedBy, actor: Actor) -> bool:
    return bool(complaint.linked)


def show_link(complaint: Complaint, other: LinkedComplaint, relation: str | None, at: datetime) -> None:
    """A link shows on both sides, and so does its end (`relation` None): here what was said of it there."""
    is_shown = other.id in {one.id for one in complaint.linked}
    if relation is not None and not is_shown:
        complaint.trigger(events.ComplaintsLinked, SYSTEM, at, complaints=(other,), relation=relation)
    if relation is None and is_shown:
        complaint.trigger(events.ComplaintsUnlinked, SYSTEM, at, complaints=(other,))


def complaints_linked(complaint: Complaint, event: events.ComplaintsLinked) -> None:
    link_to(complaint, event.complaints)


def link_to(complaint: Complaint, others: tuple[LinkedComplaint, ...]) -> None:
    complaint.linked.extend(other for other in others if other not in complaint.linked)


def complaints_unlinked(complaint: Complaint, event: events.ComplaintsUnlinked) -> None:
    wrong = {other.id for other in event.complaints}
    complaint.linked = [other for other in complaint.linked if other.id not in wrong]
    complaint.unlinked |= wrong
