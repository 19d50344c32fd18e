"""退单: a unit sends the case back with its legal ground; what the others have said and done goes on to count."""

from datetime import datetime

from domain import errors
from domain.cause import Cause
from domain.complaint import commands, events
from domain.complaint.complaint import Complaint
from domain.complaint.escalation import escalate_to
from domain.complaint.opinion import settle_opinion
from domain.complaint.state import UNANSWERED
from domain.complaint.units import standing_of, state_of, unit_that_answers, units_spoken_for, wait_for_whoever_is_next
from domain.request import Request
from domain.values import ActedBy, Actor


def return_work(complaint: Complaint, command: commands.ReturnWork, by: ActedBy, request: Request) -> None:
    unit = unit_that_answers(complaint, command.unit, by, waiting=UNANSWERED)
    if state_of(complaint, unit) not in UNANSWERED:
        raise errors.UnitAlreadyAnswered
    if unit in complaint.this_round.returned_by:
        raise errors.ReturnedBefore
    if not _may_still_return(complaint, unit, request.at):
        raise errors.ReturnWindowOver
    complaint.trigger(
        events.Returned, by, request.at,
        unit=unit, ground=command.ground, legal_basis=command.legal_basis, evidence=command.evidence,
    )  # fmt: skip
    rule, returns = complaint.procedure.returns, complaint.this_round.returns
    if rule is not None and returns >= rule.count:
        escalate_to(complaint, rule.tell, Cause.of("returned", count=returns), request.at)
    if command.evidence is not None:
        escalate_to(complaint, complaint.procedure.evidence_examined_by, Cause.of("evidence"), request.at)


def may_return(complaint: Complaint, by: ActedBy, actor: Actor) -> bool:
    returned_by = complaint.this_round.returned_by
    at = complaint.seen_at or complaint.last_event_at or complaint.received_at
    return any(
        unit.state in UNANSWERED and unit.unit not in returned_by and _may_still_return(complaint, unit.unit, at)
        for unit in units_spoken_for(complaint, by)
    )


def _may_still_return(complaint: Complaint, unit: str, at: datetime) -> bool:
    window = complaint.procedure.return_window
    return window is None or any(
        clock.name == window and clock.unit in (None, unit) and clock.stopped_at is None and at < clock.due_at
        for clock in complaint.clocks
    )


def returned(complaint: Complaint, event: events.Returned) -> None:
    complaint.set_unit_state(event.unit, "returned")
    complaint.add_moment("Returned", event, unit=event.unit)
    complaint.this_round.returned_by.add(event.unit)
    complaint.this_round.appealed |= event.evidence is not None
    if complaint.this_round.units:
        wait_for_whoever_is_next(complaint, event)
    complaint.this_round.returns += 1
    settle_opinion(complaint, event)
    complaint.status = standing_of(complaint)
