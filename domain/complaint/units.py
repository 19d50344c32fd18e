"""派单: the case is sent to the responsible units, which take it.

Who may send it out, and for which unit somebody speaks, is asked by other themes too.
"""

from collections.abc import Collection
from datetime import datetime

from domain import errors
from domain.clocks.clock import is_waiting
from domain.complaint import commands, events
from domain.complaint.complaint import Complaint
from domain.complaint.ending import may_judge
from domain.complaint.naming import must_own, must_take_over
from domain.complaint.ownership import become_owner
from domain.complaint.plans import every_plan_lapses, own_plan_lapses
from domain.complaint.state import Status, UnitState, UnitStatus
from domain.near import near
from domain.request import Request
from domain.values import ActedBy, Actor


def dispatch(complaint: Complaint, command: commands.DispatchComplaint, by: ActedBy, request: Request) -> None:
    if not may_judge(complaint, by, request.actor):
        raise errors.NothingAppealed
    units = command.units or _routed(complaint)
    for index, unit in enumerate(command.units):
        must_know_unit(complaint, unit, f"/units/{index}", request)
    if command.lead is not None and command.lead not in units:
        raise errors.LeadNotAsked("/lead")
    if command.owner is not None and command.owner != complaint.owner.actor:
        name_owner = must_take_over if _must_accept(complaint) else must_own
        name_owner(complaint, command.owner, "/owner", request, asked=units)
    # Where owners must accept, one who is named here is offered the case, and it keeps its owner until then.
    owner_before = complaint.owner.actor
    offered = _must_accept(complaint)
    owner = None if offered else command.owner
    lead = command.lead or (units[0] if "add-unit" in complaint.procedure.steps else None)
    complaint.trigger(events.Dispatched, by, request.at, units=units, owner=owner, note=command.note, lead=lead)
    if offered and command.owner not in (None, owner_before):
        complaint.trigger(events.HandedOver, by, request.at, to=command.owner, before=owner_before, note=None)


def _must_accept(complaint: Complaint) -> bool:
    """Where owners must accept, a case that has one changes hands only so."""
    return complaint.procedure.owner_must_accept and complaint.owner.actor is not None


def _routed(complaint: Complaint) -> tuple[str, ...]:
    unit = complaint.procedure.route_of(complaint.category)
    if unit is None:
        raise errors.NoRouteKnown("/units")
    if unit in complaint.this_round.returned_by:
        raise errors.RouteWasReturned("/units")
    return (unit,)


def dispatched(complaint: Complaint, event: events.Dispatched) -> None:
    complaint.status = "dispatched"
    if event.owner is not None:
        become_owner(complaint, event.owner, event)
    now = complaint.this_round
    if now.opinion is not None:
        now.opinion.state = "asked"
    now.lead = event.lead
    every_plan_lapses(now)
    complaint.add_moment("Dispatched", event)
    for unit in event.units:
        ask_unit(complaint, unit, event)


def ask_unit(complaint: Complaint, unit: str, event: events.ComplaintEvent) -> None:
    """Give the case to a unit, which starts anew.

    Where a ruling has decided, there is nothing to answer: an upheld opinion binds the unit, and an overturned one is
    revised first.
    """
    now = complaint.this_round
    now.appealed = False
    if complaint.unit_state(unit) is None:
        now.units.append(UnitState(unit))
    complaint.set_unit_state(unit, "asked")
    complaint.sent_to.add(unit)
    own_plan_lapses(now, unit)
    is_ruled_on = now.opinion_binds or now.ruled is not None
    complaint.add_moment("UnitJoined" if is_ruled_on else "UnitAsked", event, unit=unit)


def wait_for_whoever_is_next(complaint: Complaint, event: events.ComplaintEvent) -> None:
    """Once no unit has it, it waits to be sent on or, where one appealed with evidence, for who examines that."""
    if not complaint.is_with_units:
        complaint.add_moment("EveryUnitReturned", event)
        complaint.add_moment("AppealWaits" if complaint.this_round.appealed else "WaitsToBeSentOn", event)


def standing_of(complaint: Complaint) -> Status:
    """Where a case stands whose units have changed, by what those that have it now have said and done."""
    now = complaint.this_round
    states = {unit.state for unit in now.at_work}
    if not states:
        return "classified"
    if now.opinion is not None and now.opinion.state != "final":
        return "disputed" if now.ruled == "overturned" or "disputed" in states else "dispatched"
    if complaint.standing.is_executed:
        return "informed" if complaint.standing.told else "executed"
    is_planned = any(complaint.standing.plan_agreed.values())
    return "executing" if now.opinion is not None or is_planned or not states <= {"asked"} else "dispatched"


def accept(complaint: Complaint, command: commands.AcceptWork, by: ActedBy, request: Request) -> None:
    unit = unit_that_answers(complaint, command.unit, by, waiting={"asked"})
    if state_of(complaint, unit) == "asked":
        complaint.trigger(events.Accepted, by, request.at, unit=unit)


def accept_by_answering(complaint: Complaint, unit: str | None, by: ActedBy, at: datetime) -> None:
    """Its first answer of substance is that it has taken the case, where that is waited for."""
    known = complaint.unit_state(unit)
    if known is not None and known.state == "asked" and _waits_for_acceptance(complaint, known.unit):
        complaint.trigger(events.Accepted, by, at, unit=known.unit)


def _waits_for_acceptance(complaint: Complaint, unit: str) -> bool:
    return any(
        "Accepted" in clock.rule.stops and clock.unit in (None, unit) and is_waiting(clock)
        for clock in complaint.clocks
    )


def may_accept(complaint: Complaint, by: ActedBy, actor: Actor) -> bool:
    return any(unit.state == "asked" for unit in units_spoken_for(complaint, by))


def accepted(complaint: Complaint, event: events.Accepted) -> None:
    complaint.set_unit_state(event.unit, "accepted")
    complaint.add_moment("Accepted", event, unit=event.unit)
    if complaint.this_round.opinion is None:
        complaint.status = standing_of(complaint)


# For whom somebody speaks


def must_know_unit(complaint: Complaint, unit: str, pointer: str, request: Request) -> None:
    if unit not in complaint.procedure.units and unit not in request.known_units:
        known = {**dict.fromkeys(request.known_units), **complaint.procedure.units}
        raise errors.UnknownUnit(pointer, near(unit, known))


def units_spoken_for(complaint: Complaint, by: ActedBy) -> list[UnitState]:
    """The units that have the case and whose answer somebody can give who takes a step so."""
    return [unit for unit in complaint.this_round.at_work if by.role != "unit" or unit.unit == by.unit]


def unit_spoken_for(named: str | None, by: ActedBy) -> str | None:
    """A member of a unit speaks for that unit only; others for the unit they name, or for none."""
    if by.role != "unit":
        return named
    if named not in (None, by.unit):
        raise errors.NotForAnotherUnit
    return by.unit


def state_of(complaint: Complaint, unit: str) -> UnitStatus:
    """Where a unit stands that has the case. Raises `UnitNotAsked`, `ReturnedByThisUnit`, `TakenFromThisUnit`."""
    refusal = without_the_case(complaint, unit)
    known = complaint.unit_state(unit)
    if refusal is not None or known is None:
        raise refusal or errors.UnitNotAsked
    return known.state


def without_the_case(complaint: Complaint, unit: str) -> type[errors.Refused] | None:
    """Why a unit does not act, where it does not have the case."""
    known = complaint.unit_state(unit)
    if known is None:
        return errors.UnitNotAsked
    if known.has_it:
        return None
    return errors.ReturnedByThisUnit if known.state == "returned" else errors.TakenFromThisUnit


def unit_that_answers(complaint: Complaint, named: str | None, by: ActedBy, *, waiting: Collection[UnitStatus]) -> str:
    """The unit a step speaks for: a member's own, else the one named, else the only one that is waiting."""
    if by.role == "unit" and by.unit is not None:
        if named not in (None, by.unit):
            raise errors.NotForAnotherUnit
        return by.unit
    if named is not None:
        return named
    open_ones = [unit.unit for unit in complaint.this_round.units if unit.state in waiting]
    if len(open_ones) != 1:
        raise errors.UnitMustBeNamed("/unit")
    return open_ones[0]
