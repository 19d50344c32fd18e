"""What an answer shows of an incident, masked by what the reader may see."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from app.queries.complaint_view import PinnedVersion
from app.queries.masking import seen_text
from app.queries.obligation_pages import ObligationRow, obligations_of_incident_seen
from app.queries.visibility import Seen
from domain.clocks.clock import ClockState
from domain.incident.incident import Incident, IncidentStatus
from domain.incident.steps import allowed_incident_steps
from domain.procedure.call_surge import CallSurge
from domain.titles import Language
from domain.values import ActedBy, Actor
from wording.records import counted_surge, surge_text, surge_title


@dataclass(frozen=True, slots=True)
class InformingView:
    """Somebody of a role was told; `recovery`: of the end of the incident."""

    role: str
    means: str
    at: datetime
    by: ActedBy
    text: str
    recovery: bool


@dataclass(frozen=True, slots=True)
class DecisionView:
    decisions: str
    at: datetime
    by: ActedBy


@dataclass(frozen=True, slots=True)
class IncidentClockView:
    """One time limit. `state` is running, met, missed or cancelled; `soft` clocks warn and never miss."""

    name: str
    title: str
    started_at: datetime
    warn_at: datetime
    due_at: datetime
    stopped_at: datetime | None
    state: ClockState
    soft: bool


@dataclass(slots=True)  # as the view of a complaint
class IncidentView:
    """An incident as every answer shows it. `allowed` are the steps this actor may take now.

    `still_to_be_told` are roles that the procedure names and nobody has informed, `still_to_be_told_of_recovery` those
    who heard of the incident and not yet of its end. `surge` is what was counted where it was opened by itself.
    """

    id: UUID
    number: str
    version: int
    position: int
    procedure: PinnedVersion
    calendar: PinnedVersion
    kind: str
    state: IncidentStatus
    title: str
    text: str
    occurred_at: datetime
    opened_at: datetime
    opened_by: ActedBy
    restored_at: datetime | None
    closed_at: datetime | None
    summary: str | None
    cause: str | None
    informed: list[InformingView]
    decided: list[DecisionView]
    still_to_be_told: list[str]
    still_to_be_told_of_recovery: list[str]
    surge: CallSurge | None
    clocks: list[IncidentClockView]
    obligations: list[ObligationRow]
    allowed: list[str]


def incident_view(
    incident: Incident, position: int, actor: Actor, seen: Seen, language: Language
) -> IncidentView:
    """The incident for this actor."""
    it, sight, surge = incident, seen.sight, counted_surge(incident)
    return IncidentView(
        id=it.id,
        number=it.number,
        version=it.version,
        position=position,
        procedure=PinnedVersion(it.procedure_code, it.procedure_version),
        calendar=PinnedVersion(it.calendar_code, it.calendar_version),
        kind=it.kind,
        state=it.state,
        title=seen_text(it.title, sight) if surge is None else surge_title(language),
        text=seen_text(it.text, sight) if surge is None else surge_text(surge, it.calendar.zone, language),
        occurred_at=it.occurred_at,
        opened_at=it.opened_at,
        opened_by=it.opened_by,
        restored_at=it.restored_at,
        closed_at=it.closed_at,
        summary=seen_text(it.summary, sight),
        cause=seen_text(it.cause, sight),
        informed=[
            InformingView(one.role, one.means, one.at, one.by, seen_text(one.text, sight), one.recovery)
            for one in it.informed
        ],
        decided=[DecisionView(seen_text(one.decisions, sight), one.at, one.by) for one in it.decided],
        still_to_be_told=it.still_to_be_told,
        still_to_be_told_of_recovery=it.still_to_be_told_of_recovery,
        surge=it.surge,
        clocks=[
            IncidentClockView(
                clock.name, clock.rule.title.in_(language), clock.started_at, clock.warn_at, clock.due_at,
                clock.stopped_at, clock.state, clock.soft,
            )
            for clock in it.clocks
        ],
        obligations=obligations_of_incident_seen(it),
        allowed=allowed_incident_steps(it, actor),
    )  # fmt: skip
