"""What must have happened before a step is taken, above all before the close (结案); each named when it is missing."""

from collections.abc import Callable, Iterable, Iterator
from typing import Final, get_args

from domain import errors
from domain.complaint.approving import every_plan_is_approved
from domain.complaint.compensation import unsettled
from domain.complaint.complaint import Complaint
from domain.identity import is_among
from domain.procedure.duties import KNOWN_TO_FEW
from domain.procedure.forms import unanswered
from domain.procedure.moments import Condition
from domain.procedure.procedure import ESCALATED, EVIDENCE, PLAN_APPROVED, Procedure
from domain.titles import Title
from domain.values import Actor

FORM: Final = "form."
Check = Callable[[Complaint, Procedure], bool]


def _capas_are_issued(complaint: Complaint, _: Procedure) -> bool:
    return all(capa.state == "issued" for capa in complaint.capas)


def _customer_is_checked(complaint: Complaint, _: Procedure) -> bool:
    """There is nothing to check where nobody gave a name, or where the deployment has no customer system."""
    return complaint.customer_matches is not None or complaint.anonymous or not complaint.has_customer_system


def _has_been_apologised_for(complaint: Complaint, _: Procedure) -> bool:
    """By one of those who are named, where anybody is; nobody can apologise to an unknown customer."""
    named = any(is_among(person, complaint.accused) for person in complaint.apologised_by)
    return complaint.anonymous or named or (bool(complaint.apologised_by) and not complaint.accused)


def _holds(condition: Condition) -> Check:
    """What clocks go by too."""
    return lambda complaint, procedure: complaint.standing.holds(condition, procedure)


def _nobody_objects(complaint: Complaint, _: Procedure) -> bool:
    """The customer agreed to the solution, or was reached after the result and holds to no refusal."""
    agreed = complaint.holds("solution-agreed")
    return complaint.anonymous or agreed or (complaint.standing.reached and not complaint.standing.objects)


CHECKS: Final[dict[str, Check]] = {
    **{condition: _holds(condition) for condition in get_args(Condition)},
    "solution-agreed": lambda it, _: it.has_agreement(),
    "every-unit-executed": _holds("executed"),  # as files said when the other asked for one unit alone
    "asked-units-executed": lambda it, _: it.standing.is_executed or not it.is_with_units,
    "capa-ordered": lambda it, _: bool(it.capas),
    "capa-issued": _capas_are_issued,
    "meeting-held": lambda it, _: it.meeting_held,
    "apology": _has_been_apologised_for,
    "accused-named": lambda it, _: bool(it.accused) or it.anonymous,
    "liability-notice": lambda it, _: it.noticed,
    "customer-checked": _customer_is_checked,
    "charge-verified": lambda it, _: bool(it.charges),
    "compensation-settled": lambda it, _: not unsettled(it),
    "no-objection": _nobody_objects,
    "customer-known": lambda it, _: not it.customer_unknown,
    "fault-graded": lambda it, _: bool(it.faults),
    PLAN_APPROVED: lambda it, _: every_plan_is_approved(it),
}


def missing_for(step: str, complaint: Complaint, procedure: Procedure) -> dict[str, Title | None]:
    """What still has to happen before this step: the code of each need, with the title that the procedure gives it.

    Of a form every open box is named, as `form.<field>`; of money what is left to do with it.
    """
    if step == "close":
        return missing_of(needs_to_close(complaint, procedure), complaint, procedure)
    return missing_of(procedure.needs_of(step, complaint.severity, complaint.category), complaint, procedure)


def as_told(missing: errors.Missing, complaint: Complaint, actor: Actor) -> errors.Missing:
    """差错定级: who does not see faults is not told whether one was graded, but that quality is not done with it."""
    sees = any(complaint.procedure.sees_faults(role) for role in actor.roles)
    return missing if sees else {KNOWN_TO_FEW.get(code, code): title for code, title in missing.items()}


def needs_to_close(complaint: Complaint, procedure: Procedure) -> tuple[str, ...]:
    """What its close asks for, whatever is there already; a box of the form that was answered yes asks for more."""
    needs = procedure.needs_of("close", complaint.severity, complaint.category)
    answered_yes = (box for box in procedure.form if complaint.facts.get(box.name) is True)
    return tuple(dict.fromkeys((*needs, *(need for box in answered_yes for need in box.close_needs))))


def missing_of(needs: Iterable[str], complaint: Complaint, procedure: Procedure) -> dict[str, Title | None]:
    """Those of the needs that are not met yet, as `missing_for` names them."""
    return {code: title for need in needs for code, title in _missing(need, complaint, procedure)}


def is_met(need: str, complaint: Complaint, procedure: Procedure) -> bool:
    """Whether nothing is missing of a need, or it was set aside for this complaint."""
    return next(_missing(need, complaint, procedure), None) is None


def _missing(need: str, complaint: Complaint, procedure: Procedure) -> Iterator[tuple[str, Title | None]]:
    if need in complaint.overridden:
        return
    if need == "form-complete":
        for field in unanswered(complaint.facts, procedure, complaint.complainant, complaint.severity):
            yield f"{FORM}{field.name}", field.title
    elif need.startswith(EVIDENCE):
        code = need.removeprefix(EVIDENCE)
        if code not in complaint.evidence:
            yield need, procedure.evidence[code]
    elif need.startswith(ESCALATED):
        role = need.removeprefix(ESCALATED)
        if role not in complaint.escalated_to:
            yield need, procedure.roles.get(role)
    elif need == "compensation-settled":
        yield from ((code, None) for code in unsettled(complaint))
    elif not CHECKS[need](complaint, procedure):
        yield need, None
