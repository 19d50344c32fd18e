"""The one session on which a process holds all its locks.

It is a connection of its own, beside the pool: whatever the pool is busy with, the locks neither wait for it nor take a
connection away from it. Its statements are short and come one after the other. When it is lost, all its locks are.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from typing import Any

BEAT = 5.0  # seconds without a sign of life of the connection, after which it is asked for one

TRY = "SELECT pg_try_advisory_lock($1)"
UNLOCK = "SELECT pg_advisory_unlock($1)"


class Holding:
    """One connection from its opening to its end, and the locks that this process holds on it."""

    def __init__(self, connection: Any) -> None:
        """`lost` is set once the connection has ended or does not answer any more."""
        self.lost = asyncio.Event()
        self.keys: set[int] = set()
        self._connection = connection
        connection.add_termination_listener(self._ended)

    async def ask(self, query: str, *values: object) -> Any:
        """One short statement. Where it fails, or is cancelled half-way, the connection is given up with its locks."""
        try:
            async with asyncio.timeout(BEAT):
                return await self._connection.fetchval(query, *values)
        except BaseException:
            self.end()
            raise

    def end(self) -> None:
        """Cuts the connection; the server gives its locks to others as soon as it notices."""
        self.lost.set()
        self._connection.terminate()

    async def close(self) -> None:
        self.lost.set()
        try:
            await self._connection.close(timeout=BEAT)
        except BaseException:
            self._connection.terminate()
            raise

    def _ended(self, _connection: object) -> None:
        self.lost.set()


class LockSession:
    """Takes and gives back locks; connected from the first lock on, until nobody uses it any more."""

    def __init__(self, connect: Callable[[], Awaitable[Any]]) -> None:
        """`connect` opens the connection."""
        self._connect = connect
        self._one_at_a_time = asyncio.Lock()
        self._holding: Holding | None = None
        self._watching: asyncio.Task[None] | None = None
        self._users = 0

    @asynccontextmanager
    async def used(self) -> AsyncIterator[None]:
        """While somebody is in here, the connection stays open between two locks."""
        self._users += 1
        try:
            yield
        finally:
            self._users -= 1
            if self._users == 0:
                await self._close()

    async def try_lock(self, key: int) -> Holding | None:
        """None where somebody holds it, in this process too. Raises what the connection raises."""
        trying = asyncio.create_task(self._try(key))
        try:
            return await asyncio.shield(trying)
        except asyncio.CancelledError:
            # The server may have given it: it would be held for ever, and by nobody.
            with suppress(Exception):
                if (holding := await trying) is not None:
                    await self.unlock(holding, key)
            raise

    async def unlock(self, holding: Holding, key: int) -> None:
        """Gives back what `try_lock` gave. Where that cannot be said, the server notices that the connection ended."""
        async with self._one_at_a_time:
            holding.keys.discard(key)
            if not holding.lost.is_set():
                with suppress(Exception):
                    await holding.ask(UNLOCK, key)

    async def _try(self, key: int) -> Holding | None:
        async with self._one_at_a_time:
            holding = await self._opened()
            # The server would give one session the same lock twice.
            if key in holding.keys or not await holding.ask(TRY, key):
                return None
            holding.keys.add(key)
            return holding

    async def _opened(self) -> Holding:
        if self._holding is not None and not self._holding.lost.is_set():
            return self._holding
        self._holding = holding = Holding(await self._connect())
        self._stop_watching()
        self._watching = asyncio.create_task(self._watch(holding), name="lock session")
        return holding

    async def _watch(self, holding: Holding) -> None:
        """A connection that is cut off says nothing by itself."""
        while not holding.lost.is_set():
            with suppress(TimeoutError):
                async with asyncio.timeout(BEAT):
                    await holding.lost.wait()
            async with self._one_at_a_time:
                if not holding.lost.is_set():
                    with suppress(Exception):
                        await holding.ask("SELECT 1")

    def _stop_watching(self) -> None:
        if self._watching is not None:
            self._watching.cancel()
            self._watching = None

    async def _close(self) -> None:
        async with self._one_at_a_time:
            if self._users:
                return
            self._stop_watching()
            holding, self._holding = self._holding, None
            if holding is not None and not holding.lost.is_set():
                with suppress(Exception):
                    await holding.close()
