"""The event log: one ordered, gapless, permanent history of everything that happened.

Appending is in writer.py, waking the followers in wakeups.py; reading is here.
"""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Sequence
from datetime import datetime
from types import TracebackType
from typing import Self
from uuid import UUID

import asyncpg

from eventlog.database import StorageAway, fetch, fetch_by_index
from eventlog.entries import Append, Appended, CommandIdReused, CommandSeen, QueueFull, Recorded, VersionConflict
from eventlog.patience import for_many
from eventlog.sequence import Outcome, append_in_order
from eventlog.wakeups import HEAD, Wakeups
from eventlog.writer import EventLogWriter

__all__ = [
    "Append",
    "Appended",
    "CommandIdReused",
    "CommandSeen",
    "EventLog",
    "QueueFull",
    "Recorded",
    "StorageAway",
    "VersionConflict",
]

COLUMNS = "notification_id, originator_id, originator_version, topic, state, actor, recorded_at"

STREAM = f"""
SELECT {COLUMNS} FROM stored_events
WHERE originator_id = $1 AND originator_version <= $2 ORDER BY originator_version
"""
STREAM_AS_OF = f"""
SELECT {COLUMNS} FROM stored_events
WHERE originator_id = $1 AND originator_version <= $2 AND notification_id <= position_as_of($3)
ORDER BY originator_version
"""
AS_OF = "SELECT position_as_of($1)"
STREAMS = f"""
SELECT {COLUMNS} FROM stored_events
WHERE originator_id = ANY($1::uuid[]) AND notification_id <= $2 ORDER BY originator_id, originator_version
"""
HEADS = f"""
SELECT h.originator_version AS newest, f.* FROM unnest($1::uuid[]) AS wanted (id)
CROSS JOIN LATERAL (
    SELECT originator_version FROM stored_events
    WHERE originator_id = wanted.id ORDER BY originator_version DESC LIMIT 1
) h CROSS JOIN LATERAL (
    SELECT {COLUMNS} FROM stored_events WHERE originator_id = wanted.id AND originator_version = 1
) f
"""
AFTER = f"""
SELECT {COLUMNS} FROM stored_events
WHERE notification_id > $1 AND notification_id <= $2 ORDER BY notification_id LIMIT $3
"""
AFTER_OF_TOPICS = f"""
SELECT {COLUMNS} FROM stored_events
WHERE notification_id > $1 AND notification_id <= $2 AND topic = ANY($4::text[]) ORDER BY notification_id LIMIT $3
"""
AFTER_BUT_TOPICS = f"""
SELECT {COLUMNS} FROM stored_events
WHERE notification_id > $1 AND notification_id <= $2 AND topic <> ALL($4::text[]) ORDER BY notification_id LIMIT $3
"""
COMMAND = """
SELECT originator_id, originator_version, notification_id, request_hash, true FROM stored_events WHERE command_id = $1
UNION ALL
SELECT originator_id, originator_version, notification_id, request_hash, false FROM remembered_commands
WHERE command_id = $1
"""
REMEMBER = """
SELECT originator_id, originator_version, notification_id, request_hash FROM remember_command($1, $2, $3, $4, $5, $6)
"""
NO_LIMIT = 2**63 - 1


class EventLog:
    """The log of one process, to be used as an async context manager.

    It keeps two connections of the pool for itself (writer, listener); the rest is shared by the readers.
    Every method raises `StorageAway` while the database cannot be reached.
    """

    def __init__(
        self,
        pool: asyncpg.Pool[asyncpg.Record],
        *,
        queue_size: int = 1000,
        batch_size: int = 256,
        patience: float = 10.0,
    ) -> None:
        """`patience`: seconds after which appends are refused while the database cannot be reached."""
        self._pool = pool
        self._sequences: set[asyncio.Task[list[Outcome]]] = set()
        self._in_order = {"batches": 0, "appended": 0, "conflicts": 0}
        self._wakeups = Wakeups(pool)
        self._writer = EventLogWriter(
            pool, self._wakeups.committed, queue_size=queue_size, batch_size=batch_size, patience=patience
        )

    async def __aenter__(self) -> Self:
        self._wakeups.open()
        self._writer.open()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    async def close(self) -> None:
        """Records what is queued, then stops. Appends that come later get `StorageAway`."""
        await self._writer.close()
        await asyncio.gather(*self._sequences, return_exceptions=True)
        await self._wakeups.close()

    @property
    def is_writing(self) -> bool:
        """Whether appends are recorded as soon as the database takes them."""
        return self._writer.is_writing

    @property
    def queued(self) -> int:
        """Appends that wait for the writer."""
        return self._writer.queued

    @property
    def batches(self) -> int:
        """Transactions of this process so far."""
        return self._writer.batches + self._in_order["batches"]

    @property
    def appended(self) -> int:
        """Appends recorded by this process so far."""
        return self._writer.appended + self._in_order["appended"]

    @property
    def conflicts(self) -> int:
        """Appends refused by this process so far because their stream had moved on."""
        return self._writer.conflicts + self._in_order["conflicts"]

    async def append(self, append: Append) -> Appended:
        """Records the events durably, or answers where they were recorded when the command id is known.

        Raises `VersionConflict` when the stream is not at the version before the first event,
        `CommandIdReused` for a known command id with another request hash, `QueueFull` at once when too much
        waits, `StorageAway` when the database stays away, ValueError for events that are no proper append.
        A caller that is cancelled does not know the outcome; the others do not notice.
        """
        return await self._writer.append(append)

    async def append_in_order(self, appends: Sequence[Append]) -> list[Outcome]:
        """Records appends of different streams in this order, up to the first whose stream has moved on.

        The answer has a place for each: where it was recorded, the conflict that stopped them, None for those after it,
        which were not tried. Raises `StorageAway` (all of them, or none, may have been recorded), ValueError for events
        that are no proper append or two appends of one stream. A caller that is cancelled does not know the outcome.
        """
        # Not cancelled with its caller: a commit that waits for its standby would be content without it.
        task = for_many(append_in_order(self._pool, appends), "appends in order")
        self._sequences.add(task)
        task.add_done_callback(self._sequences.discard)
        outcomes = await asyncio.shield(task)
        self._in_order["batches"] += 1
        self._in_order["appended"] += sum(isinstance(one, Appended) and not one.seen_before for one in outcomes)
        self._in_order["conflicts"] += sum(isinstance(one, VersionConflict) for one in outcomes)
        newest = max((outcome.position for outcome in outcomes if isinstance(outcome, Appended)), default=0)
        if newest:
            self._wakeups.committed(newest)
        return outcomes

    async def stream(
        self, originator_id: UUID, *, until_version: int | None = None, until_time: datetime | None = None
    ) -> list[Recorded]:
        """One stream in the order of its versions, whole or as it stood; empty when there is none.

        `until_time` is inclusive; what it means is said at `position_as_of`.
        """
        last = NO_LIMIT if until_version is None else until_version
        if until_time is None:
            rows = await fetch(self._pool, STREAM, originator_id, last)
        else:
            rows = await fetch(self._pool, STREAM_AS_OF, originator_id, last, until_time)
        return [Recorded(*row) for row in rows]

    async def position_as_of(self, moment: datetime) -> int:
        """The last position recorded by then: the whole log as it stood is all up to it, whatever is asked of it.

        A time that ran back (before the log had a time of its own) counts as the highest one before it.
        """
        return int((await fetch(self._pool, AS_OF, moment))[0][0])

    async def streams(
        self, originator_ids: Collection[UUID], *, until_position: int | None = None
    ) -> dict[UUID, list[Recorded]]:
        """Many streams at once, each in the order of its versions; a list, perhaps empty, for every id."""
        found: dict[UUID, list[Recorded]] = {originator_id: [] for originator_id in originator_ids}
        until = NO_LIMIT if until_position is None else until_position
        for row in await fetch_by_index(self._pool, STREAMS, list(found), until):
            found[row["originator_id"]].append(Recorded(*row))
        return found

    async def heads(self, originator_ids: Collection[UUID]) -> dict[UUID, tuple[int, Recorded]]:
        """Of those of the streams that there are: their newest version, and the event that began them."""
        rows = await fetch(self._pool, HEADS, list(originator_ids))
        return {row["originator_id"]: (row["newest"], Recorded(*row[1:])) for row in rows}

    async def after(
        self,
        position: int,
        limit: int,
        *,
        topics: Sequence[str] | None = None,
        but: Sequence[str] = (),
        until: int | None = None,
    ) -> list[Recorded]:
        """The next `limit` events after a position, in order, up to `until`: those of `topics`, or all `but` some."""
        last = NO_LIMIT if until is None else until
        if topics is not None:
            rows = await fetch_by_index(self._pool, AFTER_OF_TOPICS, position, last, limit, list(topics))
        elif but:
            rows = await fetch_by_index(self._pool, AFTER_BUT_TOPICS, position, last, limit, list(but))
        else:
            rows = await fetch_by_index(self._pool, AFTER, position, last, limit)
        return [Recorded(*row) for row in rows]

    async def head(self) -> int:
        """The newest position; 0 when nothing was ever recorded."""
        rows = await fetch(self._pool, HEAD)
        return int(rows[0][0])

    async def command(self, command_id: UUID) -> CommandSeen | None:
        """Where a command was recorded, or None."""
        rows = await fetch(self._pool, COMMAND, command_id)
        return CommandSeen(*rows[0]) if rows else None

    async def remember(self, command_id: UUID, seen: CommandSeen, at: datetime) -> CommandSeen | None:
        """Keeps a command that left no event, durably; answers with what is known of this id already, if it is."""
        values = (seen.request_hash, seen.originator_id, seen.version, seen.position, at)
        known = await fetch(self._pool, REMEMBER, command_id, *values)
        return CommandSeen(*known[0]) if known else None

    async def wait_beyond(self, position: int, timeout: float) -> int:  # noqa: ASYNC109 (running out is an answer)
        """Waits until the log is known to have come beyond `position`, `timeout` seconds at most.

        Returns the newest known head, which is not beyond `position` when the time ran out.
        """
        return await self._wakeups.wait_beyond(position, timeout)
