"""The imports that were asked for, their files and their reports, as the database holds them.

File, file name, mapping and what the report says of a row are sealed with the deployment's key; the file is gone once
the import is over. A row of a report, once written, stays.
"""

from collections.abc import AsyncIterable, AsyncIterator, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256
from typing import Any, Final, Literal
from uuid import UUID

import asyncpg
import msgspec

from app.imports.rows import Remark
from domain.errors import Invalid, NotFound, Refused, TurnedAway
from eventlog.database import fetch, fetch_by_index
from eventlog.remembered import remember
from eventlog.sealing import MasterKey

State = Literal["waiting", "running", "done", "failed", "cancelled"]
Outcome = Literal["taken", "went-on", "already-there", "refused"]
WAITING_AT_MOST: Final = 8  # imports
PART: Final = 256 * 1024  # bytes

COLUMNS: Final = """
    id, asked_by, dry_run, state, sealed, created_at, started_at, ended_at, rows_done, rows_total, counts, format,
    encoding, failure, position
"""
NEW: Final = """
INSERT INTO imports (id, asked_by, dry_run, state, sealed, content_hash, created_at, rows_done, counts)
SELECT $1, $2, $3, 'waiting', $4, $5, $6, 0, '{}' ON CONFLICT (id) DO NOTHING RETURNING id
"""
OPEN: Final = "SELECT count(*) FROM imports WHERE state IN ('waiting', 'running')"
SAME: Final = f"""
SELECT {COLUMNS} FROM imports
WHERE content_hash = $1 AND dry_run = $2 AND state IN ('waiting', 'running') ORDER BY created_at LIMIT 1
"""
HASHED: Final = "UPDATE imports SET content_hash = $2 WHERE id = $1"
ONE: Final = f"SELECT {COLUMNS} FROM imports WHERE id = $1"
ALL: Final = f"SELECT {COLUMNS} FROM imports ORDER BY created_at DESC, id LIMIT $1"
NEXT: Final = f"""
SELECT {COLUMNS} FROM imports WHERE state IN ('running', 'waiting') ORDER BY state, created_at LIMIT 1
"""
START: Final = """
UPDATE imports SET state = 'running', started_at = coalesce(started_at, $2), format = $3, encoding = $4
WHERE id = $1 AND state IN ('waiting', 'running')
"""
TOTAL: Final = "UPDATE imports SET rows_total = $2 WHERE id = $1"
END: Final = """
UPDATE imports SET state = $2, ended_at = $3, failure = $4 WHERE id = $1 AND state IN ('waiting', 'running')
RETURNING id
"""
ROWS: Final = """
INSERT INTO import_rows (import_id, row, outcome, complaint_id, sealed)
SELECT $1, * FROM unnest($2::int[], $3::text[], $4::uuid[], $5::bytea[]) ON CONFLICT DO NOTHING
"""
DONE: Final = """
UPDATE imports SET rows_done = $2, counts = $3, position = greatest(position, $4) WHERE id = $1 AND state = 'running'
RETURNING id
"""
REPORT: Final = """
SELECT row, outcome, complaint_id, sealed FROM import_rows
WHERE import_id = $1 AND row > $2 AND ($4::text[] = '{}' OR outcome = ANY($4)) ORDER BY row LIMIT $3
"""
REPORTED: Final = """
SELECT count(*) FROM import_rows WHERE import_id = $1 AND ($2::text[] = '{}' OR outcome = ANY($2))
"""
TOLD: Final = """
SELECT complaint_id, min(row) AS row FROM import_rows WHERE import_id = $1 AND complaint_id = ANY($2::uuid[])
GROUP BY complaint_id
"""
FILE_PART: Final = "INSERT INTO import_parts (import_id, part, sealed) VALUES ($1, $2, $3)"
PARTS: Final = "SELECT sealed FROM import_parts WHERE import_id = $1 AND part = $2"
FORGET: Final = "DELETE FROM import_parts WHERE import_id = $1"


class NoSuchImport(NotFound): ...


class ImportIsOver(Refused): ...


class FileTooLarge(Invalid): ...


class TooManyImports(TurnedAway):
    """So many wait already."""

    retry_after = 60


@dataclass(frozen=True)
class Described:
    """What stands sealed of an import: the name of its file and its mapping."""

    file: str
    mapping: str


@dataclass(frozen=True)
class Import:
    """One import. `counts`: rows by outcome. `failure` is a code; `position` that of its last event in the log."""

    id: UUID
    asked_by: str
    dry_run: bool
    state: State
    described: Described
    created_at: datetime
    started_at: datetime | None
    ended_at: datetime | None
    rows_done: int
    rows_total: int | None
    counts: dict[str, int]
    format: str | None
    encoding: str | None
    failure: str | None
    position: int

    @property
    def is_over(self) -> bool:
        return self.state not in ("waiting", "running")


@dataclass(frozen=True)
class RowReport:
    """What became of one row: its complaint, its numbers here and before, and all that was remarked."""

    row: int
    outcome: Outcome
    complaint_id: UUID | None = None
    number: str | None = None
    old_number: str | None = None
    remarks: Sequence[Remark] = field(default_factory=tuple)


class ImportJobs:
    """Every method raises `StorageAway`."""

    def __init__(self, pool: asyncpg.Pool, master: MasterKey) -> None:
        self._pool, self._master = pool, master

    async def new(
        self,
        id: UUID,
        described: Described,
        by: str,
        content: AsyncIterable[bytes],
        *,
        dry_run: bool,
        at: datetime,
        most: int,
        request_hash: bytes | None = None,
    ) -> tuple[Import, bool]:
        """Keeps an import and its file, of at most so many bytes; and whether it was there already.

        `request_hash`: that of the command of this id, remembered in the same commit.
        Raises `FileTooLarge`, `TooManyImports`.
        """
        if (await fetch(self._pool, OPEN))[0][0] >= WAITING_AT_MOST:
            raise TooManyImports
        size, known = 0, sha256(described.mapping.encode())
        sealed = self._master.seal_setting(msgspec.json.encode(described), id.bytes)
        async with self._pool.acquire() as connection, connection.transaction():
            if await connection.fetchval(NEW, id, by, dry_run, sealed, b"", at) is None:
                return await self.one(id), True
            async for number, part in _numbered(content):
                size += len(part)
                if size > most:
                    raise FileTooLarge("/file", megabytes=most // 2**20)
                known.update(part)
                await connection.execute(FILE_PART, id, number, self._master.seal_setting(part, _place(id, number)))
            await connection.execute(HASHED, id, self._content_hash(known.hexdigest()))
            if request_hash is not None:
                await remember(connection, id, request_hash, at)
        return await self.one(id), False

    async def unfinished(self, mapping: str, content: AsyncIterable[bytes], *, dry_run: bool) -> Import | None:
        """The import of this very file with this very mapping that was begun and is not over, if there is one."""
        known = sha256(mapping.encode())
        async for part in content:
            known.update(part)
        rows = await fetch(self._pool, SAME, self._content_hash(known.hexdigest()), dry_run)
        return self._read(rows[0]) if rows else None

    def _content_hash(self, content: str) -> bytes:
        return self._master.lookup_hash("import", content)

    async def one(self, id: UUID) -> Import:
        """Raises `NoSuchImport`."""
        rows = await fetch(self._pool, ONE, id)
        if not rows:
            raise NoSuchImport
        return self._read(rows[0])

    async def newest(self, limit: int) -> list[Import]:
        return [self._read(row) for row in await fetch(self._pool, ALL, limit)]

    async def next_one(self) -> Import | None:
        """The one to go on with: that which was begun, else the oldest that waits."""
        rows = await fetch(self._pool, NEXT)
        return self._read(rows[0]) if rows else None

    async def start(self, id: UUID, at: datetime, format: str, encoding: str | None) -> None:
        await fetch(self._pool, START, id, at, format, encoding)

    async def set_total(self, id: UUID, rows: int) -> None:
        await fetch(self._pool, TOTAL, id, rows)

    async def end(self, id: UUID, state: State, at: datetime, failure: str | None = None) -> bool:
        """Whether it was not over before. Its file is forgotten."""
        async with self._pool.acquire() as connection, connection.transaction():
            ended = await connection.fetchval(END, id, state, at, failure)
            if ended is not None:
                await connection.execute(FORGET, id)
        return ended is not None

    async def cancel(self, id: UUID, at: datetime) -> Import:
        """What was taken by then stays. Raises `NoSuchImport`, `ImportIsOver`."""
        await self.one(id)
        if not await self.end(id, "cancelled", at):
            raise ImportIsOver
        return await self.one(id)

    async def report(self, one: Import, rows: Sequence[RowReport], done: int, counts: Mapping[str, int]) -> bool:
        """Keeps what became of rows, all up to `done`; whether the import is still to go on."""
        sealed = [
            self._master.seal_setting(
                msgspec.json.encode((row.number, row.old_number, row.remarks)), _place(one.id, row.row)
            )
            for row in rows
        ]
        async with self._pool.acquire() as connection, connection.transaction():
            await connection.execute(
                ROWS, one.id, [row.row for row in rows], [row.outcome for row in rows],
                [row.complaint_id for row in rows], sealed,
            )  # fmt: skip
            encoded = msgspec.json.encode(counts).decode()
            return await connection.fetchval(DONE, one.id, done, encoded, one.position) is not None

    async def rows(self, id: UUID, after: int, limit: int, outcomes: Collection[str] = ()) -> list[RowReport]:
        """The report from behind a row on; with `outcomes` only the rows of these."""
        found = []
        for row, its_outcome, complaint_id, sealed in await fetch(self._pool, REPORT, id, after, limit, list(outcomes)):
            said = self._master.unseal_setting(sealed, _place(id, row))
            number, old_number, remarks = _SAID.decode(said)
            found.append(RowReport(row, its_outcome, complaint_id, number, old_number, tuple(remarks)))
        return found

    async def reported(self, id: UUID, outcomes: Collection[str] = ()) -> int:
        """How many rows the report has by now; with `outcomes` only those of these."""
        return int((await fetch(self._pool, REPORTED, id, list(outcomes)))[0][0])

    async def told_of(self, id: UUID, complaints: Collection[UUID]) -> dict[UUID, int]:
        """Of these complaints those that a row of the report tells of, and the first such row."""
        return {row["complaint_id"]: row["row"] for row in await fetch_by_index(self._pool, TOLD, id, list(complaints))}

    async def content(self, id: UUID) -> AsyncIterator[bytes]:
        """The file, part by part."""
        number = 0
        while rows := await fetch(self._pool, PARTS, id, number):
            yield self._master.unseal_setting(rows[0][0], _place(id, number))
            number += 1

    def _read(self, row: Any) -> Import:
        values = dict(row)
        described = msgspec.json.decode(
            self._master.unseal_setting(values.pop("sealed"), row["id"].bytes), type=Described
        )
        counts = msgspec.json.decode(values.pop("counts"), type=dict[str, int])
        return Import(described=described, counts=counts, **values)


_SAID: Final = msgspec.json.Decoder(tuple[str | None, str | None, list[Remark]])


def _place(id: UUID, number: int) -> bytes:
    return id.bytes + number.to_bytes(8)


async def _numbered(content: AsyncIterable[bytes]) -> AsyncIterator[tuple[int, bytes]]:
    """The content in parts of one size."""
    number, held = 0, bytearray()
    async for some in content:
        held += some
        while len(held) >= PART:
            yield number, bytes(held[:PART])
            del held[:PART]
            number += 1
    if held or number == 0:
        yield number, bytes(held)


def counted(rows: Sequence[RowReport], before: Mapping[str, int]) -> dict[str, int]:
    """Rows by outcome, and those that were taken with a guess or without a part."""
    counts = dict(before)
    for row in rows:
        counts[row.outcome] = counts.get(row.outcome, 0) + 1
        if row.remarks and row.outcome != "refused":
            counts["with-remarks"] = counts.get("with-remarks", 0) + 1
    return counts


