"""One import from its file to its report: read, handed out in batches, reported in order. After a kill it goes on.

A long file is decided by processes of its own, so that requests do not wait for it and it does not wait for them.
"""

import asyncio
import tempfile
from collections import deque
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from itertools import islice
from typing import Final, Protocol

from app.imports.batches import BATCH, Batch, BatchDone, Batches, Recording, Staff
from app.imports.deciders import Deciders, Deployment
from app.imports.jobs import Import, counted
from app.imports.mapping import ImportMapping, read_mapping, sheet_in
from app.imports.rows import known_by
from app.imports.tables import Row, Table, opened

AT_ONCE: Final = 2  # batches: one is decided while the database records the other
MOST_IN_MEMORY: Final = 2_000_000  # characters of a batch
SHORT: Final = 2_000  # rows: done before a process would have been started for them


class _Deciders(Protocol):
    async def done(self, batch: Batch) -> BatchDone: ...


@dataclass(frozen=True)
class Importer:
    """Everything that an import needs. `staff` are those of the deployment as they are now.

    `deployment`: what processes of their own need to decide for it; without it all is decided here.
    """

    recording: Recording
    now: Callable[[], datetime]
    staff: Callable[[], Staff]
    deployment: Deployment | None = None
    progress: Callable[[Import], None] = field(default=lambda _: None)

    async def run(self, one: Import) -> Import:
        """Goes on with an import to its end. Raises `StorageAway`, `DeciderEnded`; what was recorded by then stays.

        Raises `MappingMistake` and `NotATable`, which were looked for before it was accepted.
        """
        with tempfile.TemporaryFile(prefix="redress-import-") as file:
            async for part in self.recording.jobs.content(one.id):
                await asyncio.to_thread(file.write, part)
            sheet = sheet_in(one.described.mapping)
            table = await asyncio.to_thread(opened, file, sheet)
            mapping = read_mapping(one.described.mapping, self.recording.rules, table.columns)
            await self.recording.jobs.start(one.id, self.now(), table.format, table.encoding)
            if one.rows_total is None:
                total = await asyncio.to_thread(_count, table)
                await self.recording.jobs.set_total(one.id, total)
                table = await asyncio.to_thread(opened, file, sheet)
            one = await self.recording.jobs.one(one.id)
            return await self._run(one, table, mapping)

    async def _run(self, one: Import, table: Table, mapping: ImportMapping) -> Import:
        batches, running = _batches(table.rows, one.rows_done), deque[_Running]()
        async with self._deciders(one, table, mapping) as (deciders, at_once):
            try:
                next_batch = await asyncio.to_thread(next, batches, None)
                while running or next_batch is not None:
                    if next_batch is not None and len(running) < at_once:
                        known = frozenset(known_by(mapping, row) for row in next_batch[1] if row is not None)
                        # Two rows of one complaint are told in the order of the file.
                        if all(known.isdisjoint(other.known) for other in running):
                            batch = Batch(*next_batch, self.now())
                            running.append(_Running(batch.last, known, asyncio.create_task(deciders.done(batch))))
                            next_batch = await asyncio.to_thread(next, batches, None)
                            continue
                    oldest = running.popleft()
                    done = await oldest.task
                    one = replace(
                        one, counts=counted(done.reports, one.counts), rows_done=oldest.last,
                        position=max(one.position, done.position),
                    )  # fmt: skip
                    # Of one that was cancelled the batches that are under way are still reported.
                    if not await self.recording.jobs.report(one, done.reports, one.rows_done, one.counts):
                        next_batch = None
                    self.progress(one)
            finally:
                for left in running:
                    left.task.cancel()
                await asyncio.gather(*(left.task for left in running), return_exceptions=True)
        await self.recording.jobs.end(one.id, "done", self.now())
        return await self.recording.jobs.one(one.id)

    @asynccontextmanager
    async def _deciders(
        self, one: Import, table: Table, mapping: ImportMapping
    ) -> AsyncIterator[tuple[_Deciders, int]]:
        """What decides the batches, and how many of them at a time."""
        if self.deployment is None or (one.rows_total or 0) - one.rows_done <= SHORT:
            yield Batches(self.recording, one, mapping, self.staff(), self.now()), AT_ONCE
            return
        async with Deciders(self.deployment, one, table.columns, self.staff(), self.now()) as deciders:
            yield deciders, AT_ONCE * deciders.processes


@dataclass(frozen=True)
class _Running:
    """A batch that is under way, up to the row `last`, and by what its complaints are known."""

    last: int
    known: frozenset[str]
    task: asyncio.Task[BatchDone]


def _batches(rows: Iterator[Row | None], done: int) -> Iterator[tuple[int, list[Row | None]]]:
    """The rows behind the first `done`, a batch at a time, with the number of its first row."""
    number = done + 1
    batch: list[Row | None] = []
    size = 0
    for row in islice(rows, done, None):
        batch.append(row)
        size += sum(len(value) for value in (row or {}).values() if isinstance(value, str))
        if len(batch) >= BATCH or size >= MOST_IN_MEMORY:
            yield number, batch
            number, batch, size = number + len(batch), [], 0
    if batch:
        yield number, batch


def _count(table: Table) -> int:
    return sum(1 for _ in table.rows)
