"""When a complaint counts as an occurrence of its issue point, and which earlier ones it recurs with.

It counts while it is general (or was raised from it by recurrence) and not rejected. A person who classifies it
otherwise takes it away; a withdrawn complaint still tells that the issue occurred.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from domain.complaint.events import (
    Classified,
    ComplainantCorrected,
    ComplaintEvent,
    Received,
    Rejected,
    Reopened,
    SeverityRaised,
)
from domain.complaint.recurrence import Occurrence, counted_as, window_start
from domain.limits.calendar import Calendar
from domain.procedure.procedure import Recurrence

# Events after which a complaint may have become an occurrence, have stopped to be one, or be another customer's.
DECIDING: Final = (Classified.TOPIC, Rejected.TOPIC, Reopened.TOPIC, ComplainantCorrected.TOPIC)
TOLD_BY: Final = frozenset({Received.TOPIC, SeverityRaised.TOPIC, *DECIDING})


@dataclass(frozen=True)
class IssueStanding:
    """What one complaint's history says about recurrence, up to some event."""

    received: Received
    issue_point: str | None
    severity: str | None = None
    raised: bool = False
    rejected: bool = False

    def after(self, event: ComplaintEvent) -> IssueStanding:
        """The standing once this event has happened."""
        match event:
            case Classified():
                return replace(
                    self,
                    severity=event.severity,
                    issue_point=event.issue_point or self.issue_point,
                    raised=self.raised and event.severity == self.severity,
                )
            case SeverityRaised():
                return replace(self, severity=event.severity, raised=True)
            case Rejected():
                return replace(self, rejected=True)
            case Reopened():
                return replace(self, rejected=False)
        return self

    def occurs_at(self, recurrence: Recurrence) -> str | None:
        """What this complaint is counted by as one more of it; None if it does not count.

        Of a customer it counts however grave it is, for it is complained again that matters.
        """
        known = self.severity is not None if recurrence.of == "customer" else self.severity == recurrence.severity
        counts = not self.rejected and (self.raised or known)
        return counted_as(recurrence, self.issue_point, self.received.complainant_id) if counts else None

    @property
    def occurrence(self) -> Occurrence:
        return Occurrence(self.received.originator_id, self.received.number, self.received.occurred_at)


def standing_of(events: Iterable[ComplaintEvent]) -> IssueStanding:
    """From a complaint's events in order, of which the first is `Received`."""
    standing: IssueStanding | None = None
    for event in events:
        if isinstance(event, Received):
            standing = IssueStanding(event, event.issue_point)
        elif standing is not None:
            standing = standing.after(event)
    if standing is None:
        raise ValueError("a complaint begins with Received")
    return standing


def around(occurred_at: datetime, months: int, calendar: Calendar) -> tuple[datetime, datetime]:
    """Between which instants others can occur that share a window with this one; the second is on the safe side."""
    return window_start(occurred_at, months, calendar), occurred_at + timedelta(days=31 * months + 2)


def those_of_one_window(
    this: Occurrence, others: Sequence[Occurrence], months: int, calendar: Calendar
) -> list[Occurrence]:
    """Of `others`, those that lie in one rolling window with this one, in their order.

    A window ends with one of its complaints. In time, that is this one. A complaint taken down late (a letter, an
    outage) occurred before others that are known already, so windows that end with one of those are tried too, and the
    one that holds most counts.
    """
    ends = {this.occurred_at} | {other.occurred_at for other in others if other.occurred_at > this.occurred_at}
    best: list[Occurrence] = []
    for end in sorted(ends):
        start = window_start(end, months, calendar)
        if start > this.occurred_at:
            break
        inside = [other for other in others if start <= other.occurred_at <= end]
        if len(inside) > len(best):
            best = inside
    return best
