"""The way in, for every kind of stream: load, decide, append; what is asked again is answered as it was at first.

A command with an idempotency key is remembered by the log itself, in the same commit as its events. Somebody else's
change in between is decided anew, not refused.
"""

from abc import abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import count, takewhile
from time import monotonic
from typing import Final, Generic, Protocol, TypeVar, cast
from uuid import UUID

from app.commands.request_identity import CommandRequest, InFlight
from app.commands.turns import Turns
from domain.errors import Confidential, NotFound
from domain.values import Actor
from eventlog.codec import EventCodec, UnreadableEvent
from eventlog.complainants import Complainants
from eventlog.log import Append, CommandSeen, EventLog, Recorded, VersionConflict
from eventlog.sealing import DataKey
from eventlog.streams import A, AnyEvent, E, StreamKind, kind_of

ATTEMPTS: Final = 8
PATIENCE: Final = 2.0  # seconds in which what only adds something is decided as often as it takes

C = TypeVar("C")
Decision = Callable[[A], None]


class Step(Protocol):
    """A row of a kind's table of steps."""

    @property
    def additive(self) -> bool:
        """Whether it only adds something, whatever others have added meanwhile."""
        ...


@dataclass(frozen=True)
class Loaded(Generic[A]):
    """An aggregate as it stands, and the position of its last event in the log."""

    aggregate: A
    position: int


@dataclass(frozen=True)
class CommandResult(Generic[A]):
    """The answer to a command. `replayed`: it had been done before, and this is what was answered then.

    `unchanged`: there was nothing to do, then or now. `confidential`: it is none of the caller's business any more.
    """

    aggregate: A
    position: int
    replayed: bool = False
    unchanged: bool = False
    confidential: bool = False
    appended: tuple[AnyEvent, ...] = ()


class Streams(Generic[A, E, C]):
    """All streams of one kind. A subclass says which kind, and what a command about one of them leads to."""

    kind: StreamKind[A, E]
    steps: Mapping[type[C], Step]
    not_found: type[NotFound]
    no_such_version: type[NotFound]

    def __init__(self, log: EventLog, codec: EventCodec, keys: Complainants, now: Callable[[], datetime]) -> None:
        self._log, self._codec, self._keys, self._now = log, codec, keys, now
        self._in_flight, self._turns = InFlight(), Turns()

    @abstractmethod
    async def _with_rules(self, aggregate: A) -> A:
        """The aggregate with the rules attached that it was begun under."""

    @abstractmethod
    async def _prepared(self, id: UUID, command: C, actor: Actor) -> Decision[A]:
        """What an aggregate decides on a command, after all that has to be waited for."""

    # Reading

    async def load(self, id: UUID, *, as_of: datetime | None = None, version: int | None = None) -> Loaded[A]:
        """One folded from its stream, now or as it stood.

        Raises the kind's `NotFound`, `StorageAway`, `UnreadableEvent`.
        """
        recorded = await self._log.stream(id, until_version=version, until_time=as_of)
        if not recorded and as_of is not None:
            raise self.no_such_version
        loaded = await self._folded(recorded)
        if version is not None and loaded.aggregate.version != version:
            raise self.no_such_version
        return loaded

    async def history(self, id: UUID) -> tuple[Loaded[A], list[tuple[Recorded, E | None]]]:
        """One and all of its events, in order; None for those that this version cannot read, and what led up to them.

        Raises the kind's `NotFound`, `StorageAway`, `UnreadableEvent` where not even the first one can be read.
        """
        recorded = await self._log.stream(id)
        key = await self._key_of(recorded)
        happened = [cast(E | None, self._codec.event_or_none(one, key)) for one in recorded]
        readable = [event for event in takewhile(lambda event: event is not None, happened) if event is not None]
        if not readable:
            raise UnreadableEvent(recorded[0])
        aggregate = await self._with_rules(self.kind.folded(readable))
        return Loaded(aggregate, recorded[len(readable) - 1].position), list(zip(recorded, happened, strict=True))

    async def _folded(self, recorded: Sequence[Recorded]) -> Loaded[A]:
        key = await self._key_of(recorded)
        happened = [cast(E, self._codec.any_event(one, key)) for one in recorded]
        return Loaded(await self._with_rules(self.kind.folded(happened)), recorded[-1].position)

    async def _key_of(self, recorded: Sequence[Recorded]) -> DataKey | None:
        if not recorded or kind_of(recorded[0]) is not self.kind:
            raise self.not_found
        return await self._keys.key(self._codec.complainant_of(recorded[0]))

    # Writing

    async def execute(self, id: UUID, command: C, actor: Actor, request: CommandRequest) -> CommandResult[A]:
        """Let one decide a command of somebody.

        Raises the refusal, the kind's `NotFound`, `StaleVersion`, `StillInFlight`, `CommandIdReused`, `VersionConflict`
        where others came first again and again, `QueueFull`, `StorageAway`.
        """
        async with self._in_flight.one_at_a_time(request):
            result = await self._replayed(id, request)
            if result is None:
                prepared = await self._prepared(id, command, actor)

                def decision(aggregate: A) -> None:
                    aggregate.sight_for(actor)
                    request.must_be_based_on(aggregate.version, self.kind.name)
                    prepared(aggregate)

                result = await self._decided(id, decision, request, additive=self.steps[type(command)].additive)
        return await self._answerable(result, actor)

    async def _decided(
        self, id: UUID, decision: Decision[A], request: CommandRequest, *, additive: bool = False
    ) -> CommandResult[A]:
        until = monotonic() + PATIENCE
        async with self._turns.take(id):
            for attempt in count(1):
                loaded = await self.load(id)
                decision(loaded.aggregate)
                if not loaded.aggregate.pending_events:
                    return await self._nothing_to_do(loaded, request)
                try:
                    return await self._append(loaded.aggregate, request)
                except VersionConflict:
                    if attempt >= ATTEMPTS and not (additive and monotonic() < until):
                        raise
        raise AssertionError("unreachable")

    async def _nothing_to_do(self, loaded: Loaded[A], request: CommandRequest) -> CommandResult[A]:
        """The answer to a command that leaves no event: remembered, for a later repetition might find much to do."""
        aggregate, position = loaded.aggregate, loaded.position
        if request.request_hash is not None:
            this = CommandSeen(aggregate.id, aggregate.version, position, request.request_hash, left_events=False)
            seen = await self._log.remember(request.command_id, this, self._now())
            if seen is not None:
                return await self._first_answer(aggregate.id, seen, request)
        return CommandResult(aggregate, position, unchanged=True)

    async def _append(self, aggregate: A, request: CommandRequest) -> CommandResult[A]:
        """Records what it has decided, unless the command had been recorded before."""
        key = await self._keys.key(self.kind.key_id(aggregate))
        if key is None:
            raise self.not_found
        happened = cast(Sequence[E], aggregate.collect_events())
        stored = [self._codec.stored(event, key) for event in happened]
        actors = [event.actor.id for event in happened]
        appended = await self._log.append(
            Append(request.command_id, request.request_hash, stored, actors, happened[-1].timestamp)
        )
        if appended.seen_before:
            first = await self.load(appended.originator_id, version=appended.version)
            return CommandResult(first.aggregate, first.position, replayed=True)
        return CommandResult(aggregate, appended.position, appended=tuple(happened))

    # Asked again

    async def _replayed(self, id: UUID | None, request: CommandRequest) -> CommandResult[A] | None:
        """The first answer to this command, if there was one; `id` is None for one that begins a stream."""
        if request.request_hash is None:
            return None
        seen = await self._log.command(request.command_id)
        return None if seen is None else await self._first_answer(id, seen, request)

    async def _first_answer(self, id: UUID | None, seen: CommandSeen, request: CommandRequest) -> CommandResult[A]:
        first = await self.load(request.must_be_the_same(seen, id), version=seen.version)
        return CommandResult(first.aggregate, first.position, replayed=True, unchanged=not seen.left_events)

    async def _answerable(self, result: CommandResult[A], actor: Actor) -> CommandResult[A]:
        """Raises the refusal when this actor may not see any more what was answered at first.

        Of what is confidential, by now or from the start, they get a receipt again, which says nothing of it.
        """
        if result.replayed:
            try:
                (await self.load(result.aggregate.id)).aggregate.sight_for(actor)
            except Confidential:
                return replace(result, confidential=True)
        return result
