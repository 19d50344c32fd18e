"""Counts the complaints received, by the hour: what calls are compared with, and what may surge by itself."""

from __future__ import annotations

from collections import Counter
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime
from typing import Final

import asyncpg

from domain.complaint.events import Received
from domain.procedure.call_surge import hour_of
from eventlog.checkpoints import Connection
from eventlog.codec import EventCodec
from eventlog.consumer import Batch, Consumer, Item, Prepared
from eventlog.follower import Follower
from eventlog.log import EventLog
from eventlog.streams import COMPLAINT, kind_of

NAME: Final = "call surges"
COUNT = """
INSERT INTO complaint_volumes AS v (hour, complaints) SELECT * FROM unnest($1::timestamptz[], $2::integer[])
ON CONFLICT (hour) DO UPDATE SET complaints = v.complaints + excluded.complaints
"""


class ComplaintVolumes(Consumer[datetime]):
    """Takes each complaint's hour, and has surges looked for whenever something may have changed."""

    names = (NAME,)
    topics = frozenset({Received.TOPIC})
    gathers = 0.3

    def __init__(self, codec: EventCodec, look: Callable[[], Awaitable[None]]) -> None:
        """`look` looks for surges."""
        self._codec, self._look = codec, look

    async def prepared(self, batch: Batch) -> Mapping[str, Prepared[datetime]]:
        prepared: Prepared[datetime] = Prepared()
        for recorded in batch.events:
            if recorded.originator_version == 1 and kind_of(recorded) is COMPLAINT:
                event = self._codec.event(recorded, None)
                if isinstance(event, Received):
                    hour = hour_of(event.occurred_at)
                    prepared.items.append(Item(recorded.originator_id, recorded.position, hour))
        return {NAME: prepared}

    async def write(self, connection: Connection, name: str, values: Sequence[datetime]) -> None:
        hours = Counter(values)
        await connection.execute(COUNT, list(hours), list(hours.values()))

    async def afterwards(self) -> None:
        await self._look()


def call_surges_follower(
    pool: asyncpg.Pool[asyncpg.Record], log: EventLog, codec: EventCodec, look: Callable[[], Awaitable[None]]
) -> Follower[datetime]:
    """What lets the counts follow the log; it has come as far as surges were looked for in them."""
    return Follower(pool, log, codec, ComplaintVolumes(codec, look))
