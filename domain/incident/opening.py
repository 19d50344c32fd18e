"""突发事件: an incident is opened, by somebody or by the service itself."""

from datetime import UTC, datetime, timedelta
from typing import Final
from uuid import UUID

from domain.errors import AbsurdTime
from domain.incident import commands, errors, events
from domain.incident.deadlines import judge_clocks
from domain.incident.incident import Incident
from domain.limits.calendar import Calendar
from domain.procedure.call_surge import CallSurge
from domain.procedure.procedure import Procedure
from domain.values import ActedBy

# A paper log may be entered weeks after an outage; older than a year is a slip of the pen.
OLDEST_OCCURRENCE: Final = timedelta(days=366)
CLOCK_SKEW: Final = timedelta(minutes=5)


def check_opening(command: commands.OpenIncident, procedure: Procedure, at: datetime) -> None:
    """Raises the refusal where there can be no such incident."""
    if command.kind not in procedure.kinds:
        raise errors.UnknownIncidentKind("/kind", known=procedure.kinds)
    occurred_at = command.occurred_at
    if occurred_at is None:
        return
    if occurred_at.tzinfo is None:
        raise AbsurdTime("/occurred_at", without_offset=True)
    if not at - OLDEST_OCCURRENCE <= occurred_at <= at + CLOCK_SKEW:
        raise AbsurdTime("/occurred_at", over_a_year_back=True)


def open_incident(
    command: commands.OpenIncident,
    identity: tuple[UUID, str, UUID],
    by: ActedBy,
    procedure: Procedure,
    calendar: Calendar,
    *,
    at: datetime,
    surge: CallSurge | None = None,
) -> Incident:
    """Make the incident of a checked opening; `identity` is its id, its number, and the id of its data key."""
    id, number, key_id = identity
    incident = Incident._create(
        events.IncidentOpened,
        id=id,
        timestamp=at,
        actor=by,
        number=number,
        procedure=procedure.code,
        procedure_version=procedure.version,
        calendar=calendar.code,
        calendar_version=calendar.version,
        kind=command.kind,
        occurred_at=min(command.occurred_at or at, at).astimezone(UTC),
        key_id=key_id,
        title=command.title,
        text=command.text,
        surge=surge,
    )
    incident.governed_by(procedure, calendar)
    judge_clocks(incident, at)
    return incident


def incident_opened(incident: Incident, event: events.IncidentOpened) -> None:
    incident.number = event.number
    incident.procedure_code, incident.procedure_version = event.procedure, event.procedure_version
    incident.calendar_code, incident.calendar_version = event.calendar, event.calendar_version
    incident.kind, incident.key_id = event.kind, event.key_id
    incident.occurred_at, incident.opened_at, incident.opened_by = event.occurred_at, event.timestamp, event.actor
    incident.title, incident.text, incident.surge = event.title, event.text, event.surge
    incident.add_moment("IncidentOpened", event.occurred_at)
    incident.add_moment("KindKnown", event.occurred_at, subject=event.kind)
