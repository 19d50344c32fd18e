"""The way in for incidents: opening one, every step of the plan, and what the clocks find."""

from collections.abc import Callable
from datetime import datetime
from typing import Final
from uuid import UUID, uuid4

from app.commands.pinned_rules import governed_incident
from app.commands.request_identity import CommandRequest
from app.commands.stream import CommandResult, Decision, Streams
from domain.incident.commands import IncidentCommand, OpenIncident
from domain.incident.deadlines import judge_clocks
from domain.incident.errors import NoSuchIncident, NoSuchIncidentVersion, UnknownIncidentProcedure
from domain.incident.events import IncidentEvent
from domain.incident.incident import Incident
from domain.incident.opening import check_opening, open_incident
from domain.incident.steps import OPEN, STEP_OF_COMMAND, decide_on_incident, incident_step_taken_by
from domain.procedure.access import sight_of
from domain.procedure.call_surge import CallSurge
from domain.procedure.procedure import Procedure
from domain.request import SYSTEM, Request
from domain.values import ActedBy, Actor, Complainant
from eventlog.codec import EventCodec
from eventlog.complainants import Complainants
from eventlog.log import EventLog
from eventlog.streams import INCIDENT
from procedures.rules import Rules

NOBODY: Final = Complainant(anonymous=True)


class Incidents(Streams[Incident, IncidentEvent, IncidentCommand]):
    """Every incident of the deployment; its texts are sealed with a key of its own."""

    kind, steps, not_found, no_such_version = INCIDENT, STEP_OF_COMMAND, NoSuchIncident, NoSuchIncidentVersion

    def __init__(
        self, log: EventLog, codec: EventCodec, keys: Complainants, rules: Rules, *, now: Callable[[], datetime]
    ) -> None:
        super().__init__(log, codec, keys, now)
        self._rules = rules

    async def open(self, command: OpenIncident, actor: Actor, request: CommandRequest) -> CommandResult[Incident]:
        """Open an incident. Raises the refusal, `StillInFlight`, `CommandIdReused`, `QueueFull` or `StorageAway`."""
        async with self._in_flight.one_at_a_time(request):
            result = await self._replayed(None, request)
            if result is None:
                procedure = self._procedure(command.procedure)
                sight_of(actor, procedure, accused=(), sent_to=(), kind=command.kind)
                by = incident_step_taken_by(procedure, OPEN, actor, command.kind)
                result = await self._opened(uuid4(), command, by, request)
        return await self._answerable(result, actor)

    async def open_for_surge(
        self, command: OpenIncident, surge: CallSurge, id: UUID, command_id: UUID
    ) -> CommandResult[Incident]:
        """Open the incident of a call surge under this id; nothing happens where the command was done before."""
        return await self._opened(id, command, SYSTEM, CommandRequest(command_id), surge)

    async def judge(self, id: UUID, at: datetime, *, until: datetime) -> datetime | None:
        """Record at `at` the warnings and misses of one incident that were due by `until`, each once for all.

        Returns when its next one falls due.
        """
        result = await self._decided(
            id, lambda incident: judge_clocks(incident, at, until=until), CommandRequest.once()
        )
        return result.aggregate.next_judgement_at

    async def _opened(
        self, id: UUID, command: OpenIncident, by: ActedBy, request: CommandRequest, surge: CallSurge | None = None
    ) -> CommandResult[Incident]:
        procedure = self._procedure(command.procedure)
        calendar, at = self._rules.calendar(procedure.calendar), self._now()
        check_opening(command, procedure, at)
        day = calendar.local_date(at)
        reserved = await self._keys.reserve(procedure.code, day, NOBODY)
        identity = (id, f"{procedure.code.upper()}-{day:%Y%m%d}-{reserved.number:06d}", reserved.key.id)
        incident = open_incident(command, identity, by, procedure, calendar, at=at, surge=surge)
        return await self._append(incident, request)

    def _procedure(self, code: str) -> Procedure:
        procedure = self._rules.procedures.get(code)
        if procedure is None or procedure.incidents is None:
            known = {code: one.title for code, one in self._rules.procedures.items() if one.incidents is not None}
            raise UnknownIncidentProcedure("/procedure", known=known)
        return procedure

    async def _with_rules(self, aggregate: Incident) -> Incident:
        return await governed_incident(aggregate, self._rules)

    async def _prepared(self, id: UUID, command: IncidentCommand, actor: Actor) -> Decision[Incident]:
        return lambda incident: decide_on_incident(incident, command, Request(actor, self._now()))
