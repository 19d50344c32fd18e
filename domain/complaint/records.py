"""记录: what belongs to a complaint (files, other complaints), and who is named in it and takes no part: 当事人回避."""

from datetime import datetime

from domain import errors
from domain.complaint import commands, events
from domain.complaint.complaint import Complaint
from domain.identity import each_once
from domain.request import SYSTEM, Request
from domain.values import ActedBy, LinkedComplaint


def name_accused(complaint: Complaint, command: commands.NameAccused, by: ActedBy, request: Request) -> None:
    people = tuple(person for person in command.people if person not in complaint.accused)
    if people:
        complaint.trigger(events.AccusedNamed, by, request.at, people=people)


def accused_named(complaint: Complaint, event: events.AccusedNamed) -> None:
    take_accused(complaint, event.people)


def take_accused(complaint: Complaint, people: tuple[str, ...]) -> None:
    """Recusal: nobody owns a complaint about themselves, nor is it handed over to them."""
    complaint.accused.extend(person for person in each_once(people) if person not in complaint.accused)
    if complaint.owner.actor in complaint.accused:
        complaint.owner.actor = None
    if complaint.offer is not None and complaint.offer.to in complaint.accused:
        complaint.offer = None


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


def link_back(complaint: Complaint, other: LinkedComplaint, relation: str, at: datetime) -> None:
    """A link shows on both sides: here that the other complaint was linked to this one."""
    if other.id not in {one.id for one in complaint.linked}:
        complaint.trigger(events.ComplaintsLinked, SYSTEM, at, complaints=(other,), relation=relation)


def complaints_linked(complaint: Complaint, event: events.ComplaintsLinked) -> None:
    link_to(complaint, event.complaints)


def link_to(complaint: Complaint, others: tuple[LinkedComplaint, ...]) -> None:
    complaint.linked.extend(other for other in others if other not in complaint.linked)
