"""What may be asked for, in the imperative. The same dataclasses are the request bodies of the REST API.

Field names and shapes are the contract of `POST /v1/complaints` and `POST /v1/complaints/{id}/<command>`. Whether a
command is allowed is decided by the complaint (domain/complaint.py), never here.
"""

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Annotated, Literal
from uuid import UUID

from annotated_types import Ge, Le, Len, Predicate

from domain.values import (
    ActorId,
    Card,
    Channel,
    Complainant,
    LiabilityShare,
    Line,
    LinkedComplaint,
    Means,
    Score,
    Slug,
    Text,
    has_no_repeats,
    is_hex,
    is_not_blank,
)

People = Annotated[tuple[ActorId, ...], Len(1, 50), Predicate(has_no_repeats)]


@dataclass(frozen=True)
class Command:
    """Anything that can be asked of a complaint."""


@dataclass(frozen=True)
class ReceiveComplaint(Command):
    """Take a complaint down. `occurred_at` is when it reached us, if that was earlier than now (late intake)."""

    procedure: Slug
    channel: Channel
    subject: Line
    content: Text
    complainant: Complainant = field(default_factory=lambda: Complainant(anonymous=True))
    kind: Slug = "complaint"
    occurred_at: datetime | None = None
    wants: Text | None = None
    issue_point: Slug | None = None
    accused: Annotated[tuple[ActorId, ...], Len(0, 50), Predicate(has_no_repeats)] = ()
    call_id: Line | None = None
    facts: Annotated[dict[Line, str | int | float | bool | None], Len(0, 50)] = field(default_factory=dict)


@dataclass(frozen=True)
class ClassifyComplaint(Command):
    """What is left out stays as it is; the first classification names the category, and the severity where the
    procedure has severities.
    """

    severity: Slug | None = None
    category: Slug | None = None
    issue_point: Slug | None = None
    kind: Slug | None = None


@dataclass(frozen=True)
class RejectComplaint(Command):
    reason: Text


@dataclass(frozen=True)
class SettleOnTheSpot(Command):
    explanation: Text
    accepted: bool


@dataclass(frozen=True)
class DraftOpinion(Command):
    text: Text


@dataclass(frozen=True)
class DispatchComplaint(Command):
    """Without `units` the procedure's routes say which unit is competent for the category."""

    units: Annotated[tuple[Slug, ...], Len(0, 20), Predicate(has_no_repeats)] = ()
    owner: ActorId | None = None
    note: Text | None = None


@dataclass(frozen=True)
class AcceptWork(Command):
    unit: Slug | None = None


@dataclass(frozen=True)
class ReturnWork(Command):
    ground: Text
    legal_basis: Line
    evidence: Text | None = None
    unit: Slug | None = None


@dataclass(frozen=True)
class ConfirmOpinion(Command):
    unit: Slug | None = None


@dataclass(frozen=True)
class DisputeOpinion(Command):
    reason: Text
    proposal: Text | None = None
    unit: Slug | None = None


@dataclass(frozen=True)
class IssueRuling(Command):
    outcome: Literal["upheld", "overturned"]
    text: Text
    liability: Annotated[tuple[LiabilityShare, ...], Len(1, 20)]


@dataclass(frozen=True)
class ReviseOpinion(Command):
    text: Text


@dataclass(frozen=True)
class ReportProgress(Command):
    text: Text


@dataclass(frozen=True)
class ReportInterimMeasure(Command):
    text: Text


@dataclass(frozen=True)
class ExtendDeadline(Command):
    clock: Slug
    until: datetime
    reason: Text
    unit: Slug | None = None


@dataclass(frozen=True)
class HoldMeeting(Command):
    attendees: Annotated[tuple[Line, ...], Len(1, 100)]
    decisions: Text


@dataclass(frozen=True)
class SendInvestigators(Command):
    people: Annotated[tuple[Line, ...], Len(1, 50)]
    place: Line


@dataclass(frozen=True)
class AgreeSolution(Command):
    text: Text
    agreed: bool


@dataclass(frozen=True)
class Approve(Command):
    subject: Line
    form: Literal["oral", "written"]
    by: ActorId


@dataclass(frozen=True)
class ExecuteMeasure(Command):
    measure: Text
    unit: Slug | None = None


@dataclass(frozen=True)
class InformCustomer(Command):
    means: Means
    text: Text


@dataclass(frozen=True)
class RequestCAPA(Command):
    unit: Slug
    reason: Text


@dataclass(frozen=True)
class SubmitCAPA(Command):
    cause: Text
    corrective: Text
    preventive: Text
    responsible: Line
    complete_by: date
    unit: Slug | None = None


@dataclass(frozen=True)
class IssueCAPA(Command):
    unit: Slug | None = None


@dataclass(frozen=True)
class ConfirmEffect(Command):
    effective: bool
    findings: Text


@dataclass(frozen=True)
class RecordCallback(Command):
    reached: bool
    means: Means
    satisfied: bool | None = None
    score: Score | None = None
    remarks: Text | None = None


@dataclass(frozen=True)
class CloseComplaint(Command):
    outcome: Line
    summary: Text
    justified: bool | None = None


@dataclass(frozen=True)
class ReopenComplaint(Command):
    reason: Text


@dataclass(frozen=True)
class WithdrawComplaint(Command):
    reason: Text


@dataclass(frozen=True)
class EscalateComplaint(Command):
    to_role: Slug
    reason: Text


@dataclass(frozen=True)
class Remind(Command):
    text: Text


@dataclass(frozen=True)
class Supervise(Command):
    text: Text
    card: Card | None = None


@dataclass(frozen=True)
class Assign(Command):
    to: ActorId


@dataclass(frozen=True)
class NameAccused(Command):
    people: People


@dataclass(frozen=True)
class Attach(Command):
    """`reference` is where the file lies (an address in the recording system or file store); `sha256` is in hex."""

    name: Line
    kind: Literal["recording", "form", "letter", "picture", "report", "other"]
    reference: Annotated[str, Len(1, 1000), Predicate(is_not_blank)]
    media_type: Line | None = None
    size: Annotated[int, Ge(0), Le(2**50)] | None = None
    sha256: Annotated[str, Len(64, 64), Predicate(is_hex)] | None = None


@dataclass(frozen=True)
class AddNote(Command):
    text: Text


@dataclass(frozen=True)
class LinkComplaints(Command):
    complaints: Annotated[tuple[UUID, ...], Len(1, 100), Predicate(has_no_repeats)]
    relation: Literal["related", "duplicate", "recurrence"] = "related"


# What only the service itself asks for


@dataclass(frozen=True)
class RaiseSeverity(Command):
    """Raise a general complaint because its issue point recurred; `others` are those it refers to."""

    issue_point: str
    others: tuple[LinkedComplaint, ...]


@dataclass(frozen=True)
class MoveDeadlines(Command):
    """Let the clocks that still run follow another version of the complaint's calendar; `asked_by` started the move."""

    reason: str
    approved_by: str
    asked_by: str


@dataclass(frozen=True)
class JudgeClocks(Command):
    """Record every warning and miss that is due by now."""
