"""Follows the log for what agents' seats go over to: each change once, whatever arrives first."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

import asyncpg

from domain.call.events import SeatEventReceived
from domain.call.posted import SEAT_CHANGED
from domain.call.seat import SeatChange, state_of
from domain.call.sequences import number_of
from domain.identity import levelled
from eventlog.checkpoints import Connection
from eventlog.codec import EventCodec
from eventlog.complainants import Complainants
from eventlog.consumer import Batch, Consumer, Item, Prepared
from eventlog.follower import Follower
from eventlog.log import EventLog

NAME: Final = "seats"
PUT: Final = """
INSERT INTO seat_changes (position, agent, source, state, at, number)
SELECT * FROM unnest($1::bigint[], $2::text[], $3::text[], $4::text[], $5::timestamptz[], $6::bigint[])
ON CONFLICT DO NOTHING
"""
Changed = tuple[int, str, str, SeatChange]


class Seats(Consumer[Changed]):
    """Takes each change of a seat down."""

    names = (NAME,)
    topics = frozenset({SeatEventReceived.TOPIC})
    gathers = 0.1

    def __init__(self, codec: EventCodec, keys: Complainants) -> None:
        self._codec, self._keys = codec, keys

    async def prepared(self, batch: Batch) -> Mapping[str, Prepared[Changed]]:
        prepared: Prepared[Changed] = Prepared()
        owners = [self._codec.complainant_of(recorded) for recorded in batch.events]
        keys = await self._keys.keys(set(owners))
        for recorded, owner in zip(batch.events, owners, strict=True):
            event = self._codec.any_event(recorded, keys.get(owner))
            if not isinstance(event, SeatEventReceived) or event.type != SEAT_CHANGED:
                continue
            state = state_of((event.content.get("data") or {}).get("state"))
            if state is not None:
                number = number_of(event.sequence)
                change = SeatChange(event.happened_at or event.timestamp, state, -1 if number is None else number)
                value = (recorded.position, levelled(event.agent), event.source, change)
                prepared.items.append(Item(recorded.originator_id, recorded.position, value))
        return {NAME: prepared}

    async def write(self, connection: Connection, name: str, values: Sequence[Changed]) -> None:
        positions, agents, sources, changes = zip(*values, strict=True)
        await connection.execute(
            PUT, positions, agents, sources, [one.state for one in changes], [one.at for one in changes],
            [one.number for one in changes],
        )  # fmt: skip


def seats_follower(
    pool: asyncpg.Pool[asyncpg.Record], log: EventLog, codec: EventCodec, keys: Complainants
) -> Follower[Changed]:
    """What lets the changes of seats follow the log."""
    return Follower(pool, log, codec, Seats(codec, keys))
