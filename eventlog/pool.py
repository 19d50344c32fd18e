"""The pool of connections: what is given up is cut off at once, and nothing piles up while the storage is away."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Awaitable, Callable, Coroutine
from types import TracebackType
from typing import Any, Final

import asyncpg
from asyncpg.pool import PoolAcquireContext

from eventlog.away import is_storage_away
from eventlog.connection import Connection
from eventlog.lock_session import LockSession
from eventlog.patience import StorageWait

CLOSE_SECONDS: Final = 5.0


class StorageConnection(Connection):
    """A connection that is cut off where a statement is cancelled, or takes too long.

    asyncpg would ask the server, on another connection, to cancel the statement, and wait for it: for long where it is
    the server that does not answer. And a commit that waits for its standby is told by a cancellation to be content
    without it.
    """

    _is_untouched = False

    def is_untouched(self) -> None:
        """Nothing was done on it that its session would remember: the next one gets it as it is."""
        self._is_untouched = True

    def _cancel_current_command(self, waiter: object, cancel_waiter: object = None) -> None:
        self._loop.call_soon(self.terminate)  # the protocol is in the middle of giving the statement up

    async def reset(self, *, timeout: float | None = None) -> None:  # noqa: ASYNC109 (asyncpg's own)
        """As asyncpg's, before it is given to the next; one that is gone needs none, and nobody misses its answer."""
        untouched, self._is_untouched = self._is_untouched, False
        if untouched:
            return
        try:
            await super().reset(timeout=timeout)
        except Exception as error:
            if not is_storage_away(error):
                raise
            self.terminate()


class Connecting:
    """Opens connections: as many at once as are wanted while that succeeds, one at a time while it does not."""

    def __init__(self) -> None:
        self._failed = False
        self._one_at_a_time = asyncio.Lock()

    async def __call__(self, *arguments: Any, **named: Any) -> Any:
        if not self._failed:
            return await self._connected(*arguments, **named)
        async with self._one_at_a_time:
            return await self._connected(*arguments, **named)

    async def _connected(self, *arguments: Any, **named: Any) -> Any:
        try:
            connection = await asyncpg.connect(*arguments, **named)
        except BaseException:
            self._failed = True
            raise
        self._failed = False
        return connection


class ServicePool(asyncpg.Pool):  # type: ignore[misc]  # it is published without types
    """A pool, and what stands beside it: the session on which the process holds its locks, and eventlog/editions.py."""

    locks: LockSession
    connect_beside: Callable[[], Awaitable[Any]]
    editions: Any = None

    def acquire(self, *, timeout: float | None = None) -> Lease:
        """As asyncpg's; it is used as a context manager by whoever serves a request."""
        return Lease(self, timeout)

    def _acquire(self, timeout: float | None) -> Coroutine[Any, Any, Any]:
        acquiring: Coroutine[Any, Any, Any] = super()._acquire(None)
        return acquiring if timeout is None else _within(timeout, acquiring)

    async def fetch(self, query: str, *values: Any, **named: Any) -> list[asyncpg.Record]:
        """As asyncpg's, of a statement that leaves nothing in its session, and without the round trip of a reset."""
        async with self.acquire() as connection:
            rows: list[asyncpg.Record] = await connection.fetch(query, *values, **named)
            connection.is_untouched()
            return rows

    async def close(self) -> None:
        """Waits a moment for those that are busy and cuts them off then, also where the server says nothing."""
        try:
            async with asyncio.timeout(CLOSE_SECONDS):
                await super().close()
        except Exception as error:
            if not is_storage_away(error):
                raise


async def _within(seconds: float, acquiring: Coroutine[Any, Any, Any]) -> Any:
    # asyncpg's own wait loses a cancellation that comes together with the connection.
    async with asyncio.timeout(seconds):
        return await acquiring


class Lease(PoolAcquireContext):  # type: ignore[misc]
    """A connection of the pool for a while, all of which counts as waiting for the storage."""

    __slots__ = ("_connection", "_waiting")

    async def __aenter__(self) -> Any:
        self._waiting = StorageWait()
        self._waiting.__enter__()
        try:
            self._connection = await self.pool._acquire(self.timeout)
            return self._connection
        except BaseException:
            self._waiting.__exit__(*sys.exc_info())
            raise

    async def __aexit__(
        self,
        exc_type: type[BaseException] | None = None,
        exc_val: BaseException | None = None,
        exc_tb: TracebackType | None = None,
    ) -> None:
        try:
            await self._given_back(exc_val)
        except BaseException:
            self._waiting.__exit__(*sys.exc_info())
            raise
        self._waiting.__exit__(exc_type, exc_val, exc_tb)

    async def _given_back(self, error: BaseException | None) -> None:
        connection = self._connection
        try:
            await self.pool.release(connection)
        except BaseException as failed:
            self._cut(connection)
            if not is_storage_away(failed):
                raise
            # It is gone: what was asked of it has been answered before, or has failed and says why.
        if error is None or isinstance(error, asyncio.CancelledError):
            return
        task = asyncio.current_task()
        if task is not None and task.cancelling():
            # A connection that is cut off in a transaction replaces the cancellation by an error of its own.
            raise asyncio.CancelledError from error

    @staticmethod
    def _cut(connection: Any) -> None:
        try:
            connection.terminate()
        except asyncpg.InterfaceError:
            pass  # it went back to the pool by itself
