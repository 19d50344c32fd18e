"""结案: what must have happened before a complaint is closed, each named when it is missing."""

from collections.abc import Callable
from typing import Final

from domain.memory import ComplaintMemory
from domain.procedure import Procedure

Check = Callable[[ComplaintMemory, Procedure], bool]


def _callback_is_done(complaint: ComplaintMemory, procedure: Procedure) -> bool:
    """Reached once, or tried as often as the procedure asks; a customer nobody knows is owed no reply."""
    now = complaint.this_round
    return complaint.anonymous or now.callbacks_reached > 0 or now.callbacks_attempted >= procedure.callback_attempts


def _customer_is_informed(complaint: ComplaintMemory, procedure: Procedure) -> bool:
    """Told the result; where something has to be executed, word from before that was not the result yet."""
    now = complaint.this_round
    result_comes_first = "executed" in _needs(complaint, procedure)
    return complaint.anonymous or now.informed or (now.told and not result_comes_first)


def _capas_are_issued(complaint: ComplaintMemory, _: Procedure) -> bool:
    return all(capa.state == "issued" for capa in complaint.capas)


CHECKS: Final[dict[str, tuple[str, Check]]] = {
    "final-opinion": (
        "a final handling opinion (处理意见)",
        lambda complaint, _: complaint.this_round.opinion is not None and complaint.this_round.opinion.state == "final",
    ),
    "executed": ("the execution (执行)", lambda complaint, _: complaint.this_round.executed),
    "customer-informed": (
        "word to the customer about the result (告知客户)",
        _customer_is_informed,
    ),
    "effect-confirmed": (
        "the effect confirmed by the manager (效果确认)",
        lambda complaint, _: complaint.this_round.effective is True,
    ),
    "callback": ("a callback that reached the customer (回访)", _callback_is_done),
    "capa-ordered": ("a CAPA report that was ordered (整改意见)", lambda complaint, _: bool(complaint.capas)),
    "capa-issued": ("every ordered CAPA report submitted and issued (纠正/预防措施报告)", _capas_are_issued),
    "meeting-held": ("the special meeting of the board office (专题会议)", lambda complaint, _: complaint.meeting_held),
}


def missing_for_close(complaint: ComplaintMemory, procedure: Procedure) -> tuple[str, ...]:
    """What still has to happen, in words; empty when the complaint may be closed."""
    needs = _needs(complaint, procedure)
    return tuple(CHECKS[need][0] for need in needs if not CHECKS[need][1](complaint, procedure))


def _needs(complaint: ComplaintMemory, procedure: Procedure) -> tuple[str, ...]:
    """What the procedure asks of every complaint, and of those of this severity."""
    severity = procedure.severities.get(complaint.severity or "")
    return tuple(dict.fromkeys((*procedure.close_needs, *(severity.close_needs if severity is not None else ()))))
