"""Group commit: one task takes what is waiting and appends it in one transaction, one round trip.

There is no timer: an idle writer appends at once, a busy one finds a larger batch when it comes back.
A batch whose connection was lost is sent again as it was, which is safe because a command id is recorded once.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from copy import copy
from time import monotonic
from typing import Any

import asyncpg

from eventlog.batch import CALL, Waiting, arguments, judgement, take_batch, waiting
from eventlog.database import CONNECT_TIMEOUT, StorageAway, is_storage_away
from eventlog.entries import Append, Appended, QueueFull, VersionConflict
from eventlog.patience import StorageWait

ANSWER_TIMEOUT = 10.0  # seconds
FIRST_PAUSE = 0.02
LONGEST_PAUSE = 0.5

Connection = Any  # asyncpg's PoolConnectionProxy, which has no usable type


class EventLogWriter:
    """The one writer of this process.

    `committed` is told the newest position after each commit; `patience` is for how many seconds a lost
    connection is replaced and its batch sent again.
    """

    def __init__(
        self,
        pool: asyncpg.Pool[asyncpg.Record],
        committed: Callable[[int], None],
        *,
        queue_size: int,
        batch_size: int,
        patience: float,
    ) -> None:
        self.batches = 0
        self.appended = 0
        self.conflicts = 0
        self._pool = pool
        self._committed = committed
        self._queue_size = queue_size
        self._batch_size = batch_size
        self._patience = patience
        self._queue: deque[Waiting] = deque()
        self._something_waits = asyncio.Event()
        self._closing = False
        self._connection: Connection | None = None
        self._away_since = self._last_failure = monotonic() - patience
        self._task: asyncio.Task[None] | None = None

    @property
    def queued(self) -> int:
        """How many appends wait and are not yet on their way."""
        return len(self._queue)

    @property
    def is_writing(self) -> bool:
        """False before it is opened, and once its task has ended: nothing will be recorded by it any more."""
        return self._task is not None and not self._task.done()

    def open(self) -> None:
        """Starts the writing task on the running loop."""
        self._task = asyncio.create_task(self._write(), name="event log writer")

    async def close(self) -> None:
        """Refuses new appends, finishes those that wait, gives the connection back."""
        self._closing = True
        self._something_waits.set()
        if self._task is not None:
            await self._task
        await self._drop_connection()

    async def append(self, append: Append) -> Appended:
        """See `EventLog.append`."""
        if self._closing or self._task is None:
            raise StorageAway("the event log is closed")
        if len(self._queue) >= self._queue_size:
            raise QueueFull
        answer: asyncio.Future[Appended] = asyncio.get_running_loop().create_future()
        item = waiting(append, answer)
        self._queue.append(item)
        self._something_waits.set()
        try:
            with StorageWait():
                return await answer
        except StorageAway as error:
            if not answer.cancelled():
                raise
            # Given up: what nobody waits for any more is not sent, and what was sent may be recorded.
            raise _away(outcome_unknown=not any(item is one for one in self._queue)) from error

    async def _write(self) -> None:
        batch: list[Waiting] = []
        try:
            while self._queue or not self._closing:
                if not self._queue:
                    self._something_waits.clear()
                    await self._something_waits.wait()
                batch = take_batch(self._queue, self._batch_size)
                if batch:
                    await self._settle(batch)
        finally:
            # Only a cancelled writer leaves something behind; nobody may wait for it for ever.
            self._closing = True
            self._fail(batch, StorageAway("the event log was stopped", outcome_unknown=True))
            self._fail(list(self._queue), StorageAway("the event log was stopped"))
            self._queue.clear()

    async def _settle(self, batch: list[Waiting]) -> None:
        try:
            rows, replayed = await self._send_until_answered(batch)
        except Exception as error:
            if len(batch) == 1 or isinstance(error, StorageAway):
                self._fail(batch, error)
                return
            # One of them is at fault and is not to spoil the others.
            for item in batch:
                await self._settle([item])
            return
        self.batches += 1
        self._answer(batch, [judgement(item, row, replayed=replayed) for item, row in zip(batch, rows, strict=True)])

    def _answer(self, batch: list[Waiting], answers: list[Appended | Exception]) -> None:
        newest = 0
        for item, answer in zip(batch, answers, strict=True):
            if isinstance(answer, Appended):
                newest = max(newest, answer.position)
                self.appended += not answer.seen_before
            elif isinstance(answer, VersionConflict):
                self.conflicts += 1
            if isinstance(answer, Exception):
                self._fail([item], answer)
            elif not item.answer.done():
                item.answer.set_result(answer)
        if newest:
            self._committed(newest)

    @staticmethod
    def _fail(batch: list[Waiting], error: Exception) -> None:
        for item in batch:
            if not item.answer.done():
                # One exception that many raise would collect all their tracebacks.
                item.answer.set_exception(error if len(batch) == 1 else copy(error))

    async def _send_until_answered(self, batch: list[Waiting]) -> tuple[list[Any], bool]:
        values = arguments(batch)
        sent = replayed = False
        pause = FIRST_PAUSE
        while True:
            try:
                connection = await self._get_connection()
                replayed, sent = sent, True
                return await call(connection, CALL, values), replayed
            except Exception as error:
                await self._drop_connection()
                if not is_storage_away(error):
                    raise
                if self._has_been_away_too_long():
                    raise _away(outcome_unknown=sent) from error
                await asyncio.sleep(pause)
                pause = min(pause * 2, LONGEST_PAUSE)

    def _has_been_away_too_long(self) -> bool:
        # Counted from the first failure of a row of them: who comes late to an outage waits less.
        now = monotonic()
        if now - self._last_failure > self._patience:
            self._away_since = now
        self._last_failure = now
        return now - self._away_since > self._patience

    async def _get_connection(self) -> Connection:
        if self._connection is None:
            self._connection = await self._pool.acquire(timeout=CONNECT_TIMEOUT)
        return self._connection

    async def _drop_connection(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            # A connection that the other side closed has already gone back to the pool by itself.
            with suppress(asyncpg.InterfaceError):
                connection.terminate()
            await self._pool.release(connection)


async def call(connection: Connection, statement: str, values: tuple[list[Any], ...]) -> list[Any]:
    """One call of a function that appends; the connection is cut off when it has not answered for ten seconds."""
    rows: list[Any] = await connection.fetch(statement, *values, timeout=ANSWER_TIMEOUT)
    return rows


def _away(*, outcome_unknown: bool) -> StorageAway:
    if outcome_unknown:
        return StorageAway(
            "the database went away while this was being recorded: it may have been recorded or not; "
            "ask again with the same command id",
            outcome_unknown=True,
        )
    return StorageAway("the database is away; nothing was recorded")
