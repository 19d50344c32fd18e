"""Which step brings what a duty waits for, and when a thing that the close needs can first be done.

The tables are read by the obligations of a complaint, by the drawing and by the check of a file, so what is owed, shown
and checked is one thing.
"""

from collections.abc import Iterable
from typing import Final

from domain.procedure.procedure import ESCALATED, EVIDENCE, PLAN_APPROVED, ClockRule, Procedure

# By the step that makes it, in the order of preference.
STEPS_OF_MOMENT: Final[dict[str, tuple[str, ...]]] = {
    "Received": ("receive",),
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
    "EveryUnitReturned": ("return",),
    "ProgressReported": ("report-progress",),
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
    "Settled": ("settle",),
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
# Of what a close needs besides: the step, and the moment from which it can be done (None: stages of their own lead up
# to it, or somebody finds it out).
NEEDS: Final[dict[str, tuple[str, str | None]]] = {
    "executed": ("execute", "UnitAsked"),
    "final-opinion": ("confirm-opinion", None),
    "solution-agreed": ("agree-solution", "Classified"),
    PLAN_APPROVED: ("approve", "SolutionAgreed"),
    "customer-informed": ("inform-customer", "executed"),
    "callback": ("record-callback", "executed"),
    "callback-answered": ("record-callback", "executed"),
    "effect-confirmed": ("confirm-effect", "executed"),
    "capa-ordered": ("request-capa", "Classified"),
    "capa-issued": ("issue-capa", "CAPASubmitted"),
    "meeting-held": ("hold-meeting", "Classified"),
    "apology": ("record-apology", "executed"),
    "accused-named": ("name-accused", "executed"),
    "liability-notice": ("issue-notice", "executed"),
    "customer-checked": ("check-customer", "Received"),
    "charge-verified": ("verify-charge", "Classified"),
    "refund-proposed": ("propose-compensation", "ChargeFoundWrong"),
    "compensation-approved": ("approve-compensation", "CompensationProposed"),
    "compensation-paid": ("pay-compensation", "CompensationApproved"),
    "fault-graded": ("grade-fault", "Classified"),
    "form": ("complete-form", "Classified"),
    "evidence": ("attach", "Classified"),
    "escalated": ("escalate", "Classified"),
}
# The moments that say when a need was met, where no condition does.
MET_BY: Final[dict[str, str]] = {
    "capa-ordered": "CAPARequested", "capa-issued": "CAPAIssued", "meeting-held": "MeetingHeld",
}  # fmt: skip
SPELLED_BEFORE: Final = {"EveryUnitExecuted": "executed", "every-unit-executed": "executed"}
# Where it is asked only of those that were sent it.
OTHERWISE_SPELLED: Final = {**SPELLED_BEFORE, "asked-units-executed": "executed"}


def kind_of_need(need: str) -> str:
    """`evidence` of `evidence.receipt`: what is common to the needs that a file makes up itself."""
    for prefix in (EVIDENCE, ESCALATED, "form."):
        if need.startswith(prefix):
            return prefix.rstrip(".")
    return OTHERWISE_SPELLED.get(need, need)


def step_of(rule: ClockRule, procedure: Procedure) -> str:
    """The step that ends a clock: of several the earliest of the lifecycle, as the others end it only too."""
    if {"Settled", "Closed"} <= rule.stops:
        front_line = {code for code, severity in procedure.severities.items() if severity.front_line}
        return "settle" if rule.severities and rule.severities <= front_line else "close"
    ways = [step for moment in _in_order(rule.stops) for step in STEPS_OF_MOMENT.get(moment, ())]
    return next((step for step in ways if step in procedure.steps), ways[0] if ways else "")


def _in_order(moments: Iterable[str]) -> list[str]:
    places = {moment: place for place, moment in enumerate(STEPS_OF_MOMENT)}
    return sorted(moments, key=lambda moment: (moment == "Closed", places.get(moment, len(places))))


def role_for(step: str, procedure: Procedure) -> str:
    """Whose step it is in the first place; the others may take it too."""
    return next(iter(procedure.steps.get(step, ())), "admin")


def owing_role(rule: ClockRule, procedure: Procedure) -> str:
    """Who owes what a clock waits for: whom its rule names, the unit whose clock it is, or whose step ends it."""
    if rule.owed_by is not None:
        return rule.owed_by
    step = step_of(rule, procedure)
    return "unit" if rule.per_unit and "unit" in procedure.steps.get(step, ()) else role_for(step, procedure)
