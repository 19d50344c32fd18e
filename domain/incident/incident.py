"""The incident: what the emergency plan of a call centre asks for when something goes wrong in the centre itself.

A decision refuses or triggers events and never changes state; remembering is in incident_memory.py, and which step is
which command in incident_steps.py.
"""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Final, Self
from uuid import UUID

from eventsourcing.utils import register_topic

from domain.clocks.clock import Clock, Judgement, clocks_of, judgements_due, next_judgement_at
from domain.complaint.deciding import CLOCK
from domain.errors import AbsurdTime
from domain.incident import commands as commands
from domain.incident import errors as errors
from domain.incident import events as events
from domain.incident.memory import IncidentMemory
from domain.limits.calendar import Calendar
from domain.procedure.access import sight_of
from domain.procedure.call_surge import CallSurge
from domain.procedure.incident_rules import IncidentRules
from domain.procedure.procedure import Procedure, Sight
from domain.values import Actor, By

# A paper log may be entered weeks after an outage; older than a year is a slip of the pen.
OLDEST_OCCURRENCE: Final = timedelta(days=366)
CLOCK_SKEW: Final = timedelta(minutes=5)


class Incident(IncidentMemory):
    """One incident from its opening to the record of it, with the rules that govern it attached."""

    # No annotation in this body: the library would make a dataclass of it, with an __init__ of its own.
    TOPIC = ""

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

    # Clocks

    @property
    def clocks(self) -> tuple[Clock, ...]:
        return clocks_of(self.moments, self.judged, self.procedure, self.calendar)

    @property
    def next_judgement_at(self) -> datetime | None:
        """When a warning or miss falls due next, if nothing else happens."""
        return next_judgement_at(self.clocks, self.judged)

    def judge_clocks(self, at: datetime, *, until: datetime | None = None) -> None:
        """Record every warning and miss due by `at` (or the earlier `until`), once each, in due order."""
        limit = at if until is None else min(at, until)
        while due := judgements_due(self.clocks, self.judged, limit):
            for judgement in due:
                self._record(judgement, at)

    def _record(self, judgement: Judgement, at: datetime) -> None:
        clock = judgement.clock
        facts: dict[str, Any] = {"clock": clock.name, "started_at": clock.started_at, "due_at": clock.due_at}
        if judgement.kind == "missed":
            self._trigger(events.DeadlineMissed, CLOCK, at, told=clock.rule.tell_at_miss, **facts)
        else:
            told = clock.rule.tell_at_warning
            self._trigger(events.DeadlineWarned, CLOCK, at, due=judgement.kind == "due", told=told, **facts)

    # Decisions

    def inform(self, command: commands.InformRole, by: By, at: datetime) -> None:
        if command.to_role not in self.procedure.roles:
            raise errors.UnknownRoleToInform("/to_role", f"It knows {', '.join(self.procedure.roles)}.")
        if command.means not in self.procedure.informs_by:
            raise errors.MeansNotForInforming("/means", f"It uses {', '.join(self.procedure.informs_by)}.")
        said = (command.to_role, command.means, command.text, self.state != "open")
        if any(said == (one.role, one.means, one.text, one.recovery) for one in self.informed):
            return
        self._trigger(events.RoleInformed, by, at, to_role=command.to_role, means=command.means, text=command.text)

    def restore(self, command: commands.RestoreIncident, by: By, at: datetime) -> None:
        restored_at = command.restored_at or at
        if restored_at.tzinfo is None:
            raise AbsurdTime("/restored_at", "Give it with its offset from UTC.")
        if not self.occurred_at <= restored_at <= at + CLOCK_SKEW:
            raise AbsurdTime("/restored_at", "It lies in the future, or before the incident began.")
        restored_at = min(restored_at, at).astimezone(UTC)
        self._trigger(events.Restored, by, at, restored_at=restored_at, text=command.text)

    def decide(self, command: commands.DecideOnIncident, by: By, at: datetime) -> None:
        self._trigger(events.Decided, by, at, decisions=command.decisions)

    def note(self, command: commands.NoteOnIncident, by: By, at: datetime) -> None:
        self._trigger(events.IncidentNoted, by, at, text=command.text)

    def close(self, command: commands.CloseIncident, by: By, at: datetime) -> None:
        if self.state == "closed":
            if (command.summary, command.cause) != (self.summary, self.cause):
                raise errors.IncidentIsClosed
            return
        missing = (*(f"{role} told of it" for role in self.still_to_be_told),
                   *(f"{role} told of its end" for role in self.still_to_be_told_of_recovery))  # fmt: skip
        if missing:
            raise errors.IncidentNotReadyToClose(f"Still missing: {'; '.join(missing)}.", missing=missing)
        self._trigger(events.IncidentClosed, by, at, summary=command.summary, cause=command.cause)

    # Who is still to be told

    @property
    def still_to_be_told(self) -> list[str]:
        """The roles that the plan names for this kind of incident and nobody has informed; who opened it knows."""
        told = {one.role for one in self.informed} | {self.opened_by.role}
        return [role for role in self.rules.must_be_told.get(self.kind, ()) if role not in told]

    @property
    def still_to_be_told_of_recovery(self) -> list[str]:
        """Once it is over: the leaders who were told of it, and not yet of its end by the means that count."""
        if self.state == "open":
            return []
        rules = self.rules
        told = {one.role for one in self.informed if not one.recovery}
        heard = {one.role for one in self.informed if one.recovery and one.means in rules.recovery_told_by}
        return [role for role in rules.told_of_recovery if role in told - heard]

    def _trigger(self, event: type[events.IncidentEvent], by: By, at: datetime, /, **facts: Any) -> None:
        self.trigger_event(event, actor=by, timestamp=at, **facts)


def check_opening(command: commands.OpenIncident, procedure: Procedure, at: datetime) -> None:
    """Raises the refusal where there can be no such incident."""
    if command.kind not in procedure.kinds:
        raise errors.UnknownIncidentKind("/kind", f"It knows {', '.join(procedure.kinds)}.")
    occurred_at = command.occurred_at
    if occurred_at is None:
        return
    if occurred_at.tzinfo is None:
        raise AbsurdTime("/occurred_at", "Give it with its offset from UTC.")
    if not at - OLDEST_OCCURRENCE <= occurred_at <= at + CLOCK_SKEW:
        raise AbsurdTime("/occurred_at", "It lies in the future, or more than a year back.")


def open_incident(
    command: commands.OpenIncident,
    identity: tuple[UUID, str, UUID],
    by: By,
    procedure: Procedure,
    calendar: Calendar,
    *,
    at: datetime,
    surge: CallSurge | None = None,
) -> Incident:
    """Make the incident of a checked opening; `identity` is its id, its number, and the id of its data key."""
    id, number, key_id = identity
    incident = Incident._create(
        events.IncidentOpened,
        id=id,
        timestamp=at,
        actor=by,
        number=number,
        procedure=procedure.code,
        procedure_version=procedure.version,
        calendar=calendar.code,
        calendar_version=calendar.version,
        kind=command.kind,
        occurred_at=min(command.occurred_at or at, at).astimezone(UTC),
        key_id=key_id,
        title=command.title,
        text=command.text,
        surge=surge,
    )
    incident.governed_by(procedure, calendar)
    incident.judge_clocks(at)
    return incident


def folded_incident(happened: Sequence[events.IncidentEvent]) -> Incident:
    """An incident from its events, oldest first; at least one."""
    incident: Any = None
    for event in happened:
        incident = event.mutate(incident)
    if not isinstance(incident, Incident):
        raise ValueError("an incident has at least one event, of its opening")
    return incident


# Set only now: given in the body, the library would ask for topics of events that it makes up itself.
Incident.TOPIC = "incident.Incident"
register_topic(Incident.TOPIC, Incident)
