"""上报、催办、督办: who above hears of it and may have to decide, and who is pressed to go on."""

from collections.abc import Iterable
from datetime import datetime

from domain import errors
from domain.cause import Cause
from domain.complaint import commands, events
from domain.complaint.complaint import Complaint
from domain.procedure.procedure import Procedure, Severity
from domain.request import SYSTEM, Request
from domain.titles import titles_of
from domain.values import ActedBy


def escalate(complaint: Complaint, command: commands.EscalateComplaint, by: ActedBy, request: Request) -> None:
    procedure = complaint.procedure
    if command.to_role not in procedure.roles:
        raise errors.UnknownRole("/to_role", known=procedure.roles)
    circle = procedure.confidential_to.get(complaint.kind)
    if circle is not None and command.to_role not in circle:
        raise errors.OutsideTheCircle(roles=titles_of(circle, procedure.roles))
    _must_be_next_rung(complaint, command.to_role)
    if (command.to_role, command.reason) in complaint.escalations:
        return  # they have heard just that
    complaint.trigger(events.Escalated, by, request.at, to_role=command.to_role, reason=command.reason)


def _must_be_next_rung(complaint: Complaint, role: str) -> None:
    """逐级上报: a case that climbs a ladder leaves out no rung; it may fall back on one it reached before."""
    ladder = complaint.procedure.ladder
    if role not in ladder:
        return
    below = ladder[: ladder.index(role)]
    skipped = next((rung for rung in below if rung not in complaint.escalated_to), None)
    if skipped is not None:
        raise errors.EscalationSkipsRung(role=titles_of((skipped,), complaint.procedure.roles))


def escalate_on_severity(complaint: Complaint, severity: Severity, at: datetime) -> None:
    """第一时间反馈: those whom a complaint of this severity concerns hear of it at once."""
    escalate_to(complaint, severity.tell, Cause.of("severity", subject=severity.code), at)


def escalate_to_circle(complaint: Complaint, at: datetime) -> None:
    """举报保密: nobody else sees it, so its circle hears of it at once, or whom of them the procedure names."""
    told = told_of_confidential(complaint.procedure, complaint.kind)
    escalate_to(complaint, told, Cause.of("confidential"), at)


def told_of_confidential(procedure: Procedure, kind: str) -> tuple[str, ...]:
    """Who of the circle hears at once of a confidential matter."""
    return procedure.confidential_tell.get(kind, procedure.confidential_to.get(kind, ()))


def told_of_dissatisfaction(complaint: Complaint, cause: Cause | None) -> tuple[str, ...]:
    """Who hears that a customer is dissatisfied again; nobody as long as that has not come often enough."""
    rule = complaint.procedure.dissatisfaction
    if rule is None or cause is None or cause.code != "dissatisfied" or (cause.count or 0) < rule.count:
        return ()
    return rule.tell


def escalate_to(complaint: Complaint, roles: Iterable[str], cause: Cause, at: datetime) -> None:
    """Let these roles hear of it; 举报保密: what is confidential goes to nobody outside its circle."""
    circle = complaint.procedure.confidential_to.get(complaint.kind)
    for role in roles:
        if (circle is None or role in circle) and (role, cause) not in complaint.escalations:
            complaint.trigger(events.Escalated, SYSTEM, at, to_role=role, cause=cause)


def escalated(complaint: Complaint, event: events.Escalated) -> None:
    complaint.escalated_to.add(event.to_role)
    complaint.escalations.add((event.to_role, event.cause or event.reason))
    complaint.add_moment("Escalated", event, subject=event.to_role)


def remind(complaint: Complaint, command: commands.Remind, by: ActedBy, request: Request) -> None:
    # A customer who calls again presses all who have it: they know nothing of units.
    several = complaint.in_call is not None and len(complaint.this_round.at_work) > 1
    unit = None if several else _unit_pressed(complaint, command.unit)
    complaint.trigger(events.Reminded, by, request.at, text=command.text, unit=unit)


def supervise(complaint: Complaint, command: commands.Supervise, by: ActedBy, request: Request) -> None:
    unit = _unit_pressed(complaint, command.unit)
    complaint.trigger(events.Supervised, by, request.at, text=command.text, card=command.card, unit=unit)


def _unit_pressed(complaint: Complaint, named: str | None) -> str | None:
    """The unit that is named, else the only one that has the case; nobody presses several at once."""
    having = [one.unit for one in complaint.this_round.at_work]
    if named is not None and named not in having:
        raise errors.UnitNotAsked
    if named is None and len(having) > 1:
        raise errors.UnitMustBeNamed("/unit")
    return named or next(iter(having), None)


def supervised(complaint: Complaint, event: events.Supervised) -> None:
    if event.card is None:
        return
    complaint.cards_of[event.unit] = complaint.cards_of.get(event.unit, 0) + 1
    # Recorded with the miss that it follows from, which is the last one.
    if event.cause is not None and event.cause.code == "missed" and complaint.misses:
        complaint.misses[next(reversed(complaint.misses))].cards.append(event.unit)
