"""Which step brings what a duty waits for, and when a thing that the close needs can first be done.

The tables are read by the obligations of a complaint, by the drawing and by the check of a file, so what is owed, shown
and checked is one thing.
"""

from typing import Final

from domain.procedure.procedure import ESCALATED, EVIDENCE

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
    "customer-informed": ("inform-customer", "executed"),
    "callback": ("record-callback", "executed"),
    "callback-answered": ("record-callback", "executed"),
    "effect-confirmed": ("confirm-effect", "executed"),
    "capa-ordered": ("request-capa", "Classified"),
    "capa-issued": ("issue-capa", "CAPASubmitted"),
    "meeting-held": ("hold-meeting", "Classified"),
    "apology": ("record-apology", "executed"),
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


def kind_of_need(need: str) -> str:
    """`evidence` of `evidence.receipt`: what is common to the needs that a file makes up itself."""
    for prefix in (EVIDENCE, ESCALATED, "form."):
        if need.startswith(prefix):
            return prefix.rstrip(".")
    return SPELLED_BEFORE.get(need, need)
