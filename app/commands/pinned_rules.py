"""The pinned rules of a complaint, also of one that another process received under a version published just now."""

from collections.abc import Callable, Collection
from typing import TypeVar

from domain.complaint.complaint import Complaint
from domain.complaint.events import Received
from domain.incident.incident import Incident
from domain.limits.calendar import Calendar
from domain.procedure.procedure import Procedure
from procedures.rules import Rules

T = TypeVar("T")


async def governed(complaint: Complaint, rules: Rules) -> Complaint:
    """The complaint with the versions attached that its events name. Raises KeyError for one that nobody published."""
    return await _learned(lambda: _governed(complaint, rules), rules)


async def governed_incident(incident: Incident, rules: Rules) -> Incident:
    """The incident with the versions attached that it was opened under. Raises KeyError."""
    return await _learned(lambda: _governed_incident(incident, rules), rules)


async def pinned_by(received: Received, rules: Rules) -> tuple[Procedure, Calendar]:
    """The versions pinned at receipt. Raises KeyError."""
    return await _learned(lambda: _pinned(received, rules), rules)


async def procedures_at(code: str, versions: Collection[str], rules: Rules) -> dict[str, Procedure]:
    """These versions of a procedure. Raises KeyError."""
    return await _learned(lambda: {version: rules.procedure_at(code, version) for version in versions}, rules)


async def _learned(read: Callable[[], T], rules: Rules) -> T:
    try:
        return read()
    except KeyError:
        await rules.learn()
        return read()


def _governed(complaint: Complaint, rules: Rules) -> Complaint:
    code = complaint.calendar_code
    return complaint.governed_by(
        rules.procedure_at(complaint.procedure_code, complaint.procedure_version),
        rules.calendar_at(code, complaint.calendar_version),
        {version: rules.calendar_at(code, version) for version in complaint.later_calendars},
    )


def _governed_incident(incident: Incident, rules: Rules) -> Incident:
    return incident.governed_by(
        rules.procedure_at(incident.procedure_code, incident.procedure_version),
        rules.calendar_at(incident.calendar_code, incident.calendar_version),
    )


def _pinned(received: Received, rules: Rules) -> tuple[Procedure, Calendar]:
    return (
        rules.procedure_at(received.procedure, received.procedure_version),
        rules.calendar_at(received.calendar, received.calendar_version),
    )
