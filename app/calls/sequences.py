"""Follows the log for the numbers that sources give their events, so that what never arrived can be told.

Only stretches of numbers are kept, joined as they fill up: a source that loses nothing has one row.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

import asyncpg

from domain.call.events import CallEventReceived, SeatEventReceived
from domain.call.sequences import Stretch, joined, number_of
from eventlog.checkpoints import Connection
from eventlog.codec import EventCodec
from eventlog.consumer import Batch, Consumer, Item, Prepared
from eventlog.follower import Follower
from eventlog.log import EventLog

NAME: Final = "call sequences"
# Those that touch what was heard, or lie in between.
TOUCHED: Final = """
DELETE FROM call_sequences WHERE source = $1 AND last >= $2 - 1 AND first <= $3 + 1 RETURNING first, last, first_at
"""
PUT: Final = """
INSERT INTO call_sequences (source, first, last, first_at)
SELECT $1, * FROM unnest($2::bigint[], $3::bigint[], $4::timestamptz[])
"""
Heard = tuple[str, Stretch]


class CallSequences(Consumer[Heard]):
    """Joins what was heard with what had been."""

    names = (NAME,)
    topics = frozenset({CallEventReceived.TOPIC, SeatEventReceived.TOPIC})
    gathers = 0.3

    def __init__(self, codec: EventCodec) -> None:
        self._codec = codec

    async def prepared(self, batch: Batch) -> Mapping[str, Prepared[Heard]]:
        prepared: Prepared[Heard] = Prepared()
        for recorded in batch.events:
            event = self._codec.any_event(recorded, None)
            number = number_of(event.sequence) if isinstance(event, CallEventReceived | SeatEventReceived) else None
            if isinstance(event, CallEventReceived | SeatEventReceived) and number is not None:
                heard = (event.source, Stretch(number, number, event.timestamp))
                prepared.items.append(Item(recorded.originator_id, recorded.position, heard))
        return {NAME: prepared}

    async def write(self, connection: Connection, name: str, values: Sequence[Heard]) -> None:
        by_source: dict[str, list[Stretch]] = {}
        for source, stretch in values:
            by_source.setdefault(source, []).append(stretch)
        for source, heard in sorted(by_source.items()):
            for new in joined(heard):
                known = [Stretch(*row) for row in await connection.fetch(TOUCHED, source, new.first, new.last)]
                put = joined([*known, new])
                await connection.execute(
                    PUT, source, [one.first for one in put], [one.last for one in put], [one.first_at for one in put]
                )


def call_sequences_follower(pool: asyncpg.Pool[asyncpg.Record], log: EventLog, codec: EventCodec) -> Follower[Heard]:
    """What lets the stretches follow the log."""
    return Follower(pool, log, codec, CallSequences(codec))
