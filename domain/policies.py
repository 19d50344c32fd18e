"""What follows from a fact about one complaint for another step: pure functions from facts to commands."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from domain.calendar import Calendar
from domain.commands import RaiseSeverity
from domain.procedure import Recurrence
from domain.values import LinkedComplaint


@dataclass(frozen=True)
class Occurrence:
    """One general complaint of an issue point, and when it reached us."""

    complaint_id: UUID
    number: str
    occurred_at: datetime


def month_before(day: date) -> date:
    """The same day of the month before; its last day where that month is shorter (31 March -> 28 February)."""
    year, month = (day.year, day.month - 1) if day.month > 1 else (day.year - 1, 12)
    for last in range(day.day, 27, -1):
        try:
            return date(year, month, last)
        except ValueError:
            continue
    return date(year, month, day.day)


def window_start(occurred_at: datetime, months: int, calendar: Calendar) -> datetime:
    """The first instant of the rolling window that ends with this complaint, in the calendar's zone."""
    day = calendar.local_date(occurred_at)
    for _ in range(months):
        day = month_before(day)
    return calendar.start_of_day(day)


def raise_severity_when_issue_recurs(
    issue_point: str, this: Occurrence, others: Sequence[Occurrence], recurrence: Recurrence
) -> RaiseSeverity | None:
    """The fifth and every later general complaint of one issue point within the window is raised, naming the others.

    `others` are the earlier ones of the window, in the order of the log. Source: KF0001 5.4 3).
    """
    if len(others) + 1 < recurrence.count:
        return None
    return RaiseSeverity(issue_point, tuple(LinkedComplaint(other.complaint_id, other.number) for other in others))
