"""Facts that start and stop clocks: those that procedures may name, and those that only clocks know."""

from typing import Final, Literal, cast, get_args

# Most are events; the others follow from several events.
ComplaintMoment = Literal[
    "Received", "Dispatched", "UnitAsked", "Accepted", "Returned", "UnitAnswered", "OpinionFinal",
    "ProgressReported", "CustomerInformed", "SolutionAgreed", "Executed", "CAPARequested", "CAPASubmitted",
    "CAPAIssued", "EffectConfirmed", "CallbackDone", "MeetingHeld", "Settled", "Closed", "Escalated", "Classified",
    "SeverityChanged", "EveryUnitExecuted", "ChargeFoundWrong", "ChargesMadeGood", "Unclassified", "EveryUnitReturned",
    "OpinionDisputed", "HandedOver", "HandoverAccepted", "RulingIssued", "RulingOverturned", "OpinionRevised",
    "AccusedUnmatched", "AppealWaits", "WaitsToBeSentOn",
]  # fmt: skip
# What is true or not, and may cease to be: of one unit where the clock is each unit's own, else of all that were asked.
# conditions.py judges them, for clocks and for the close alike.
Condition = Literal[
    "executed", "final-opinion", "solution-agreed", "customer-informed", "callback",
    "callback-answered", "effect-confirmed", "accused-matched",
]  # fmt: skip
# Beside them `Informed.<role>`, for each role that somebody informs.
IncidentMoment = Literal["IncidentOpened", "Restored", "Decided", "Closed"]
MomentName = (
    ComplaintMoment
    | Condition
    | IncidentMoment
    | Literal[
        "KindKnown", "SeverityKnown", "UnitReleased", "RoundOpened", "Rejected", "Withdrawn", "Extended",
        "DeadlineMoved", "ClocksPaused", "ClocksResumed", "UnitTakenOff", "UnitJoined", "DisputeDropped",
        "SolutionRefused", "BeatMissed", "OfferWithdrawn", "OwnerLeft", "CompensationProposed",
        "CompensationApproved", "CompensationRefused", "CompensationPaid", "ApologyMade", "AccusedNamed",
        "AccusedMatched",
        "NoticeIssued", "CustomerChecked", "ChargeVerified", "FaultGraded", "FormCompleted", "AttachmentAdded",
        "ComplainantCorrected",
        "Approved", "TakenOver",
    ]
)  # fmt: skip

MOMENTS: Final[frozenset[str]] = frozenset((*get_args(ComplaintMoment), *get_args(Condition)))
INCIDENT_MOMENTS: Final[tuple[str, ...]] = get_args(IncidentMoment)
INFORMED: Final = "Informed."


def informed(role: str) -> MomentName:
    """The moment at which somebody of a role was informed; the roles are the file's, so no type can list them."""
    return cast(MomentName, f"{INFORMED}{role}")
