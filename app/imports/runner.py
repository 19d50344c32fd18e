"""Imports are done one at a time, by one process of all; what was begun when a process ended goes on in the next."""

import asyncio
from typing import Final
from uuid import UUID

import asyncpg
import structlog

from app.imports.broken import NotATable, RowUnreadable
from app.imports.deciders import DeciderEnded
from app.imports.importer import Importer
from app.imports.jobs import Import, RowReport, counted
from app.imports.mapping import MappingMistake
from app.imports.rows import Remark
from eventlog.database import is_storage_away
from eventlog.leader_lock import LeaderTask

log = structlog.get_logger()

NAME: Final = "imports"
LOOK_SECONDS: Final = 1.0
MOST_TRIES: Final = 5  # at one place
FAILURES: Final[dict[type[Exception], str]] = {
    RowUnreadable: "file-unreadable", NotATable: "rules-changed", MappingMistake: "rules-changed",
    DeciderEnded: "processes-ended",
}  # fmt: skip


class ImportRunner(LeaderTask):
    """Use it as an async context manager."""

    def __init__(self, pool: asyncpg.Pool, importer: Importer) -> None:
        super().__init__(pool, NAME, self._run)
        self._importer = importer
        self._asked = asyncio.Event()
        self._ended_at: tuple[UUID, int] | None = None  # an import and its row at which its processes ended last
        self._times = 0

    def look(self) -> None:
        """An import was asked for just now."""
        self._asked.set()

    async def _run(self) -> None:
        while True:
            self._asked.clear()
            one = await self._importer.recording.jobs.next_one()
            if one is not None:
                await self._do(one)
                continue
            try:
                await asyncio.wait_for(self._asked.wait(), LOOK_SECONDS)
            except TimeoutError:
                continue

    async def _do(self, one: Import) -> None:
        try:
            await self._importer.run(one)
        except Exception as error:
            if is_storage_away(error) or (isinstance(error, DeciderEnded) and await self._may_try_again(one)):
                raise  # whoever leads next goes on with it
            log.error("import_failed", id=str(one.id), error=type(error).__name__)
            if isinstance(error, RowUnreadable):
                await self._say_where(one, error.row)
            failure = FAILURES.get(type(error), "internal-error")
            await self._importer.recording.jobs.end(one.id, "failed", self._importer.now(), failure)

    async def _may_try_again(self, one: Import) -> bool:
        """Whether its processes have not ended at this very place again and again, as for want of memory."""
        place = (one.id, (await self._importer.recording.jobs.one(one.id)).rows_done)
        self._times = self._times + 1 if place == self._ended_at else 1
        self._ended_at = place
        return self._times < MOST_TRIES

    async def _say_where(self, one: Import, row: int) -> None:
        """The file was read to its end before anything of it was taken, so this is all of the report."""
        why = RowReport(row, "refused", remarks=(Remark("import-row-unreadable", refused=True),))
        await self._importer.recording.jobs.report(one, [why], one.rows_done, counted([why], one.counts))
