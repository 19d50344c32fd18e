"""The one loop that follows the log: a batch of events, what follows from them and the checkpoint are one transaction.

Of all processes one leads, and the others wait for it. A stream that cannot be taken in is parked, loudly, and tried
again every minute, in its own order; everything else goes on. So nothing is skipped and nothing is taken in twice,
whoever dies or is cut off meanwhile. What is made of the events is the consumer's.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import replace
from datetime import UTC, datetime
from time import monotonic
from typing import Final, Generic, Self
from uuid import UUID

import asyncpg
import structlog

from eventlog.checkpoints import (
    COME_SO_FAR,
    CheckpointMoved,
    Connection,
    Parked,
    begin,
    mended,
    move_checkpoints,
    park,
    read_checkpoints,
    read_lags,
    read_parked,
)
from eventlog.codec import EventCodec, UnreadableEvent
from eventlog.consumer import Batch, Consumer, Failed, Item, Prepared, Value, failed_in, is_sound, is_sound_item
from eventlog.database import CONNECT_TIMEOUT, StorageAway, is_storage_away
from eventlog.leader_lock import LeaderTask
from eventlog.log import EventLog

log = structlog.get_logger()

BATCH: Final = 256
SPAN: Final = 50_000  # positions that are looked through at once for events of few kinds
WAIT: Final = 1.0  # seconds
SAVES_EVERY: Final = 1.0  # seconds, also where the log holds nothing for the follower
RETRY_SECONDS: Final = 60.0
RETRIED_AT_ONCE: Final = 20
LOOK_SECONDS: Final = 0.02  # between two looks at the checkpoint where another process leads
LONGEST_GATHERING: Final = 0.1  # seconds


class Follower(LeaderTask, Generic[Value]):
    """Follows the log for one consumer; to be used as an async context manager."""

    def __init__(
        self,
        pool: asyncpg.Pool[asyncpg.Record],
        log: EventLog,
        codec: EventCodec,
        consumer: Consumer[Value],
        *,
        lock: str | None = None,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
        batch_size: int = BATCH,
        retry_seconds: float = RETRY_SECONDS,
    ) -> None:
        """`batch_size`: events per transaction; `retry_seconds`: between two attempts at what is parked."""
        super().__init__(pool, lock or consumer.names[0], self._follow)
        self._pool, self._log, self._consumer, self._now = pool, log, consumer, now
        self._passed_over = [] if consumer.topics is None else sorted(set(codec.topics) - consumer.topics)
        self._batch_size, self._retry_seconds = batch_size, retry_seconds
        self._own: Connection | None = None
        self._checkpoints: dict[str, int] = {}
        self._parked: dict[str, dict[UUID, int]] = {}
        self._unreadable: set[tuple[str, UUID]] = set()  # nothing that this process tries again
        self._to_retry: deque[tuple[str, UUID]] = deque()
        self._next_retry = self._saved = 0.0
        self._read_to = self._reached = 0
        self._moved, self._awaited = asyncio.Event(), asyncio.Event()

    @property
    def names(self) -> tuple[str, ...]:
        """Under which its checkpoints and parked streams are kept."""
        return self._consumer.names

    async def __aenter__(self) -> Self:
        # Before this process can record anything: whoever starts at the head takes in its first event already.
        await begin(self._pool, self._consumer.names, at_head=self._consumer.starts_at_head)
        return await super().__aenter__()

    async def reached(self, position: int, timeout: float) -> bool:  # noqa: ASYNC109 (running out is an answer)
        """Waits until everything up to `position` is taken in, and what follows is done; False when the time ran out.

        Works in every process. Raises `StorageAway`.
        """
        limit = monotonic() + timeout
        while self._reached < position:
            left = limit - monotonic()
            if left <= 0:
                return False
            if self.is_leader:
                self._awaited.set()
                with suppress(TimeoutError):
                    async with asyncio.timeout(min(left, 0.5)):
                        await self._moved.wait()
            elif await self.come_so_far() < position:
                await asyncio.sleep(min(left, LOOK_SECONDS))
        return True

    async def come_so_far(self) -> int:
        """Up to where everything is taken in and done, in whichever process. Raises `StorageAway`."""
        if not self.is_leader:
            async with _storage():
                position = int(await self._pool.fetchval(COME_SO_FAR, list(self._consumer.names)))
                unfinished = await self._consumer.unfinished()
            self._come_to(position if unfinished is None else min(position, unfinished - 1))
        return self._reached

    async def lag(self) -> tuple[int, float]:
        """How many events it is behind, and since how many seconds. Raises `StorageAway`."""
        async with _storage():
            lags = await read_lags(self._pool, self.names)
        worst = max(lags.values(), key=lambda lag: lag.events)
        return worst.events, worst.seconds(self._now())

    async def parked(self) -> list[Parked]:
        """The streams that wait to be tried again. Raises `StorageAway`."""
        async with _storage():
            return await read_parked(self._pool, self._consumer.names)

    # The loop

    async def _follow(self) -> None:
        async with self._kept_connection():
            await self._start_over()
            await self._consumer.afterwards()
            self._come_to(self._read_to)
            while True:
                try:
                    await self._retry()
                    await self._step()
                except CheckpointMoved:
                    log.info("checkpoint_moved_by_another", follower=self.name)
                    await self._start_over()

    async def _start_over(self) -> None:
        names = self._consumer.names
        self._consumer.start_over()
        async with self._connection() as connection:
            self._checkpoints = await read_checkpoints(connection, names)
            self._parked = {name: {} for name in names}
            for one in await read_parked(connection, names):
                self._parked[one.follower][one.stream] = one.position
        self._to_retry.clear()
        self._next_retry = monotonic()
        self._read_to = min(self._checkpoints.values())

    async def _step(self) -> None:
        until_retry = 0.0 if self._to_retry else max(0.0, self._next_retry - monotonic())
        head = await self._log.wait_beyond(self._read_to, min(WAIT, until_retry))
        idle = head <= self._read_to
        batch, is_full = (Batch((), self._read_to), False) if idle else await self._next_batch(head)
        waited_long = idle or monotonic() - self._saved >= SAVES_EVERY
        if batch.events or (waited_long and batch.until > min(self._checkpoints.values())):
            await self._take(batch)
            self._saved = monotonic()
        self._read_to = batch.until
        if batch.events or idle:
            await self._consumer.afterwards()
        self._come_to(batch.until)
        if not is_full:
            await self._gather(len(batch.events))

    async def _gather(self, taken: int) -> None:
        """Lets more come together for the next transaction: the longer the more came last, unless somebody waits."""
        shortest = self._consumer.gathers
        await asyncio.sleep(shortest)
        longer = min(shortest * taken, LONGEST_GATHERING) - shortest
        if longer > 0:
            with suppress(TimeoutError):
                async with asyncio.timeout(longer):
                    await self._awaited.wait()

    async def _next_batch(self, head: int) -> tuple[Batch, bool]:
        """What comes next, and whether there is more of it at once."""
        # Not beyond a checkpoint that is ahead of the others: each takes in what lies behind its own.
        ahead = [at for at in self._checkpoints.values() if at > self._read_to]
        until = min(head, self._read_to + SPAN, *ahead)
        found = await self._log.after(self._read_to, self._batch_size, but=self._passed_over, until=until)
        is_full = len(found) == self._batch_size
        parked = set.intersection(*(set(streams) for streams in self._parked.values()))
        events = [event for event in found if event.originator_id not in parked]
        return Batch(events, found[-1].position if is_full else until), is_full or until < head

    # Taking in

    async def _take(self, batch: Batch) -> None:
        prepared = await self._prepared(batch) if batch.events else {}
        try:
            await self._write(batch, prepared, one_by_one=False)
        except CheckpointMoved:
            raise
        except Exception as error:
            if is_storage_away(error):
                raise
            log.warning("batch_written_one_by_one", follower=self.name, error=type(error).__name__)
            await self._write(batch, prepared, one_by_one=True)

    async def _prepared(self, batch: Batch) -> Mapping[str, Prepared[Value]]:
        """What follows from a batch, each stream up to where it fails: one at fault is not to hold the others up."""
        failed: dict[UUID, Failed] = {}
        prepared: Mapping[str, Prepared[Value]] = {}
        while batch.events:
            try:
                prepared = await self._consumer.prepared(batch)
                break
            except Exception as error:
                if is_storage_away(error):
                    raise
                found = await self._failed_alone(batch)
                if not found:
                    raise
                failed |= found
                batch = replace(batch, events=[event for event in batch.events if is_sound(event, failed)])
        none: Prepared[Value] = Prepared()
        return {
            name: Prepared(prepared.get(name, none).items, prepared.get(name, none).failed | failed)
            for name in self._consumer.names
        }

    async def _failed_alone(self, batch: Batch) -> dict[UUID, Failed]:
        failed: dict[UUID, Failed] = {}
        for stream, events in batch.by_stream().items():
            try:
                await self._consumer.prepared(replace(batch, events=events))
            except Exception as error:
                if is_storage_away(error):
                    raise
                failed[stream] = failed_in(events, error)
        return failed

    async def _write(self, batch: Batch, prepared: Mapping[str, Prepared[Value]], *, one_by_one: bool) -> None:
        before = {name: at for name, at in self._checkpoints.items() if at < batch.until}
        parked: dict[str, dict[UUID, int]] = {}
        async with self._connection() as connection, connection.transaction():
            await move_checkpoints(connection, before, batch.until)
            for name in before.keys() & prepared.keys():
                parked[name] = await self._write_named(connection, name, prepared[name], one_by_one=one_by_one)
        for name in before:
            self._checkpoints[name] = batch.until
            self._parked[name] |= parked.get(name, {})

    async def _write_named(
        self, connection: Connection, name: str, prepared: Prepared[Value], *, one_by_one: bool
    ) -> dict[UUID, int]:
        """Writes what one name has to write, in the caller's transaction; returns what was parked, and from where."""
        before = self._parked[name]
        failed = {stream: failure for stream, failure in prepared.failed.items() if stream not in before}
        items = [item for item in prepared.items if item.stream not in before and is_sound_item(item, failed)]
        if one_by_one:
            failed |= await self._written_one_by_one(connection, name, items)
        elif items:
            await self._consumer.write(connection, name, [item.value for item in items])
        for stream, failure in failed.items():
            await self._park(connection, name, stream, failure)
        return {stream: failure.position for stream, failure in failed.items()}

    async def _written_one_by_one(
        self, connection: Connection, name: str, items: Sequence[Item[Value]]
    ) -> dict[UUID, Failed]:
        """Each behind a savepoint of its own; returns those that failed. What comes after one in its stream waits."""
        failed: dict[UUID, Failed] = {}
        for item in items:
            if item.stream in failed:
                continue
            try:
                async with connection.transaction():
                    await self._consumer.write(connection, name, [item.value])
            except Exception as error:
                if is_storage_away(error):
                    raise
                failed[item.stream] = Failed(item.position, error)
        return failed

    # Parked streams

    async def _park(self, connection: Connection, name: str, stream: UUID, failure: Failed) -> None:
        if isinstance(failure.error, UnreadableEvent):
            self._unreadable.add((name, stream))
        await park(connection, name, stream, failure.position, failure.error)

    async def _retry(self) -> None:
        """Some of what is parked, when its time has come: the rest of the log is not to wait for it all."""
        if monotonic() >= self._next_retry:
            self._next_retry = monotonic() + self._retry_seconds
            waiting = [(name, stream) for name, streams in self._parked.items() for stream in streams]
            self._to_retry = deque(one for one in waiting if one not in self._unreadable)
        for _ in range(min(len(self._to_retry), RETRIED_AT_ONCE)):
            await self._try_again(*self._to_retry.popleft())

    async def _try_again(self, name: str, stream: UUID) -> None:
        """A parked stream, from where it was parked up to where the follower stands."""
        at, since = self._checkpoints[name], self._parked[name][stream]
        until = max(at, self._read_to)
        events = [
            event
            for event in await self._log.stream(stream)
            if since <= event.position <= until and event.topic not in self._passed_over
        ]
        prepared = (await self._prepared(Batch(events, until, late=True)))[name]
        failure = prepared.failed.get(stream)
        if failure is not None and failure.position <= since:
            if isinstance(failure.error, UnreadableEvent):
                self._unreadable.add((name, stream))
            return
        items = [item for item in prepared.items if is_sound_item(item, prepared.failed)]
        async with self._connection() as connection, connection.transaction():
            await move_checkpoints(connection, {name: at}, until)
            failure = (await self._written_one_by_one(connection, name, items)).get(stream, failure)
            if failure is None:
                await mended(connection, name, stream)
            else:
                await self._park(connection, name, stream, failure)
        self._checkpoints[name] = until
        if failure is None:
            del self._parked[name][stream]
            log.info("stream_mended", follower=name, stream=str(stream))
        else:
            self._parked[name][stream] = failure.position
        await self._consumer.afterwards()

    # Connections and waiting

    def _come_to(self, position: int) -> None:
        if position > self._reached:
            self._reached = position
            self._awaited.clear()  # whoever waits for more says so again
            self._moved.set()
            self._moved = asyncio.Event()

    @asynccontextmanager
    async def _kept_connection(self) -> AsyncIterator[None]:
        if not self._consumer.keeps_connection:
            yield
            return
        async with self._connection() as self._own:
            try:
                yield
            finally:
                self._own = None

    @asynccontextmanager
    async def _connection(self) -> AsyncIterator[Connection]:
        if self._own is not None:
            yield self._own
            return
        async with self._pool.acquire(timeout=CONNECT_TIMEOUT) as connection:
            if self._consumer.session:
                await connection.execute(self._consumer.session)
            yield connection


@asynccontextmanager
async def _storage() -> AsyncIterator[None]:
    try:
        yield
    except Exception as error:
        if is_storage_away(error):
            raise StorageAway from error
        raise
