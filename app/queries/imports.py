"""Imports as they are asked about: how far one has come, and what became of every row."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from app.access.keys import require_role
from app.access.privileges import READS_IMPORTS
from app.imports.jobs import Import, ImportJobs, RowReport
from domain.titles import Language
from domain.values import Actor
from wording.imports import ENCODINGS, remark_in_words

NEWEST: Final = 100  # imports


@dataclass(frozen=True)
class RemarkView:
    """What was guessed or refused: `about` a field or step; `text` says it in the reader's language."""

    code: str
    about: str
    text: str


@dataclass(frozen=True)
class RowView:
    """`outcome` is taken, went-on, already-there or refused. In a dry run: what it would be."""

    row: int
    outcome: str
    complaint_id: UUID | None
    number: str | None
    old_number: str | None
    remarks: list[RemarkView]


@dataclass(frozen=True)
class ReportPage:
    """A part of the report in the order of the rows; `next_cursor` is null on the last page of what there is by now."""

    items: list[RowView]
    next_cursor: str | None


@dataclass(frozen=True)
class Progress:
    done: int
    total: int | None


@dataclass(frozen=True)
class ImportView:
    """One import. `state` is waiting, running, done, failed or cancelled; `counts` are rows by outcome.

    `position`: of its last event in the log, for `min_position`. `file`, `encoding` and `format` as they were found.
    """

    id: UUID
    state: str
    dry_run: bool
    file: str
    format: str | None
    encoding: str | None
    asked_by: str
    created_at: datetime
    started_at: datetime | None
    ended_at: datetime | None
    rows: Progress
    counts: dict[str, int]
    failure: str | None
    position: int
    report: ReportPage | None = None


@dataclass(frozen=True)
class ImportList:
    items: list[ImportView]


@dataclass(frozen=True)
class ImportQueries:
    """For administrators, and for auditors. Every method raises `RoleNeeded`, `StorageAway`."""

    jobs: ImportJobs

    async def newest(self, actor: Actor) -> ImportList:
        require_role(actor, *READS_IMPORTS)
        return ImportList([import_view(one) for one in await self.jobs.newest(NEWEST)])

    async def one(
        self, id: UUID, actor: Actor, language: Language, *, after: int = 0, limit: int = 50, outcome: str | None = None
    ) -> ImportView:
        """With the rows of its report behind `after`. Raises `NoSuchImport`."""
        require_role(actor, *READS_IMPORTS)
        one = await self.jobs.one(id)
        rows = await self.jobs.rows(id, after, limit, outcome)
        following = str(rows[-1].row) if len(rows) == limit else None
        return import_view(one, ReportPage([_row_view(row, language) for row in rows], following))


def import_view(one: Import, report: ReportPage | None = None) -> ImportView:
    return ImportView(
        one.id, one.state, one.dry_run, one.described.file, one.format,
        ENCODINGS.get(one.encoding or "", one.encoding), one.asked_by, one.created_at, one.started_at, one.ended_at,
        Progress(one.rows_done, one.rows_total), one.counts, one.failure, one.position, report,
    )  # fmt: skip


def _row_view(row: RowReport, language: Language) -> RowView:
    remarks = [
        RemarkView(one.code, one.about, remark_in_words(one.code, one.about, one.value, language))
        for one in row.remarks
    ]
    return RowView(row.row, row.outcome, row.complaint_id, row.number, row.old_number, remarks)
