"""What every process holds in memory of the database, and that all of them have learnt a change before it is answered.

Each process says which edition of a thing it has by a shared advisory lock, on a session that ends with it. Whoever has
changed the thing wakes the others and waits until nobody holds the lock of an older edition: who was killed holds none,
and who has just started holds that of edition 0 until it has learnt. A process that has lost its session is not waited
for; it learns anew as soon as it has another one, before it says that it knows.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from hashlib import blake2b
from time import monotonic
from typing import Any, Final

import asyncpg
import structlog

from eventlog.database import ServicePool, StorageAway, fetch, is_storage_away

log = structlog.get_logger()

CHANNEL: Final = "redress_editions"
POLL: Final = 1.0  # seconds: a wake-up may be lost
FIRST_PAUSE, LONGEST_PAUSE = 0.1, 1.0  # seconds between two attempts to get a session
PATIENCE: Final = 3.0  # seconds: a process that stands still must not hold up an answer for ever
LOOK_AGAIN: Final = 0.005
CLOSING: Final = 1.0
LEARNING: Final = 0

LOCK: Final = "SELECT pg_advisory_lock_shared($1, $2)"
UNLOCK: Final = "SELECT pg_advisory_unlock_shared($1, $2)"
WAKE: Final = f"SELECT pg_notify('{CHANNEL}', '')"
BEHIND: Final = """
SELECT EXISTS (
    SELECT FROM pg_locks JOIN pg_database ON pg_database.oid = pg_locks.database AND datname = current_database()
    WHERE locktype = 'advisory' AND objsubid = 2 AND classid::bigint = $1 AND objid::bigint < $2 AND pid <> $3
)
"""
Learn = Callable[[], Awaitable[int]]


class Followed:
    """One thing that this process holds, and of which edition it has said so."""

    def __init__(self, name: str, learn: Learn) -> None:
        self.number = number_of(name)
        self.learn = learn
        self.said: int | None = None
        self.first: asyncio.Future[None] = asyncio.get_running_loop().create_future()


class Editions:
    """Of one process: the things that it holds, each by its name, and the session on which it says so."""

    def __init__(self, pool: ServicePool) -> None:
        """Use `editions_of`."""
        self._pool = pool
        self._followed: dict[str, Followed] = {}
        self._wake = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self._session_pid = 0

    async def follow(self, name: str, learn: Learn) -> None:
        """From now on `learn` is called whenever the thing may have changed; it has been, once, when this returns.

        `learn` takes in what is newest and answers its edition, a number from 0 that grows with every change. Raises
        what it raises at first, and `StorageAway`.
        """
        self._followed[name] = followed = Followed(name, learn)
        if self._task is None:
            self._task = asyncio.create_task(self._follow_for_ever(), name="editions")
        self._wake.set()
        try:
            await followed.first
        except BaseException:
            await self.unfollow(name)
            raise

    async def unfollow(self, name: str) -> None:
        """The session ends with the last one."""
        self._followed.pop(name, None)
        if not self._followed and self._task is not None:
            task, self._task = self._task, None
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

    async def everybody_knows(self, name: str, edition: int) -> None:
        """Returns once every other process has learnt this edition or a later one, seconds later at the latest.

        Raises nothing: what is to be known has been recorded, and is learnt by whoever comes back.
        """
        limit = monotonic() + PATIENCE
        try:
            await fetch(self._pool, WAKE)
            while (await fetch(self._pool, BEHIND, number_of(name), edition, self._session_pid))[0][0]:
                if monotonic() > limit:
                    log.warning("edition_not_known_everywhere", of=name)
                    return
                await asyncio.sleep(LOOK_AGAIN)
        except StorageAway:
            log.warning("edition_not_known_everywhere", of=name, storage_away=True)

    async def _follow_for_ever(self) -> None:
        pause = FIRST_PAUSE
        while True:
            try:
                connection = await self._pool.connect_beside()
                pause = FIRST_PAUSE
                await self._follow_on(connection)
            except Exception as error:
                # Whatever it is, this must not end before the process does: a revoked key would be taken for ever.
                self._fail_those_who_wait(error)
                log.warning("editions_not_followed", error=type(error).__name__, storage_away=is_storage_away(error))
            await asyncio.sleep(pause)
            pause = min(2 * pause, LONGEST_PAUSE)

    async def _follow_on(self, connection: Any) -> None:
        """Until the session is lost; raises then."""
        try:
            connection.add_termination_listener(lambda _: self._wake.set())
            await connection.add_listener(CHANNEL, lambda *_: self._wake.set())
            self._session_pid = connection.get_server_pid()
            for followed in self._followed.values():
                followed.said = None
            while not connection.is_closed():
                self._wake.clear()
                for followed in list(self._followed.values()):
                    await _learn(connection, followed)
                with suppress(TimeoutError):
                    async with asyncio.timeout(POLL):
                        await self._wake.wait()
            raise ConnectionResetError
        finally:
            self._session_pid = 0
            with suppress(Exception):
                await connection.close(timeout=CLOSING)

    def _fail_those_who_wait(self, error: Exception) -> None:
        for followed in self._followed.values():
            if not followed.first.done():
                followed.first.set_exception(StorageAway() if is_storage_away(error) else error)


async def _learn(connection: Any, followed: Followed) -> None:
    if followed.said is None:
        # Before the first look: whoever changes the thing between that and the lock would not wait for this process.
        await connection.fetchval(LOCK, followed.number, LEARNING)
        followed.said = LEARNING
    edition = await followed.learn()
    if edition != followed.said:
        await connection.fetchval(LOCK, followed.number, edition)
        await connection.fetchval(UNLOCK, followed.number, followed.said)
        followed.said = edition
    if not followed.first.done():
        followed.first.set_result(None)


def editions_of(pool: asyncpg.Pool[asyncpg.Record]) -> Editions:
    """What the process with this pool of `create_pool` holds."""
    if not isinstance(pool, ServicePool):
        raise TypeError("only a pool that was opened by create_pool has a session beside it")
    if pool.editions is None:
        pool.editions = Editions(pool)
    editions: Editions = pool.editions
    return editions


def number_of(name: str) -> int:
    """The first number of the thing's advisory locks, the same in every process and version."""
    return int.from_bytes(blake2b(b"redress/edition/" + name.encode(), digest_size=4).digest()) >> 1
