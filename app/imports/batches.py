"""A batch of an import's rows: numbered, decided, recorded. It may run beside others, in this process or another.

A row is known by the number it had before, a row without one by all that it says: the same one again changes nothing.
"""

import asyncio
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final, cast
from uuid import UUID, uuid5

from app.commands.numbers import counted_on, number_of
from app.commands.pinned_rules import governed
from app.commands.query_codes import new_query_code
from app.imports.deciding import Deciding
from app.imports.jobs import Import, ImportJobs, RowReport
from app.imports.mapping import ImportMapping
from app.imports.rows import PastComplaint, Remark, RowReader, RowRefused, canonical
from app.imports.tables import Row
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
APPENDED_AT_ONCE: Final = 100  # complaints
APPEND_BYTES: Final = 1_000_000
PAUSE_AFTER: Final = 4  # rows, some milliseconds: requests want to use the loop too
ATTEMPTS: Final = 5
COMMANDS: Final = UUID("4f0f3d0e-3a52-5d8c-8a0e-0b7f4c1f2a6d")  # the name space of the ids of what imports append


@dataclass(frozen=True)
class Staff:
    """Who there is, and what units, while the import runs."""

    people: People
    known_units: Collection[str]


@dataclass(frozen=True)
class Batch:
    """Rows of the file, of which `first` is the number of the first one and blank ones are None; `at` is now."""

    first: int
    rows: Sequence[Row | None]
    at: datetime

    @property
    def last(self) -> int:
        return self.first + len(self.rows) - 1


@dataclass(frozen=True)
class BatchDone:
    """What became of the rows, in their order; `position` of the last event that was recorded of them, 0 for none."""

    reports: list[RowReport]
    position: int


@dataclass(frozen=True)
class NumberedRow:
    """A row of the file, the first of which is 1, and by what its complaint is known."""

    number: int
    id: UUID
    digest: str
    past: PastComplaint | None
    refused: tuple[Remark, ...] = ()

    @property
    def old_number(self) -> str | None:
        return self.past.old_number or None if self.past is not None else None


@dataclass
class _Decided:
    """What a row comes to, before it is recorded."""

    row: NumberedRow
    report: RowReport
    complaint: Complaint | None = None
    append: Append | None = None


@dataclass(frozen=True)
class Recording:
    """Where complaints that are taken over are recorded, and by what they are sealed."""

    log: EventLog
    codec: EventCodec
    complainants: Complainants
    rules: Rules
    master: MasterKey
    jobs: ImportJobs


class Batches:
    """What becomes of the batches of one import."""

    def __init__(
        self, recording: Recording, one: Import, mapping: ImportMapping, staff: Staff, begun_at: datetime
    ) -> None:
        """`begun_at`: nothing that a row tells came later."""
        self._with, self._import = recording, one
        rules, code = recording.rules, mapping.procedure
        procedure = rules.procedure(code) if mapping.version is None else rules.procedure_at(code, mapping.version)
        by = Actor(one.asked_by, frozenset({"admin"}))
        self._deciding = Deciding(
            procedure, rules.calendar(procedure.calendar), staff.people, staff.known_units, by, one.id,
            one.described.file,
        )  # fmt: skip
        self._reader = RowReader(mapping, procedure, begun_at)
        self._system = mapping.system
        self._turn = asyncio.Lock()

    async def done(self, batch: Batch) -> BatchDone:
        """What becomes of these rows; the same complaint twice among them is looked at one after the other."""
        async with self._turn:
            numbered = [(number, row) for number, row in enumerate(batch.rows, batch.first) if row is not None]
            waiting = [await self._numbered(number, row) for number, row in numbered]
        found = BatchDone([], 0)
        told: dict[UUID, int] = {}
        if self._import.dry_run:
            told = await self._with.jobs.told_of(self._import.id, [row.id for row in waiting])
        while waiting:
            first_of: dict[UUID, NumberedRow] = {}
            for row in waiting:
                first_of.setdefault(row.id, row)
            waiting = [row for row in waiting if first_of[row.id] is not row]
            some = await self._different(list(first_of.values()), batch.at, told)
            told |= {id: row.number for id, row in first_of.items() if id not in told}
            found = BatchDone(found.reports + some.reports, max(found.position, some.position))
        return replace(found, reports=sorted(found.reports, key=lambda report: report.row))

    async def _numbered(self, number: int, row: Row) -> NumberedRow:
        if number % PAUSE_AFTER == 0:
            await asyncio.sleep(0)
        digest = self._with.master.lookup_hash("imported row", canonical(row).decode()).hex()[:16]
        try:
            past = self._reader.read(row)
        except RowRefused as refused:
            return NumberedRow(number, UUID(int=number), digest, None, tuple(refused.remarks))
        known_by = f"{self._system}\0{past.old_number}" if past.old_number else f"\0\0{digest}"
        id = UUID(bytes=self._with.master.lookup_hash("imported", known_by)[:16], version=5)
        return NumberedRow(number, id, digest, past)

    async def _different(self, rows: Sequence[NumberedRow], at: datetime, told: Mapping[UUID, int]) -> BatchDone:
        """Rows of which each is another complaint. `told`: in a dry run, which rows told of some of them before."""
        reports = [RowReport(row.number, "refused", remarks=row.refused) for row in rows if row.past is None]
        waiting, position = [row for row in rows if row.past is not None], 0
        if self._import.dry_run:
            reports += [
                RowReport(row.number, "already-there", row.id, None, row.old_number, (_same_as(told[row.id]),))
                for row in waiting if row.id in told
            ]  # fmt: skip
            waiting = [row for row in waiting if row.id not in told]
        for attempt in range(ATTEMPTS):
            async with self._turn:
                decided = await self._decided(waiting, at)
            recorded, newest = await self._recorded(decided)
            reports += [one.report for one in recorded]
            position = max(position, newest)
            done = {one.row.number for one in recorded}
            waiting = [row for row in waiting if row.number not in done]  # somebody changed it meanwhile
            if not waiting:
                return BatchDone(reports, position)
            await asyncio.sleep(0.05 * attempt)
        busy = (Remark("import-busy", refused=True),)
        reports += [RowReport(row.number, "refused", row.id, remarks=busy) for row in waiting]
        return BatchDone(reports, position)

    async def _decided(self, rows: Sequence[NumberedRow], at: datetime) -> list[_Decided]:
        streams = await self._with.log.streams([row.id for row in rows])
        decided = await self._begun([row for row in rows if not streams[row.id]], at)
        for row in rows:
            if streams[row.id]:
                decided.append(await self._again(row, streams[row.id], at))
        return decided

    async def _begun(self, rows: Sequence[NumberedRow], at: datetime) -> list[_Decided]:
        identities = await self._identities(rows)
        decided: list[_Decided] = []
        for row, (identity, key) in zip(rows, identities, strict=True):
            if len(decided) % PAUSE_AFTER == 0:
                await asyncio.sleep(0)
            past = cast(PastComplaint, row.past)
            origin = self._deciding.origin(row.number, row.digest)
            complaint = self._deciding.begun(past, identity, origin, at)
            append = self._append_of(complaint, key, at)
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

    async def _again(self, row: NumberedRow, stream: Sequence[Recorded], at: datetime) -> _Decided:
        """One that is there already: what it tells beyond that follows."""
        past = cast(PastComplaint, row.past)
        key = await self._with.complainants.key(self._with.codec.complainant_of(stream[0]))
        happened = [cast(ComplaintEvent, self._with.codec.any_event(one, key)) for one in stream]
        complaint = await governed(COMPLAINT.folded(happened), self._with.rules)
        brought = [event.imported for event in happened if event.imported is not None]
        old = past.old_number or None
        if brought and brought[-1].id == self._import.id and brought[-1].row == row.number:  # before it was cut off
            report = RowReport(row.number, "taken", row.id, complaint.number, old, tuple(past.remarks))
            return _Decided(row, report, complaint)
        same = [_same_as(one.row) for one in brought if one.id == self._import.id][:1]
        if brought and brought[-1].digest == row.digest:
            report = RowReport(row.number, "already-there", row.id, complaint.number, old, tuple(same))
            return _Decided(row, report, complaint)
        past.remarks.clear()  # they were told when it was taken
        origin = self._deciding.origin(row.number, row.digest)
        went_on = self._deciding.went_on(complaint, happened, past, origin, at)
        remarks = (*same, *self._deciding.differences(complaint, past), *past.remarks)
        outcome: Any = "went-on" if went_on else "already-there"
        report = RowReport(row.number, outcome, row.id, complaint.number, old, remarks)
        append = self._append_of(complaint, key, at) if went_on else None
        return _Decided(row, report, complaint, append)

    def _append_of(self, complaint: Complaint, key: DataKey | None, at: datetime) -> Append:
        events = cast(list[ComplaintEvent], list(complaint.collect_events()))
        stored = [self._with.codec.stored(event, key) for event in events]
        command_id = uuid5(COMMANDS, f"{complaint.id}/{events[0].originator_version}")
        return Append(command_id, None, stored, [event.actor.id for event in events], at)

    async def _recorded(self, decided: Sequence[_Decided]) -> tuple[list[_Decided], int]:
        """Those that were recorded, or had nothing to be recorded, and the position of the last event."""
        done = [one for one in decided if one.append is None or self._import.dry_run]
        to_do = [one for one in decided if one.append is not None and not self._import.dry_run]
        position = 0
        for some in _of_one_append(to_do):
            appends = [cast(Append, one.append) for one in some]
            for one, outcome in zip(some, await self._with.log.append_in_order(appends), strict=True):
                if isinstance(outcome, Appended):
                    position = max(position, outcome.position)
                    done.append(one)
        if not self._import.dry_run:
            await self._hold_matters(done)
        return done, position

    async def _hold_matters(self, done: Sequence[_Decided]) -> None:
        """What is open is compared with intakes from now on: whoever calls again about it repeats it."""
        if self._deciding.procedure.duplicates_allowed:
            return
        open_ones = [one.complaint for one in done if one.complaint is not None and not one.complaint.has_ended]
        await self._with.complainants.join_all([
            (one.procedure_code, one.complainant, IssueClaim(one.id, one.issue_point))
            for one in open_ones if one.issue_point is not None
        ])  # fmt: skip


def _same_as(row: int) -> Remark:
    return Remark("import-same-number", value=str(row))


def _of_one_append(decided: Sequence[_Decided]) -> Iterator[list[_Decided]]:
    """Parts that are appended in one transaction, so that intakes wait for none of them for long."""
    some: list[_Decided] = []
    size = 0
    for one in decided:
        size += sum(len(event.state) for event in cast(Append, one.append).events)
        some.append(one)
        if size > APPEND_BYTES or len(some) >= APPENDED_AT_ONCE:
            yield some
            some, size = [], 0
    if some:
        yield some


