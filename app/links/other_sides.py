"""Follows the log for links that somebody made or took back, and lets the other complaint show it too.

What is done is done before the checkpoint moves, under a command id that follows from the event: a process that is
killed in between leaves nothing one-sided, and the next one does nothing twice.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any, Final, Protocol
from uuid import UUID

import asyncpg
import structlog

from domain.complaint.events import ComplaintsLinked, ComplaintsUnlinked
from domain.errors import Refused
from domain.request import SYSTEM
from eventlog.checkpoints import Connection
from eventlog.codec import EventCodec
from eventlog.consumer import Batch, Consumer, Prepared
from eventlog.follower import Follower
from eventlog.log import EventLog, QueueFull, Recorded, VersionConflict
from eventlog.streams import COMPLAINT, kind_of

log = structlog.get_logger()

NAME: Final = "links"
PAUSE_WHEN_BUSY: Final = 0.05  # seconds


class ShowsLinks(Protocol):
    """What is wanted of `app.commands.complaints.Complaints`."""

    async def show_link(self, id: UUID, other: UUID, relation: str, position: int) -> None:
        """Lets the other complaint show what this one says of it, and does nothing the second time."""
        ...


class OtherSides(Consumer[None]):
    """Lets every link show on its other side; nothing is written beside the log."""

    names = (NAME,)
    topics = frozenset({ComplaintsLinked.TOPIC, ComplaintsUnlinked.TOPIC})

    def __init__(self, codec: EventCodec, complaints: ShowsLinks) -> None:
        self._codec, self._complaints = codec, complaints

    async def prepared(self, batch: Batch) -> Mapping[str, Prepared[None]]:
        for recorded in batch.events:
            if kind_of(recorded) is COMPLAINT:
                await self._follow(recorded)
        return {}

    async def write(self, connection: Connection, name: str, values: Sequence[None]) -> None:
        """There is nothing to write: see above."""

    async def _follow(self, recorded: Recorded) -> None:
        event: Any = self._codec.event(recorded, None)
        if event.actor == SYSTEM:  # the other side itself
            return
        relation = event.relation if isinstance(event, ComplaintsLinked) else "related"
        for other in event.complaints:
            try:
                await self._show(recorded.originator_id, other.id, relation, recorded.position)
            except Refused as refusal:  # erased meanwhile: there is nothing left that could show it
                log.warning("link_refused", complaint=str(other.id), error=type(refusal).__name__)

    async def _show(self, id: UUID, other: UUID, relation: str, position: int) -> None:
        while True:
            try:
                return await self._complaints.show_link(id, other, relation, position)
            except (QueueFull, VersionConflict):
                await asyncio.sleep(PAUSE_WHEN_BUSY)


def links_follower(
    pool: asyncpg.Pool[asyncpg.Record], log: EventLog, codec: EventCodec, complaints: ShowsLinks
) -> Follower[None]:
    """What lets links show on both sides; it has come as far as they do."""
    return Follower(pool, log, codec, OtherSides(codec, complaints))
