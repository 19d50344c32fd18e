"""What must have happened before a step is taken, above all before the close (结案); each named when it is missing."""

from collections.abc import Callable
from typing import Final

from domain.complaint.complaint import Complaint
from domain.procedure.forms import unanswered
from domain.procedure.procedure import ESCALATED, EVIDENCE, Procedure

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


def _compensation_is_settled(complaint: Complaint, _: Procedure) -> bool:
    """Nothing that was proposed waits for approval, nothing that was approved waits to be paid."""
    return all(one.state not in {"proposed", "approved"} for one in complaint.compensations)


CHECKS: Final[dict[str, tuple[str, Check]]] = {
    "final-opinion": (
        "a final handling opinion (处理意见)",
        lambda complaint, _: complaint.this_round.opinion is not None and complaint.this_round.opinion.state == "final",
    ),
    "solution-agreed": ("a solution the customer agreed to (商定方案)", lambda it, _: it.this_round.solution_agreed),
    "executed": ("the execution (执行)", lambda complaint, _: complaint.this_round.executed),
    "every-unit-executed": (
        "the execution by every unit that was asked (各单位均已执行)",
        lambda complaint, _: complaint.this_round.executed_by_every_unit,
    ),
    "customer-informed": ("word to the customer about the result (告知客户)", _customer_is_informed),
    "effect-confirmed": (
        "the effect confirmed by the manager (效果确认)",
        lambda complaint, _: complaint.this_round.effective is True,
    ),
    "callback": ("a callback that reached the customer (回访)", _callback_is_done),
    "capa-ordered": ("a CAPA report that was ordered (整改意见)", lambda complaint, _: bool(complaint.capas)),
    "capa-issued": ("every ordered CAPA report submitted and issued (纠正/预防措施报告)", _capas_are_issued),
    "meeting-held": ("the special meeting (专题会议)", lambda complaint, _: complaint.meeting_held),
    "apology": (
        "the apology of the person at fault and their leader (道歉)",
        lambda complaint, _: complaint.apologised or complaint.anonymous,
    ),
    "liability-notice": ("the named notice and penalty (责任通报)", lambda complaint, _: complaint.noticed),
    "customer-checked": (
        "the customer's data checked against the customer system (客户信息核对)",
        _customer_is_checked,
    ),
    "charge-verified": ("the charge verified (查证)", lambda complaint, _: bool(complaint.charges)),
    "compensation-settled": (
        "every proposed compensation approved or refused, and paid (补偿)",
        _compensation_is_settled,
    ),
    "fault-graded": ("the agent's fault graded (差错定级)", lambda complaint, _: bool(complaint.faults)),
}


def missing_for(step: str, complaint: Complaint, procedure: Procedure) -> tuple[str, ...]:
    """What still has to happen before this step, in words; empty when it may be taken."""
    needs = procedure.needs_of(step, complaint.severity, complaint.category)
    return tuple(told for need in needs for told in _told_when_missing(need, complaint, procedure))


def _told_when_missing(need: str, complaint: Complaint, procedure: Procedure) -> tuple[str, ...]:
    if need == "form-complete":
        still_open = unanswered(complaint.facts, procedure, complaint.complainant)
        return tuple(f"{field.title.zh} ({field.name}) in the form" for field in still_open)
    if need.startswith(EVIDENCE):
        code = need.removeprefix(EVIDENCE)
        return () if code in complaint.evidence else (f"{procedure.evidence[code].zh} (attach with evidence: {code})",)
    if need.startswith(ESCALATED):
        role = need.removeprefix(ESCALATED)
        title = procedure.roles[role].zh if role in procedure.roles else role
        return () if role in complaint.escalated_to else (f"word to {title} (escalate to {role})",)
    told, check = CHECKS[need]
    return () if check(complaint, procedure) else (told,)
