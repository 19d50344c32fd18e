"""义务、待办: what is owed of a complaint, by whom, until when, and whether it is done.

Every clock is an obligation with a limit; what the close needs and no clock asks for is one without. Both are done when
the same condition holds, so nothing can be done for the clock and missing for the close.
"""

from collections.abc import Container, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final, Literal

from domain.clocks.clock import Clock, ClockState
from domain.clocks.conditions import CONDITIONS, with_conditions
from domain.clocks.moments import Moment
from domain.complaint.approving import awaits_approval
from domain.complaint.complaint import Complaint
from domain.complaint.requirements import missing_for
from domain.procedure.duties import MET_BY, NEEDS, kind_of_need, owing_role, role_for, step_of
from domain.procedure.procedure import PLAN_APPROVED, ClockRule, Procedure

ObligationState = Literal["open", "met", "missed", "waived"]
OwerKind = Literal["unit", "role", "person"]

STATE_OF_CLOCK: Final[Mapping[ClockState, ObligationState]] = {
    "running": "open", "paused": "open", "met": "met", "missed": "missed", "cancelled": "waived",
}  # fmt: skip
OF_EACH_UNIT: Final = frozenset({"executed"})


@dataclass(frozen=True, slots=True)
class OwedBy:
    """Who has to do it: a unit, a role, or a person, by their code."""

    kind: OwerKind
    code: str

    def __str__(self) -> str:
        return f"{self.kind}:{self.code}"


@dataclass(frozen=True, slots=True)
class Obligation:
    """One thing that somebody owes.

    `step` is what they do about it. `arose_at` and `arose_by` are the moment from which it is owed and the version of
    the complaint that brought it. `due_at` and `warn_at` are None where it has no limit. A `soft` one is never missed.
    `met_at` is when it was done, late or not. Times are UTC.
    """

    name: str
    owed_by: OwedBy
    step: str
    round: int
    arose_at: datetime
    arose_by: int | None
    state: ObligationState
    unit: str | None = None
    warn_at: datetime | None = None
    due_at: datetime | None = None
    soft: bool = False
    met_at: datetime | None = None
    rule: ClockRule | None = None

    @property
    def waits(self) -> bool:
        """Whether somebody still has to do it, in time or late."""
        return self.state == "open" or (self.state == "missed" and self.met_at is None)


def obligations_of(complaint: Complaint) -> list[Obligation]:
    """Everything that was ever owed in its clocks, and what the close of the present round waits for besides."""
    return [*_with_limits(complaint), *_without_limits(complaint)]


def _with_limits(complaint: Complaint) -> Iterator[Obligation]:
    for clock in complaint.clocks:
        if not clock.rule.window:
            for owed_by in owers_of(complaint, clock):
                met_at = clock.stopped_at or _done_by(complaint, clock, owed_by)
                yield _of_clock(clock, owed_by, _step_for(complaint, clock, owed_by), met_at)


def _of_clock(clock: Clock, owed_by: OwedBy, step: str, met_at: datetime | None) -> Obligation:
    state = STATE_OF_CLOCK[clock.state] if clock.of_present_severity else "waived"
    return Obligation(
        clock.name, owed_by, step, clock.round, clock.started_at, clock.started_by, state,
        clock.unit, clock.warn_at, clock.due_at, clock.soft, met_at if state in {"met", "missed"} else None, clock.rule,
    )  # fmt: skip


def _done_by(complaint: Complaint, clock: Clock, owed_by: OwedBy) -> datetime | None:
    """When a unit did its part of what several owe together and others have still to do."""
    if owed_by.kind != "unit" or clock.unit is not None or clock.round != complaint.round:
        return None
    if owed_by.code in units_at_work(complaint):
        return None
    done = [one.at for one in complaint.moments if one.name == "Executed" and one.unit == owed_by.code]
    return done[-1] if done else None


def owers_of(complaint: Complaint, clock: Clock) -> tuple[OwedBy, ...]:
    """A unit for its own clock; for one of the case that units owe, those that had not done their part.

    One that was late with its part still stands there; one that the case was taken from does not, and who got it does.
    """
    if "HandedOver" in clock.rule.starts and (offered := _offered_to(complaint, clock)) is not None:
        return (OwedBy("person", offered),)
    units = units_owing(complaint, clock)
    if units and clock.unit is None and clock.stopped_at is None:
        having = [unit for unit in units if unit in complaint.standing.executed]
        units = tuple(dict.fromkeys((*having, *units_at_work(complaint))))
    role = owing_role(clock.rule, complaint.procedure)
    if role == "unit" and not units and clock.stopped_at is None and "dispatch" in complaint.procedure.steps:
        role = role_for("dispatch", complaint.procedure)
    return tuple(OwedBy("unit", unit) for unit in units) or (_ower(complaint, role),)


def _step_for(complaint: Complaint, clock: Clock, owed_by: OwedBy) -> str:
    """What its ower does about it: what units owe while no unit has it has to be sent to one first."""
    procedure = complaint.procedure
    if _is_without_unit(clock.rule, owed_by, procedure) and clock.stopped_at is None and "dispatch" in procedure.steps:
        return "dispatch"
    return step_of(clock.rule, procedure)


def falls_to_the_dispatcher(one: Obligation, complaint: Complaint) -> bool:
    """Whether it is the units' own, and no unit has it."""
    return one.rule is not None and _is_without_unit(one.rule, one.owed_by, complaint.procedure)


def _is_without_unit(rule: ClockRule, owed_by: OwedBy, procedure: Procedure) -> bool:
    return owing_role(rule, procedure) == "unit" and owed_by.kind != "unit"


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


def _ower(complaint: Complaint, role: str) -> OwedBy:
    """The owner of the case, for what is the handlers' to do; else somebody of the role."""
    owner = complaint.owner.actor
    is_handlers = role == role_for("classify", complaint.procedure)
    return OwedBy("person", owner) if owner is not None and is_handlers else OwedBy("role", role)


def _without_limits(complaint: Complaint) -> Iterator[Obligation]:
    """What the close needs and no clock asks for, from when it can be done; a round that is over waits for nothing."""
    procedure = complaint.procedure
    asked = {
        stop for rule in procedure.clocks if rule.is_for(complaint.severity, complaint.kind) for stop in rule.stops
    }
    needs = procedure.needs_of("close", complaint.severity, complaint.category)
    missing = missing_for("close", complaint, procedure)
    moments = [
        one for one in with_conditions(complaint.moments, procedure)
        if one.round == complaint.round and (one.unit is None or one.name not in CONDITIONS)
    ]  # fmt: skip
    for need in dict.fromkeys((*missing, *needs)):
        kind = kind_of_need(need)
        if kind not in NEEDS or kind in asked or (need in missing and complaint.has_ended):
            continue
        if kind == PLAN_APPROVED:
            yield from _approvals(complaint, moments)
            continue
        step, ripe = NEEDS[kind]
        began = _began(complaint, kind, ripe, moments) if need in missing else _first(ripe, moments)
        if began is not None:
            yield from _need(complaint, need, began, missing, moments, step)


def _began(complaint: Complaint, kind: str, ripe: str | None, moments: Sequence[Moment]) -> Moment | None:
    """From when it is owed; what was done once and is to be done again, from when that was."""
    match kind:
        case "capa-issued":
            submitted = {capa.unit for capa in complaint.capas if capa.state == "submitted"}
            return next((one for one in reversed(moments) if one.name == ripe and one.unit in submitted), None)
        case "refund-proposed":
            return next((one for one in reversed(moments) if one.name in (ripe, "CompensationPaid")), None)
        case _:
            return _first(ripe, moments)


def _first(name: str | None, moments: Sequence[Moment]) -> Moment | None:
    return next((one for one in moments if one.name == name), None)


def _approvals(complaint: Complaint, moments: Sequence[Moment]) -> Iterator[Obligation]:
    """审批: owed by the head of each unit, from when its plan, or the one of all, was on the table."""
    procedure, (step, ripe) = complaint.procedure, NEEDS[PLAN_APPROVED]
    for unit in (one.unit for one in complaint.this_round.at_work):
        agreed = [one for one in moments if one.name == ripe and one.unit in (None, unit)]
        if not agreed or not complaint.holds("solution-agreed", unit):
            continue
        began, head = agreed[-1], procedure.head_role_of(unit) or role_for(step, procedure)
        owed = Obligation(
            PLAN_APPROVED, OwedBy("role", head), step, complaint.round, began.at, began.version, "open", unit=unit
        )
        given = [one for one in moments if one.name == "Approved" and one.unit == unit and one.order >= began.order]
        if awaits_approval(complaint, unit):
            yield owed
        elif given:
            yield replace(owed, state="met", met_at=given[-1].at)


def _need(
    complaint: Complaint, need: str, began: Moment, missing: Container[str], moments: Sequence[Moment],
    step: str,
) -> Iterator[Obligation]:  # fmt: skip
    kind = kind_of_need(need)
    if need in missing:
        units = units_at_work(complaint) if kind in OF_EACH_UNIT else ()
        owers = [OwedBy("unit", unit) for unit in units] or [
            _ower(complaint, role_for(step, complaint.procedure))
        ]
        for owed_by in owers:
            unit = owed_by.code if owed_by.kind == "unit" else None
            yield Obligation(
                need, owed_by, step, complaint.round, began.at, began.version, "open", unit=unit
            )
        return
    done = [one for one in moments if one.name == MET_BY.get(kind, kind) and one.order >= began.order]
    if done:
        owed_by = _ower(complaint, role_for(step, complaint.procedure))
        yield Obligation(
            need, owed_by, step, complaint.round, began.at, began.version, "met", met_at=done[-1].at
        )
