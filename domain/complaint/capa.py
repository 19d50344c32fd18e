"""纠正/预防措施: a report is ordered from a unit, submitted by it, and issued."""

from datetime import timedelta
from typing import Final

from domain import errors
from domain.complaint import commands, events
from domain.complaint.complaint import Complaint
from domain.complaint.state import Capa, CapaStatus
from domain.complaint.units import must_know_unit
from domain.request import Request
from domain.values import ActedBy, Actor

YESTERDAY_AT_THE_EARLIEST: Final = timedelta(days=1)
LONGEST_IMPROVEMENT: Final = timedelta(days=5 * 366)


def request_capa(complaint: Complaint, command: commands.RequestCAPA, by: ActedBy, request: Request) -> None:
    must_know_unit(complaint, command.unit, "/unit", request)
    capa = complaint.capa_of(command.unit)
    if capa is not None and capa.state != "issued":
        raise errors.CapaAlreadyRequested
    complaint.trigger(events.CAPARequested, by, request.at, unit=command.unit, reason=command.reason)


def capa_requested(complaint: Complaint, event: events.CAPARequested) -> None:
    complaint.capas.append(Capa(event.unit))
    complaint.sent_to.add(event.unit)
    complaint.add_moment("CAPARequested", event, unit=event.unit)


def submit_capa(complaint: Complaint, command: commands.SubmitCAPA, by: ActedBy, request: Request) -> None:
    unit = _unit_of_capa(complaint, "requested", command.unit, by)
    today = complaint.calendar.local_date(request.at)
    if not today - YESTERDAY_AT_THE_EARLIEST <= command.complete_by <= today + LONGEST_IMPROVEMENT:
        raise errors.AbsurdTime("/complete_by", not_within_five_years=True)
    complaint.trigger(events.CAPASubmitted, by, request.at, **{**vars(command), "unit": unit})


def may_submit_capa(complaint: Complaint, by: ActedBy, actor: Actor) -> bool:
    return bool(_units_with_capa(complaint, "requested", None, by))


def owes_report(complaint: Complaint, unit: str) -> bool:
    return any(capa.state == "requested" and capa.unit == unit for capa in complaint.capas)


def capa_submitted(complaint: Complaint, event: events.CAPASubmitted) -> None:
    capa = complaint.capa_of(event.unit)
    if capa is not None:
        capa.state, capa.complete_by = "submitted", event.complete_by
    complaint.add_moment("CAPASubmitted", event, unit=event.unit)


def issue_capa(complaint: Complaint, command: commands.IssueCAPA, by: ActedBy, request: Request) -> None:
    unit = _unit_of_capa(complaint, "submitted", command.unit, by)
    complaint.trigger(events.CAPAIssued, by, request.at, unit=unit)


def capa_issued(complaint: Complaint, event: events.CAPAIssued) -> None:
    capa = complaint.capa_of(event.unit)
    if capa is not None:
        capa.state = "issued"
    complaint.add_moment("CAPAIssued", event, unit=event.unit)


def _unit_of_capa(complaint: Complaint, state: CapaStatus, named: str | None, by: ActedBy) -> str:
    refusal = errors.CapaNotRequested if state == "requested" else errors.CapaNotSubmitted
    if by.role == "unit" and named not in (None, by.unit):
        raise errors.NotForAnotherUnit
    units = _units_with_capa(complaint, state, named, by)
    if not units:
        raise refusal
    if len(units) > 1:
        raise errors.UnitMustBeNamed("/unit")
    return units[0]


def _units_with_capa(complaint: Complaint, state: CapaStatus, named: str | None, by: ActedBy) -> list[str]:
    """Whose report in this state is meant: a member's own unit's, else that of the unit named, else any."""
    wanted = by.unit if by.role == "unit" else named
    return [capa.unit for capa in complaint.capas if capa.state == state and wanted in (None, capa.unit)]
