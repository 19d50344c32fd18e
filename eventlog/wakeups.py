"""Tells those who follow the log how far it has come: at once for commits of this process, by NOTIFY for others.

A notification is a hint that may be lost; the head is also read once a second, so nobody waits for ever.
"""

from __future__ import annotations

import asyncio
from time import monotonic
from typing import Any

import asyncpg
import structlog

from eventlog.database import CONNECT_TIMEOUT, is_storage_away

log = structlog.get_logger()

CHANNEL = "redress_log"
POLL = 1.0  # seconds
PAUSE_BETWEEN_NOTIFICATIONS = 0.02  # seconds: what is committed meanwhile travels in the next one
HEAD = "SELECT coalesce(max(notification_id), 0) FROM stored_events"


class Wakeups:
    """Knows the newest position that is known to be committed, and wakes those who wait for a newer one."""

    def __init__(self, pool: asyncpg.Pool[asyncpg.Record]) -> None:
        self.head = 0
        self._pool = pool
        self._own_head = 0
        self._moved = asyncio.Event()
        self._own_commit = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self._closing = False

    def open(self) -> None:
        """Starts listening on the running loop."""
        self._task = asyncio.create_task(self._listen_for_ever(), name="event log wake-ups")

    async def close(self) -> None:
        """Stops listening; others find the last commits by polling at the latest."""
        self._closing = True
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    def committed(self, head: int) -> None:
        """This process has committed up to `head`: wakes the local followers and lets the others know."""
        self._own_head = max(self._own_head, head)
        self._own_commit.set()
        self._advance(head)

    async def wait_beyond(self, position: int, timeout: float) -> int:  # noqa: ASYNC109 (running out is an answer)
        """See `EventLog.wait_beyond`."""
        try:
            async with asyncio.timeout(timeout):
                while self.head <= position:
                    await self._moved.wait()
        except TimeoutError:
            pass
        return self.head

    def _advance(self, head: int) -> None:
        if head > self.head:
            self.head = head
            self._moved.set()
            self._moved = asyncio.Event()

    async def _listen_for_ever(self) -> None:
        while True:
            try:
                async with self._pool.acquire(timeout=CONNECT_TIMEOUT) as connection:
                    await self._listen(connection)
            except Exception as error:
                if self._closing:
                    return  # a connection that died replaces the cancellation by an error of its own
                # Whatever it is: followers live on local commits, and this must not end before the process does.
                log.warning("log_listener_lost", error=type(error).__name__, storage_away=is_storage_away(error))
            await asyncio.sleep(POLL)

    async def _listen(self, connection: Any) -> None:
        await connection.add_listener(CHANNEL, self._heard)
        try:
            # A notification is not worth an fsync.
            await connection.execute("SET synchronous_commit = off")
            while True:
                self._advance(await connection.fetchval(HEAD))
                await self._announce_until_it_is_time_to_poll(connection)
        finally:
            await connection.remove_listener(CHANNEL, self._heard)

    async def _announce_until_it_is_time_to_poll(self, connection: Any) -> None:
        next_poll = monotonic() + POLL
        while (left := next_poll - monotonic()) > 0:
            try:
                async with asyncio.timeout(left):
                    await self._own_commit.wait()
            except TimeoutError:
                return
            self._own_commit.clear()
            await connection.execute("SELECT pg_notify($1, $2)", CHANNEL, str(self._own_head))
            await asyncio.sleep(PAUSE_BETWEEN_NOTIFICATIONS)

    def _heard(self, _connection: object, _pid: int, _channel: str, head: object) -> None:
        self._advance(int(str(head)))
