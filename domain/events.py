"""What can happen to a complaint, in the past tense. Events are permanent: add fields with defaults, never rename.

Every event carries who did it (`actor`); `timestamp` is when it was recorded. A field marked `PERSONAL` is sealed
before it reaches the log (docs/decisions/0002). Topics are explicit and never a Python path.
"""

from dataclasses import field
from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Any, ClassVar
from uuid import UUID

from eventsourcing.domain import AggregateCreated, AggregateEvent
from eventsourcing.utils import register_topic

from domain.values import PERSONAL, By, Complainant, LiabilityShare, LinkedComplaint

PersonalText = Annotated[str, PERSONAL]
OptionalPersonalText = Annotated[str | None, PERSONAL]


class ComplaintEvent(AggregateEvent):
    """The root of all events of a complaint."""

    TOPIC: ClassVar[str]
    actor: By

    def apply(self, aggregate: Any) -> None:
        aggregate.when(self)


class Received(ComplaintEvent, AggregateCreated):
    """客户投诉单: a complaint was taken down. Pins the procedure's and the calendar's version for good."""

    number: str
    procedure: str
    procedure_version: str
    calendar: str
    calendar_version: str
    kind: str
    channel: str
    occurred_at: datetime
    complainant_id: UUID
    anonymous: bool
    complainant: Annotated[Complainant, PERSONAL]
    subject: PersonalText
    content: PersonalText
    wants: OptionalPersonalText = None
    facts: Annotated[dict[str, Any], PERSONAL] = field(default_factory=dict)
    issue_point: str | None = None
    accused: tuple[str, ...] = ()
    call_id: str | None = None


class Classified(ComplaintEvent):
    """What the complaint is about and how grave it is; a procedure without severities leaves the severity out."""

    severity: str | None
    category: str
    issue_point: str | None = None
    kind: str | None = None


class SeverityRaised(ComplaintEvent):
    """The system raised the severity because the issue point recurred; `others` are the complaints it refers to."""

    severity: str
    before: str
    issue_point: str
    others: tuple[LinkedComplaint, ...] = ()


class Rejected(ComplaintEvent):
    reason: PersonalText


class SettledOnTheSpot(ComplaintEvent):
    explanation: PersonalText
    accepted: bool


class OpinionDrafted(ComplaintEvent):
    text: PersonalText


class Dispatched(ComplaintEvent):
    """派单: the handling record was sent. Clocks of the receivers start here, not when they open it."""

    units: tuple[str, ...]
    owner: str | None = None
    note: OptionalPersonalText = None


class Accepted(ComplaintEvent):
    unit: str


class Returned(ComplaintEvent):
    """退单: a unit sent the matter back with its legal ground."""

    unit: str
    ground: PersonalText
    legal_basis: PersonalText
    evidence: OptionalPersonalText = None


class OpinionConfirmed(ComplaintEvent):
    unit: str
    revision: int


class OpinionDisputed(ComplaintEvent):
    """异议: a unit disputes the handling opinion."""

    unit: str
    revision: int
    reason: PersonalText
    proposal: OptionalPersonalText = None


class RulingIssued(ComplaintEvent):
    """裁定: upheld or overturned, with the liability shares. `final` when the last instance ruled."""

    outcome: str
    text: PersonalText
    liability: tuple[LiabilityShare, ...] = ()
    final: bool = False


class OpinionRevised(ComplaintEvent):
    text: PersonalText
    revision: int


class ProgressReported(ComplaintEvent):
    text: PersonalText


class InterimMeasureReported(ComplaintEvent):
    text: PersonalText


class Extended(ComplaintEvent):
    """延期: the running clock of this name (of this unit, where it has one) is due at `until` now."""

    clock: str
    until: datetime
    before: datetime
    reason: PersonalText
    unit: str | None = None


class ClocksPaused(ComplaintEvent):
    """暂停计时: these clocks (of `unit`, where one is named) stand still until `until` at the latest.

    `clock` is the one that was asked for; without it all that ran, also those of a severity that is not known yet.
    """

    until: datetime
    reason: PersonalText
    clocks: tuple[str, ...]
    clock: str | None = None
    unit: str | None = None


class ClocksResumed(ComplaintEvent):
    """恢复计时: by a person, or by itself at the agreed bound `until`, which is then when the pause ended."""

    clocks: tuple[str, ...]
    clock: str | None = None
    unit: str | None = None
    until: datetime | None = None
    reason: OptionalPersonalText = None


class MeetingHeld(ComplaintEvent):
    attendees: Annotated[tuple[str, ...], PERSONAL]
    decisions: PersonalText


class InvestigatorsSent(ComplaintEvent):
    people: Annotated[tuple[str, ...], PERSONAL]
    place: PersonalText


class SolutionAgreed(ComplaintEvent):
    """`remedies` are the kinds of solution in it: refund, exchange, apology …"""

    text: PersonalText
    agreed: bool
    remedies: tuple[str, ...] = ()


class Approved(ComplaintEvent):
    subject: PersonalText
    form: str
    by: str
    unit: str | None = None


class Executed(ComplaintEvent):
    measure: PersonalText
    unit: str | None = None


class CustomerInformed(ComplaintEvent):
    means: str
    text: PersonalText


class CAPARequested(ComplaintEvent):
    unit: str
    reason: PersonalText


class CAPASubmitted(ComplaintEvent):
    """纠正/预防措施报告: cause, correction and prevention, who is responsible, and by when."""

    unit: str
    cause: PersonalText
    corrective: PersonalText
    preventive: PersonalText
    responsible: PersonalText
    complete_by: date


class CAPAIssued(ComplaintEvent):
    unit: str


class EffectConfirmed(ComplaintEvent):
    effective: bool
    findings: PersonalText


class CallbackDone(ComplaintEvent):
    """回访: whether the customer was reached, and is satisfied; with `unit`, with that department's part in it.

    `rated_by` says how a rating came in: instant (keyed in after the call), questionnaire, web or phone.
    """

    reached: bool
    satisfied: bool | None
    means: str
    remarks: OptionalPersonalText = None
    score: int | None = None
    unit: str | None = None
    rated_by: str | None = None


class Closed(ComplaintEvent):
    outcome: PersonalText
    justified: bool | None
    summary: PersonalText
    lessons: OptionalPersonalText = None


class Reopened(ComplaintEvent):
    """A new round begins; `round` is its number. Its clocks are its own."""

    reason: PersonalText
    round: int


class Withdrawn(ComplaintEvent):
    reason: PersonalText


class Escalated(ComplaintEvent):
    """Somebody above was told, or has to decide: the role, and why. A reason the system gives is not personal."""

    to_role: str
    reason: PersonalText


class Reminded(ComplaintEvent):
    text: PersonalText


class Supervised(ComplaintEvent):
    """督办: by a person, or by electronic supervision with a card against the unit that missed its time."""

    text: PersonalText
    card: str | None = None
    unit: str | None = None


class Assigned(ComplaintEvent):
    to: str


class HandedOver(ComplaintEvent):
    """交接: offered to `to`; `before` stays the owner until it is accepted. Offered to `before`, it is taken back."""

    to: str
    before: str | None = None
    note: OptionalPersonalText = None


class HandoverAccepted(ComplaintEvent):
    """The receiver took the case over and is its owner from now on."""

    to: str
    unit: str | None = None


class AccusedNamed(ComplaintEvent):
    people: tuple[str, ...]


class FaultGraded(ComplaintEvent):
    """An agent's fault: part of the finding, and of the agent's record. Only quality staff see what it says."""

    agent: str
    grade: int
    findings: PersonalText


class ApologyMade(ComplaintEvent):
    """道歉: the people at fault and their leader apologised to the customer."""

    by: tuple[str, ...]
    leader: str
    means: str
    text: OptionalPersonalText = None


class NoticeIssued(ComplaintEvent):
    """责任通报: those whose liability is proven were named, with the penalty."""

    text: PersonalText
    penalty: PersonalText
    unit: str | None = None
    people: tuple[str, ...] = ()


class CustomerChecked(ComplaintEvent):
    """What the complainant said of themselves was compared with the customer system, by whom `source` says."""

    matches: bool
    source: str
    findings: OptionalPersonalText = None


class FormCompleted(ComplaintEvent):
    """Questions of the procedure's form that were answered after the intake."""

    facts: Annotated[dict[str, Any], PERSONAL]


class ChargeVerified(ComplaintEvent):
    """查证: whether the charge was wrong, before anything is refunded."""

    charged: Decimal
    due: Decimal
    wrong: bool
    findings: PersonalText
    item: OptionalPersonalText = None


class CompensationProposed(ComplaintEvent):
    """`of_charge` is which verified charge it makes good, from 0; then `amount` follows from that charge."""

    amount: Decimal
    currency: str
    basis: PersonalText
    method: str
    of_charge: int | None = None
    why_not_credit: OptionalPersonalText = None


class CompensationApproved(ComplaintEvent):
    amount: Decimal
    currency: str
    remarks: OptionalPersonalText = None


class CompensationRefused(ComplaintEvent):
    amount: Decimal
    currency: str
    remarks: OptionalPersonalText = None


class CompensationPaid(ComplaintEvent):
    amount: Decimal
    currency: str
    method: str
    reference: OptionalPersonalText = None


class AttachmentAdded(ComplaintEvent):
    """A recording, form or picture that belongs to the complaint: where it lies and what it hashes to."""

    name: PersonalText
    kind: str
    reference: PersonalText
    media_type: str | None = None
    size: int | None = None
    sha256: str | None = None
    evidence: str | None = None


class NoteAdded(ComplaintEvent):
    text: PersonalText


class ExcludedFromScoring(ComplaintEvent):
    """不纳入考核: what a unit (None: everybody) did here does not count, in some indicators or (none named) in any."""

    reason: PersonalText
    evidence: PersonalText
    unit: str | None = None
    indicators: tuple[str, ...] = ()


class IncludedInScoring(ComplaintEvent):
    """恢复考核: everything that was left out of the scoring counts again."""

    reason: PersonalText


class ComplaintsLinked(ComplaintEvent):
    complaints: tuple[LinkedComplaint, ...]
    relation: str = "related"


class DeadlineWarned(ComplaintEvent):
    """A clock came near its due time; with `due` it reached it, and is soft: it warns and never misses."""

    clock: str
    round: int
    started_at: datetime
    due_at: datetime
    unit: str | None = None
    due: bool = False
    told: tuple[str, ...] = ()


class DeadlineMissed(ComplaintEvent):
    """A clock passed its due time; judged against `due_at`, which stays the judgement whatever moves later."""

    clock: str
    round: int
    started_at: datetime
    due_at: datetime
    unit: str | None = None
    told: tuple[str, ...] = ()


class DeadlineMoved(ComplaintEvent):
    """A clock follows another version of its calendar: due at `before` so far, at `after` from now on.

    The two are equal where the due time was provisional and is confirmed. Clocks that the complaint starts later follow
    that version too; what was judged or stopped before stays as it was. `reason` names the notice, nothing personal.
    """

    clock: str
    round: int
    started_at: datetime
    before: datetime
    after: datetime
    calendar_version: str
    reason: str
    approved_by: str
    asked_by: str
    unit: str | None = None


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
