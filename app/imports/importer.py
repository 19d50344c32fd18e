"""One import, batch by batch: read, decided, recorded, reported. After a kill it goes on where it was.

A row is known by the number it had before, a row without one by all that it says: the same one again changes nothing.
"""

import asyncio
import tempfile
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from itertools import islice
from typing import Any, Final, cast
from uuid import UUID, uuid5

from app.commands.numbers import counted_on, number_of
from app.commands.pinned_rules import governed
from app.commands.query_codes import new_query_code
from app.imports.deciding import Deciding
from app.imports.jobs import Import, ImportJobs, RowReport, counted
from app.imports.mapping import ImportMapping, read_mapping
from app.imports.rows import PastComplaint, Remark, RowReader, RowRefused, canonical
from app.imports.tables import Row, Table, opened
from domain.complaint.complaint import Complaint
from domain.complaint.events import ComplaintEvent
from domain.complaint.intake import Identity
from domain.people import People
from domain.values import Actor
from eventlog.codec import EventCodec
from eventlog.complainants import Complainants, IssueClaim
from eventlog.log import Append, Appended, EventLog, Recorded
from eventlog.sealing import DataKey, MasterKey
from eventlog.streams import COMPLAINT
from procedures.rules import Rules

BATCH: Final = 200  # rows
AT_ONCE: Final = 2  # batches: one is decided while the database records the other
MOST_IN_MEMORY: Final = 2_000_000  # characters of a batch
PAUSE_AFTER: Final = 4  # rows, some milliseconds: requests want to use the loop too
ATTEMPTS: Final = 5
COMMANDS: Final = UUID("4f0f3d0e-3a52-5d8c-8a0e-0b7f4c1f2a6d")  # the name space of the ids of what imports append


@dataclass(frozen=True)
class NumberedRow:
    """A row of the file, the first of which is 1, and by what its complaint is known."""

    number: int
    id: UUID
    digest: str
    past: PastComplaint | None
    refused: tuple[Remark, ...] = ()


@dataclass
class _Decided:
    """What a row comes to, before it is recorded."""

    row: NumberedRow
    report: RowReport
    complaint: Complaint | None = None
    append: Append | None = None


@dataclass(frozen=True)
class Importer:
    """Everything that an import needs. `people` and `known_units` are those of the deployment as they are now."""

    log: EventLog
    codec: EventCodec
    complainants: Complainants
    rules: Rules
    master: MasterKey
    jobs: ImportJobs
    now: Callable[[], datetime]
    people: Callable[[], People]
    known_units: Callable[[], Any]
    progress: Callable[[Import], None] = field(default=lambda _: None)

    async def run(self, one: Import) -> Import:
        """Goes on with an import to its end. Raises `StorageAway`; what was recorded by then stays.

        Raises `MappingMistake` and `NotATable`, which were looked for before it was accepted.
        """
        with tempfile.TemporaryFile(prefix="redress-import-") as file:
            async for part in self.jobs.content(one.id):
                await asyncio.to_thread(file.write, part)
            table = await asyncio.to_thread(opened, file)
            mapping = read_mapping(one.described.mapping, self.rules, table.columns)
            await self.jobs.start(one.id, self.now(), table.format, table.encoding)
            if one.rows_total is None:
                total = await asyncio.to_thread(_count, table)
                await self.jobs.set_total(one.id, total)
                table = await asyncio.to_thread(opened, file)
            one = await self.jobs.one(one.id)
            return await self._run(one, table, mapping)

    async def _run(self, one: Import, table: Table, mapping: ImportMapping) -> Import:
        work = _Work(self, one, mapping)
        batches, running = _batches(table.rows, one.rows_done), deque[_Running]()
        more = True
        try:
            while True:
                while more and len(running) < AT_ONCE:
                    batch = await asyncio.to_thread(next, batches, None)
                    more = batch is not None
                    if batch is not None:
                        first, rows = batch
                        task = asyncio.create_task(work.batch(first, rows))
                        running.append(_Running(first + len(rows) - 1, task))
                if not running:
                    break
                now = running.popleft()
                found = await now.task
                one = replace(one, counts=counted(found, one.counts), rows_done=now.last, position=work.position)
                # Of one that was cancelled the batches that are under way are still reported.
                more = await self.jobs.report(one, found, one.rows_done, one.counts) and more
                self.progress(one)
        finally:
            for left in running:
                left.task.cancel()
            await asyncio.gather(*(left.task for left in running), return_exceptions=True)
        await self.jobs.end(one.id, "done", self.now())
        return await self.jobs.one(one.id)


@dataclass(frozen=True)
class _Running:
    """A batch that is under way, up to the row `last`."""

    last: int
    task: asyncio.Task[list[RowReport]]


class _Work:
    """The batches of one import, one after the other."""

    def __init__(self, importer: Importer, one: Import, mapping: ImportMapping) -> None:
        self._with, self._import = importer, one
        self.position = one.position
        rules, code = importer.rules, mapping.procedure
        procedure = rules.procedure(code) if mapping.version is None else rules.procedure_at(code, mapping.version)
        by = Actor(one.asked_by, frozenset({"admin"}))
        self._deciding = Deciding(
            procedure, rules.calendar(procedure.calendar), importer.people(), importer.known_units(), by, one.id,
            one.described.file,
        )  # fmt: skip
        self._reader = RowReader(mapping, procedure, importer.now())
        self._system = mapping.system
        self._turn = asyncio.Lock()

    async def batch(self, first: int, rows: Sequence[Row]) -> list[RowReport]:
        """What becomes of these rows; the same complaint twice among them is looked at one after the other."""
        async with self._turn:
            waiting = [await self._numbered(number, row) for number, row in enumerate(rows, first)]
        reports: list[RowReport] = []
        while waiting:
            first_of: dict[UUID, NumberedRow] = {}
            for row in waiting:
                first_of.setdefault(row.id, row)
            waiting = [row for row in waiting if first_of[row.id] is not row]
            reports += await self._different(list(first_of.values()))
        return sorted(reports, key=lambda report: report.row)

    async def _numbered(self, number: int, row: Row) -> NumberedRow:
        if number % PAUSE_AFTER == 0:
            await asyncio.sleep(0)
        said = canonical(row)
        digest = self._with.master.lookup_hash("imported row", said.decode()).hex()[:16]
        try:
            past = self._reader.read(row)
        except RowRefused as refused:
            return NumberedRow(number, UUID(int=number), digest, None, tuple(refused.remarks))
        known_by = f"{self._system}\0{past.old_number}" if past.old_number else f"\0\0{digest}"
        id = UUID(bytes=self._with.master.lookup_hash("imported", known_by)[:16], version=5)
        return NumberedRow(number, id, digest, past)

    async def _different(self, rows: Sequence[NumberedRow]) -> list[RowReport]:
        """Rows of which each is another complaint."""
        reports = [RowReport(row.number, "refused", remarks=row.refused) for row in rows if row.past is None]
        waiting = [row for row in rows if row.past is not None]
        for attempt in range(ATTEMPTS):
            async with self._turn:
                decided = await self._decided(waiting)
            recorded = await self._recorded(decided)
            reports += [one.report for one in recorded]
            done = {one.row.number for one in recorded}
            waiting = [row for row in waiting if row.number not in done]  # somebody changed it meanwhile
            if not waiting:
                return reports
            await asyncio.sleep(0.05 * attempt)
        busy = (Remark("import-busy", refused=True),)
        return reports + [RowReport(row.number, "refused", row.id, remarks=busy) for row in waiting]

    async def _decided(self, rows: Sequence[NumberedRow]) -> list[_Decided]:
        streams = await self._with.log.streams([row.id for row in rows])
        new = [row for row in rows if not streams[row.id]]
        decided = await self._begun(new)
        for row in rows:
            if streams[row.id]:
                decided.append(await self._again(row, streams[row.id]))
        return decided

    async def _begun(self, rows: Sequence[NumberedRow]) -> list[_Decided]:
        identities = await self._identities(rows)
        decided: list[_Decided] = []
        for row, (identity, key) in zip(rows, identities, strict=True):
            if len(decided) % PAUSE_AFTER == 0:
                await asyncio.sleep(0)
            past = cast(PastComplaint, row.past)
            origin = self._deciding.origin(row.number, row.digest)
            complaint = self._deciding.begun(past, identity, origin, self._with.now())
            append = self._append_of(complaint, key)
            number = None if self._import.dry_run else identity.number
            report = RowReport(row.number, "taken", row.id, number, past.old_number or None, tuple(past.remarks))
            decided.append(_Decided(row, report, complaint, append))
        return decided

    async def _identities(self, rows: Sequence[NumberedRow]) -> list[tuple[Identity, DataKey]]:
        """Numbers of the days on which they were received, and keys; a dry run draws none."""
        procedure, calendar = self._deciding.procedure, self._deciding.calendar
        asked = []
        for row in rows:
            past = cast(PastComplaint, row.past)
            day = calendar.local_date(past.received_at)
            asked.append((day, counted_on(day, past.intake.kind, procedure), past.intake.complainant))
        if self._import.dry_run:
            key = self._with.master.new_data_key(COMMANDS).key
            return [(Identity(row.id, "", key.id), key) for row in rows]
        wanted = [(procedure.code, counted_day, person) for _, counted_day, person in asked]
        reserved = await self._with.complainants.reserve_all(wanted) if wanted else []
        return [
            (Identity(row.id, number_of(procedure, day, one.number), one.key.id, new_query_code()), one.key)
            for row, (day, _, _), one in zip(rows, asked, reserved, strict=True)
        ]

    async def _again(self, row: NumberedRow, stream: Sequence[Recorded]) -> _Decided:
        """One that is there already: what it tells beyond that follows."""
        past = cast(PastComplaint, row.past)
        key = await self._with.complainants.key(self._with.codec.complainant_of(stream[0]))
        happened = [cast(ComplaintEvent, self._with.codec.any_event(one, key)) for one in stream]
        complaint = await governed(COMPLAINT.folded(happened), self._with.rules)
        brought = [event.imported for event in happened if event.imported is not None]
        old = past.old_number or None
        if brought and brought[-1].id == self._import.id and brought[-1].row == row.number:  # before it was cut off
            report = RowReport(row.number, "taken", row.id, complaint.number, old, tuple(past.remarks))
            return _Decided(row, report)
        if brought and brought[-1].digest == row.digest:
            return _Decided(row, RowReport(row.number, "already-there", row.id, complaint.number, old))
        past.remarks.clear()  # they were told when it was taken
        origin = self._deciding.origin(row.number, row.digest)
        went_on = self._deciding.went_on(complaint, happened, past, origin, self._with.now())
        remarks = (*self._deciding.differences(complaint, past), *past.remarks)
        outcome: Any = "went-on" if went_on else "already-there"
        report = RowReport(row.number, outcome, row.id, complaint.number, old, remarks)
        append = self._append_of(complaint, key) if went_on else None
        return _Decided(row, report, complaint, append)

    def _append_of(self, complaint: Complaint, key: DataKey | None) -> Append:
        events = cast(list[ComplaintEvent], list(complaint.collect_events()))
        stored = [self._with.codec.stored(event, key) for event in events]
        command_id = uuid5(COMMANDS, f"{complaint.id}/{events[0].originator_version}")
        return Append(command_id, None, stored, [event.actor.id for event in events], self._with.now())

    async def _recorded(self, decided: Sequence[_Decided]) -> list[_Decided]:
        """Those that were recorded, or had nothing to be recorded."""
        done = [one for one in decided if one.append is None or self._import.dry_run]
        to_do = [one for one in decided if one.append is not None and not self._import.dry_run]
        for some in _of_one_append(to_do):
            appends = [cast(Append, one.append) for one in some]
            for one, outcome in zip(some, await self._with.log.append_in_order(appends), strict=True):
                if isinstance(outcome, Appended):
                    self.position = max(self.position, outcome.position)
                    done.append(one)
        await self._hold_matters(done)
        return done

    async def _hold_matters(self, done: Sequence[_Decided]) -> None:
        """What is open is compared with intakes from now on: whoever calls again about it repeats it."""
        for one in done:
            complaint = one.complaint
            if self._import.dry_run or one.append is None or complaint is None or complaint.has_ended:
                continue
            if complaint.issue_point is not None and not self._deciding.procedure.duplicates_allowed:
                claim = IssueClaim(complaint.id, complaint.issue_point)
                await self._with.complainants.join(complaint.procedure_code, complaint.complainant, claim)


APPEND_BYTES: Final = 1_000_000


def _of_one_append(decided: Sequence[_Decided]) -> Iterator[list[_Decided]]:
    """Parts that are appended in one transaction, so that intakes wait for none of them for long."""
    some: list[_Decided] = []
    size = 0
    for one in decided:
        size += sum(len(event.state) for event in cast(Append, one.append).events)
        some.append(one)
        if size > APPEND_BYTES or len(some) >= BATCH // 2:
            yield some
            some, size = [], 0
    if some:
        yield some


def _batches(rows: Iterator[Row], done: int) -> Iterator[tuple[int, list[Row]]]:
    """The rows behind the first `done`, a batch at a time, with the number of its first row."""
    number = done + 1
    batch: list[Row] = []
    size = 0
    for row in islice(rows, done, None):
        batch.append(row)
        size += sum(len(value) for value in row.values() if isinstance(value, str))
        if len(batch) >= BATCH or size >= MOST_IN_MEMORY:
            yield number, batch
            number, batch, size = number + len(batch), [], 0
    if batch:
        yield number, batch


def _count(table: Table) -> int:
    return sum(1 for _ in table.rows)
