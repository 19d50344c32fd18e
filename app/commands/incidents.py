"""The door for incidents: a command is decided by the incident and its events are appended, exactly once.

As app/commands/complaints.py does it for complaints, on the same log; an incident's texts are sealed with a key of
its own.
"""

from collections.abc import Callable
from datetime import datetime
from typing import Final, cast
from uuid import UUID, uuid4

from app.commands.pinned_rules import governed_incident
from app.commands.request_identity import CommandRequest, InFlight, must_be_the_same
from app.commands.stream import CommandResult, Loaded
from domain.complaint.deciding import SYSTEM
from domain.incident.commands import IncidentCommand, OpenIncident
from domain.incident.errors import NoSuchIncident, NoSuchIncidentVersion, UnknownIncidentProcedure
from domain.incident.events import IncidentEvent
from domain.incident.incident import Incident, check_opening, open_incident
from domain.incident.steps import OPEN, decide_on_incident, incident_step_taken_by
from domain.procedure.access import sight_of
from domain.procedure.call_surge import CallSurge
from domain.procedure.procedure import Procedure
from domain.values import Actor, By, Complainant
from eventlog.codec import EventCodec
from eventlog.complainants import Complainants
from eventlog.log import Append, CommandSeen, EventLog, Recorded, VersionConflict
from eventlog.streams import INCIDENT, kind_of
from procedures.rules import Rules

ATTEMPTS: Final = 8
NOBODY: Final = Complainant(anonymous=True)


class Incidents:
    """Loads, decides, appends."""

    def __init__(
        self, log: EventLog, codec: EventCodec, keys: Complainants, rules: Rules, *, now: Callable[[], datetime]
    ) -> None:
        self._log, self._codec, self._keys, self._rules, self._now = log, codec, keys, rules, now
        self._in_flight = InFlight()

    # Reading

    async def load(self, id: UUID, *, as_of: datetime | None = None, version: int | None = None) -> Loaded[Incident]:
        """An incident folded from its stream, now or as it stood. Raises `NoSuchIncident`, `StorageAway`."""
        recorded = await self._log.stream(id, until_version=version, until_time=as_of)
        if not recorded and as_of is not None:
            raise NoSuchIncidentVersion
        if not recorded or kind_of(recorded[0]) is not INCIDENT:
            raise NoSuchIncident
        if version is not None and recorded[-1].originator_version != version:
            raise NoSuchIncidentVersion
        return (await self._folded(recorded))[0]

    async def history(self, id: UUID) -> tuple[Loaded[Incident], list[tuple[Recorded, IncidentEvent]]]:
        """An incident and all of its events, in order. Raises `NoSuchIncident`, `StorageAway`."""
        recorded = await self._log.stream(id)
        if not recorded or kind_of(recorded[0]) is not INCIDENT:
            raise NoSuchIncident
        loaded, happened = await self._folded(recorded)
        return loaded, list(zip(recorded, happened, strict=True))

    async def _folded(self, recorded: list[Recorded]) -> tuple[Loaded[Incident], list[IncidentEvent]]:
        key = await self._keys.key(self._codec.complainant_of(recorded[0]))
        happened = [cast(IncidentEvent, self._codec.any_event(one, key)) for one in recorded]
        incident = await governed_incident(INCIDENT.folded(happened), self._rules)
        return Loaded(incident, recorded[-1].position), happened

    # Writing

    async def open(self, command: OpenIncident, actor: Actor, request: CommandRequest) -> CommandResult[Incident]:
        """Open an incident. Raises the refusal, `CommandIdReused`, `QueueFull` or `StorageAway`."""
        async with self._in_flight.one_at_a_time(request):
            if (replayed := await self._replayed(None, actor, request)) is not None:
                return replayed
            procedure = self._procedure(command.procedure)
            sight_of(actor, procedure, accused=(), sent_to=(), kind=command.kind)
            by = incident_step_taken_by(procedure, OPEN, actor)
            return await self._open(command, by, procedure, uuid4(), request)

    async def open_for_surge(
        self, command: OpenIncident, surge: CallSurge, id: UUID, command_id: UUID
    ) -> CommandResult[Incident]:
        """Open the incident of a call surge under this id; nothing happens where the command was done before."""
        return await self._open(
            command, SYSTEM, self._procedure(command.procedure), id, CommandRequest(command_id), surge
        )

    async def execute(
        self, id: UUID, command: IncidentCommand, actor: Actor, request: CommandRequest
    ) -> CommandResult[Incident]:
        """Let an incident decide a command. Somebody else's change in between is decided anew, not refused.

        Raises the refusal, `NoSuchIncident`, `CommandIdReused`, `QueueFull`, `StorageAway`, or 412 for a stale version.
        """

        def decision(incident: Incident, at: datetime) -> None:
            incident.sight_for(actor)
            request.must_be_based_on(incident.version, "incident")
            decide_on_incident(incident, command, actor, at)

        async with self._in_flight.one_at_a_time(request):
            if (replayed := await self._replayed(id, actor, request)) is not None:
                return replayed
            return await self._decided(id, decision, request)

    async def judge(self, id: UUID, at: datetime, *, until: datetime) -> datetime | None:
        """Record at `at` the warnings and misses of one incident that were due by `until`, each once for all.

        Returns when its next one falls due.
        """
        result = await self._decided(
            id, lambda incident, _: incident.judge_clocks(at, until=until), CommandRequest.once(), at
        )
        return result.aggregate.next_judgement_at

    def _procedure(self, code: str) -> Procedure:
        procedure = self._rules.procedures.get(code)
        if procedure is None or procedure.incidents is None:
            known = [code for code, one in self._rules.procedures.items() if one.incidents is not None]
            raise UnknownIncidentProcedure("/procedure", f"There are {', '.join(known)}.")
        return procedure

    async def _open(
        self,
        command: OpenIncident,
        by: By,
        procedure: Procedure,
        id: UUID,
        request: CommandRequest,
        surge: CallSurge | None = None,
    ) -> CommandResult[Incident]:
        calendar, at = self._rules.calendar(procedure.calendar), self._now()
        check_opening(command, procedure, at)
        day = calendar.local_date(at)
        reserved = await self._keys.reserve(procedure.code, day, NOBODY)
        number = f"{procedure.code.upper()}-{day:%Y%m%d}-{reserved.number:06d}"
        identity = (id, number, reserved.key.id)
        incident = open_incident(command, identity, by, procedure, calendar, at=at, surge=surge)
        return await self._append(incident, request, at)

    async def _decided(
        self,
        id: UUID,
        decision: Callable[[Incident, datetime], None],
        request: CommandRequest,
        at: datetime | None = None,
    ) -> CommandResult[Incident]:
        for attempt in range(ATTEMPTS):
            loaded = await self.load(id)
            moment = at or self._now()
            decision(loaded.aggregate, moment)
            if not loaded.aggregate.pending_events:
                return await self._nothing_to_do(loaded, request, moment)
            try:
                return await self._append(loaded.aggregate, request, moment)
            except VersionConflict:
                if attempt == ATTEMPTS - 1:
                    raise
        raise AssertionError("unreachable")

    async def _nothing_to_do(
        self, loaded: Loaded[Incident], request: CommandRequest, at: datetime
    ) -> CommandResult[Incident]:
        """The answer to a command that leaves no event: remembered, for a later repetition might find much to do."""
        incident, position = loaded.aggregate, loaded.position
        if request.request_hash is not None:
            this = CommandSeen(incident.id, incident.version, position, request.request_hash, left_events=False)
            seen = await self._log.remember(request.command_id, this, at)
            if seen is not None:
                return await self._first_answer(must_be_the_same(seen, incident.id, request), seen)
        return CommandResult(incident, position)

    async def _append(self, incident: Incident, request: CommandRequest, at: datetime) -> CommandResult[Incident]:
        key = await self._keys.key(incident.key_id)
        happened = cast(list[IncidentEvent], list(incident.collect_events()))
        stored = [self._codec.stored(event, key) for event in happened]
        actors = [event.actor.id for event in happened]
        appended = await self._log.append(Append(request.command_id, request.request_hash, stored, actors, at))
        if appended.seen_before:
            first = await self.load(appended.originator_id, version=appended.version)
            return CommandResult(first.aggregate, first.position, replayed=True)
        return CommandResult(incident, appended.position)

    async def _replayed(self, id: UUID | None, actor: Actor, request: CommandRequest) -> CommandResult[Incident] | None:
        """The first answer to this command, if there was one; `id` is None for an opening."""
        if request.request_hash is None:
            return None
        seen = await self._log.command(request.command_id)
        if seen is None:
            return None
        of = must_be_the_same(seen, id, request)
        first = await self._first_answer(of, seen)
        first.aggregate.sight_for(actor)
        return first

    async def _first_answer(self, id: UUID, seen: CommandSeen) -> CommandResult[Incident]:
        first = await self.load(id, version=seen.version)
        return CommandResult(first.aggregate, first.position, replayed=True)
