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
    Money,
    RatedBy,
    Score,
    Slug,
    Text,
    has_no_repeats,
    is_hex,
    is_not_blank,
)

People = Annotated[tuple[ActorId, ...], Len(1, 50), Predicate(has_no_repeats)]
Facts = Annotated[dict[Line, str | int | float | bool | None], Len(0, 50)]


@dataclass(frozen=True)
class Command:
    """Anything that can be asked of a complaint."""


@dataclass(frozen=True)
class ReceiveComplaint(Command):
    """Take a complaint down. `occurred_at` is when it reached us, if that was earlier than now (late intake).

    `force` takes it down although the same customer has an open complaint about the same issue point.
    """

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
    facts: Facts = field(default_factory=dict)
    force: bool = False


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
class PauseClocks(Command):
    """Without `clock` all that run are meant, without `unit` those of every unit. They run on by themselves at `until`.
    """

    reason: Text
    until: datetime
    clock: Slug | None = None
    unit: Slug | None = None


@dataclass(frozen=True)
class ResumeClocks(Command):
    """Without `clock` all that are paused are meant, without `unit` those of every unit."""

    clock: Slug | None = None
    reason: Text | None = None
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
    """`remedies` are the kinds of solution in it, of those that the procedure lists."""

    text: Text
    agreed: bool
    remedies: Annotated[tuple[Slug, ...], Len(0, 20), Predicate(has_no_repeats)] = ()


@dataclass(frozen=True)
class Approve(Command):
    """`unit` is the department whose head approves, where each has to; a member's own where it is left out."""

    subject: Line
    form: Literal["oral", "written"]
    by: ActorId
    unit: Slug | None = None


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
    """`unit` is whose part the customer judges, where it is one department's and not the whole handling."""

    reached: bool
    means: Means
    satisfied: bool | None = None
    score: Score | None = None
    remarks: Text | None = None
    unit: Slug | None = None
    rated_by: RatedBy | None = None


@dataclass(frozen=True)
class CloseComplaint(Command):
    """`lessons` is what the organisation learned from it (经验教训)."""

    outcome: Line
    summary: Text
    justified: bool | None = None
    lessons: Text | None = None


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
class HandOver(Command):
    """The owner stays the owner until `to` has accepted; handing over to the present owner takes the offer back."""

    to: ActorId
    note: Text | None = None


@dataclass(frozen=True)
class AcceptHandOver(Command):
    """`to` is whoever accepts; it may be left out."""

    to: ActorId | None = None


@dataclass(frozen=True)
class NameAccused(Command):
    people: People


@dataclass(frozen=True)
class GradeFault(Command):
    """1 is the slightest fault of an agent, 3 the gravest; what each means stands in the procedure's file."""

    agent: ActorId
    grade: Annotated[int, Ge(1), Le(3)]
    findings: Text


@dataclass(frozen=True)
class RecordApology(Command):
    """`by` are the people at fault who apologised, `leader` the superior who did so with them."""

    by: People
    leader: ActorId
    means: Means
    text: Text | None = None


@dataclass(frozen=True)
class IssueNotice(Command):
    """A named notice to those whose liability is proven; `unit` or `people`, or both."""

    text: Text
    penalty: Text
    unit: Slug | None = None
    people: Annotated[tuple[ActorId, ...], Len(0, 50), Predicate(has_no_repeats)] = ()


@dataclass(frozen=True)
class CheckCustomer(Command):
    """Compare the complainant with the customer system; without `matches` the deployment's own lookup is asked."""

    matches: bool | None = None
    findings: Text | None = None


@dataclass(frozen=True)
class CompleteForm(Command):
    """Answers to questions of the form that were still open, or that were answered wrongly."""

    facts: Annotated[dict[Line, str | int | float | bool | None], Len(1, 50)]


# Compensation: verified, proposed, approved, paid


@dataclass(frozen=True)
class VerifyCharge(Command):
    """查证: what was charged, what was due, and whether the charge was wrong."""

    charged: Money
    due: Money
    wrong: bool
    findings: Text
    item: Line | None = None


@dataclass(frozen=True)
class ProposeCompensation(Command):
    """Without `amount` it is computed, where the basis is a verified billing error.

    `basis` is one of the procedure's, where it lists some. `why_not_credit` says why cash, where credit comes first.
    """

    basis: Line
    method: Literal["credit", "cash", "transfer", "goods", "service", "voucher"]
    amount: Money | None = None
    currency: Annotated[str, Len(3, 3)] = "CNY"
    why_not_credit: Text | None = None


@dataclass(frozen=True)
class ApproveCompensation(Command):
    """Approves the proposal that is open, of the amount it names; `approved: false` refuses it."""

    approved: bool = True
    amount: Money | None = None
    currency: Annotated[str, Len(3, 3)] | None = None
    remarks: Text | None = None


@dataclass(frozen=True)
class PayCompensation(Command):
    """Records that the approved amount was paid; `reference` is the voucher of the payment."""

    amount: Money | None = None
    currency: Annotated[str, Len(3, 3)] | None = None
    method: Literal["credit", "cash", "transfer", "goods", "service", "voucher"] | None = None
    reference: Line | None = None


@dataclass(frozen=True)
class Attach(Command):
    """`reference` is where the file lies (an address in the recording system or file store); `sha256` is in hex.

    `evidence` is which of the procedure's pieces of evidence it is.
    """

    name: Line
    kind: Literal["recording", "form", "letter", "picture", "report", "other"]
    reference: Annotated[str, Len(1, 1000), Predicate(is_not_blank)]
    media_type: Line | None = None
    size: Annotated[int, Ge(0), Le(2**50)] | None = None
    sha256: Annotated[str, Len(64, 64), Predicate(is_hex)] | None = None
    evidence: Slug | None = None


@dataclass(frozen=True)
class AddNote(Command):
    text: Text


@dataclass(frozen=True)
class ExcludeFromScoring(Command):
    """Leave a complaint out of the indicators: of one unit or of all, some indicators or (none named) all of them."""

    reason: Text
    evidence: Text
    unit: Slug | None = None
    indicators: Annotated[tuple[Slug, ...], Len(0, 20), Predicate(has_no_repeats)] = ()


@dataclass(frozen=True)
class IncludeInScoring(Command):
    """Take back every exclusion of this complaint."""

    reason: Text


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
