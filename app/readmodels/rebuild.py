"""Rebuilding read models from the log while the present ones serve: fill, catch up, compare, switch.

The log is read complaint by complaint, so each is folded once. Only the last step holds the follower up; the lists
answer all the time.
"""

from __future__ import annotations

import asyncio
import gc
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from typing import Any, Final, Literal
from uuid import UUID

import asyncpg
import structlog

from app.readmodels.fold import Folded, Folding
from app.readmodels.rebuild_tables import (
    Difference,
    compare,
    create_indexes,
    create_tables,
    drop_tables,
    shadow_of,
    switch,
)
from app.readmodels.store import Rows, write_one_by_one, write_rows
from eventlog.checkpoints import Connection, arrive, begin, forget_parked, hold_checkpoints, park
from eventlog.codec import EventCodec
from eventlog.complainants import Complainants
from eventlog.database import CONNECT_TIMEOUT, is_storage_away
from eventlog.leader_lock import lock_key
from eventlog.log import EventLog, Recorded
from procedures.rules import Rules
from projections.case import ReadModel
from projections.progress import READ_MODELS

log = structlog.get_logger()

CHUNK: Final = 4000  # events read at a time
NEAR: Final = 1000  # events: near enough to the head for the last step
CATCH_UP: Final = 500
ROUNDS: Final = 20
FOR_INDEXES: Final = "256MB"  # of the database's memory: with little, the index over what is searched takes long
NO_ID: Final = UUID(int=0)

NEXT_CHUNK: Final = """
SELECT notification_id, originator_id, originator_version, topic, state, actor, recorded_at FROM stored_events
WHERE (originator_id, originator_version) > ($1, $2) AND notification_id <= $3
ORDER BY originator_id, originator_version LIMIT $4
"""

Stage = Literal["reading", "indexing", "catching up", "comparing", "switching"]


class UnknownReadModel(ValueError):
    """There is no such read model."""


class RebuildIsRunning(Exception):
    """Another rebuild is running on this database; wait until it has ended."""


@dataclass(frozen=True, slots=True)
class Progress:
    """Events folded so far, of how many there were when the rebuild began."""

    stage: Stage
    done: int
    total: int


@dataclass(frozen=True)
class Rebuilt:
    """What came of it: up to which position, how the old tables differed, and who could not be taken in."""

    position: int
    differences: tuple[Difference, ...]
    failed: dict[str, tuple[UUID, ...]]
    switched: bool


@dataclass
class _Work:
    """The read models under way: their shadows, and what failed in each."""

    live: tuple[ReadModel, ...]
    shadows: tuple[ReadModel, ...]
    failed: dict[str, dict[UUID, Exception]] = field(default_factory=dict)
    positions: dict[UUID, int] = field(default_factory=dict)

    def note(self, model: str, failed: dict[UUID, Exception]) -> None:
        self.failed.setdefault(model, {}).update(failed)


class Rebuild:
    """One rebuild of some read models. `names` empty: all of them. Raises `UnknownReadModel`."""

    def __init__(
        self,
        pool: asyncpg.Pool[asyncpg.Record],
        log: EventLog,
        codec: EventCodec,
        complainants: Complainants,
        rules: Rules,
        *,
        names: Sequence[str] = (),
        models: Sequence[ReadModel] = READ_MODELS,
        others: Sequence[str] = (),
        progress: Callable[[Progress], None] = lambda _: None,
        compared: Callable[[Sequence[Difference]], None] = lambda _: None,
    ) -> None:
        """`progress` is called as it goes on; `compared` once, before the switch.

        `others`: what can be made anew besides, for whoever asks for what there is not.
        """
        unknown = sorted(set(names) - {model.name for model in models})
        if unknown:
            known = ", ".join((*(model.name for model in models), *others))
            raise UnknownReadModel(f"There is no read model {', '.join(unknown)}; there are {known}.")
        live = tuple(model for model in models if not names or model.name in names)
        self._pool, self._log, self._progress, self._compared = pool, log, progress, compared
        self._folding = Folding(log, codec, complainants, rules, keep=0)
        self._work = _Work(live, tuple(shadow_of(model) for model in live))
        self._total = 0

    async def run(self, *, dry_run: bool = False) -> Rebuilt:
        """Rebuilds, compares, and (not with `dry_run`) switches.

        Raises `RebuildIsRunning`, `StorageAway` or what asyncpg raises; the tables that serve are untouched then.
        """
        async with self._connection() as connection:
            with _fewer_collections():
                return await self._run(connection, dry_run=dry_run)

    async def _run(self, connection: Connection, *, dry_run: bool) -> Rebuilt:
        if not await connection.fetchval("SELECT pg_try_advisory_lock($1)", lock_key("rebuild")):
            raise RebuildIsRunning
        await connection.execute(f"SET synchronous_commit = off; SET maintenance_work_mem = '{FOR_INDEXES}'")
        try:
            for shadow in self._work.shadows:
                await create_tables(connection, shadow)
            self._total = position = await self._log.head()
            await self._fill(connection, position)
            self._tell("indexing", position)
            for shadow in self._work.shadows:
                await create_indexes(connection, shadow)
            position = await self._catch_up(connection, position)
            return await self._finish(connection, position, dry_run=dry_run)
        finally:
            if not connection.is_closed():
                for shadow in self._work.shadows:
                    await drop_tables(connection, shadow)

    # Filling

    async def _fill(self, connection: Connection, until: int) -> None:
        done = 0
        writing: asyncio.Task[None] | None = None
        try:
            async for streams in self._streams(until):
                folded = await self._folding.streams(streams)
                made = [self._rows(shadow, folded, streams) for shadow in self._work.shadows]
                if writing is not None:
                    await writing
                writing = asyncio.create_task(self._write(connection, made))
                done += sum(map(len, streams.values()))
                self._tell("reading", done)
            if writing is not None:
                await writing
        finally:
            if writing is not None and not writing.done():
                writing.cancel()
                await asyncio.gather(writing, return_exceptions=True)

    async def _streams(self, until: int) -> AsyncIterator[dict[UUID, list[Recorded]]]:
        """Whole streams in the order of their ids, about a chunk at a time; the next chunk is read meanwhile."""
        async with AsyncExitStack() as stack:
            connection = await stack.enter_async_context(self._connection())
            reading = asyncio.create_task(_read(connection, NO_ID, 0, until))
            stack.push_async_callback(_ended, lambda: reading)
            unfinished: list[Recorded] = []
            while True:
                chunk = await reading
                last = len(chunk) < CHUNK
                if not last:
                    reading = asyncio.create_task(
                        _read(connection, chunk[-1].originator_id, chunk[-1].originator_version, until)
                    )
                streams: dict[UUID, list[Recorded]] = {}
                for recorded in unfinished + chunk:
                    streams.setdefault(recorded.originator_id, []).append(recorded)
                # The last stream may go on in the next chunk.
                unfinished = [] if last else streams.pop(chunk[-1].originator_id)
                if streams:
                    yield streams
                if last:
                    return

    def _rows(self, shadow: ReadModel, folded: Folded, streams: dict[UUID, list[Recorded]]) -> Rows:
        rows = Rows.of(shadow, folded.cases_for(shadow))
        failed = folded.failed_for(shadow) | rows.failed
        self._work.note(shadow.name, failed)
        self._work.positions.update({id: streams[id][0].position for id in failed})
        return rows

    async def _write(self, connection: Connection, made: Sequence[Rows]) -> None:
        for rows in made:
            try:
                async with connection.transaction():
                    await _copy(connection, rows)
            except Exception as error:
                if is_storage_away(error):
                    raise
                failed = await write_one_by_one(connection, rows)
                self._work.note(rows.model.name, failed)
                self._work.positions.update({case.id: case.position for case in rows.cases if case.id in failed})

    # Catching up

    async def _catch_up(self, connection: Connection, position: int) -> int:
        """Follows the log until the head is near; a log that grows faster than that is caught up by the last step."""
        for _ in range(ROUNDS):
            head = await self._log.head()
            if head - position < NEAR:
                break
            position = await self._take_until(connection, position, head)
        return position

    async def _take_until(self, connection: Connection, position: int, until: int) -> int:
        while position < until:
            batch = await self._log.after(position, CATCH_UP, until=until)
            if not batch:
                break
            folded = await self._folding.whole({one.originator_id for one in batch}, batch[-1].position)
            for shadow in self._work.shadows:
                rows = Rows.of(shadow, folded.cases_for(shadow))
                failed = folded.failed_for(shadow) | rows.failed
                try:
                    async with connection.transaction():
                        await write_rows(connection, rows)
                except Exception as error:
                    if is_storage_away(error):
                        raise
                    failed |= await write_one_by_one(connection, rows)
                self._work.note(shadow.name, failed)
            for one in batch:
                self._work.positions.setdefault(one.originator_id, one.position)
            position = batch[-1].position
            self._tell("catching up", position)
        return position

    # Comparing and switching

    async def _finish(self, connection: Connection, position: int, *, dry_run: bool) -> Rebuilt:
        work, names = self._work, [model.name for model in self._work.live]
        await begin(connection, names)
        switching = connection.transaction()
        await switching.start()
        try:
            # From here on the followers wait.
            held = await hold_checkpoints(connection, names)
            position = await self._take_until(connection, position, await self._log.head())
            self._tell("comparing", position)
            differences: list[Difference] = []
            for old, new in zip(work.live, work.shadows, strict=True):
                differences += await compare(connection, old, new, held[old.name])
            self._compared(differences)
            if not dry_run:
                self._tell("switching", position)
                await self._switch(connection, position)
        except BaseException:
            await switching.rollback()
            raise
        await (switching.rollback() if dry_run else switching.commit())
        failed = {name: tuple(ids) for name, ids in work.failed.items() if ids}
        log.info("read_models_rebuilt", position=position, switched=not dry_run, differences=len(differences))
        return Rebuilt(position, tuple(differences), failed, switched=not dry_run)

    async def _switch(self, connection: Connection, position: int) -> None:
        for old, new in zip(self._work.live, self._work.shadows, strict=True):
            await switch(connection, old, new)
            await forget_parked(connection, old.name)
            for id, error in self._work.failed.get(old.name, {}).items():
                await park(connection, old.name, id, self._work.positions[id], error)
        await arrive(connection, [model.name for model in self._work.live], position)

    def _tell(self, stage: Stage, done: int) -> None:
        self._progress(Progress(stage, done, max(self._total, done)))

    @asynccontextmanager
    async def _connection(self) -> AsyncIterator[Connection]:
        async with self._pool.acquire(timeout=CONNECT_TIMEOUT) as connection:
            yield connection


@contextmanager
def _fewer_collections() -> Iterator[None]:
    """Folding makes many objects and no cycles; looking for cycles at the usual rate takes half of the time."""
    usual = gc.get_threshold()
    gc.set_threshold(50_000, 20, 50)
    try:
        yield
    finally:
        gc.set_threshold(*usual)


async def _copy(connection: Connection, rows: Rows) -> None:
    for target, of_cases in zip(rows.model.targets, rows.of_targets, strict=True):
        records = [row for of_case in of_cases for row in of_case]
        if records:
            await connection.copy_records_to_table(
                target.table.name, schema_name=target.table.schema, columns=target.columns, records=records
            )


async def _read(connection: Connection, id: UUID, version: int, until: int) -> list[Recorded]:
    return [Recorded(*row) for row in await connection.fetch(NEXT_CHUNK, id, version, until, CHUNK)]


async def _ended(task_of: Callable[[], asyncio.Task[Any]]) -> None:
    task = task_of()
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
