"""What an answer shows: the shapes of api.md as plain dataclasses, masked by what the reader may see."""

from collections.abc import Container
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from app.queries.masking import seen_complainant, seen_people, seen_text
from app.queries.obligation_pages import ObligationRow, obligations_seen
from app.queries.owner_view import OwnerShown, owner_view
from app.queries.visibility import Seen
from domain.clocks.clock import Clock, ClockState, next_due_at
from domain.complaint.approving import plans_on_the_table
from domain.complaint.complaint import Complaint
from domain.complaint.state import (
    CallShown,
    CapaStatus,
    CompensationStatus,
    Exclusion,
    Fault,
    HandOverOffer,
    OpinionStatus,
    Status,
    UnitRole,
    UnitStatus,
    VerifiedCharge,
)
from domain.complaint.steps import allowed_steps
from domain.people import People
from domain.procedure.procedure import Sight
from domain.titles import Language
from domain.values import Actor, Complainant, LiabilityShare, LinkedComplaint


@dataclass(frozen=True, slots=True)
class PinnedVersion:
    code: str
    version: str


@dataclass(frozen=True, slots=True)
class OpinionView:
    """`state` is drafted, asked, confirmed (by some), disputed or final."""

    text: str
    revision: int
    state: OpinionStatus


@dataclass(frozen=True, slots=True)
class ClockView:
    """One time limit; `title` is that of the rule it runs by. `soft` clocks warn and never miss."""

    name: str
    title: str
    unit: str | None
    round: int
    started_at: datetime
    warn_at: datetime
    due_at: datetime
    stopped_at: datetime | None
    state: ClockState
    soft: bool
    provisional: bool


@dataclass(frozen=True, slots=True)
class UnitView:
    """Where one unit stands. `role`: lead or support; None for a unit that has the case no more."""

    unit: str
    state: UnitStatus
    role: UnitRole | None


@dataclass(frozen=True, slots=True)
class MeasureView:
    """What was done, in which round, when and by which unit; None: for the whole case."""

    unit: str | None
    measure: str
    at: datetime
    round: int


@dataclass(frozen=True, slots=True)
class PlanView:
    """处理方法: the plan that the customer agreed to, and who approved of it as it stands; unit None: that of all."""

    unit: str | None
    text: str
    approved_by: list[str]


@dataclass(frozen=True, slots=True)
class CapaView:
    unit: str
    state: CapaStatus
    complete_by: date | None


@dataclass(frozen=True, slots=True)
class CompensationView:
    """`amount` is decimal money, as text."""

    amount: Decimal
    currency: str
    basis: str
    method: str
    state: CompensationStatus


@dataclass(frozen=True, slots=True)
class CallOfComplaint:
    """A call that something of the complaint came of, where it is at `/v1/calls/{source}/{id}`, and what that was.

    `score` is what the customer keyed in, from 1 to 5; `id` is for those alone who see what was said.
    """

    source: str
    id: str | None
    led_to: list[str]
    at: datetime
    score: int | None


@dataclass(slots=True)  # frozen would cost several microseconds for so many fields
class ComplaintView:
    """A complaint as every answer shows it. `allowed` are the steps this actor may take now.

    `status_page` is where the complainant asks how far it has come, with `query_code` or their telephone; None:
    nowhere, for it is confidential. The code is shown to those who see the complainant.
    `accused_unmatched` are those of the accused who are nobody's id, and not the name of one person alone: recusal
    keeps nobody out for them.
    """

    id: UUID
    number: str
    version: int
    position: int
    procedure: PinnedVersion
    calendar: PinnedVersion
    kind: str
    status: Status
    round: int
    severity: str | None
    category: str | None
    issue_point: str | None
    channel: str
    occurred_at: datetime
    received_at: datetime
    closed_at: datetime | None
    due_at: datetime | None
    complainant: Complainant
    subject: str
    content: str
    wants: str | None
    facts: dict[str, Any]
    accused: list[str]
    accused_unmatched: list[str]
    call_id: str | None
    query_code: str | None
    status_page: str | None
    owner: OwnerShown
    units: list[UnitView]
    plans: list[PlanView]
    measures: list[MeasureView]
    opinion: OpinionView | None
    liability: list[LiabilityShare]
    capas: list[CapaView]
    linked: list[LinkedComplaint]
    calls: list[CallOfComplaint]
    outcome: str | None
    justified: bool | None
    clocks: list[ClockView]
    obligations: list[ObligationRow]
    first_contact: str | None
    handover: HandOverOffer | None
    evidence: list[str]
    charges: list[VerifiedCharge]
    compensations: list[CompensationView]
    faults: list[Fault]
    exclusions: list[Exclusion]
    allowed: list[str]


def complaint_view(
    complaint: Complaint,
    position: int,
    actor: Actor,
    seen: Seen,
    visible: Container[UUID],
    people: People,
    language: Language,
) -> ComplaintView:
    """The complaint for this actor, of whom nothing may be withheld.

    `visible` are the complaints among its links that the actor may see; the others are left out.
    `people` are all who were ever given a key.
    """
    c, now, sight = complaint, complaint.this_round, seen.sight
    opinion, clocks = now.opinion, [clock for clock in c.clocks if clock.name not in seen.kept_from]
    graded = frozenset() if seen.faults is not None else c.named_by_grading  # by whom they would know of the grade
    return ComplaintView(
        id=c.id,
        number=c.number,
        version=c.version,
        position=position,
        procedure=PinnedVersion(c.procedure_code, c.procedure_version),
        calendar=PinnedVersion(c.calendar_code, c.present_calendar_version),
        kind=c.kind,
        status=c.status,
        round=c.round,
        severity=c.severity,
        category=c.category,
        issue_point=c.issue_point,
        channel=c.channel,
        occurred_at=c.occurred_at,
        received_at=c.received_at,
        closed_at=c.closed_at,
        due_at=next_due_at(c.clocks),
        complainant=seen_complainant(c.complainant, sight, c.id),
        subject=seen_text(c.subject, sight),
        content=seen_text(c.content, sight),
        wants=seen_text(c.wants, sight),
        facts=seen_text(c.facts, sight),
        accused=seen_people([one for one in dict.fromkeys([*c.named, *c.accused]) if one not in graded], sight),
        accused_unmatched=people.unmatched(seen_people([one for one in c.accused if one not in graded], sight)),
        call_id=None if sight == "none" else c.call_id,
        query_code=c.query_code if sight == "all" and c.has_status_page else None,
        status_page=status_page(c),
        owner=owner_view(c.owner, people),
        units=[UnitView(one.unit, one.state, now.role_of(one.unit)) for one in now.units],
        plans=[
            PlanView(whose, seen_text(text, sight), seen_people(approved_by, sight))
            for whose, text, approved_by in plans_on_the_table(c)
        ],
        measures=[MeasureView(one.unit, seen_text(one.measure, sight), one.at, one.round) for one in c.measures],
        opinion=None
        if opinion is None
        else OpinionView(seen_text(opinion.text, sight), opinion.revision, opinion.state),
        liability=list(c.liability),
        capas=[CapaView(capa.unit, capa.state, capa.complete_by) for capa in c.capas],
        linked=[other for other in c.linked if other.id in visible],
        calls=_calls(c, sight),
        outcome=seen_text(c.outcome, sight),
        justified=c.justified,
        clocks=[clock_view(clock, language) for clock in clocks],
        obligations=obligations_seen(c, people, seen),
        first_contact=c.first_contact,
        handover=c.offer,
        evidence=sorted(c.evidence),
        charges=[replace(charge, item=seen_text(charge.item, sight)) for charge in c.charges],
        compensations=[
            CompensationView(one.amount, one.currency, seen_text(one.basis, sight), one.method, one.state)
            for one in c.compensations
        ],
        exclusions=list(c.exclusions),
        faults=[]
        if seen.faults is None
        else [replace(fault, findings=seen_text(fault.findings, seen.faults)) for fault in c.faults],
        allowed=allowed_steps(c, actor),
    )


def _calls(complaint: Complaint, sight: Sight) -> list[CallOfComplaint]:
    """Each once, with all that came of it."""
    found: dict[UUID, list[CallShown]] = {}
    for one in complaint.calls:
        found.setdefault(one.call, []).append(one)
    return [
        CallOfComplaint(
            parts[0].source, None if sight == "none" else parts[0].id, list(dict.fromkeys(one.led_to for one in parts)),
            parts[0].at, next((one.score for one in reversed(parts) if one.score is not None), None),
        )
        for parts in found.values()
    ]  # fmt: skip


def status_page(complaint: Complaint) -> str | None:
    """Where the complainant asks without a key; None where they cannot."""
    return f"/v1/status/{complaint.number}" if complaint.has_status_page else None


def clock_view(clock: Clock, language: Language) -> ClockView:
    return ClockView(
        clock.name, clock.rule.title.in_(language), clock.unit, clock.round, clock.started_at, clock.warn_at,
        clock.due_at, clock.stopped_at, clock.state, clock.soft, clock.provisional,
    )  # fmt: skip
