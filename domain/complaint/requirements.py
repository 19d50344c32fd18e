"""What must have happened before a step is taken, above all before the close (结案); each named when it is missing."""

from collections.abc import Callable, Iterator
from typing import Final

from domain.complaint.compensation import unsettled
from domain.complaint.complaint import Complaint
from domain.procedure.forms import unanswered
from domain.procedure.procedure import ESCALATED, EVIDENCE, Procedure
from domain.titles import Title

FORM: Final = "form."
Check = Callable[[Complaint, Procedure], bool]


def _callback_is_done(complaint: Complaint, procedure: Procedure) -> bool:
    """Reached once, or tried as often as the procedure asks; a customer nobody knows is owed no reply."""
    now = complaint.this_round
    return complaint.anonymous or now.callbacks_reached > 0 or now.callbacks_attempted >= procedure.callback_attempts


def _customer_is_informed(complaint: Complaint, procedure: Procedure) -> bool:
    """Told the result; where something has to be executed, word from before that was not the result yet."""
    now = complaint.this_round
    needs = procedure.needs_of("close", complaint.severity, complaint.category)
    result_comes_first = not {"executed", "every-unit-executed"}.isdisjoint(needs)
    return complaint.anonymous or now.informed or (now.customer_updated and not result_comes_first)


def _capas_are_issued(complaint: Complaint, _: Procedure) -> bool:
    return all(capa.state == "issued" for capa in complaint.capas)


def _customer_is_checked(complaint: Complaint, _: Procedure) -> bool:
    """There is nothing to check where nobody gave a name, or where the deployment has no customer system."""
    return complaint.customer_matches is not None or complaint.anonymous or not complaint.has_customer_system


CHECKS: Final[dict[str, Check]] = {
    "final-opinion": lambda it, _: it.this_round.opinion is not None and it.this_round.opinion.state == "final",
    "solution-agreed": lambda it, _: it.this_round.solution_agreed,
    "executed": lambda it, _: it.this_round.executed,
    "every-unit-executed": lambda it, _: it.this_round.executed_by_every_unit,
    "customer-informed": _customer_is_informed,
    "effect-confirmed": lambda it, _: it.this_round.effective is True,
    "callback": _callback_is_done,
    "capa-ordered": lambda it, _: bool(it.capas),
    "capa-issued": _capas_are_issued,
    "meeting-held": lambda it, _: it.meeting_held,
    "apology": lambda it, _: it.apologised or it.anonymous,
    "liability-notice": lambda it, _: it.noticed,
    "customer-checked": _customer_is_checked,
    "charge-verified": lambda it, _: bool(it.charges),
    "compensation-settled": lambda it, _: not unsettled(it),
    "fault-graded": lambda it, _: bool(it.faults),
}


def missing_for(step: str, complaint: Complaint, procedure: Procedure) -> dict[str, Title | None]:
    """What still has to happen before this step: the code of each need, with the title that the procedure gives it.

    Of a form every open box is named, as `form.<field>`; of money what is left to do with it.
    """
    needs = procedure.needs_of(step, complaint.severity, complaint.category)
    return {code: title for need in needs for code, title in _missing(need, complaint, procedure)}


def _missing(need: str, complaint: Complaint, procedure: Procedure) -> Iterator[tuple[str, Title | None]]:
    if need == "form-complete":
        for field in unanswered(complaint.facts, procedure, complaint.complainant):
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
