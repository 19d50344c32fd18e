"""重复投诉: an issue point that stands in general complaints once too often is no general complaint any more."""

from calendar import monthrange
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from domain.complaint import commands, events
from domain.complaint.classification import take_severity
from domain.complaint.complaint import Complaint
from domain.complaint.deadlines import judge_clocks
from domain.complaint.escalation import escalate_on_severity
from domain.complaint.records import link_to
from domain.limits.calendar import Calendar
from domain.procedure.procedure import Recurrence
from domain.request import SYSTEM
from domain.values import LinkedComplaint


@dataclass(frozen=True)
class Occurrence:
    """One general complaint of an issue point, and when it reached us."""

    complaint_id: UUID
    number: str
    occurred_at: datetime


def counted_as(recurrence: Recurrence, issue_point: str | None, complainant_id: UUID) -> str | None:
    """What a complaint is counted by: its issue point, or who complains; None: by nothing."""
    return issue_point if recurrence.counts_issue_points else f"customer:{complainant_id}"


def months_before(day: date, months: int) -> date:
    """The same day so many months before; the last day of a month that is shorter (31 March -> 28 February)."""
    year, month = divmod(day.year * 12 + day.month - 1 - months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def window_start(occurred_at: datetime, months: int, calendar: Calendar) -> datetime:
    """The first instant of the rolling window that ends with this complaint, in the calendar's zone."""
    return calendar.start_of_day(months_before(calendar.local_date(occurred_at), months))


def raise_severity_when_issue_recurs(
    issue_point: str, others: Sequence[Occurrence], recurrence: Recurrence
) -> commands.RaiseSeverity | None:
    """The fifth and every later general complaint of one issue point within the window is raised, naming the others.

    `others` are the earlier ones of the window, beside this one, in the order of the log. Source: KF0001 5.4 3).
    """
    if len(others) + 1 < recurrence.count:
        return None
    named = tuple(LinkedComplaint(other.complaint_id, other.number) for other in others)
    return commands.RaiseSeverity(issue_point, named)


def raise_severity(complaint: Complaint, command: commands.RaiseSeverity, at: datetime) -> None:
    """Raise it where it is still what the recurrence is about; what was due before is judged as it was."""
    recurrence = complaint.procedure.recurrence
    if recurrence is None or complaint.has_ended or complaint.severity != recurrence.severity:
        return
    if command.issue_point != counted_as(recurrence, complaint.issue_point, complaint.complainant_id):
        return  # reclassified in the meantime
    before = complaint.severity
    judge_clocks(complaint, at)
    complaint.trigger(
        events.SeverityRaised, SYSTEM, at,
        severity=recurrence.raise_to, before=before, issue_point=complaint.issue_point, others=command.others,
    )  # fmt: skip
    escalate_on_severity(complaint, complaint.procedure.severities[recurrence.raise_to], at)
    judge_clocks(complaint, at)


def severity_raised(complaint: Complaint, event: events.SeverityRaised) -> None:
    complaint.raised_for_recurrence = True
    link_to(complaint, event.others)
    take_severity(complaint, event)
