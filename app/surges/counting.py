"""Counts the complaints received and the calls that came in, by the hour: what is compared, and may surge by itself."""

from __future__ import annotations

from collections import Counter
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime
from typing import Final
from uuid import UUID

import asyncpg

from domain.call.consequences import began_at
from domain.call.events import CallEventReceived
from domain.complaint.events import Received
from domain.procedure.call_surge import COMPLAINTS, HOUR, hour_of
from eventlog.checkpoints import Connection
from eventlog.codec import EventCodec, is_imported
from eventlog.complainants import Complainants
from eventlog.consumer import Batch, Consumer, Item, Prepared
from eventlog.follower import Follower
from eventlog.log import EventLog, Recorded
from eventlog.sealing import DataKey
from eventlog.streams import COMPLAINT, kind_of

NAME: Final = "call surges"
COUNT = """
INSERT INTO complaint_volumes AS v (hour, complaints) SELECT * FROM unnest($1::timestamptz[], $2::integer[])
ON CONFLICT (hour) DO UPDATE SET complaints = v.complaints + excluded.complaints
"""
COUNT_CALLS = """
INSERT INTO calls_begun AS v (source, hour, calls) SELECT * FROM unnest($1::text[], $2::timestamptz[], $3::integer[])
ON CONFLICT (source, hour) DO UPDATE SET calls = v.calls + excluded.calls
"""
Counted = tuple[str, datetime]  # a call of a source, or one of the complaints, and its hour


class Volumes(Consumer[Counted]):
    """Takes the hour of each complaint and of each call that came in, and has surges looked for then."""

    names = (NAME,)
    topics = frozenset({Received.TOPIC, CallEventReceived.TOPIC})
    gathers = 0.3

    def __init__(self, codec: EventCodec, keys: Complainants, look: Callable[[], Awaitable[None]]) -> None:
        """`look` looks for surges."""
        self._codec, self._keys, self._look = codec, keys, look

    async def prepared(self, batch: Batch) -> Mapping[str, Prepared[Counted]]:
        prepared: Prepared[Counted] = Prepared()
        begun = [recorded for recorded in batch.events if recorded.originator_version == 1]
        calls = [recorded for recorded in begun if recorded.topic == CallEventReceived.TOPIC]
        keys = await self._keys.keys({self._codec.complainant_of(one) for one in calls})
        for recorded in begun:
            counted: Counted | None = None
            if kind_of(recorded) is COMPLAINT:
                counted = self._complaint(recorded)
            elif recorded.topic == CallEventReceived.TOPIC:
                counted = self._call(recorded, keys)
            if counted is not None:
                prepared.items.append(Item(recorded.originator_id, recorded.position, counted))
        return {NAME: prepared}

    def _complaint(self, recorded: Recorded) -> Counted | None:
        """An imported one counts for what is usual, and nobody is told by it that calls surge now."""
        event = self._codec.event(recorded, None)
        if not isinstance(event, Received):
            return None
        hour = hour_of(event.occurred_at)
        if is_imported(recorded) and hour >= hour_of(recorded.recorded_at) - HOUR:
            return None
        return COMPLAINTS, hour

    def _call(self, recorded: Recorded, keys: Mapping[UUID, DataKey]) -> Counted | None:
        """A call, by the first that was heard of it; not one that went out."""
        event = self._codec.any_event(recorded, keys.get(self._codec.complainant_of(recorded)))
        if not isinstance(event, CallEventReceived) or not event.call:
            return None
        outbound = (event.content.get("data") or {}).get("direction") == "outbound"
        return None if outbound else (event.source, hour_of(began_at([event])))

    async def write(self, connection: Connection, name: str, values: Sequence[Counted]) -> None:
        counted = Counter(values)
        complaints = {hour: many for (source, hour), many in counted.items() if source == COMPLAINTS}
        calls = [(*of, many) for of, many in sorted(counted.items()) if of[0] != COMPLAINTS]
        if complaints:
            await connection.execute(COUNT, list(complaints), list(complaints.values()))
        if calls:
            sources, hours, many = zip(*calls, strict=True)
            await connection.execute(COUNT_CALLS, sources, hours, many)

    async def afterwards(self) -> None:
        await self._look()


def call_surges_follower(
    pool: asyncpg.Pool[asyncpg.Record],
    log: EventLog,
    codec: EventCodec,
    keys: Complainants,
    look: Callable[[], Awaitable[None]],
) -> Follower[Counted]:
    """What lets the counts follow the log; it has come as far as surges were looked for in them."""
    return Follower(pool, log, codec, Volumes(codec, keys, look))
