"""What happened to a complaint that counts in the indicators: the events, each with its place in the log."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from domain.complaint import events

COUNTED: Final[tuple[type[events.ComplaintEvent], ...]] = (
    events.Received, events.Dispatched, events.Redirected, events.Recalled, events.UnitAdded, events.RulingIssued,
    events.OpinionRevised, events.Accepted, events.Returned,
    events.OpinionConfirmed, events.OpinionDisputed, events.Executed, events.CustomerInformed,
    events.ProgressReported, events.SettledOnTheSpot, events.CallbackDone, events.Closed, events.Reopened,
    events.Rejected, events.Withdrawn, events.DeadlineMissed, events.DeadlineMissRetracted,
    events.CompensationPaid, events.ExcludedFromScoring,
    events.IncludedInScoring, events.TakenOver,
)  # fmt: skip
_COUNTED: Final = frozenset(COUNTED)


@dataclass(frozen=True, slots=True)
class Happened:
    """One event, at this position of the log."""

    position: int
    event: events.ComplaintEvent


@dataclass(slots=True)
class Ledger:
    """The events of one complaint that count, oldest first; the others are not kept."""

    happened: list[Happened] = field(default_factory=list)

    def take(self, position: int, event: events.ComplaintEvent) -> None:
        if type(event) in _COUNTED:
            self.happened.append(Happened(position, event))

    def __iter__(self) -> Iterator[Happened]:
        return iter(self.happened)
