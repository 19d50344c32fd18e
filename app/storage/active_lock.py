"""One active runner among all processes, and another one that takes over when it goes away.

The lock belongs to a PostgreSQL session: it is free again as soon as the server has noticed that the holder's
connection is gone. A holder that was cut off may therefore still be busy for a moment while the next one has begun, so
what it writes must be safe on its own (a checkpoint that is compared and set, an append with its expected version).
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from hashlib import blake2b
from typing import Any

import asyncpg
import structlog

from app.storage.database import CONNECT_TIMEOUT, is_storage_away

log = structlog.get_logger()

POLL = 0.5  # seconds between two attempts to become the active one
BEAT = 5.0  # seconds without a sign of life of the lock's connection, after which it is asked for one
LONGEST_PAUSE = 10.0  # seconds after the work failed again and again
LONGEST_PAUSE_WITHOUT_STORAGE = 1.0

TRY = "SELECT pg_try_advisory_lock($1)"
# A holder whose machine vanished is noticed by the server after about ten seconds instead of two hours.
NOTICE_A_DEAD_HOLDER = "SET tcp_keepalives_idle = 5; SET tcp_keepalives_interval = 2; SET tcp_keepalives_count = 3"


class ActiveLock:
    """The right to be the one that does `name` in this database.

    It uses one connection of the pool while it holds the lock, and none while it waits.
    """

    def __init__(self, pool: asyncpg.Pool[asyncpg.Record], name: str, *, poll: float = POLL) -> None:
        """`poll`: seconds between two attempts to get the lock."""
        self.name = name
        self.key = lock_key(name)
        self.active = False
        self.attempts = 0
        self._pool = pool
        self._poll = poll

    async def run(self, work: Callable[[], Awaitable[None]]) -> None:
        """Runs `work` whenever this process holds the lock, for ever; end it by cancelling its task.

        `work` is cancelled when the lock is lost. When it returns or fails, the lock is given back, and after a
        pause (longer after each failure in a row) competed for again. Errors are logged and never raised.
        """
        pause = self._poll
        while True:
            try:
                await self._try(work)
                pause = self._poll
            except Exception as error:
                # Whatever it was: this must not end before the process does.
                away = is_storage_away(error)
                told = log.warning if away else log.error
                told("active_runner_failed", runner=self.name, error=type(error).__name__, storage_away=away)
                pause = min(2 * pause, LONGEST_PAUSE_WITHOUT_STORAGE if away else LONGEST_PAUSE)
            await asyncio.sleep(pause)

    async def once(self, work: Callable[[], Awaitable[None]]) -> bool:
        """Runs `work` to its end if nobody holds the lock now; False where somebody does.

        For work that comes rarely: no connection is kept between two times. Raises what `work` raises.
        """
        return await self._try(work)

    async def _try(self, work: Callable[[], Awaitable[None]]) -> bool:
        async with self._pool.acquire(timeout=CONNECT_TIMEOUT) as connection:
            held = await connection.fetchval(TRY, self.key)
            self.attempts += 1
            if not held:
                return False
            await connection.execute(NOTICE_A_DEAD_HOLDER)
            self.active = True
            log.info("active_runner_started", runner=self.name)
            try:
                await self._work_while_held(connection, work)
            finally:
                self.active = False
        return True

    async def _work_while_held(self, connection: Any, work: Callable[[], Awaitable[None]]) -> None:
        working = asyncio.ensure_future(work())
        watching = asyncio.create_task(_until_lost(connection))
        try:
            await asyncio.wait({working, watching}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            both = asyncio.gather(working, watching, return_exceptions=True)
            lost = watching.done()
            finished = working.done()
            working.cancel()
            watching.cancel()
            await both
        if finished:
            working.result()
        elif lost:
            log.warning("active_runner_lost_its_lock", runner=self.name)
            watching.result()


def lock_key(name: str) -> int:
    """The advisory lock's number, the same in every process and version."""
    return int.from_bytes(blake2b(b"redress/" + name.encode(), digest_size=8).digest(), signed=True)


async def _until_lost(connection: Any) -> None:
    """Returns when the connection has ended; raises when it does not answer any more."""
    ended = asyncio.Event()

    def end(_connection: object) -> None:
        ended.set()

    # A connection that has ended goes back to the pool by itself, and refuses every further call.
    with suppress(asyncpg.InterfaceError):
        connection.add_termination_listener(end)
        try:
            while not ended.is_set():
                try:
                    async with asyncio.timeout(BEAT):
                        await ended.wait()
                except TimeoutError:
                    await connection.execute("SELECT 1", timeout=BEAT)
        finally:
            connection.remove_termination_listener(end)
