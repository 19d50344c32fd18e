"""Who owes what is owed of a complaint: units, the owner, or a role; and to whom a clock is charged.

A unit owes its own part; what the units owe while none has the case falls to those who send it to one.
"""

from datetime import datetime

from domain.clocks.clock import Clock
from domain.complaint.complaint import Complaint
from domain.complaint.deciding import who_may
from domain.complaint.guards import front_line_may_settle, is_not_dispatched
from domain.complaint.naming import takers_of
from domain.obligation import OwedBy
from domain.procedure.duties import owing_role, role_for, step_of
from domain.procedure.procedure import ClockRule, Procedure


def owers_of(complaint: Complaint, clock: Clock) -> tuple[OwedBy, ...]:
    """A unit for its own clock; for one of the case that units owe, those that had not done their part.

    One that was late with its part still stands there; one that the case was taken from does not, and who got it does.
    """
    if "HandedOver" in clock.rule.starts and (offered := _offered_to(complaint, clock)) is not None:
        return (_offeree(complaint, offered),)
    units, role = units_owing(complaint, clock), owing_role(clock.rule, complaint.procedure)
    if role == "unit" and clock.unit is None and clock.stopped_at is None and not _is_kept_from_units(complaint):
        having = [unit for unit in units if unit in complaint.standing.executed]
        units = tuple(dict.fromkeys((*having, *units_at_work(complaint)))) or units_answering(complaint)
    step = step_ending(clock, complaint)
    is_without = not units and (clock.stopped_at is None or was_nobodys(clock))
    if role == "unit" and is_without and "dispatch" in complaint.procedure.steps:
        role, step = role_for("dispatch", complaint.procedure), "dispatch"
    return tuple(OwedBy("unit", unit) for unit in units) or (ower_of(complaint, role, step),)


def step_ending(clock: Clock, complaint: Complaint) -> str:
    """What somebody does to end a clock, as the case stands, or did: once it went another way, nobody settles it."""
    procedure = complaint.procedure
    may = is_not_dispatched(complaint, procedure) is None and front_line_may_settle(complaint, procedure) is None
    was = any(one.name == "Settled" and one.round == clock.round for one in complaint.moments)
    return step_of(clock.rule, procedure, may_be_settled=was or (may and clock.stopped_at is None))


def is_without_unit(rule: ClockRule, owed_by: OwedBy, complaint: Complaint) -> bool:
    """Whether it is for units to do, and none has the case."""
    is_theirs = owing_role(rule, complaint.procedure) == "unit" and owed_by.kind != "unit"
    return is_theirs and not complaint.standing.executed


def is_for_units(step: str, procedure: Procedure) -> bool:
    """Whether a case has to be sent to a unit before this is done: what is done for units, and what only they do."""
    return "dispatch" in procedure.steps and (step == "execute" or procedure.steps.get(step) == ("unit",))


def units_owing(complaint: Complaint, clock: Clock) -> tuple[str, ...]:
    """The units that a clock is charged to: in cards, lists, figures and reports alike.

    A miss stays with those who owed it then. What others owe is charged to no unit, though it be about one.
    """
    if owing_role(clock.rule, complaint.procedure) != "unit" or _is_kept_from_units(complaint):
        return ()
    if clock.unit is not None:
        return (clock.unit,)
    miss = complaint.misses.get(clock.key)
    if miss is not None and miss.owed_by is not None:
        return miss.owed_by
    if was_nobodys(clock):
        return ()
    if clock.stopped_at is not None:
        return _units_then(complaint, clock.round, clock.stopped_at)
    return units_at_work(complaint) or units_answering(complaint)


def was_nobodys(clock: Clock) -> bool:
    """Whether it ended as it was given to units, each of which has a time of its own since."""
    return clock.rule.per_unit and clock.unit is None and clock.stopped_at is not None


def _is_kept_from_units(complaint: Complaint) -> bool:
    """举报保密: nobody owes what they may not know of."""
    return complaint.circle is not None and "unit" not in complaint.circle


def _units_then(complaint: Complaint, round: int, until: datetime) -> tuple[str, ...]:
    """The units that had it in a round until a moment, and kept it; who was asked later owed nothing then."""
    found: dict[str, None] = {}
    for moment in complaint.moments:
        if moment.round == round and moment.unit is not None and moment.at <= until:
            if moment.name in ("UnitAsked", "UnitJoined"):
                found[moment.unit] = None
            elif moment.name in ("Returned", "UnitTakenOff"):
                found.pop(moment.unit, None)
    return tuple(found)


def _offered_to(complaint: Complaint, clock: Clock) -> str | None:
    """Whom the case was offered to by the hand-over that the clock runs from."""
    offers = (one for one in complaint.moments if one.name == "HandedOver" and one.version == clock.started_by)
    return next((one.subject for one in offers), None)


def _offeree(complaint: Complaint, offered: str) -> OwedBy:
    """Whom it was offered to; where they have left, who may give it to somebody else."""
    procedure = complaint.procedure
    leading = who_may("assign", complaint) or who_may("hand-over", complaint)
    gives = next((role for role in leading if role in who_may("hand-over", complaint)), "admin")
    return OwedBy("person", offered, otherwise=gives, may=takers_of(procedure), instead="hand-over")


def units_at_work(complaint: Complaint) -> tuple[str, ...]:
    """The units that have the case and have not done their part of it."""
    now = complaint.standing
    return tuple(unit for unit in now.executed if not now.holds("executed", complaint.procedure, unit))


def units_answering(complaint: Complaint) -> tuple[str, ...]:
    """主办答复: who speaks for the units that have the case: the one that leads them, else each of them."""
    leading = complaint.this_round.leading
    return (leading,) if leading is not None else tuple(complaint.standing.executed)


def ower_of(complaint: Complaint, role: str, step: str) -> OwedBy:
    """The owner of the case, for what is the handlers' to do; else somebody of the role.

    Where only others may take the step now, it is theirs: nobody owes what is refused to them.
    """
    may, owner = who_may(step, complaint), complaint.owner.actor
    if may and role not in may:
        return OwedBy("role", may[0])
    if owner is not None and role == role_for("classify", complaint.procedure):
        return OwedBy("person", owner, otherwise=role, may=may or (role,))
    return OwedBy("role", role)
