"""Taking complaints over: rows per second with their steps, from the file to the log, and the memory that it takes.

`BENCH_ROWS=100000` shows that the memory does not grow with the file. Processor time is that of this process, of those
that decide for it, and of the database; read models are not followed here.
"""

from __future__ import annotations

import csv
import os
import tempfile
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from time import perf_counter
from typing import Final
from uuid import uuid4

import asyncpg
import uvloop

from app.imports.batches import Recording, Staff
from app.imports.deciders import PROGRAM, Deployment
from app.imports.importer import Importer
from app.imports.jobs import Described, Import, ImportJobs
from app.rules.rules_in_force import RulesInForce
from bench.database import bench_database
from bench.rows import Row
from domain.people import People
from eventlog.codec import EventCodec
from eventlog.complainants import Complainants
from eventlog.database import create_pool
from eventlog.log import EventLog
from eventlog.sealing import MasterKey

ROWS: Final = int(os.environ.get("BENCH_ROWS", "20000"))
LONG_ROWS: Final = max(5_000, ROWS // 4)
EARLY: Final = min(10_000, ROWS // 2)  # rows, by when all is loaded
TARGET: Final = 2_000
BEGINNING: Final = datetime(2024, 1, 1, 1, 0, tzinfo=UTC)
HEADING: Final = (
    "no", "in", "subject", "content", "name", "phone", "branch", "classified", "sent", "accepted", "looked", "found",
    "done", "told", "called", "closed", "result", "clerk",
)  # fmt: skip
FIELDS: Final = """
procedure: general
complaint:
  {old_number: no, received_at: in, subject: subject, content: content, name: name, phone: phone, handler: clerk}
facts: [branch]
"""
SHORT: Final = FIELDS + """
steps:
  - {step: classify, at: in, severity: {value: simple}, category: {value: service}}
  - {step: close, at: closed, outcome: {value: done}, summary: result}
"""
LONG: Final = FIELDS + """
steps:
  - {step: classify, at: classified, severity: {value: complex}, category: {value: service}}
  - {step: dispatch, at: sent, units: {value: service}}
  - {step: accept, at: accepted, unit: {value: service}}
  - {step: report-progress, at: looked, text: result}
  - {step: add-note, at: found, text: content}
  - {step: execute, at: done, measure: result, unit: {value: service}}
  - {step: inform-customer, at: told, means: {value: phone}, text: result}
  - {step: record-callback, at: called, reached: {value: "true"}, means: {value: phone}, satisfied: {value: "true"}}
  - {step: close, at: closed, outcome: {value: done}, summary: result}
"""
TICKS: Final = os.sysconf("SC_CLK_TCK")
PAGE: Final = os.sysconf("SC_PAGE_SIZE")


@dataclass
class Watch:
    """What the processes held in memory as the rows went by, in MB: this one, and each that decides for it."""

    early: dict[str, float] = field(default_factory=dict)
    late: dict[str, float] = field(default_factory=dict)

    def look(self, one: Import) -> None:
        held = self.early if one.rows_done <= EARLY else self.late
        for what, megabytes in _memory().items():
            held[what] = max(held.get(what, 0.0), megabytes)


def run() -> list[Row]:
    watch = Watch()
    with bench_database() as url, tempfile.TemporaryDirectory() as folder:
        found: list[Row] = []
        for name, rows, mapping, look in (
            ("intake, classification, close", ROWS, SHORT, watch.look),
            ("the same with nine steps after the intake", LONG_ROWS, LONG, lambda _: None),
        ):
            file = Path(folder) / f"{rows}.csv"
            _write(file, rows, name[:2])
            found += _rows_of(name, rows, *uvloop.run(_measured(url, file, rows, mapping, look)))
    for what in watch.early:
        found.append(Row(f"memory of {what} up to row {EARLY:,}", watch.early[what], "MB"))
        found.append(Row(f"… up to row {ROWS:,}", watch.late[what], "MB"))
    return found


def _rows_of(name: str, rows: int, seconds: float, ours: float, database: float) -> Iterator[Row]:
    rate = rows / seconds
    yield Row(f"{name}: {rows:,} rows", rate, "rows/s", f">= {TARGET:,}", rate >= TARGET)
    yield Row("… processor time of ours for a thousand", 1000 * ours / rows, "s")
    yield Row("… processor time of the database for a thousand", 1000 * database / rows, "s")


def _write(file: Path, rows: int, system: str) -> None:
    with file.open("w", encoding="utf-8", newline="") as opened:
        sheet = csv.writer(opened)
        sheet.writerow(HEADING)
        for number in range(rows):
            at = BEGINNING + timedelta(minutes=5 * number)
            times = [f"{at + timedelta(hours=hours):%Y-%m-%d %H:%M}" for hours in (0.2, 0.5, 1, 3, 5, 6, 7, 8, 20)]
            sheet.writerow([
                f"{system}-{number}", f"{at:%Y-%m-%d %H:%M}", "入金三天未到账",
                "客户于周一上午通过网银入金五万元，银行已扣款，交易账户至今未到账。", f"客户{number}",
                f"+86138{number:08d}", "城东", *times, "已补入账并致歉", f"客服{number % 40}",
            ])  # fmt: skip


async def _content(file: Path) -> AsyncIterator[bytes]:
    with file.open("rb") as opened:
        while part := opened.read(1 << 18):
            yield part


async def _measured(
    url: str, file: Path, rows: int, mapping: str, look: Callable[[Import], None]
) -> tuple[float, float, float]:
    pool = await create_pool(url, min_size=2, max_size=6)
    master = MasterKey(os.urandom(32))
    async with EventLog(pool) as log:
        rules, jobs = await RulesInForce.load(pool, datetime.now(UTC)), ImportJobs(pool, master)
        described, now = Described(file.name, mapping), datetime.now(UTC)
        one, _ = await jobs.new(uuid4(), described, "bench", _content(file), dry_run=False, at=now, most=2**40)
        recording = Recording(log, EventCodec(master), Complainants(pool, master), rules, master, jobs)
        staff = Staff(People(), frozenset())
        importer = Importer(
            recording, lambda: datetime.now(UTC), lambda: staff, Deployment(url, master.secret), look
        )
        server = await _server_of(pool)
        ours, database, begun = _ours(), _with_children(server), perf_counter()
        ended = await importer.run(one)
        seconds = perf_counter() - begun
        ours, database = _ours() - ours, _with_children(server) - database
        assert (ended.state, ended.counts["taken"]) == ("done", rows), ended
    await pool.close()
    return seconds, ours, database


def _ours() -> float:
    """Seconds of the processor that this process has used, and those that it started and that have ended."""
    used = os.times()
    return used.user + used.system + used.children_user + used.children_system


async def _server_of(pool: asyncpg.Pool) -> int:
    backend = await pool.fetchval("SELECT pg_backend_pid()")
    return int(_stat(backend)[1])


def _with_children(server: int) -> float:
    """Seconds of the processor that a server has used, with the processes that it has started."""
    ticks = sum(map(int, _stat(server)[11:15]))
    for process in _started_by(server):
        ticks += sum(map(int, _stat(process)[11:13]))
    return ticks / TICKS


def _memory() -> dict[str, float]:
    found = {"the importing process": _resident(os.getpid())}
    for process in _started_by(os.getpid()):
        if PROGRAM[1] in _said_to(process):
            found["a deciding process"] = max(found.get("a deciding process", 0.0), _resident(process))
    return found


def _resident(process: int) -> float:
    try:
        return int(Path(f"/proc/{process}/statm").read_text().split()[1]) * PAGE / 2**20
    except OSError:
        return 0.0


def _said_to(process: int) -> str:
    try:
        return Path(f"/proc/{process}/cmdline").read_text()
    except OSError:
        return ""


def _started_by(parent: int) -> list[int]:
    processes = [int(one.name) for one in Path("/proc").iterdir() if one.name.isdigit()]
    return [one for one in processes if _stat(one)[1:2] == [str(parent)]]


def _stat(process: int) -> list[str]:
    """The fields of /proc/…/stat behind the name; nothing of one that has ended."""
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return []
