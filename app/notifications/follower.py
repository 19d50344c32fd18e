"""Puts into the outbox whom each event tells, once for all processes.

It begins at the head that the log has when it is first started, never at position 0; the outbox's rows and the
checkpoint are one transaction, and a row is known by its fact, recipient and channel. So nobody is told twice for one
fact, whatever is rebuilt, replayed or started anew.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Final

import asyncpg

from app.notifications.outbox import NewNotification, insert
from app.notifications.recipients import Recipients
from app.notifications.routing import Routing
from app.notifications.subjects import TOPICS
from domain.identity import levelled
from eventlog.checkpoints import Connection
from eventlog.codec import EventCodec, is_imported
from eventlog.consumer import Batch, Consumer, Item, Prepared
from eventlog.follower import Follower
from eventlog.log import EventLog

NAME: Final = "notifications"

Told = list[NewNotification]


class Notices(Consumer[Told]):
    """Decides, event by event, who is told and through which channel. Of what was imported nobody is."""

    names = (NAME,)
    topics = frozenset(TOPICS)
    starts_at_head = True
    session = ""  # committed durably: what was sent must not be forgotten in a crash, and sent again

    def __init__(
        self,
        log: EventLog,
        recipients: Recipients,
        routing: Routing,
        *,
        now: Callable[[], datetime],
        told: Callable[[], None],
    ) -> None:
        """`told` is called when something new may be in the outbox."""
        self._log, self._recipients, self._routing, self._now, self._told = log, recipients, routing, now, told

    async def prepared(self, batch: Batch) -> Mapping[str, Prepared[Told]]:
        new = [event for event in batch.events if not is_imported(event)]
        # One that has just begun is all there is of its stream.
        older = {event.originator_id for event in new if event.originator_version > 1}
        streams = await self._log.streams(older, until_position=batch.until) if older else {}
        directory = {(stored.kind, levelled(stored.code)): stored for stored in await self._recipients.all()}
        prepared: Prepared[Told] = Prepared()
        for event in new:
            stream = streams.get(event.originator_id, [event])
            history = [past for past in stream if past.position <= event.position]
            told = await self._routing.notifications_for(history, directory)
            prepared.items.append(Item(event.originator_id, event.position, told))
        return {NAME: prepared}

    async def write(self, connection: Connection, name: str, values: Sequence[Told]) -> None:
        await insert(connection, [new for told in values for new in told], self._now())

    async def afterwards(self) -> None:
        self._told()


def notifications_follower(
    pool: asyncpg.Pool[asyncpg.Record],
    log: EventLog,
    codec: EventCodec,
    recipients: Recipients,
    routing: Routing,
    *,
    now: Callable[[], datetime],
    told: Callable[[], None] = lambda: None,
) -> Follower[Told]:
    """What lets the outbox follow the log."""
    return Follower(pool, log, codec, Notices(log, recipients, routing, now=now, told=told), now=now)
