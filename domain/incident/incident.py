"""The incident: what the emergency plan of a call centre asks for when something goes wrong in the centre itself.

What may be done with it is decided in the modules of the themes, each with what its events change; evolve.py says which
event changes what, and steps.py which step is which command.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Literal, Self
from uuid import UUID

from eventsourcing.domain import Aggregate
from eventsourcing.utils import register_topic

from domain.clocks.clock import Clock, Judged, Key, KeyOfSeverity, clocks_of, next_judgement_at
from domain.clocks.moments import Moment
from domain.incident import events
from domain.limits.calendar import Calendar
from domain.procedure.access import Access, accesses_to, sight_of
from domain.procedure.call_surge import CallSurge
from domain.procedure.incident_rules import IncidentRules
from domain.procedure.moments import MomentName
from domain.procedure.procedure import Procedure, Sight
from domain.values import ActedBy, Actor

IncidentStatus = Literal["open", "restored", "closed"]
Fold = Callable[["Incident", Any], None]
# What the record waits for, by the role that has to hear of it.
TOLD: Final = "told."
TOLD_OF_END: Final = "told-of-end."
# What each event changes. The incident knows nothing of its themes, which know the incident: evolve.py fills it.
FOLDS: Final[dict[type[events.IncidentEvent], Fold]] = {}


@dataclass(frozen=True)
class Informing:
    """Somebody of a role was told; `recovery`: of the end of the incident. `event` is its version of the incident."""

    role: str
    means: str
    at: datetime
    by: ActedBy
    text: str
    recovery: bool
    event: int


@dataclass(frozen=True)
class Decision:
    """What was decided besides, when and by whom."""

    decisions: str
    at: datetime
    by: ActedBy


class Incident(Aggregate):
    """One incident from its opening to the record of it, with the rules that govern it attached."""

    # No annotation in this body: the library would make a dataclass of it, with an __init__ of its own.
    TOPIC = ""

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
        self.opened_by: ActedBy
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
        self.retracted: set[Key] = set()
        self.told_of_miss: dict[Key, tuple[str, ...]] = {}  # by the misses that count
        self.last_event = "IncidentOpened"
        self.last_event_at: datetime | None = None

    def governed_by(self, procedure: Procedure, calendar: Calendar) -> Self:
        """Attach the pinned versions that `IncidentOpened` named; decisions and clocks need them."""
        self.procedure, self.calendar = procedure, calendar
        return self

    @property
    def rules(self) -> IncidentRules:
        return self.procedure.incidents or IncidentRules()

    def sight_for(self, actor: Actor) -> Sight:
        """How much of it the actor sees. Raises `Confidential`, `RoleForbids`, `NotSentToYourUnit`."""
        return sight_of(actor, self.procedure, accused=(), sent_to=(), kind=self.kind)

    def accesses_of(self, actor: Actor) -> tuple[Access, ...]:
        """What those of the actor's roles give that reach it."""
        return accesses_to(actor, self.procedure, sent_to=(), kind=self.kind)

    def trigger(self, event: type[events.IncidentEvent], by: ActedBy, at: datetime, /, **facts: Any) -> None:
        """Let an event happen: what a decision comes to."""
        self.trigger_event(event, actor=by, timestamp=at, **facts)

    # Folding: it only assigns and never refuses, for old histories are folded here.

    def evolve(self, event: events.IncidentEvent) -> None:
        """Change as this event says."""
        FOLDS[type(event)](self, event)
        self.last_event, self.last_event_at = type(event).__name__, event.timestamp

    def add_moment(self, name: MomentName, at: datetime, *, subject: str | None = None) -> None:
        """Note something that starts or stops clocks."""
        self.moments.append(Moment(name, at, 1, subject=subject))

    # Clocks

    @property
    def judged(self) -> Judged:
        return Judged(frozenset(self.warned), frozenset(self.due), frozenset(self.missed), frozenset(self.retracted))

    @property
    def clocks(self) -> tuple[Clock, ...]:
        return clocks_of(self.moments, self.judged, self.procedure, self.calendar).clocks

    @property
    def next_judgement_at(self) -> datetime | None:
        """When a warning or miss falls due next, if nothing else happens."""
        return next_judgement_at(self.clocks, self.judged)

    # Who is still to be told

    @property
    def still_to_be_told(self) -> list[str]:
        """The roles that the plan names for this kind of incident and nobody has informed; who opened it knows."""
        told = {informing.role for informing in self.informed} | {self.opened_by.role}
        return [role for role in self.rules.must_be_told.get(self.kind, ()) if role not in told]

    @property
    def still_to_be_told_of_recovery(self) -> list[str]:
        """Once it is over: the leaders who were told of it, and not yet of its end by the means that count."""
        return [role for role, at in self.told_of_recovery.items() if at is None]

    @property
    def told_of_recovery(self) -> dict[str, datetime | None]:
        """Once it is over, of each leader who was told of it: when they heard of its end by the means that count."""
        if self.state == "open":
            return {}
        rules = self.rules
        told = {informing.role for informing in self.informed if not informing.recovery}
        counts = [one for one in self.informed if one.recovery and one.means in rules.recovery_told_by]
        heard = {informing.role: informing.at for informing in reversed(counts)}
        return {role: heard.get(role) for role in rules.told_of_recovery if role in told}


# Set only now: given in the body, the library would ask for topics of events that it makes up itself.
Incident.TOPIC = "incident.Incident"
register_topic(Incident.TOPIC, Incident)
