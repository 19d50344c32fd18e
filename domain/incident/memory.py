"""What an incident remembers of its events: it only assigns and never refuses, for old histories are replayed here."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from uuid import UUID

from eventsourcing.domain import Aggregate

from domain.clocks.clock import Judged, Key, KeyOfSeverity
from domain.incident import events as events
from domain.procedure.call_surge import CallSurge
from domain.procedure.incident_rules import informed
from domain.values import By, Moment

IncidentStatus = Literal["open", "restored", "closed"]


@dataclass(frozen=True)
class Informing:
    """Somebody of a role was told; `recovery`: of the end of the incident. `event` is its version of the incident."""

    role: str
    means: str
    at: datetime
    by: By
    text: str
    recovery: bool
    event: int


@dataclass(frozen=True)
class Decision:
    """What was decided besides, when and by whom."""

    decisions: str
    at: datetime
    by: By


class IncidentMemory(Aggregate):
    """An incident folded from its stream."""

    def __init__(self) -> None:
        # Set by IncidentOpened and never after
        self.number: str
        self.procedure_code: str
        self.procedure_version: str
        self.calendar_code: str
        self.calendar_version: str
        self.kind: str
        self.occurred_at: datetime
        self.opened_at: datetime
        self.opened_by: By
        self.key_id: UUID
        self.title: str
        self.text: str
        self.surge: CallSurge | None
        self.state: IncidentStatus = "open"
        self.informed: list[Informing] = []
        self.decided: list[Decision] = []
        self.restored_at: datetime | None = None
        self.closed_at: datetime | None = None
        self.summary: str | None = None
        self.cause: str | None = None
        self.moments: list[Moment] = []
        self.warned: set[KeyOfSeverity] = set()
        self.due: set[KeyOfSeverity] = set()
        self.missed: set[KeyOfSeverity] = set()
        self.last_event = "IncidentOpened"
        self.last_event_at: datetime | None = None

    @property
    def judged(self) -> Judged:
        return Judged(frozenset(self.warned), frozenset(self.due), frozenset(self.missed))

    def when(self, event: events.IncidentEvent) -> None:
        """Remember one event."""
        at = event.timestamp
        match event:
            case events.IncidentOpened():
                self._remember_opening(event)
            case events.RoleInformed():
                recovery = self.state != "open"
                said = (event.to_role, event.means, at, event.actor, event.text)
                self.informed.append(Informing(*said, recovery, event.originator_version))
                self._moment(informed(event.to_role), at)
            case events.Restored():
                self.state, self.restored_at = "restored", event.restored_at
                self._moment("Restored", event.restored_at)
            case events.Decided():
                self.decided.append(Decision(event.decisions, at, event.actor))
                self._moment("Decided", at)
            case events.IncidentClosed():
                self.state, self.closed_at = "closed", at
                self.summary, self.cause = event.summary, event.cause
                self._moment("Closed", at)
            case events.DeadlineWarned() | events.DeadlineMissed():
                self._remember_judgement(event)
            case _:
                pass  # a note changes nothing but the time of the last event
        self.last_event, self.last_event_at = type(event).__name__, at

    def _remember_opening(self, event: events.IncidentOpened) -> None:
        self.number = event.number
        self.procedure_code, self.procedure_version = event.procedure, event.procedure_version
        self.calendar_code, self.calendar_version = event.calendar, event.calendar_version
        self.kind, self.key_id = event.kind, event.key_id
        self.occurred_at, self.opened_at, self.opened_by = event.occurred_at, event.timestamp, event.actor
        self.title, self.text, self.surge = event.title, event.text, event.surge
        self._moment("IncidentOpened", event.occurred_at)
        self._moment("KindKnown", event.occurred_at, subject=event.kind)

    def _remember_judgement(self, event: events.DeadlineWarned | events.DeadlineMissed) -> None:
        key: Key = (event.clock, None, 1, event.started_at, event.due_at)
        if isinstance(event, events.DeadlineMissed):
            self.missed.add((key, None))
        else:
            (self.due if event.due else self.warned).add((key, None))

    def _moment(self, name: str, at: datetime, *, subject: str | None = None) -> None:
        self.moments.append(Moment(name, at, 1, subject=subject))
