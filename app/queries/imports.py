"""Imports as they are asked about: how far one has come, and what became of every row."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, TypeVar
from uuid import UUID

from app.access.keys import require_role
from app.access.privileges import READS_IMPORTS
from app.imports.jobs import Import, ImportJobs, RowReport
from app.queries.paging import After, Listed, Rows
from domain.titles import Language
from domain.values import Actor
from wording.imports import ENCODINGS, remark_in_words

NEWEST: Final = 100  # imports
Shown = TypeVar("Shown")


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
class RowLine:
    """The same as a line of a file: all that was remarked as one text."""

    row: int
    outcome: str
    number: str | None
    old_number: str | None
    complaint_id: UUID | None
    remarks: str


@dataclass(frozen=True)
class RowFilter:
    """Any of these outcomes; empty for all."""

    outcome: Sequence[str] = ()


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
    `failure` is file-unreadable (the report says where), rules-changed (the mapping no longer fits the rules),
    processes-ended (what decided for it was killed again and again, as for want of memory) or internal-error.
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
        self,
        id: UUID,
        actor: Actor,
        language: Language,
        *,
        after: int = 0,
        limit: int = 50,
        outcomes: Sequence[str] = (),
    ) -> ImportView:
        """With the rows of its report behind `after`. Raises `NoSuchImport`."""
        require_role(actor, *READS_IMPORTS)
        one = await self.jobs.one(id)
        rows = await self.jobs.rows(id, after, limit, outcomes)
        following = str(rows[-1].row) if len(rows) == limit else None
        return import_view(one, ReportPage([_row_view(row, language) for row in rows], following))


    async def report(
        self, id: UUID, actor: Actor, language: Language, wanted: RowFilter
    ) -> tuple[Rows[RowView], Rows[RowLine]]:
        """The whole report, as it is answered and as it stands in files. Raises `NoSuchImport`."""
        require_role(actor, *READS_IMPORTS)
        source = _Report(self.jobs, await self.jobs.one(id), wanted)
        return source.rows(RowView, lambda row: _row_view(row, language)), source.rows(
            RowLine, lambda row: row_line(row, language)
        )


@dataclass(frozen=True)
class _Report:
    """What the report is read from: it grows while its import runs, and follows nothing that it could be behind."""

    jobs: ImportJobs
    one: Import
    wanted: RowFilter

    def rows(self, shape: type[Shown], shown: Callable[[RowReport], Shown]) -> Rows[Shown]:
        async def page(after: After | None, limit: int) -> Listed[Shown]:
            found = await self.jobs.rows(self.one.id, after.ordinal if after else 0, limit + 1, self.wanted.outcome)
            more, found = len(found) > limit, found[:limit]
            following = After(None, self.one.id, found[-1].row) if more else None
            return Listed([shown(row) for row in found], following)

        return Rows(shape, self, page, counted=lambda: self.jobs.reported(self.one.id, self.wanted.outcome))

    async def must_reach(self, position: int) -> None:
        """Nothing is waited for."""

    async def position(self) -> int:
        return self.one.position


def import_view(one: Import, report: ReportPage | None = None) -> ImportView:
    return ImportView(
        one.id, one.state, one.dry_run, one.described.file, one.format,
        ENCODINGS.get(one.encoding or "", one.encoding), one.asked_by, one.created_at, one.started_at, one.ended_at,
        Progress(one.rows_done, one.rows_total), one.counts, one.failure, one.position, report,
    )  # fmt: skip


def row_line(row: RowReport, language: Language) -> RowLine:
    remarks = [remark_in_words(one.code, one.about, one.value, language) for one in row.remarks]
    return RowLine(row.row, row.outcome, row.number, row.old_number, row.complaint_id, " ".join(remarks))


def _row_view(row: RowReport, language: Language) -> RowView:
    remarks = [
        RemarkView(one.code, one.about, remark_in_words(one.code, one.about, one.value, language))
        for one in row.remarks
    ]
    return RowView(row.row, row.outcome, row.complaint_id, row.number, row.old_number, remarks)
