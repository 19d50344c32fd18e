"""What calls lead to: follows the log for what is heard of calls, and lets it come to what it means in complaints.

What is to come of a call follows from the set of what was heard of it (domain/call/consequences.py). Each is an
ordinary command of whoever talked, through the same door as theirs, under an id that follows from the call: so it
happens once, whatever arrived first or twice, and whenever the process dies. Only then does the call's own history say
so, once too, and the checkpoint moves. What is refused stands in the call's history, and is tried again when more is
heard.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, Protocol
from uuid import UUID

import asyncpg
import structlog

from app.calls.intakes import FormInvalid, intake_of, recorded
from app.calls.unattended import UnattendedHours
from app.commands.calls import Calls
from app.commands.request_identity import CommandRequest
from app.commands.stream import CommandResult, Loaded
from domain import errors
from domain.call.call import Call, call_of
from domain.call.consequences import (
    CalledBack,
    Consequence,
    Rated,
    Recorded,
    WrappedUp,
    began_at,
    consequences_of,
    led_nowhere,
    led_to,
    waits_for_its_beginning,
)
from domain.call.events import (
    CallEventReceived,
    CallLedNowhere,
    CallLedTo,
    CallPresumedEnded,
    TelephonyEvent,
)
from domain.call.unattended import LeftBehind
from domain.complaint import commands as c
from domain.complaint.complaint import Complaint
from domain.errors import Busy, Refused, Unavailable
from domain.errors.families import slug_of
from domain.identity import as_number
from domain.values import Actor, CallNamed
from eventlog.checkpoints import Connection
from eventlog.codec import EventCodec
from eventlog.consumer import Batch, Consumer, Prepared
from eventlog.database import fetch, is_storage_away
from eventlog.follower import Follower
from eventlog.log import EventLog
from eventlog.log import Recorded as RecordedEvent
from eventlog.sealing import MasterKey

log = structlog.get_logger()

NAME: Final = "call consequences"
AT_ONCE: Final = 16
PAUSE_WHEN_BUSY: Final = 0.05  # seconds
ATTEMPTS: Final = 100
MOMENT: Final = 0.5  # seconds
PATIENCE: Final = 5.0  # seconds for the list of complaints to know a number that was heard
# After these something may come of a call; until then it need not be opened.
TELLING: Final = frozenset(
    {"call.wrap_up", "call.satisfaction_keyed", "call.recording_available", "callback.attempted"}
)  # fmt: skip
ENDING: Final = frozenset({"call.ended", "call.missed"})
NUMBERED: Final = "SELECT id FROM reading.tracking WHERE number = $1"
BY_CALL: Final = "call"  # the door by which it came in


class Commands(Protocol):
    """What is wanted of `app.commands.complaints.Complaints`."""

    async def receive(
        self, command: c.ReceiveComplaint, actor: Actor, request: CommandRequest, call: CallNamed | None = None
    ) -> CommandResult[Complaint]: ...

    async def execute(
        self, id: UUID, command: c.Command, actor: Actor, request: CommandRequest
    ) -> CommandResult[Complaint]: ...

    async def load(self, id: UUID, *, version: int | None = None) -> Loaded[Complaint]: ...


@dataclass
class _Told:
    """A call, with all that was heard of it, and the complaints that it came to by now."""

    named: CallNamed
    heard: Sequence[TelephonyEvent]
    call: Call
    position: int
    complaints: dict[UUID, None] = field(default_factory=dict)

    @property
    def done(self) -> frozenset[UUID]:
        return frozenset(one.consequence for one in led_to(self.heard))


class CallConsequences(Consumer[None]):
    """Lets what is heard of calls come to what it means; nothing is written beside the log."""

    names = (NAME,)
    topics = frozenset({CallEventReceived.TOPIC, CallPresumedEnded.TOPIC})
    gathers = 0.02

    def __init__(
        self,
        pool: asyncpg.Pool[asyncpg.Record],
        log: EventLog,
        codec: EventCodec,
        calls: Calls,
        complaints: Commands,
        read_models: Follower[Any],
        master: MasterKey,
        acts_for: Callable[[str, str], Actor | None],
        hours: UnattendedHours,
    ) -> None:
        """`acts_for`: whom a source means by an agent; None where nobody known is there."""
        self._pool, self._log, self._codec, self._calls, self._complaints = pool, log, codec, calls, complaints
        self._read_models, self._master, self._acts_for, self._hours = read_models, master, acts_for, hours
        self._slots = asyncio.Semaphore(AT_ONCE)

    async def prepared(self, batch: Batch) -> Mapping[str, Prepared[None]]:
        parts = batch.by_stream()
        asked = sorted(id for id, part in parts.items() if not self._has_just_begun(part))
        streams = await self._log.streams(asked) if asked else {}
        outcomes = await asyncio.gather(*map(self._follow, streams.values()), return_exceptions=True)
        for outcome in outcomes:
            if isinstance(outcome, BaseException):
                raise outcome
        return {}

    async def write(self, connection: Connection, name: str, values: Sequence[None]) -> None:
        """There is nothing to write: see above."""

    async def _follow(self, stream: Sequence[RecordedEvent]) -> None:
        if not any(self._may_tell(one) for one in stream):
            return
        heard = await self._calls.heard_in(stream)
        unattended = any(isinstance(one, CallEventReceived) and self._hours.of(one.source) is not None for one in heard)
        if waits_for_its_beginning(heard, unattended=unattended):  # what is posted together is recorded a moment apart
            await asyncio.sleep(MOMENT)
            stream = (await self._log.streams([stream[0].originator_id]))[stream[0].originator_id]
            heard = await self._calls.heard_in(stream)
        async with self._slots:
            first = next((one for one in heard if isinstance(one, CallEventReceived)), None)
            if first is None or not first.call:
                return
            named = CallNamed(stream[0].originator_id, first.source, first.call)
            told = _Told(named, heard, call_of(heard), stream[-1].position)
            told.complaints.update(dict.fromkeys(one.complaint for one in led_to(heard)))
            for consequence in consequences_of(heard, unattended=unattended):
                await self._let_happen(told, consequence)

    def _has_just_begun(self, part: Sequence[RecordedEvent]) -> bool:
        """Whether a call is seen from its beginning, and nothing was told yet of which something comes: as most are."""
        return part[0].originator_version == 1 and not any(self._may_tell(one) for one in part)

    def _may_tell(self, recorded: RecordedEvent) -> bool:
        """By what is not sealed of it."""
        if recorded.topic == CallPresumedEnded.TOPIC:
            return True
        event = self._codec.event_or_none(recorded, None) if recorded.topic == CallEventReceived.TOPIC else None
        return isinstance(event, CallEventReceived) and event.type in TELLING | ENDING

    # One consequence

    async def _let_happen(self, told: _Told, consequence: Consequence) -> None:
        facts = consequence.facts
        match facts:
            case WrappedUp():
                await self._wrapped_up(told, consequence, facts)
            case CalledBack():
                back = c.CustomerCalledBack(facts.answered, facts.talk_seconds)
                await self._take_in_named(told, consequence, facts.complaint, back)
            case Rated() | Recorded():
                await self._take_in_all(told, consequence, facts)

    async def _wrapped_up(self, told: _Told, consequence: Consequence, facts: WrappedUp) -> None:
        if not told.call.is_over and (facts.agent is None or waits_for_its_beginning(told.heard)):
            return  # who talked, or who called, is still to be heard
        if facts.complaint is not None:
            words = (facts.form or {}).get("content")
            again = c.CustomerCalledAgain(words if isinstance(words, str) else "")
            await self._take_in_named(told, consequence, facts.complaint, again)
        elif (form := facts.form if facts.left is None else self._form_left(told, facts.left)) is not None:
            id = self._id_of(told, consequence)
            await self._once(told, consequence, id, None, lambda: self._intake(told, form, facts.agent, id))

    def _form_left(self, told: _Told, left: LeftBehind) -> Mapping[str, Any] | None:
        unattended = self._hours.of(told.named.source)
        return None if unattended is None else self._hours.form(unattended, left, began_at(told.heard))

    async def _intake(
        self, told: _Told, form: Mapping[str, Any], agent: str | None, id: UUID
    ) -> CommandResult[Complaint] | Loaded[Complaint]:
        """A complaint, or a reminder where the customer has that matter open."""
        seen = await self._log.command(id)
        if seen is not None and seen.originator_id is not None:  # whichever of the two it was
            return await self._complaints.load(seen.originator_id, version=seen.version)
        actor, request = self._who(told, agent), CommandRequest(id, id.bytes)
        command = intake_of(form, told.call, told.named.id, began_at(told.heard))
        try:
            return await self._complaints.receive(command, actor, request, told.named)
        except errors.DuplicateComplaint as duplicate:
            if duplicate.id is None:
                raise
            again = c.TakeFromCall(told.named, c.CustomerCalledAgain(command.content))
            return await self._in_complaint(duplicate.id, again, actor, request)

    async def _take_in_named(self, told: _Told, consequence: Consequence, named: str, what: c.ToldInCall) -> None:
        id = self._id_of(told, consequence)

        async def take() -> CommandResult[Complaint]:
            complaint = await self._complaint(named, told.position)
            actor = self._who(told, consequence.facts.agent)
            command = c.TakeFromCall(told.named, what)
            return await self._in_complaint(complaint, command, actor, CommandRequest(id, id.bytes))

        await self._once(told, consequence, id, None, take)

    async def _take_in_all(self, told: _Told, consequence: Consequence, facts: Rated | Recorded) -> None:
        """In every complaint of the call; where there is none yet, it waits for what makes one."""
        named = facts.complaint if isinstance(facts, Recorded) else None
        for name in filter(None, dict.fromkeys((named, told.call.complaint))):
            try:
                told.complaints.setdefault(await self._complaint(name, told.position))
            except errors.NotFound as refusal:
                id = self._id_of(told, consequence)
                await self._refused(told, consequence, id, None, refusal)
        for complaint in list(told.complaints):
            await self._take_in_one(told, consequence, facts, complaint)

    async def _take_in_one(self, told: _Told, consequence: Consequence, facts: Rated | Recorded, to: UUID) -> None:
        id = self._id_of(told, consequence, to)

        async def take() -> CommandResult[Complaint]:
            what: c.ToldInCall
            if isinstance(facts, Rated):
                what = c.CallRated(facts.score, facts.at)
            else:
                what = recorded(facts.recording, facts.evidence)
            actor, command = self._who(told, facts.agent), c.TakeFromCall(told.named, what)
            return await self._in_complaint(to, command, actor, CommandRequest(id, id.bytes))

        await self._once(told, consequence, id, to, take)

    async def _in_complaint(
        self, id: UUID, command: c.TakeFromCall, actor: Actor, request: CommandRequest
    ) -> CommandResult[Complaint]:
        """Of what whoever talked must not know of, no more is said than of what there is not.

        Beside the caller's number it would say who blew the whistle, or who is accused by whom.
        """
        try:
            return await self._complaints.execute(id, command, actor, request)
        except (errors.Confidential, errors.Recused):
            raise errors.NotFound from None

    # Once

    async def _once(
        self, told: _Told, consequence: Consequence, id: UUID, complaint: UUID | None, happen: Callable[[], Any]
    ) -> None:
        """Lets it happen unless the call's history says that it did, and lets it say so."""
        if id in told.done:
            return
        try:
            result = await _when_there_is_room(happen)
        except Refused as refusal:
            await self._refused(told, consequence, id, complaint, refusal)
            return
        of: Complaint = result.aggregate
        told.complaints.setdefault(of.id)
        facts = {
            "source": told.named.source, "consequence": id, "led_to": of.calls[-1].led_to, "complaint": of.id,
        }  # fmt: skip
        await _when_there_is_room(
            lambda: self._calls.note(told.named.stream, CallLedTo, facts, self._keyed("call led to", id))
        )

    async def _refused(
        self, told: _Told, consequence: Consequence, id: UUID, complaint: UUID | None, refusal: Refused
    ) -> None:
        """Once for each reason, and only where it is not what was said last."""
        problem = slug_of(type(refusal))
        if any((one.consequence, one.problem) == (id, problem) for one in led_nowhere(told.heard)):
            return
        log.warning("call_led_nowhere", call=str(told.named.stream), kind=consequence.kind, problem=problem)
        places = refusal.places if isinstance(refusal, FormInvalid) else ()
        if isinstance(refusal, errors.Invalid) and not places:
            places = (refusal.pointer,)
        facts = {
            "source": told.named.source, "consequence": id, "led_to": consequence.kind, "problem": problem,
            "complaint": complaint, "places": places,
        }  # fmt: skip
        once = self._keyed("call led nowhere", f"{id} {problem} {told.position}")
        await _when_there_is_room(lambda: self._calls.note(told.named.stream, CallLedNowhere, facts, once))

    def _id_of(self, told: _Told, consequence: Consequence, complaint: UUID | None = None) -> UUID:
        """The same for ever for what follows from one thing in one call, in one complaint."""
        return self._keyed("call", f"{told.named.stream} {consequence.kind} {consequence.of} {complaint}")

    def _keyed(self, what: str, of: object) -> UUID:
        return UUID(bytes=self._master.lookup_hash(f"consequence of a {what}", str(of))[:16], version=5)

    # Who and what

    def _who(self, told: _Told, agent: str | None) -> Actor:
        """Whoever talked; where they are nobody known, the source itself, whose intakes wait in a queue."""
        source = told.named.source
        known = None if agent is None else self._acts_for(source, agent)
        if known is None:
            return Actor(source, frozenset({"integration"}), source=BY_CALL)
        return Actor(known.id, known.roles, known.unit, BY_CALL, known.name, known.via)

    async def _complaint(self, named: str, position: int) -> UUID:
        """The complaint that a source names, by id or number. Raises `NotFound`."""
        try:
            return UUID(named)
        except ValueError:
            rows = await fetch(self._pool, NUMBERED, as_number(named))
        if not rows and await self._read_models.reached(position, PATIENCE):
            rows = await fetch(self._pool, NUMBERED, as_number(named))
        if not rows:
            raise errors.NotFound
        found: UUID = rows[0]["id"]
        return found


async def _when_there_is_room(do: Callable[[], Any]) -> Any:
    for _ in range(ATTEMPTS):
        try:
            return await do()
        except (Busy, Unavailable) as busy:
            if is_storage_away(busy):
                raise
            last = busy
            await asyncio.sleep(PAUSE_WHEN_BUSY)
    raise last


def call_consequences_follower(
    pool: asyncpg.Pool[asyncpg.Record],
    log: EventLog,
    codec: EventCodec,
    calls: Calls,
    complaints: Commands,
    read_models: Follower[Any],
    master: MasterKey,
    acts_for: Callable[[str, str], Actor | None],
    hours: UnattendedHours,
) -> Follower[None]:
    """What lets calls lead to something; it has come as far as they did."""
    consumer = CallConsequences(pool, log, codec, calls, complaints, read_models, master, acts_for, hours)
    return Follower(pool, log, codec, consumer)
