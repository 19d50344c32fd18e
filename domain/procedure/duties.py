"""Which step brings what a duty waits for, and when a thing that the close needs can first be done.

The tables are read by the obligations of a complaint, by the drawing and by the check of a file, so what is owed, shown
and checked is one thing.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from domain.procedure.moments import INFORMED, MomentName
from domain.procedure.procedure import ESCALATED, EVIDENCE, PLAN_APPROVED, ClockRule, Procedure

ENDS: Final = ("Closed", "Restored")  # they end what others bring too
# By the step that makes it, in the order of preference.
STEPS_OF_MOMENT: Final[dict[str, tuple[str, ...]]] = {
    "Received": ("receive",),
    "Unclassified": ("receive",),
    "AccusedUnmatched": ("name-accused",),
    "accused-matched": ("match-accused",),
    "Classified": ("classify",),
    "SeverityChanged": ("classify",),
    "Dispatched": ("dispatch",),
    "UnitAsked": ("dispatch",),
    "Accepted": ("accept",),
    "Returned": ("return",),
    "UnitAnswered": ("confirm-opinion",),
    "OpinionFinal": ("confirm-opinion",),
    "OpinionDisputed": ("dispute-opinion",),
    "RulingIssued": ("issue-ruling",),
    "RulingOverturned": ("issue-ruling",),
    "OpinionRevised": ("revise-opinion",),
    "EveryUnitReturned": ("return", "recall"),
    "WaitsToBeSentOn": ("return", "recall"),
    "AppealWaits": ("return", "recall"),
    "ProgressReported": ("report-progress",),
    "Settled": ("settle",),
    "CustomerInformed": ("inform-customer",),
    "SolutionAgreed": ("agree-solution",),
    "Executed": ("execute",),
    "EveryUnitExecuted": ("execute",),
    "CAPARequested": ("request-capa",),
    "CAPASubmitted": ("submit-capa",),
    "CAPAIssued": ("issue-capa",),
    "EffectConfirmed": ("confirm-effect",),
    "CallbackDone": ("record-callback",),
    "MeetingHeld": ("hold-meeting",),
    "ChargeFoundWrong": ("verify-charge",),
    "ChargesMadeGood": ("pay-compensation", "propose-compensation"),
    "Closed": ("close",),
    "Escalated": ("escalate",),
    "HandedOver": ("hand-over",),
    "HandoverAccepted": ("accept-hand-over",),
    "IncidentOpened": ("open",),
    "Restored": ("restore",),
    "Decided": ("decide",),
    # Conditions
    "executed": ("execute",),
    "final-opinion": ("confirm-opinion",),
    "solution-agreed": ("agree-solution",),
    "customer-informed": ("inform-customer",),
    "callback": ("record-callback",),
    "callback-answered": ("record-callback",),
    "effect-confirmed": ("confirm-effect",),
}


@dataclass(frozen=True, slots=True)
class Need:
    """How something that a close needs, and that no clock asks for, comes to be owed and done.

    `step` brings it. It is owed from `ripe` on (None: stages of their own lead up to it) and done by the moments
    `met_by`; of a condition, by the condition itself. One that is owed `each_time` is owed anew each time it is ripe.
    """

    step: str
    ripe: MomentName | None
    met_by: tuple[MomentName, ...] = ()
    each_time: bool = False


NEEDS: Final[Mapping[str, Need]] = {
    "executed": Need("execute", "UnitAsked"),
    "final-opinion": Need("confirm-opinion", None),
    "solution-agreed": Need("agree-solution", "Classified"),
    PLAN_APPROVED: Need("approve", "SolutionAgreed", ("Approved",)),
    "customer-informed": Need("inform-customer", "executed"),
    "callback": Need("record-callback", "executed"),
    "callback-answered": Need("record-callback", "executed"),
    "effect-confirmed": Need("confirm-effect", "executed"),
    "no-objection": Need("agree-solution", "executed", ("SolutionAgreed", "CallbackDone")),
    "capa-ordered": Need("request-capa", "Classified", ("CAPARequested",)),
    "capa-submitted": Need("submit-capa", "CAPARequested", ("CAPASubmitted",), each_time=True),
    "capa-issued": Need("issue-capa", "CAPASubmitted", ("CAPAIssued",), each_time=True),
    "meeting-held": Need("hold-meeting", "Classified", ("MeetingHeld",)),
    "apology": Need("record-apology", "executed", ("ApologyMade",)),
    "accused-matched": Need("match-accused", "AccusedUnmatched"),
    "accused-named": Need("name-accused", "executed", ("AccusedNamed",)),
    "liability-notice": Need("issue-notice", "executed", ("NoticeIssued",)),
    "customer-checked": Need("check-customer", "Received", ("CustomerChecked",)),
    "customer-known": Need("check-customer", "CustomerChecked", ("CustomerChecked",)),
    "charge-verified": Need("verify-charge", "Classified", ("ChargeVerified",)),
    "refund-proposed": Need("propose-compensation", "ChargeFoundWrong", ("CompensationProposed",)),
    "compensation-approved": Need(
        "approve-compensation", "CompensationProposed", ("CompensationApproved", "CompensationRefused"), each_time=True
    ),
    "compensation-paid": Need("pay-compensation", "CompensationApproved", ("CompensationPaid",), each_time=True),
    "fault-graded": Need("grade-fault", "Classified", ("FaultGraded",)),
    "form-complete": Need("complete-form", "Classified", ("FormCompleted", "ComplainantCorrected")),
    "evidence": Need("attach", "Classified", ("AttachmentAdded",)),
    "escalated": Need("escalate", "Classified", ("Escalated",)),
}
# What some of them come to, one after the other.
STAGES_OF: Final[Mapping[str, tuple[str, ...]]] = {
    "capa-issued": ("capa-submitted", "capa-issued"),
    "compensation-settled": ("refund-proposed", "compensation-approved", "compensation-paid"),
}
# 差错定级: that it is owed at all is known to those who see faults; the others are told what stands beside it.
KNOWN_TO_FEW: Final[Mapping[str, str]] = {"fault-graded": "quality-done"}
SPELLED_BEFORE: Final = {"EveryUnitExecuted": "executed", "every-unit-executed": "executed"}
# Where it is asked only of those that were sent it.
OTHERWISE_SPELLED: Final = {**SPELLED_BEFORE, "asked-units-executed": "executed"}


def kind_of_need(need: str) -> str:
    """`evidence` of `evidence.receipt`: what is common to the needs that a file makes up itself."""
    for prefix in (EVIDENCE, ESCALATED):
        if need.startswith(prefix):
            return prefix.rstrip(".")
    return OTHERWISE_SPELLED.get(need, need)


def stages_of(need: str) -> tuple[str, ...]:
    """What is owed, one after the other, where a close needs this."""
    return STAGES_OF.get(need, (need,))


def step_for(need: str) -> str | None:
    """The step without which it could never come about; None for what only has to be finished once it was begun."""
    return None if need in STAGES_OF else NEEDS[kind_of_need(need)].step


def step_of(rule: ClockRule, procedure: Procedure, *, may_be_settled: bool = True) -> str:
    """The step that ends a clock: of several the earliest of the lifecycle, as the others end it only too.

    Where the file says who owes it, the earliest that they may take. `may_be_settled`: whether the front line may still
    end it on the spot, where that is one of the ways.
    """
    if rule.stops == {"Settled", "Closed"}:
        front_line = {code for code, severity in procedure.severities.items() if severity.front_line}
        return "settle" if rule.severities and rule.severities <= front_line else "close"
    ways = [step for moment in _in_order(rule.stops) for step in _steps_bringing(moment)]
    known = [step for step in ways if step in procedure.steps and (may_be_settled or step != "settle")]
    theirs = [step for step in known if rule.owed_by is None or rule.owed_by in procedure.steps[step]]
    return next(iter((*theirs, *known, *ways)), "")


def _in_order(moments: Iterable[str]) -> list[str]:
    places = {moment: place for place, moment in enumerate(STEPS_OF_MOMENT)}
    return sorted(moments, key=lambda moment: (moment in ENDS, places.get(moment, len(places))))


def _steps_bringing(moment: str) -> tuple[str, ...]:
    return ("inform",) if moment.startswith(INFORMED) else STEPS_OF_MOMENT.get(moment, ())


def role_for(step: str, procedure: Procedure) -> str:
    """Whose step it is in the first place; the others may take it too."""
    return next(iter(procedure.steps.get(step, ())), "admin")


def approvers_of(amount: Decimal, procedure: Procedure) -> tuple[str, ...]:
    """逐级审批: those whom the table lets approve this amount; without a table whoever takes the step at all."""
    takes_it = procedure.steps.get("approve-compensation", ())
    allowed = procedure.compensation.may_approve(amount)
    return takes_it if allowed is None else tuple(role for role in allowed if role in takes_it)


def owing_role(rule: ClockRule, procedure: Procedure) -> str:
    """Who owes what a clock waits for: whom its rule names, the unit whose clock it is, or whose step ends it."""
    if rule.owed_by is not None:
        return rule.owed_by
    step = step_of(rule, procedure)
    return "unit" if rule.per_unit and "unit" in procedure.steps.get(step, ()) else role_for(step, procedure)
