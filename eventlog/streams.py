"""The kinds of streams in the log: what begins their topics, what they fold into, whose key opens them.

A new kind of stream is one row here.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final, Generic, TypeVar
from uuid import UUID

from domain.call.events import CALL_EVENTS, SEAT_EVENTS, TelephonyEvent
from domain.complaint.complaint import Complaint
from domain.complaint.events import EVENTS, ComplaintEvent
from domain.incident.events import INCIDENT_EVENTS, IncidentEvent
from domain.incident.incident import Incident
from domain.reporting.reports import REPORT_EVENTS, ReportEvent
from eventlog.entries import Recorded

AnyEvent = ComplaintEvent | IncidentEvent | ReportEvent | TelephonyEvent
AnyAggregate = Complaint | Incident
A = TypeVar("A", bound=AnyAggregate)
E = TypeVar("E", bound=AnyEvent)


@dataclass(frozen=True, eq=False)
class StreamKind(Generic[A, E]):
    """`name` begins the topics of its events. `key_field` of the first event, and of the aggregate, names the data key.

    No `aggregate` where each event stands for itself; no `key_field` where nothing is sealed.
    """

    name: str
    events: tuple[type[E], ...]
    aggregate: type[A] | None = None
    key_field: str | None = None

    def folded(self, happened: Iterable[E]) -> A:
        """An aggregate from its events, oldest first. Raises ValueError unless the first is the one that begins it."""
        aggregate: Any = None
        for event in happened:
            aggregate = event.mutate(aggregate)
        if self.aggregate is None or not isinstance(aggregate, self.aggregate):
            raise ValueError(f"a {self.name} has at least one event, the one that begins it")
        return aggregate

    def key_id(self, aggregate: A) -> UUID:
        """Which data key seals what is recorded of it."""
        assert self.key_field is not None
        found: UUID = getattr(aggregate, self.key_field)
        return found


COMPLAINT: Final = StreamKind("complaint", EVENTS, Complaint, "complainant_id")
INCIDENT: Final = StreamKind("incident", INCIDENT_EVENTS, Incident, "key_id")
REPORT: Final = StreamKind[Any, ReportEvent]("report", REPORT_EVENTS)
CALL: Final = StreamKind[Any, TelephonyEvent]("call", CALL_EVENTS, key_field="key_id")
SEAT: Final = StreamKind[Any, TelephonyEvent]("seat", SEAT_EVENTS, key_field="key_id")
KINDS: Final[dict[str, StreamKind[Any, Any]]] = {
    kind.name: kind for kind in (COMPLAINT, INCIDENT, REPORT, CALL, SEAT)
}


def kind_of(recorded: Recorded) -> StreamKind[Any, Any] | None:
    """What the event's stream is about; None for a kind that this version does not know."""
    return KINDS.get(recorded.topic.partition(".")[0])
