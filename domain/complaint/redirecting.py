"""改派、撤回、增派: who was asked is corrected, at any time from the dispatch until the close.

The unit that it is taken from loses its clocks, which were neither met nor missed, and acts no more; it reads on. The
unit that it is given to starts anew.
"""

from domain import errors
from domain.complaint import commands, events
from domain.complaint.complaint import Complaint
from domain.complaint.opinion import settle_opinion
from domain.complaint.units import ask_unit, must_know_unit, standing_of, state_of, wait_for_whoever_is_next
from domain.request import Request
from domain.values import ActedBy


def redirect(complaint: Complaint, command: commands.RedirectComplaint, by: ActedBy, request: Request) -> None:
    must_know_unit(complaint, command.to, "/to", request)
    state_of(complaint, command.from_)
    _must_not_have_it(complaint, command.to)
    complaint.trigger(
        events.Redirected, by, request.at, from_unit=command.from_, to_unit=command.to, reason=command.reason
    )


def redirected(complaint: Complaint, event: events.Redirected) -> None:
    """Given first and taken then: at no time is the case without a unit, so what was ruled goes on to bind."""
    now = complaint.this_round
    if now.leading == event.from_unit:
        now.lead = event.to_unit
    ask_unit(complaint, event.to_unit, event)
    _take_from(complaint, event.from_unit, event)
    settle_opinion(complaint, event)
    _stand(complaint, event)


def recall(complaint: Complaint, command: commands.RecallComplaint, by: ActedBy, request: Request) -> None:
    state_of(complaint, command.unit)
    complaint.trigger(events.Recalled, by, request.at, unit=command.unit, reason=command.reason)


def recalled(complaint: Complaint, event: events.Recalled) -> None:
    _take_from(complaint, event.unit, event)
    wait_for_whoever_is_next(complaint, event)
    settle_opinion(complaint, event)
    _stand(complaint, event)


def add_unit(complaint: Complaint, command: commands.AddUnit, by: ActedBy, request: Request) -> None:
    must_know_unit(complaint, command.unit, "/unit", request)
    _must_not_have_it(complaint, command.unit)
    complaint.trigger(events.UnitAdded, by, request.at, unit=command.unit, role=command.role, note=command.note)


def unit_added(complaint: Complaint, event: events.UnitAdded) -> None:
    now = complaint.this_round
    now.lead = event.unit if event.role == "lead" else now.leading or next((one.unit for one in now.at_work), None)
    ask_unit(complaint, event.unit, event)
    complaint.status = standing_of(complaint)


def _stand(complaint: Complaint, event: events.ComplaintEvent) -> None:
    """With the last unit that disputed, what was to be ruled on is gone."""
    was_disputed = any(moment.name == "OpinionDisputed" for moment in complaint.moments)
    complaint.status = standing_of(complaint)
    if was_disputed and complaint.status != "disputed":
        complaint.add_moment("DisputeDropped", event)


def _take_from(complaint: Complaint, unit: str, event: events.ComplaintEvent) -> None:
    """What it has done stays in the history, and is no longer what the case waits for."""
    complaint.set_unit_state(unit, "recalled")
    complaint.this_round.executed_by.pop(unit, None)
    complaint.add_moment("UnitTakenOff", event, unit=unit)


def _must_not_have_it(complaint: Complaint, unit: str) -> None:
    known = complaint.unit_state(unit)
    if known is not None and known.has_it:
        raise errors.UnitHasItAlready
