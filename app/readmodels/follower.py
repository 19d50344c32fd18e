"""Keeps the read models behind the log by milliseconds: one leader in all processes, the others wait for it.

Each batch of events, the rows that follow from it and the checkpoint are one transaction. A complaint that a read
model cannot take in is set aside, loudly, and tried again every minute; everything else goes on.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine, Sequence
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime
from time import monotonic
from types import TracebackType
from typing import Final, Self
from uuid import UUID

import asyncpg
import structlog

from app.readmodels.fold import Folded, Folding
from app.readmodels.store import (
    HOLD,
    MENDED,
    SESSION,
    CheckpointMoved,
    Connection,
    ProjectionFailure,
    Rows,
    move_checkpoints,
    read_checkpoints,
    read_failures,
    set_aside,
    write_one_by_one,
    write_rows,
)
from eventlog.codec import EventCodec
from eventlog.complainants import Complainants
from eventlog.database import CONNECT_TIMEOUT, StorageAway, is_storage_away
from eventlog.leader_lock import LeaderLock
from eventlog.log import EventLog, Recorded
from procedures.rules import Rules
from projections.case import ReadModel
from projections.progress import READ_MODELS

log = structlog.get_logger()

LOCK: Final = "read models"
RETRY_SECONDS: Final = 60.0
GATHER_SECONDS: Final = 0.004  # what is recorded meanwhile shares the transaction
LOOK_SECONDS: Final = 0.02  # between two looks at the checkpoint where another process follows

COME_SO_FAR = "SELECT coalesce(min(position), 0) FROM reading.checkpoints WHERE name = ANY($1::text[])"
LAG = """
SELECT h.head - c.position AS behind, (
    SELECT e.recorded_at FROM stored_events e WHERE e.notification_id = c.position + 1
) AS waiting_since
FROM (SELECT coalesce(min(position), 0) AS position FROM reading.checkpoints WHERE name = ANY($1::text[])) c,
    (SELECT coalesce(max(notification_id), 0) AS head FROM stored_events) h
"""


class Follower:
    """Follows the log into the read models. To be used as an async context manager."""

    def __init__(
        self,
        pool: asyncpg.Pool[asyncpg.Record],
        log: EventLog,
        codec: EventCodec,
        complainants: Complainants,
        rules: Rules,
        *,
        models: Sequence[ReadModel] = READ_MODELS,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
        batch_size: int = 256,
        retry_seconds: float = RETRY_SECONDS,
    ) -> None:
        """`batch_size`: events per transaction; `retry_seconds`: between two attempts at what was set aside."""
        self._pool, self._log, self._models, self._now = pool, log, tuple(models), now
        self._folding = Folding(log, codec, complainants, rules)
        self._batch_size, self._retry_seconds = batch_size, retry_seconds
        self._lock = LeaderLock(pool, LOCK)
        self._checkpoints: dict[str, int] = {}
        self._aside: dict[str, set[UUID]] = {}
        self._known = 0
        self._moved = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        self._task = asyncio.create_task(self._lock.run(self._follow), name="read models")
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._task is not None:
            self._task.cancel()
            with suppress(asyncio.CancelledError):
                await self._task

    @property
    def is_leader(self) -> bool:
        """Whether this process is the one that writes the read models."""
        return self._lock.is_leader

    async def reached(self, position: int, timeout: float) -> bool:  # noqa: ASYNC109 (running out is an answer)
        """Waits until every read model shows what was recorded up to `position`; False when the time ran out.

        Works in every process. Raises `StorageAway`.
        """
        limit = monotonic() + timeout
        while self._known < position:
            left = limit - monotonic()
            if left <= 0:
                return False
            if self._lock.is_leader:
                with suppress(TimeoutError):
                    async with asyncio.timeout(min(left, 0.5)):
                        await self._moved.wait()
            else:
                self._advance(await self._fetchval(COME_SO_FAR, [model.name for model in self._models]))
                if self._known < position:
                    await asyncio.sleep(min(left, LOOK_SECONDS))
        return True

    async def lag(self) -> tuple[int, float]:
        """How many events the read models are behind, and since how many seconds. Raises `StorageAway`."""
        async with _storage(self._pool) as connection:
            behind, since = await connection.fetchrow(LAG, [model.name for model in self._models])
        return behind, 0.0 if since is None else max(0.0, (self._now() - since).total_seconds())

    async def failures(self) -> list[ProjectionFailure]:
        """The complaints that are set aside. Raises `StorageAway`."""
        async with _storage(self._pool) as connection:
            return await read_failures(connection)

    async def _follow(self) -> None:
        async with self._pool.acquire(timeout=CONNECT_TIMEOUT) as connection:
            await connection.execute(SESSION)
            await self._start_over(connection)
            next_retry = monotonic()
            while True:
                if monotonic() >= next_retry:
                    next_retry = monotonic() + self._retry_seconds
                    await self._unless_moved(connection, self._try_again(connection))
                position = min(self._checkpoints.values())
                if await self._log.wait_beyond(position, max(0.0, next_retry - monotonic())) > position:
                    await self._unless_moved(connection, self._take_batch(connection, position))

    async def _start_over(self, connection: Connection) -> None:
        self._folding.forget()
        self._checkpoints = await read_checkpoints(connection, self._models)
        self._aside = {model.name: set() for model in self._models}
        for failure in await read_failures(connection):
            self._aside.setdefault(failure.projection, set()).add(failure.complaint_id)
        self._advance(min(self._checkpoints.values()))

    async def _unless_moved(self, connection: Connection, work: Coroutine[None, None, None]) -> None:
        try:
            await work
        except CheckpointMoved:
            log.info("read_models_moved_by_another")
            await self._start_over(connection)

    async def _take_batch(self, connection: Connection, position: int) -> None:
        batch = await self._log.after(position, self._batch_size)
        if not batch:
            return
        folded = await self._folding.up_to(batch)
        work = _Batch(batch, folded, {name: at for name, at in self._checkpoints.items() if at < batch[-1].position})
        try:
            await self._write(connection, work, one_by_one=False)
        except CheckpointMoved:
            raise
        except Exception as error:
            if is_storage_away(error):
                raise
            log.warning("batch_written_one_by_one", error=type(error).__name__)
            await self._write(connection, work, one_by_one=True)
        if len(batch) < self._batch_size:
            await asyncio.sleep(GATHER_SECONDS)

    async def _write(self, connection: Connection, work: _Batch, *, one_by_one: bool) -> None:
        failed: dict[str, set[UUID]] = {}
        async with connection.transaction():
            await move_checkpoints(connection, work.before, work.end)
            for model in self._models:
                if model.name not in work.before:
                    continue
                aside = self._aside[model.name]
                rows = Rows.of(model, [case for case in work.folded.cases_for(model) if case.id not in aside])
                failures = work.folded.failed_for(model)
                wrong = rows.failed | {id: error for id, error in failures.items() if id not in aside}
                if one_by_one:
                    wrong |= await write_one_by_one(connection, rows)
                else:
                    await write_rows(connection, rows)
                await set_aside(connection, model, wrong, work.first_positions)
                failed[model.name] = set(wrong)
        for name, ids in failed.items():
            self._aside[name] |= ids
            self._checkpoints[name] = work.end
        self._advance(min(self._checkpoints.values()))

    async def _try_again(self, connection: Connection) -> None:
        """What is set aside, as it stands at the checkpoint."""
        for model in self._models:
            ids, position = self._aside[model.name], self._checkpoints[model.name]
            if not ids:
                continue
            folded = await self._folding.whole(ids, position)
            async with connection.transaction():
                held = {row["name"]: row["position"] for row in await connection.fetch(HOLD)}
                if held.get(model.name) != position:
                    raise CheckpointMoved
                rows = Rows.of(model, folded.cases_for(model))
                still = folded.failed_for(model) | rows.failed | await write_one_by_one(connection, rows)
                mended = [case.id for case in rows.cases if case.id not in still]
                for id in mended:
                    await connection.execute(MENDED, model.name, id)
            for id in mended:
                ids.discard(id)
                log.info("projection_mended", projection=model.name, complaint_id=str(id))

    def _advance(self, position: int) -> None:
        if position > self._known:
            self._known = position
            self._moved.set()
            self._moved = asyncio.Event()

    async def _fetchval(self, query: str, *values: object) -> int:
        async with _storage(self._pool) as connection:
            return int(await connection.fetchval(query, *values))


class _Batch:
    """One batch of events, the complaints it touches, and the checkpoints that it moves."""

    def __init__(self, events: Sequence[Recorded], folded: Folded, before: dict[str, int]) -> None:
        self.end, self.folded, self.before = events[-1].position, folded, before
        self.first_positions: dict[UUID, int] = {}
        for recorded in events:
            self.first_positions.setdefault(recorded.originator_id, recorded.position)


@asynccontextmanager
async def _storage(pool: asyncpg.Pool[asyncpg.Record]) -> AsyncIterator[Connection]:
    """A connection of the pool. Raises `StorageAway` when the database cannot be reached."""
    try:
        async with pool.acquire(timeout=CONNECT_TIMEOUT) as connection:
            yield connection
    except Exception as error:
        if is_storage_away(error):
            raise StorageAway from error
        raise
