"""Follows the log and puts into the outbox whom each event tells: one active teller in all processes.

It begins at the head that the log has when it is first started, never at position 0; the outbox's rows and the
checkpoint are one transaction, and a row is known by its fact, recipient and channel. So nobody is told twice for one
fact, whatever is rebuilt, replayed or started anew.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any, Final, Self

import asyncpg
import structlog

from app.notifications.outbox import NewNotification, insert
from app.notifications.recipients import Recipients
from app.notifications.routing import Deciding, Directory
from app.notifications.subjects import TOPICS
from eventlog.database import StorageAway, is_storage_away
from eventlog.leader_lock import LeaderLock
from eventlog.log import EventLog, Recorded

log = structlog.get_logger()

NAME: Final = "notifications"
BATCH: Final = 200
WAIT: Final = 1.0  # seconds
PAUSE: Final = 0.005  # seconds: what is recorded meanwhile is read at once
SAVE_AFTER: Final = 1000  # positions that tell nobody anything
POLL: Final = 0.02  # seconds

START = """
INSERT INTO policy_checkpoints (name, position)
SELECT $1, coalesce(max(notification_id), 0) FROM stored_events ON CONFLICT DO NOTHING
"""
CHECKPOINT = "SELECT position FROM policy_checkpoints WHERE name = $1"
MOVE = "UPDATE policy_checkpoints SET position = $3 WHERE name = $1 AND position = $2"
SKIP = """
INSERT INTO policy_checkpoints (name, position) VALUES ($1, $2)
ON CONFLICT (name) DO UPDATE SET position = greatest(policy_checkpoints.position, excluded.position)
"""


class OvertakenByAnother(Exception):
    """The checkpoint was moved elsewhere: another process took over, or a history was imported."""


async def skip_to(connection: Any, position: int) -> None:
    """Tells nobody of what the log holds up to `position`, where it is not told yet: for histories that are imported.

    In the transaction of `connection`, before or together with the events themselves.
    """
    await connection.execute(SKIP, NAME, position)


class Teller:
    """Runs in one process of all; use it as an async context manager."""

    def __init__(
        self,
        pool: asyncpg.Pool[asyncpg.Record],
        event_log: EventLog,
        recipients: Recipients,
        deciding: Deciding,
        *,
        now: Callable[[], datetime],
        told: Callable[[], None] = lambda: None,
    ) -> None:
        """`told` is called when something new is in the outbox."""
        self.lock = LeaderLock(pool, NAME)
        self._pool, self._log, self._recipients, self._deciding = pool, event_log, recipients, deciding
        self._now, self._told = now, told
        self._position = 0
        self._moved = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        # Before anything can be recorded by this process, so that its first event is told already.
        await self._pool.execute(START, NAME)
        self._task = asyncio.create_task(self.lock.run(self._follow), name=NAME)
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    async def reached(self, position: int, timeout: float) -> bool:  # noqa: ASYNC109 (running out is an answer)
        """Waits until the outbox holds what follows from everything up to `position`, in whichever process.

        False when `timeout` seconds were not enough. Raises `StorageAway`.
        """
        try:
            async with asyncio.timeout(timeout):
                while self._position < position:
                    moved = self._moved
                    try:
                        async with asyncio.timeout(POLL):
                            await moved.wait()
                    except TimeoutError:
                        await self._look()
        except TimeoutError:
            return self._position >= position
        return True

    async def position(self) -> int:
        """How far the log has been told, in whichever process. Raises `StorageAway`."""
        await self._look()
        return self._position

    async def _look(self) -> None:
        """Another process may be the active one."""
        if self.lock.is_leader:
            return
        try:
            self._come_to(await self._pool.fetchval(CHECKPOINT, NAME) or 0)
        except Exception as error:
            if is_storage_away(error):
                raise StorageAway from error
            raise

    def _come_to(self, position: int) -> None:
        if position > self._position:
            self._position = position
            self._moved.set()
            self._moved = asyncio.Event()

    async def _follow(self) -> None:
        saved = position = int(await self._pool.fetchval(CHECKPOINT, NAME))
        self._come_to(position)
        while True:
            head = await self._log.wait_beyond(position, WAIT)
            idle = head <= position
            found = [] if idle else await self._log.after(position, BATCH, topics=TOPICS, until=head)
            position = found[-1].position if len(found) == BATCH else max(position, head)
            if found or position - saved >= SAVE_AFTER or (idle and saved < position):
                await self._record(saved, position, found)
                saved = position
            self._come_to(position)
            if not found:
                await asyncio.sleep(PAUSE)

    async def _record(self, before: int, position: int, found: Sequence[Recorded]) -> None:
        new = await self._follow_from(found, position) if found else []
        async with self._pool.acquire() as connection, connection.transaction():
            if await connection.execute(MOVE, NAME, before, position) != "UPDATE 1":
                raise OvertakenByAnother
            await insert(connection, new, self._now())
        if new:
            self._told()

    async def _follow_from(self, found: Sequence[Recorded], until: int) -> list[NewNotification]:
        streams = await self._log.streams({event.originator_id for event in found}, until_position=until)
        directory = {(kept.kind, kept.code): kept for kept in await self._recipients.all()}
        new: list[NewNotification] = []
        for event in found:
            history = [past for past in streams[event.originator_id] if past.position <= event.position]
            new += await self._tried(history, directory)
        return new

    async def _tried(self, history: Sequence[Recorded], directory: Directory) -> list[NewNotification]:
        """One event that cannot be told, which is logged, does not keep the others from being told."""
        try:
            return await self._deciding.follow_from(history, directory)
        except Exception as error:
            if is_storage_away(error):
                raise
            log.error("not_told", position=history[-1].position, error=type(error).__name__)
            return []
