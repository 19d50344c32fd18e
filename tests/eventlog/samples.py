"""What the tests of the event log put into it, and an open log to put it into."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import NAMESPACE_OID, UUID, uuid5

import asyncpg
from eventsourcing.persistence import StoredEvent

from eventlog.database import create_pool
from eventlog.log import Append, EventLog

MONDAY_9AM = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
HASH = b"\x01" * 32
OTHER_HASH = b"\x02" * 32


def named(name: str) -> UUID:
    """The same UUID for the same name, always."""
    return uuid5(NAMESPACE_OID, name)


def append_of(
    stream: str,
    *topics: str,
    after: int = 0,
    command: str = "",
    request_hash: bytes | None = HASH,
    actor: str = "agent-7",
    recorded_at: datetime = MONDAY_9AM,
) -> Append:
    """An append of events with these topics to a stream that is at version `after`.

    The command is called like the stream and the version it leads to, unless it is named.
    """
    events = [
        StoredEvent(named(stream), version, topic, f"{stream} {version}".encode())
        for version, topic in enumerate(topics or ("complaint.Received",), after + 1)
    ]
    name = command or f"{stream} to {after + len(events)} by {actor}"
    return Append(named(f"command {name}"), request_hash, events, [actor] * len(events), recorded_at)


@dataclass
class OpenLog:
    """An open log and the pool under it."""

    log: EventLog
    pool: asyncpg.Pool[asyncpg.Record]


@asynccontextmanager
async def open_log(
    url: str, *, queue_size: int = 1000, batch_size: int = 256, patience: float = 10.0
) -> AsyncIterator[OpenLog]:
    """A log as the service opens it, on a pool of its own."""
    pool = await create_pool(url, min_size=1, max_size=6)
    try:
        async with EventLog(pool, queue_size=queue_size, batch_size=batch_size, patience=patience) as log:
            yield OpenLog(log, pool)
    finally:
        pool.terminate()
