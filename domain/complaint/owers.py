"""Who owes what is owed of a complaint: units, the owner, or a role; and to whom a clock is charged.

A unit owes its own part; what the units owe while none has the case falls to those who send it to one.
"""

from domain.clocks.clock import Clock
from domain.complaint.complaint import Complaint
from domain.obligation import Obligation, OwedBy
from domain.procedure.duties import owing_role, role_for, step_of
from domain.procedure.procedure import ClockRule, Procedure


def owers_of(complaint: Complaint, clock: Clock) -> tuple[OwedBy, ...]:
    """A unit for its own clock; for one of the case that units owe, those that had not done their part.

    One that was late with its part still stands there; one that the case was taken from does not, and who got it does.
    """
    if "HandedOver" in clock.rule.starts and (offered := _offered_to(complaint, clock)) is not None:
        return (OwedBy("person", offered),)
    units = units_owing(complaint, clock) if _is_seen_by("unit", complaint) else ()
    if units and clock.unit is None and clock.stopped_at is None:
        having = [unit for unit in units if unit in complaint.standing.executed]
        units = tuple(dict.fromkeys((*having, *units_at_work(complaint))))
    role = owing_role(clock.rule, complaint.procedure)
    if role == "unit" and not units and clock.stopped_at is None and "dispatch" in complaint.procedure.steps:
        role = role_for("dispatch", complaint.procedure)
    step = step_of(clock.rule, complaint.procedure)
    return tuple(OwedBy("unit", unit) for unit in units) or (ower_of(complaint, role, step),)


def falls_to_the_dispatcher(one: Obligation, complaint: Complaint) -> bool:
    """Whether it is the units' own, and no unit has it."""
    procedure = complaint.procedure
    if one.rule is None:
        return one.step == "dispatch"
    return is_without_unit(one.rule, one.owed_by, procedure)


def is_without_unit(rule: ClockRule, owed_by: OwedBy, procedure: Procedure) -> bool:
    return owing_role(rule, procedure) == "unit" and owed_by.kind != "unit"


def is_for_units(step: str, procedure: Procedure) -> bool:
    """Whether a case has to be sent to a unit before this is done: what is done for units, and what only they do."""
    return "dispatch" in procedure.steps and (step == "execute" or procedure.steps.get(step) == ("unit",))


def units_owing(complaint: Complaint, clock: Clock) -> tuple[str, ...]:
    """The units that a clock is charged to: in cards, lists, figures and reports alike.

    A miss stays with those who owed it then. What others owe is charged to no unit, though it be about one.
    """
    if owing_role(clock.rule, complaint.procedure) != "unit":
        return ()
    if clock.unit is not None:
        return (clock.unit,)
    miss = complaint.misses.get(clock.key)
    if miss is not None and miss.owed_by:
        return miss.owed_by
    is_over = clock.state in ("met", "cancelled")
    return _units_of_round(complaint, clock.round) if is_over else units_at_work(complaint)


def _units_of_round(complaint: Complaint, round: int) -> tuple[str, ...]:
    """The units that had it in a round, and kept it."""
    found: dict[str, None] = {}
    for moment in complaint.moments:
        if moment.round == round and moment.unit is not None:
            if moment.name in ("UnitAsked", "UnitJoined"):
                found[moment.unit] = None
            elif moment.name in ("Returned", "UnitTakenOff"):
                found.pop(moment.unit, None)
    return tuple(found)


def _offered_to(complaint: Complaint, clock: Clock) -> str | None:
    """Whom the case was offered to by the hand-over that the clock runs from."""
    offers = (one for one in complaint.moments if one.name == "HandedOver" and one.version == clock.started_by)
    return next((one.subject for one in offers), None)


def units_at_work(complaint: Complaint) -> tuple[str, ...]:
    """The units that have the case and have not done their part of it."""
    now = complaint.standing
    return tuple(unit for unit in now.executed if not now.holds("executed", complaint.procedure, unit))


def ower_of(complaint: Complaint, role: str, step: str) -> OwedBy:
    """The owner of the case, for what is the handlers' to do; else somebody of the role.

    举报保密: what is confidential nobody outside its circle can do; there it is the first who may take the step.
    """
    procedure, owner = complaint.procedure, complaint.owner.actor
    if not _is_seen_by(role, complaint):
        may = (one for one in procedure.steps.get(step, ()) if _is_seen_by(one, complaint))
        return OwedBy("role", next(may, procedure.confidential_to[complaint.kind][0]))
    is_handlers = role == role_for("classify", procedure)
    return OwedBy("person", owner) if owner is not None and is_handlers else OwedBy("role", role)


def _is_seen_by(role: str, complaint: Complaint) -> bool:
    return not complaint.is_confidential or role in complaint.procedure.confidential_to[complaint.kind]
