"""接管: complaints that another system began, with the steps that were taken there.

Each step is decided by the procedure as of then. What it refuses, it did not become: it is recorded as the other system
has it (`TakenOver`), and ends the complaint where it ended there. Nothing is made up in between.
"""

from dataclasses import replace
from datetime import datetime
from typing import Any, Final

from domain import errors
from domain.clocks.clock import is_waiting
from domain.complaint import commands, events
from domain.complaint.closing import end
from domain.complaint.complaint import IMPORT, Complaint
from domain.complaint.deadlines import judge_clocks
from domain.complaint.events.taking_over import EndedAs
from domain.complaint.intake import Identity, begun
from domain.complaint.steps import STEP_OF, AnyStep, refusal_of, take
from domain.errors.families import slug_of
from domain.limits.calendar import Calendar
from domain.people import People
from domain.procedure.moments import MomentName
from domain.procedure.procedure import Procedure
from domain.request import Request
from domain.values import ActedBy, Actor, Imported

ENDS: Final[dict[str, EndedAs]] = {
    "close": "closed", "settle": "closed", "reject": "rejected", "withdraw": "withdrawn",
}  # fmt: skip
MOMENTS: Final[dict[EndedAs, MomentName]] = {"closed": "Closed", "rejected": "Rejected", "withdrawn": "Withdrawn"}


def receive_past(
    command: commands.ReceiveComplaint,
    identity: Identity,
    by: ActedBy,
    procedure: Procedure,
    calendar: Calendar,
    *,
    at: datetime,
    people: People,
    origin: Imported,
    old_number: str | None,
) -> Complaint:
    """A complaint that another system received at `at`; what the intake asks for today is not asked of it."""
    complaint = begun(
        command,
        identity,
        replace(by, source=IMPORT),
        procedure,
        calendar,
        at=at,
        people=people,
        imported=origin,
        old_number=old_number,
    )
    complaint.origin = origin
    return complaint


def role_in(step: str, complaint: Complaint, actor: Actor, unit: str | None) -> ActedBy:
    """Who took a step there, in which role: one of theirs, for the unit whose part it was, or the usual one."""
    roles = complaint.procedure.steps.get(step, ())
    unit = unit or actor.unit
    if "unit" in roles and unit is not None and unit in complaint.sent_to:
        return ActedBy(actor.id, "unit", unit, IMPORT)
    fitting = [role for role in roles if role in actor.roles] or [role for role in roles if role != "unit"]
    if fitting:
        return ActedBy(actor.id, fitting[0], actor.unit, IMPORT)
    at_work = complaint.this_round.at_work
    return ActedBy(actor.id, "unit", at_work[0].unit if len(at_work) == 1 else unit, IMPORT)


def take_past_step(
    complaint: Complaint, command: commands.Command, actor: Actor, request: Request, handler: str | None = None
) -> errors.Refused | None:
    """A step as it was taken at `request.at`, by `actor`; the refusal where it is kept as it was there.

    Who may take it was not for this procedure to say then: only what the complaint needed is asked.
    """
    step, at = STEP_OF[type(command)], request.at
    by = role_in(step.name, complaint, actor, getattr(command, "unit", None))
    _named(complaint, handler)
    if at > complaint.modified_on:  # within one instant nothing falls due
        judge_clocks(complaint, at)
    everybody = Actor(by.id, frozenset(complaint.procedure.roles), by.unit, IMPORT)
    refusal = _refusal(complaint, step, command, by, replace(request, actor=everybody))
    if refusal is not None:
        _take_over(complaint, step, command, by, at, refusal)
    return refusal


def let_go(complaint: Complaint, by: ActedBy, now: datetime) -> None:
    """Judge what fell due by `now`; what an ended complaint still owed by then is owed no more, an open one owes on."""
    _named(complaint, None)
    judge_clocks(complaint, now)
    if complaint.has_ended:
        left = [clock.name for clock in complaint.clocks if is_waiting(clock) and clock.due_at <= now]
        if left:
            complaint.trigger(events.TakenOver, by, now, released=tuple(dict.fromkeys(left)))


def _named(complaint: Complaint, handler: str | None) -> None:
    """Who is written in the file where nobody known is meant, for what follows."""
    if complaint.origin is not None and complaint.origin.handler != handler:
        complaint.origin = replace(complaint.origin, handler=handler)


def taken_over(complaint: Complaint, event: events.TakenOver) -> None:
    if event.released:
        complaint.add_moment("TakenOver", event)
    if event.ended_as is not None:
        end(complaint, event.ended_as, event, "Settled" if event.step == "settle" else MOMENTS[event.ended_as])
        said = event.said or {}
        complaint.outcome, complaint.justified = said.get("outcome"), event.justified


def _refusal(
    complaint: Complaint, step: AnyStep, command: commands.Command, by: ActedBy, request: Request
) -> errors.Refused | None:
    if step.name not in complaint.procedure.steps:
        return errors.StepNotInProcedure(known=tuple(complaint.procedure.steps))
    refusal = refusal_of(step, complaint, by, request.actor)
    if refusal is not None:
        return refusal if isinstance(refusal, errors.Refused) else refusal()
    before = len(complaint.pending_events)
    try:
        take(step, complaint, command, by, request)
    except errors.Refused as error:
        if len(complaint.pending_events) != before:
            raise
        return error
    return None


def _take_over(
    complaint: Complaint, step: AnyStep, command: commands.Command, by: ActedBy, at: datetime, refusal: errors.Refused
) -> None:
    said: dict[str, Any] = {name: value for name, value in vars(command).items() if value is not None}
    ends = step.name in ENDS and not complaint.has_ended and said.get("accepted", True)
    complaint.trigger(
        events.TakenOver, by, at,
        step=step.name, ended_as=ENDS[step.name] if ends else None, because=slug_of(type(refusal)),
        missing=tuple(refusal.missing), justified=said.pop("justified", None), said=said,
    )  # fmt: skip
