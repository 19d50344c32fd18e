"""How far each follower of the log has come, and the streams that it has parked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

import structlog

from eventlog.codec import UnreadableEvent

log = structlog.get_logger()

Connection = Any  # asyncpg's connection, pool or pool proxy, which have no usable type in common

BEGIN: Final = """
INSERT INTO follower_checkpoints (name, position, updated_at)
SELECT name, CASE WHEN $2 THEN (SELECT coalesce(max(notification_id), 0) FROM stored_events) ELSE 0 END, now()
FROM unnest($1::text[]) AS f (name) ON CONFLICT DO NOTHING
"""
READ: Final = "SELECT name, position FROM follower_checkpoints WHERE name = ANY($1::text[])"
HOLD: Final = f"{READ} ORDER BY name FOR UPDATE"
MOVE: Final = """
UPDATE follower_checkpoints c SET position = $3, updated_at = now()
FROM unnest($1::text[], $2::bigint[]) AS o (name, position) WHERE c.name = o.name AND c.position = o.position
RETURNING c.name
"""
ARRIVE: Final = """
INSERT INTO follower_checkpoints AS c (name, position, updated_at)
SELECT name, $2, now() FROM unnest($1::text[]) AS f (name)
ON CONFLICT (name) DO UPDATE SET position = greatest(c.position, excluded.position), updated_at = now()
"""
COME_SO_FAR: Final = "SELECT coalesce(min(position), 0) FROM follower_checkpoints WHERE name = ANY($1::text[])"
LAGS: Final = """
SELECT f.name, h.head - coalesce(c.position, 0) AS behind, (
    SELECT e.recorded_at FROM stored_events e WHERE e.notification_id = coalesce(c.position, 0) + 1
) AS waiting_since
FROM unnest($1::text[]) AS f (name) LEFT JOIN follower_checkpoints c USING (name),
    (SELECT coalesce(max(notification_id), 0) AS head FROM stored_events) h
"""
PARK: Final = """
INSERT INTO parked_streams (follower, stream, position, error, parked_at) VALUES ($1, $2, $3, $4, now())
ON CONFLICT (follower, stream) DO UPDATE
SET position = excluded.position, error = excluded.error, parked_at = excluded.parked_at
"""
MENDED: Final = "DELETE FROM parked_streams WHERE follower = $1 AND stream = $2"
FORGET: Final = "DELETE FROM parked_streams WHERE follower = $1"
PARKED: Final = """
SELECT follower, stream, position, error, parked_at FROM parked_streams
WHERE follower = ANY($1::text[]) ORDER BY parked_at, follower, stream
"""
COUNT_PARKED: Final = f"""
SELECT count(DISTINCT stream) FILTER (WHERE error = '{UnreadableEvent.__name__}') AS unreadable,
    min(position) FILTER (WHERE error = '{UnreadableEvent.__name__}') AS first_position, count(*) AS parked
FROM parked_streams
"""


class CheckpointMoved(Exception):
    """Somebody else has moved the checkpoint: another process took over, or a rebuild or an import."""


@dataclass(frozen=True, slots=True)
class Parked:
    """A stream that a follower could not take in from `position` on; `error` is the class of the error."""

    follower: str
    stream: UUID
    position: int
    error: str
    parked_at: datetime


@dataclass(frozen=True, slots=True)
class Lag:
    """How many events somebody is behind, and when the first of them was recorded; None where there is none."""

    events: int
    since: datetime | None

    def seconds(self, now: datetime) -> float:
        return 0.0 if self.since is None else max(0.0, (now - self.since).total_seconds())


@dataclass(frozen=True, slots=True)
class AllParked:
    """What all followers together have parked: so many times, of which so many streams hold what cannot be read.

    `first_unreadable_position`: from where the first of those waits.
    """

    parked: int
    unreadable_streams: int
    first_unreadable_position: int | None


async def begin(connection: Connection, names: Sequence[str], *, at_head: bool = False) -> None:
    """Lets those that are new stand at the beginning of the log, or at its present end."""
    await connection.execute(BEGIN, list(names), at_head)


async def read_checkpoints(connection: Connection, names: Sequence[str]) -> dict[str, int]:
    """Where each of these stands."""
    return {row["name"]: row["position"] for row in await connection.fetch(READ, list(names))}


async def read_lags(connection: Connection, names: Sequence[str]) -> dict[str, Lag]:
    """How far each of these is behind the log; all of it, where it has not begun."""
    return {name: Lag(behind, since) for name, behind, since in await connection.fetch(LAGS, list(names))}


async def hold_checkpoints(connection: Connection, names: Sequence[str]) -> dict[str, int]:
    """As `read_checkpoints`; nobody else moves them until the caller's transaction ends."""
    return {row["name"]: row["position"] for row in await connection.fetch(HOLD, list(names))}


async def move_checkpoints(connection: Connection, before: Mapping[str, int], to: int) -> None:
    """Compares and sets, in the caller's transaction. Raises `CheckpointMoved`."""
    moved = await connection.fetch(MOVE, list(before), list(before.values()), to)
    if len(moved) != len(before):
        raise CheckpointMoved


async def arrive(connection: Connection, names: Sequence[str], position: int) -> None:
    """What there is up to a position is taken in already; those that are beyond it stay there."""
    await connection.execute(ARRIVE, list(names), position)


async def park(connection: Connection, follower: str, stream: UUID, position: int, error: Exception) -> None:
    """Keeps a record of a stream that could not be taken in; not of its error's text, which may hold personal data."""
    await connection.execute(PARK, follower, stream, position, type(error).__name__)
    log.error("stream_parked", follower=follower, stream=str(stream), position=position, error=type(error).__name__)


async def mended(connection: Connection, follower: str, stream: UUID) -> None:
    """A stream that was parked is taken in."""
    await connection.execute(MENDED, follower, stream)


async def forget_parked(connection: Connection, follower: str) -> None:
    """Everything was taken in anew."""
    await connection.execute(FORGET, follower)


async def count_parked(connection: Connection) -> AllParked:
    """What waits for a mended defect, or for a version that can read it."""
    row = await connection.fetchrow(COUNT_PARKED)
    return AllParked(row["parked"], row["unreadable"], row["first_position"])


async def read_parked(connection: Connection, names: Sequence[str]) -> list[Parked]:
    """What these have parked, the longest first."""
    return [Parked(*row) for row in await connection.fetch(PARKED, list(names))]
