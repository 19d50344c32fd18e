"""One leader among all processes, and another one that takes over when it goes away.

The lock belongs to a PostgreSQL session: it is free again as soon as the server has noticed that the holder's
connection is gone. A holder that was cut off may therefore still be busy for a moment while the next one has begun, so
what it writes must be safe on its own (a checkpoint that is compared and set, an append with its expected version).
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from hashlib import blake2b
from typing import Self

import asyncpg
import structlog

from eventlog.database import is_storage_away, lock_session_of
from eventlog.lock_session import Holding

log = structlog.get_logger()

POLL = 0.5  # seconds between two attempts to become the leader
LONGEST_PAUSE = 10.0  # seconds after the work failed again and again
LONGEST_PAUSE_WITHOUT_STORAGE = 1.0


class LeaderLock:
    """The right to be the one that does `name` in this database.

    All of a process share one session beside the pool, and lose their locks together.
    """

    def __init__(self, pool: asyncpg.Pool[asyncpg.Record], name: str, *, poll: float = POLL) -> None:
        """`poll`: seconds between two attempts to get the lock."""
        self.name = name
        self.key = lock_key(name)
        self.is_leader = False
        self.attempts = 0
        self._session = lock_session_of(pool)
        self._poll = poll

    async def run(self, work: Callable[[], Awaitable[None]]) -> None:
        """Runs `work` whenever this process holds the lock, for ever; end it by cancelling its task.

        `work` is cancelled when the lock is lost. When it returns or fails, the lock is given back, and after a
        pause (longer after each failure in a row) competed for again. Errors are logged and never raised.
        """
        pause = self._poll
        async with self._session.used():
            while True:
                try:
                    await self._try(work)
                    pause = self._poll
                except Exception as error:
                    # Whatever it was: this must not end before the process does.
                    away = is_storage_away(error)
                    told = log.warning if away else log.error
                    told("leader_failed", runner=self.name, error=type(error).__name__, storage_away=away)
                    pause = min(2 * pause, LONGEST_PAUSE_WITHOUT_STORAGE if away else LONGEST_PAUSE)
                await asyncio.sleep(pause)

    async def _try(self, work: Callable[[], Awaitable[None]]) -> bool:
        holding = await self._session.try_lock(self.key)
        self.attempts += 1
        if holding is None:
            return False
        self.is_leader = True
        log.info("leader_started", runner=self.name)
        try:
            await self._work_while_held(holding, work)
        finally:
            self.is_leader = False
            await self._session.unlock(holding, self.key)
        return True

    async def _work_while_held(self, holding: Holding, work: Callable[[], Awaitable[None]]) -> None:
        working = asyncio.ensure_future(work())
        losing = asyncio.create_task(holding.lost.wait())
        try:
            await asyncio.wait({working, losing}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            both = asyncio.gather(working, losing, return_exceptions=True)
            finished = working.done()
            working.cancel()
            losing.cancel()
            await both
        if finished:
            working.result()
        else:
            log.warning("leader_lost_its_lock", runner=self.name)


class LeaderTask:
    """Work that one process of all does as long as this is open: an async context manager."""

    def __init__(self, pool: asyncpg.Pool[asyncpg.Record], name: str, work: Callable[[], Awaitable[None]]) -> None:
        """`work` goes on for ever; see `LeaderLock.run`."""
        self.name = name
        self.lock = LeaderLock(pool, name)
        self._work = work
        self._task: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        self._task = asyncio.create_task(self.lock.run(self._work), name=self.name)
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    @property
    def is_leader(self) -> bool:
        """Whether this process is the one that does it."""
        return self.lock.is_leader


def lock_key(name: str) -> int:
    """The advisory lock's number, the same in every process and version."""
    return int.from_bytes(blake2b(b"redress/" + name.encode(), digest_size=8).digest(), signed=True)
