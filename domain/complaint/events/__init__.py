"""What can happen to a complaint, in the past tense. Events are permanent: add fields with defaults, never rename.

Every event carries who did it (`actor`); `timestamp` is when it was recorded. A field marked `PERSONAL` is sealed
before it reaches the log (docs/decisions/0002). Topics are explicit and never a Python path.
"""

from eventsourcing.utils import register_topic

from domain.complaint.events.beside import (
    AccusedNamed,
    Assigned,
    AttachmentAdded,
    ComplaintsLinked,
    Escalated,
    ExcludedFromScoring,
    HandedOver,
    HandoverAccepted,
    IncludedInScoring,
    NoteAdded,
    Reminded,
    Supervised,
)
from domain.complaint.events.deadlines import (
    ClocksPaused,
    ClocksResumed,
    DeadlineMissed,
    DeadlineMoved,
    DeadlineWarned,
    Extended,
)
from domain.complaint.events.findings import (
    ApologyMade,
    ChargeVerified,
    CompensationApproved,
    CompensationPaid,
    CompensationProposed,
    CompensationRefused,
    FaultGraded,
    NoticeIssued,
)
from domain.complaint.events.handling import (
    Approved,
    CustomerInformed,
    Executed,
    InterimMeasureReported,
    InvestigatorsSent,
    MeetingHeld,
    ProgressReported,
    SolutionAgreed,
)
from domain.complaint.events.improvement import (
    CallbackDone,
    CAPAIssued,
    CAPARequested,
    CAPASubmitted,
    Closed,
    EffectConfirmed,
    Reopened,
)
from domain.complaint.events.intake import (
    Classified,
    ComplaintEvent,
    CustomerChecked,
    FormCompleted,
    Received,
    Rejected,
    SettledOnTheSpot,
    SeverityRaised,
    Withdrawn,
)
from domain.complaint.events.opinion import (
    Accepted,
    Dispatched,
    OpinionConfirmed,
    OpinionDisputed,
    OpinionDrafted,
    OpinionRevised,
    Returned,
    RulingIssued,
)

EVENTS: tuple[type[ComplaintEvent], ...] = (
    Received, Classified, SeverityRaised, Rejected, SettledOnTheSpot, OpinionDrafted, Dispatched, Accepted, Returned,
    OpinionConfirmed, OpinionDisputed, RulingIssued, OpinionRevised, ProgressReported, InterimMeasureReported,
    Extended, MeetingHeld, InvestigatorsSent, SolutionAgreed, Approved, Executed, CustomerInformed, CAPARequested,
    CAPASubmitted, CAPAIssued, EffectConfirmed, CallbackDone, Closed, Reopened, Withdrawn, Escalated, Reminded,
    Supervised, Assigned, AccusedNamed, AttachmentAdded, NoteAdded, ComplaintsLinked, DeadlineWarned, DeadlineMissed,
    DeadlineMoved, HandedOver, HandoverAccepted, FaultGraded, ApologyMade, NoticeIssued, CustomerChecked, FormCompleted,
    ChargeVerified, CompensationProposed, CompensationApproved, CompensationRefused, CompensationPaid,
    ExcludedFromScoring, IncludedInScoring, ClocksPaused, ClocksResumed,
)  # fmt: skip
for _event in EVENTS:
    _event.TOPIC = f"complaint.{_event.__name__}"
    register_topic(_event.TOPIC, _event)
EVENT_NAMED: dict[str, type[ComplaintEvent]] = {event.__name__: event for event in EVENTS}


def type_of(topic: str) -> str:
    """`complaint.Dispatched` -> `Dispatched`."""
    return topic.rpartition(".")[2]


__all__ = [
    "EVENTS",
    "EVENT_NAMED",
    "Accepted",
    "AccusedNamed",
    "ApologyMade",
    "Approved",
    "Assigned",
    "AttachmentAdded",
    "CAPAIssued",
    "CAPARequested",
    "CAPASubmitted",
    "CallbackDone",
    "ChargeVerified",
    "Classified",
    "ClocksPaused",
    "ClocksResumed",
    "Closed",
    "CompensationApproved",
    "CompensationPaid",
    "CompensationProposed",
    "CompensationRefused",
    "ComplaintEvent",
    "ComplaintsLinked",
    "CustomerChecked",
    "CustomerInformed",
    "DeadlineMissed",
    "DeadlineMoved",
    "DeadlineWarned",
    "Dispatched",
    "EffectConfirmed",
    "Escalated",
    "ExcludedFromScoring",
    "Executed",
    "Extended",
    "FaultGraded",
    "FormCompleted",
    "HandedOver",
    "HandoverAccepted",
    "IncludedInScoring",
    "InterimMeasureReported",
    "InvestigatorsSent",
    "MeetingHeld",
    "NoteAdded",
    "NoticeIssued",
    "OpinionConfirmed",
    "OpinionDisputed",
    "OpinionDrafted",
    "OpinionRevised",
    "ProgressReported",
    "Received",
    "Rejected",
    "Reminded",
    "Reopened",
    "Returned",
    "RulingIssued",
    "SettledOnTheSpot",
    "SeverityRaised",
    "SolutionAgreed",
    "Supervised",
    "Withdrawn",
    "type_of",
]
