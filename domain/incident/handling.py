"""上报、决定、恢复、结束: who is informed, what is decided, since when it is over, and the record of it."""

from datetime import UTC, timedelta
from typing import Final

from domain.errors import AbsurdTime
from domain.incident import commands, errors, events
from domain.incident.incident import TOLD, TOLD_OF_END, Decision, Incident, Informing
from domain.procedure.moments import informed
from domain.request import Request
from domain.values import ActedBy

CLOCK_SKEW: Final = timedelta(minutes=5)


def inform(incident: Incident, command: commands.InformRole, by: ActedBy, request: Request) -> None:
    roles, means = incident.procedure.roles, incident.procedure.informs_by
    if command.to_role not in roles:
        raise errors.UnknownRoleToInform("/to_role", known=roles)
    if command.means not in means:
        raise errors.MeansNotForInforming("/means", known=means)
    said = (command.to_role, command.means, command.text, incident.state != "open")
    if any(said == (before.role, before.means, before.text, before.recovery) for before in incident.informed):
        return
    incident.trigger(events.RoleInformed, by, request.at, **vars(command))


def role_informed(incident: Incident, event: events.RoleInformed) -> None:
    recovery, at = incident.state != "open", event.timestamp
    incident.informed.append(
        Informing(event.to_role, event.means, at, event.actor, event.text, recovery, event.originator_version)
    )
    incident.add_moment(informed(event.to_role), at)


def decided(incident: Incident, event: events.Decided) -> None:
    incident.decided.append(Decision(event.decisions, event.timestamp, event.actor))
    incident.add_moment("Decided", event.timestamp)


def restore(incident: Incident, command: commands.RestoreIncident, by: ActedBy, request: Request) -> None:
    restored_at = command.restored_at or request.at
    if restored_at.tzinfo is None:
        raise AbsurdTime("/restored_at", without_offset=True)
    if not incident.occurred_at <= restored_at <= request.at + CLOCK_SKEW:
        raise AbsurdTime("/restored_at", before_incident=True)
    restored_at = min(restored_at, request.at).astimezone(UTC)
    incident.trigger(events.Restored, by, request.at, restored_at=restored_at, text=command.text)


def restored(incident: Incident, event: events.Restored) -> None:
    incident.state, incident.restored_at = "restored", event.restored_at
    incident.add_moment("Restored", event.restored_at)


def close(incident: Incident, command: commands.CloseIncident, by: ActedBy, request: Request) -> None:
    if incident.state == "closed":
        if (command.summary, command.cause) != (incident.summary, incident.cause):
            raise errors.IncidentIsClosed
        return
    roles = incident.procedure.roles
    missing = {TOLD + role: roles.get(role) for role in incident.still_to_be_told}
    missing |= {TOLD_OF_END + role: roles.get(role) for role in incident.still_to_be_told_of_recovery}
    if missing:
        raise errors.IncidentNotReadyToClose(missing)
    incident.trigger(events.IncidentClosed, by, request.at, summary=command.summary, cause=command.cause)


def may_close(incident: Incident) -> bool:
    waiting = incident.still_to_be_told or incident.still_to_be_told_of_recovery
    return incident.state == "restored" and not waiting


def incident_closed(incident: Incident, event: events.IncidentClosed) -> None:
    incident.state, incident.closed_at = "closed", event.timestamp
    incident.summary, incident.cause = event.summary, event.cause
    incident.add_moment("Closed", event.timestamp)
