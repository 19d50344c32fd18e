"""What the close of a round waits for and no clock asks for: owed without a limit, from when it can be done."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import cached_property
from typing import Final, cast

from domain.clocks.conditions import CONDITIONS, ceased, with_conditions
from domain.clocks.moments import Moment
from domain.complaint.approving import awaits_approval
from domain.complaint.complaint import Complaint
from domain.complaint.deciding import who_may
from domain.complaint.owers import is_for_units, ower_of, units_answering
from domain.complaint.requirements import FORM, missing_for, needs_to_close
from domain.obligation import Obligation, ObligationState, OwedBy
from domain.procedure.duties import NEEDS, Need, approvers_of, kind_of_need, role_for, stages_of
from domain.procedure.forms import is_asked
from domain.procedure.moments import Condition, MomentName
from domain.procedure.procedure import OWN_UNIT, PLAN_APPROVED

WHOLE_FORM: Final = "form-complete"
AFTER_THE_CLOSE: Final = ("compensation-paid", "capa-submitted", "capa-issued")
TOLD_OR_ASKED: Final = ("customer-informed", "callback", "callback-answered", "no-objection")  # the customer


def duties_without_limit(complaint: Complaint) -> Iterator[Obligation]:
    """Open, or met in this round; what was there before it could be owed is none."""
    asked = {
        stop for rule in complaint.procedure.clocks if rule.is_for(complaint.severity, complaint.kind)
        for stop in rule.stops
    }  # fmt: skip
    view = _Round(complaint)
    ordered = ("capa-issued",) if complaint.capas else ()  # whatever the close needs
    for need in dict.fromkeys((*needs_to_close(complaint, complaint.procedure), *ordered)):
        for stage in stages_of(need):
            duty = NEEDS[kind_of_need(stage)]
            is_asked_for = kind_of_need(stage) in asked or bool(duty.met_by and asked >= set(duty.met_by))
            if stage == PLAN_APPROVED:
                yield from _approvals(view, duty)
            elif not is_asked_for:
                yield from _each(view, stage, duty) if duty.each_time else _once(view, stage, duty)


@dataclass(frozen=True)
class _Round:
    """What happened in the present round of a complaint, and what is missing now."""

    complaint: Complaint

    @cached_property
    def of_units(self) -> list[Moment]:
        """With the moments from which a condition holds for a unit."""
        moments = with_conditions(self.complaint.moments, self.complaint.procedure)
        return [one for one in moments if one.round == self.complaint.round]

    @cached_property
    def moments(self) -> list[Moment]:
        return [one for one in self.of_units if one.unit is None or one.name not in CONDITIONS]

    @cached_property
    def missing(self) -> frozenset[str]:
        codes = missing_for("close", self.complaint, self.complaint.procedure)
        return frozenset(WHOLE_FORM if code.startswith(FORM) else code for code in codes)

    def of(self, *names: MomentName | str) -> list[Moment]:
        return [one for one in self.moments if one.name in names]

    def lacks(self, stage: str, unit: str | None) -> bool:
        """Whether it has still to be done; after the end nothing has, but what goes on after a close."""
        if self.complaint.has_ended and not (stage in AFTER_THE_CLOSE and self.complaint.status == "closed"):
            return False
        if stage in ("capa-submitted", "capa-issued"):
            capa = self.complaint.capa_of(unit or "")
            return capa is not None and capa.state == ("requested" if stage == "capa-submitted" else "submitted")
        return stage in self.missing


def _once(view: _Round, need: str, duty: Need) -> Iterator[Obligation]:
    is_missing = view.lacks(need, None)
    began = _began(view, need, duty, is_missing=is_missing)
    if began is None:
        return
    if _is_of_each_unit(view, need, duty):
        yield from _of_each_unit(view, need, duty, began, is_missing=is_missing)
        return
    if is_missing:
        yield from (_owed(view, need, duty, began, "open", owed_by) for owed_by in _owers(view, need, duty, began))
    elif need not in view.missing and (done := _done(view, need, duty, began)) is not None:
        yield _owed(view, need, duty, began, "met", _owers(view, need, duty, began)[0], done)


def _is_of_each_unit(view: _Round, need: str, duty: Need) -> bool:
    """Whether each unit that has the case brings its own part."""
    is_theirs = who_may(duty.step, view.complaint)[:1] == ("unit",)
    return is_theirs and kind_of_need(need) in CONDITIONS and bool(view.complaint.standing.executed)


def _of_each_unit(
    view: _Round, need: str, duty: Need, began: Moment, *, is_missing: bool
) -> Iterator[Obligation]:
    complaint, condition = view.complaint, cast(Condition, kind_of_need(need))
    for unit in complaint.standing.executed:
        owed_by = OwedBy("unit", unit)
        if not complaint.holds(condition, unit):
            yield from [_owed(view, need, duty, began, "open", owed_by)] if is_missing else []
            continue
        done = [one for one in view.of_units if one.name == condition and one.unit == unit and one.order >= began.order]
        if done:
            yield _owed(view, need, duty, began, "met", owed_by, done[-1])


def _each(view: _Round, need: str, duty: Need) -> Iterator[Obligation]:
    """Owed anew each time: what a later one takes the place of before it is done is void."""
    begun = view.of(duty.ripe or "")
    for place, began in enumerate(begun):
        later = next((one for one in begun[place + 1 :] if one.unit == began.unit), None)
        done = next(
            (
                one for one in view.of(*duty.met_by)
                if one.unit == began.unit and one.order > began.order and (later is None or one.order < later.order)
            ),
            None,
        )  # fmt: skip
        owed_by = _owers(view, need, duty, began)[0]
        if done is not None:
            yield _owed(view, need, duty, began, "met", owed_by, done)
        elif later is None and view.lacks(need, began.unit):
            yield _owed(view, need, duty, began, "open", owed_by)


def _approvals(view: _Round, duty: Need) -> Iterator[Obligation]:
    """审批: owed by the head of each unit, from when its plan, or the one of all, was on the table."""
    complaint, procedure = view.complaint, view.complaint.procedure
    for unit in (one.unit for one in complaint.this_round.at_work):
        agreed = [one for one in view.of(duty.ripe or "") if one.unit in (None, unit)]
        if not agreed or not complaint.holds("solution-agreed", unit):
            continue
        began, head = agreed[-1], procedure.head_role_of(unit) or role_for(duty.step, procedure)
        owed_by = OwedBy("role", head, unit if procedure.heads.get(head) == OWN_UNIT else None)
        given = [one for one in view.of(*duty.met_by) if one.unit == unit and one.order >= began.order]
        owed = replace(_owed(view, PLAN_APPROVED, duty, began, "open", owed_by), unit=unit)
        if awaits_approval(complaint, unit) and not complaint.has_ended:
            yield owed
        elif given:
            yield replace(owed, state="met", met_at=given[-1].at)


def _began(view: _Round, need: str, duty: Need, *, is_missing: bool) -> Moment | None:
    """From when it is owed; what was done once and is to be done again, from when that was."""
    begun = view.of(duty.ripe or "")
    match duty.ripe:
        case "ChargeFoundWrong" if is_missing:
            begun = view.of("ChargeFoundWrong", "CompensationPaid")[-1:]
        case "executed" if begun and view.of(ceased("executed")) and not view.complaint.holds("executed"):
            return None  # another unit has it now: what is said of the result counts after the last one
        case "executed" if not begun and need in TOLD_OR_ASKED and not view.complaint.is_with_units:
            begun = view.of("SolutionAgreed")  # there is something to speak of without a unit
        case "Classified":
            begun = view.of("Classified", "RoundOpened")
    return begun[0] if begun else None


def _done(view: _Round, need: str, duty: Need, began: Moment) -> Moment | None:
    """The moment by which it was done, if that was after it was owed."""
    done = [one for one in view.of(*(duty.met_by or (kind_of_need(need),))) if one.order >= began.order]
    if need == WHOLE_FORM:
        done = _filling(view, done)
    elif "." in need:
        code = need.partition(".")[2]
        done = [one for one in done if one.subject == code][:1]
    return done[-1] if done else None


def _filling(view: _Round, completed: Sequence[Moment]) -> list[Moment]:
    """Those that filled boxes that are asked for, each the first time."""
    severity = view.complaint.severity
    empty = {field.name for field in view.complaint.procedure.form if is_asked(field, severity)}
    filling = []
    for moment in completed:
        names = set((moment.subject or "").split())
        if names & empty:
            filling.append(moment)
            empty -= names
    return filling


def _owed(
    view: _Round, need: str, duty: Need, began: Moment, state: ObligationState, owed_by: OwedBy,
    done: Moment | None = None,
) -> Obligation:  # fmt: skip
    unit = owed_by.code if owed_by.kind == "unit" else None
    is_for_a_unit = owed_by.kind != "unit" and is_for_units(duty.step, view.complaint.procedure)
    step = "dispatch" if is_for_a_unit else duty.step
    return Obligation(
        need, owed_by, step, view.complaint.round, began.at, began.version, state,
        unit=unit, met_at=None if done is None else done.at,
    )  # fmt: skip


def _owers(view: _Round, need: str, duty: Need, began: Moment) -> list[OwedBy]:
    """The units, where it is theirs in the first place and they have the case; else the owner or the first role."""
    complaint, procedure = view.complaint, view.complaint.procedure
    if need == "compensation-approved":
        return [_approver(complaint, began)]
    roles = who_may(duty.step, complaint) or ("admin",)
    if roles[0] != "unit":
        return [ower_of(complaint, roles[0], duty.step)]
    if units := _units(complaint, began):
        return [OwedBy("unit", unit) for unit in units]
    if is_for_units(duty.step, procedure):
        return [ower_of(complaint, role_for("dispatch", procedure), "dispatch")]
    return [ower_of(complaint, next((role for role in roles if role != "unit"), "admin"), duty.step)]


def _approver(complaint: Complaint, proposed: Moment) -> OwedBy:
    """逐级审批: the lowest whose authority reaches so far; a manager who may too is not asked first.

    Nobody approves what they proposed, so it goes to the next role than that of whoever did.
    """
    amount, _, by = (proposed.subject or "0").partition("/")
    allowed = approvers_of(Decimal(amount), complaint.procedure)
    role = next((one for one in allowed if one != by), next(iter(allowed), "admin"))
    owed_by = ower_of(complaint, role, "approve-compensation")
    is_their_own = any(one.proposed_by == owed_by.code for one in complaint.compensations if one.state == "proposed")
    return OwedBy("role", role) if owed_by.kind == "person" and is_their_own else owed_by


def _units(complaint: Complaint, began: Moment) -> Sequence[str]:
    """Who was asked for it; else who answers for the units that have the case."""
    return [began.unit] if began.unit is not None else units_answering(complaint)
