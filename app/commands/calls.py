"""The way in for what softphones tell: each event is recorded once for ever, in the stream of its call or seat.

Nothing is decided here: an event is stored as it came, whatever came before it. So nothing is read but where the stream
stands, and that only where this process does not know it.
"""

from asyncio import Semaphore, gather
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import count
from typing import Any, Final, cast
from uuid import UUID

import msgspec

from app.commands.turns import Turns
from domain.call.events import CallEventReceived, CallPresumedEnded, SeatEventReceived, TelephonyEvent
from domain.call.posted import Posted
from domain.errors import Invalid
from domain.phone_numbers import number_or_none
from domain.request import CLOCK, SYSTEM
from domain.values import ActedBy, Complainant
from eventlog.codec import EventCodec
from eventlog.complainants import Complainants
from eventlog.gathering import Gathering
from eventlog.log import Append, Appended, EventLog, Recorded, VersionConflict
from eventlog.sealing import DataKey, MasterKey

ATTEMPTS: Final = 50
AT_ONCE: Final = 400  # of a process: others want to append too
KEPT: Final = 20_000  # streams of which this process knows where they stand
OLDEST: Final = timedelta(days=366)
AHEAD: Final = timedelta(days=1)
NUMBERS: Final = "calls"  # no number is drawn under it
_ENCODER: Final = msgspec.json.Encoder(order="deterministic")


class AbsurdTimeOfCall(Invalid): ...


@dataclass(frozen=True, slots=True)
class Taken:
    """Where an event stands in the log. `replayed`: it had been taken before, and this is what was answered then."""

    call: str | None
    position: int
    recognised: bool
    skew_seconds: float | None
    replayed: bool = False


@dataclass(slots=True)
class _Standing:
    """How far a stream has come, and whose key seals it."""

    version: int
    key: DataKey


class Calls:
    """Every call and every seat of the deployment."""

    def __init__(
        self, log: EventLog, codec: EventCodec, keys: Complainants, master: MasterKey, *, now: Callable[[], datetime]
    ) -> None:
        self._log, self._codec, self._keys, self._master, self._now = log, codec, keys, master, now
        self._turns, self._room = Turns(), Semaphore(AT_ONCE)
        self._heads = Gathering("heads of calls", self._found)
        self._standing: OrderedDict[UUID, _Standing] = OrderedDict()

    async def take(self, posted: Posted, by: ActedBy) -> Taken:
        """Records one event. Raises `AbsurdTimeOfCall`, `CommandIdReused`, `QueueFull`, `StorageAway`."""
        at = self._now()
        if posted.happened_at is not None and not at - OLDEST <= posted.happened_at <= at + AHEAD:
            raise AbsurdTimeOfCall("/time")
        async with self._room, self._turns.take(posted.stream):
            return await self._taken(posted, by, at)

    async def take_all(self, many: Sequence[Posted], by: ActedBy) -> list[Taken | BaseException]:
        """As `take`, of each by itself and those of one call in their order; what went wrong stands in its place."""
        return await gather(*(self.take(posted, by) for posted in many), return_exceptions=True)

    async def presume_ended(self, stream: UUID, source: str, after_seconds: int, *, version: int) -> bool:
        """Records that a call of which nothing was heard for so long has ended.

        False where something was recorded of it since that version. Raises `QueueFull`, `StorageAway`.
        """
        standing = await self._stands(stream)
        if standing is None or standing.version != version:
            return False
        facts: dict[str, Any] = {
            "actor": CLOCK, "source": source, "key_id": standing.key.id, "after_seconds": after_seconds,
        }  # fmt: skip
        event = CallPresumedEnded(
            originator_id=stream, originator_version=version + 1, timestamp=self._now(), **facts
        )
        command_id = UUID(bytes=self._master.lookup_hash("presumed ended", f"{stream} {version}")[:16])
        try:
            await self._append(standing, event, command_id, None)
        except VersionConflict:
            return False
        return True

    async def heard_in(self, recorded: Sequence[Recorded]) -> list[TelephonyEvent]:
        """What was recorded of calls, opened as far as whose data it was is not erased.

        Raises `UnreadableEvent`, `StorageAway`.
        """
        return await opened(self._codec, self._keys, recorded)

    async def note(self, stream: UUID, kind: type[TelephonyEvent], facts: Mapping[str, Any], once: UUID) -> None:
        """Records once, under this id, what came of a call. Raises `QueueFull`, `StorageAway`."""
        for attempt in count(1):
            standing = await self._stands(stream)
            assert standing is not None, "something was heard of it before anything came of it"
            said: dict[str, Any] = {"actor": SYSTEM, "key_id": standing.key.id, **facts}
            event = kind(originator_id=stream, originator_version=standing.version + 1, timestamp=self._now(), **said)
            try:
                await self._append(standing, event, once, None)
                return
            except VersionConflict:
                if attempt == ATTEMPTS:
                    raise

    async def _taken(self, posted: Posted, by: ActedBy, at: datetime) -> Taken:
        request_hash = self._hash_of(posted)
        for attempt in count(1):
            standing = await self._stands(posted.stream) or await self._begun(posted)
            event = _event_of(posted, by, at, standing)
            try:
                appended = await self._append(standing, event, posted.command_id, request_hash)
            except VersionConflict:
                if attempt == ATTEMPTS:
                    raise
                continue
            if appended.seen_before:
                return await self._first_answer(posted, appended)
            return Taken(posted.call, appended.position, posted.is_recognised, event.skew_seconds)
        raise AssertionError("unreachable")

    async def _append(
        self, standing: _Standing, event: TelephonyEvent, command_id: UUID, request_hash: bytes | None
    ) -> Appended:
        stream = event.originator_id
        stored = [self._codec.stored(event, standing.key)]
        try:
            append = Append(command_id, request_hash, stored, [event.actor.id], event.timestamp)
            appended = await self._log.append(append)
        except BaseException:
            self._standing.pop(stream, None)  # somebody came first, or nobody knows
            raise
        if not appended.seen_before:
            self._remember(stream, _Standing(event.originator_version, standing.key))
        return appended

    async def _stands(self, stream: UUID) -> _Standing | None:
        """Where a stream stands; None where nothing was recorded of it."""
        known = self._standing.get(stream)
        if known is None:
            found = await self._heads.answer(stream)
            if found is None:
                return None
            newest, first = found
            key = await self._keys.key(self._codec.complainant_of(first))
            if key is None:  # the caller's data were erased: what is heard from now on is nobody's
                key = await self._own_key()
            known = self._remember(stream, _Standing(newest, key))
        return known

    async def _found(self, streams: Sequence[UUID]) -> list[tuple[int, Recorded] | None]:
        heads = await self._log.heads(streams)
        return [heads.get(stream) for stream in streams]

    async def _begun(self, posted: Posted) -> _Standing:
        """A new stream: it is sealed with the caller's own key, so that it goes when their data are erased."""
        caller = number_or_none(posted.data.get("caller"))
        if caller is None or posted.seat is not None:
            return _Standing(0, await self._own_key())
        return _Standing(0, (await self._keys.reserve(NUMBERS, None, Complainant(phone=caller))).key)

    async def _own_key(self) -> DataKey:
        return (await self._keys.reserve(NUMBERS, None, Complainant(anonymous=True))).key

    async def _first_answer(self, posted: Posted, appended: Appended) -> Taken:
        [recorded] = await self._log.after(appended.position - 1, 1)
        first = self._codec.any_event(recorded, None)
        assert isinstance(first, CallEventReceived | SeatEventReceived)
        return Taken(posted.call, appended.position, first.recognised, first.skew_seconds, replayed=True)

    def _remember(self, stream: UUID, standing: _Standing) -> _Standing:
        self._standing[stream] = standing
        self._standing.move_to_end(stream)
        if len(self._standing) > KEPT:
            self._standing.popitem(last=False)
        return standing

    def _hash_of(self, posted: Posted) -> bytes:
        """Under the deployment's key: of a number alone a hash could be guessed."""
        return self._master.lookup_hash("what a source posted", _ENCODER.encode(posted).decode())


def _event_of(posted: Posted, by: ActedBy, at: datetime, standing: _Standing) -> CallEventReceived | SeatEventReceived:
    skew = None if posted.happened_at is None else round((at - posted.happened_at).total_seconds(), 3)
    content = {"data": dict(posted.data), "extensions": dict(posted.extensions)}
    said: dict[str, Any] = {
        "actor": by, "source": posted.source, "key_id": standing.key.id, "type": posted.type, "event": posted.id,
        "happened_at": posted.happened_at, "sequence": posted.sequence, "content": content,
        "recognised": posted.is_recognised, "skew_seconds": skew,
    }  # fmt: skip
    kind: type[CallEventReceived | SeatEventReceived]
    if posted.seat is not None:
        kind, said["agent"] = SeatEventReceived, posted.seat
    else:
        numbers = {name: number_or_none(posted.data.get(name)) for name in ("caller", "callee")}
        kind, said = CallEventReceived, {**said, "call": posted.call, **numbers}
    return kind(originator_id=posted.stream, originator_version=standing.version + 1, timestamp=at, **said)


async def opened(codec: EventCodec, keys: Complainants, recorded: Sequence[Recorded]) -> list[TelephonyEvent]:
    """Events of calls, each opened with the key of whose data it holds, where that is there.

    Raises `UnreadableEvent`, `StorageAway`.
    """
    owners = [codec.complainant_of(one) for one in recorded]
    known = await keys.keys(set(owners))
    return [
        cast(TelephonyEvent, codec.any_event(one, known.get(owner)))
        for one, owner in zip(recorded, owners, strict=True)
    ]
