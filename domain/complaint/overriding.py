"""放行: what stands in the way of a step is passed over for one complaint, by those who may, and with a reason.

What may be set aside the procedure says. 紧急代办, a step in somebody's place, is decided where steps are.
"""

from domain import errors
from domain.complaint import commands, events
from domain.complaint.complaint import Complaint
from domain.complaint.requirements import is_met
from domain.request import Request
from domain.values import ActedBy, Actor


def override_need(complaint: Complaint, command: commands.OverrideNeed, by: ActedBy, request: Request) -> None:
    known, open_ones = complaint.procedure.overridable, _in_the_way(complaint)
    if command.need is not None and command.need not in known:
        raise errors.UnknownNeed("/need", known=known)
    if command.need in complaint.overridden:
        return
    if not open_ones or command.need not in (None, *open_ones):
        raise errors.NothingInTheWay
    if command.need is None and len(open_ones) > 1:
        raise errors.NeedMustBeNamed("/need", known=open_ones)
    need = command.need or open_ones[0]
    complaint.trigger(events.NeedOverridden, by, request.at, need=need, reason=command.reason)


def may_override_need(complaint: Complaint, by: ActedBy, actor: Actor) -> bool:
    return bool(_in_the_way(complaint))


def need_overridden(complaint: Complaint, event: events.NeedOverridden) -> None:
    complaint.overridden.add(event.need)


def _in_the_way(complaint: Complaint) -> tuple[str, ...]:
    """The needs that may be set aside and are not met, of those that some step of this complaint has."""
    return tuple(
        need for need in complaint.procedure.overridable
        if need in _asked_for(complaint) and not is_met(need, complaint, complaint.procedure)
    )  # fmt: skip


def _asked_for(complaint: Complaint) -> set[str]:
    procedure = complaint.procedure
    steps = {"close", *procedure.steps_with_needs}
    return {need for step in steps for need in procedure.needs_of(step, complaint.severity, complaint.category)}
