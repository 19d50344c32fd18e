"""What follows from a fact about one complaint for another step: pure functions from facts to commands."""

from calendar import monthrange
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from domain.complaint.commands import RaiseSeverity
from domain.limits.calendar import Calendar
from domain.procedure.procedure import Recurrence
from domain.values import LinkedComplaint


@dataclass(frozen=True)
class Occurrence:
    """One general complaint of an issue point, and when it reached us."""

    complaint_id: UUID
    number: str
    occurred_at: datetime


def months_before(day: date, months: int) -> date:
    """The same day so many months before; the last day of a month that is shorter (31 March -> 28 February)."""
    year, month = divmod(day.year * 12 + day.month - 1 - months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def window_start(occurred_at: datetime, months: int, calendar: Calendar) -> datetime:
    """The first instant of the rolling window that ends with this complaint, in the calendar's zone."""
    return calendar.start_of_day(months_before(calendar.local_date(occurred_at), months))


def raise_severity_when_issue_recurs(
    issue_point: str, this: Occurrence, others: Sequence[Occurrence], recurrence: Recurrence
) -> RaiseSeverity | None:
    """The fifth and every later general complaint of one issue point within the window is raised, naming the others.

    `others` are the earlier ones of the window, in the order of the log. Source: KF0001 5.4 3).
    """
    if len(others) + 1 < recurrence.count:
        return None
    return RaiseSeverity(issue_point, tuple(LinkedComplaint(other.complaint_id, other.number) for other in others))
