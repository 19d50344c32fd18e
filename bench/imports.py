"""Taking complaints over: rows per second with their steps, from the file to the log, and the memory that it takes."""

from __future__ import annotations

import csv
import os
import resource
import tempfile
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from time import perf_counter
from typing import Final
from uuid import uuid4

import asyncpg
import uvloop

from app.imports.importer import Importer
from app.imports.jobs import Described, Import, ImportJobs
from bench.database import bench_database
from bench.rows import Row
from domain.people import People
from eventlog.codec import EventCodec
from eventlog.complainants import Complainants
from eventlog.database import create_pool
from eventlog.log import EventLog
from eventlog.sealing import MasterKey
from procedures.library import Library

ROWS: Final = int(os.environ.get("BENCH_ROWS", "20000"))
TARGET: Final = 2_000
BEGINNING: Final = datetime(2024, 1, 1, 8, 0, tzinfo=UTC)
MAPPING: Final = """
procedure: general
complaint: {old_number: no, received_at: in, subject: subject, content: content, name: name, phone: phone}
steps:
  - {step: classify, at: in, severity: {value: simple}, category: {value: service}}
  - {step: close, at: closed, outcome: {value: done}, summary: result}
facts: rest
"""


def run() -> list[Row]:
    with bench_database() as url, tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "old.csv"
        _write(file)
        seconds, grown = uvloop.run(_measured(url, file))
    rate = ROWS / seconds
    return [
        Row("rows taken over, each with its steps", rate, "rows/s", f">= {TARGET:,}", rate >= TARGET),
        Row(f"memory that it grew by over {ROWS:,} rows", grown, "MB"),
    ]


def _write(file: Path) -> None:
    with file.open("w", encoding="utf-8", newline="") as opened:
        sheet = csv.writer(opened)
        sheet.writerow(["no", "in", "closed", "subject", "content", "name", "phone", "result", "branch"])
        for number in range(ROWS):
            at = BEGINNING + timedelta(minutes=25 * number)
            closed = at + timedelta(hours=20)
            sheet.writerow([
                f"A-{number}", f"{at:%Y-%m-%d %H:%M}", f"{closed:%Y-%m-%d %H:%M}", "入金三天未到账",
                "客户于周一上午通过网银入金五万元，银行已扣款，交易账户至今未到账。", f"客户{number}",
                f"+86138{number:08d}", "已补入账并致歉", "城东",
            ])  # fmt: skip


async def _content(file: Path) -> AsyncIterator[bytes]:
    with file.open("rb") as opened:
        while part := opened.read(1 << 18):
            yield part


async def _measured(url: str, file: Path) -> tuple[float, float]:
    pool = await create_pool(url, min_size=2, max_size=6)
    master, rules = MasterKey(os.urandom(32)), Library.ready()
    async with EventLog(pool) as log:
        jobs = ImportJobs(pool, master)
        described = Described(file.name, MAPPING)
        now = datetime.now(UTC)
        one, _ = await jobs.new(uuid4(), described, "bench", _content(file), dry_run=False, at=now, most=2**40)
        done = await _timed(pool, log, jobs, one, master, rules)
    await pool.close()
    return done


async def _timed(
    pool: asyncpg.Pool, log: EventLog, jobs: ImportJobs, one: Import, master: MasterKey, rules: Library
) -> tuple[float, float]:
    importer = Importer(
        log, EventCodec(master), Complainants(pool, master), rules, master, jobs, lambda: datetime.now(UTC), People, set
    )
    before, begun = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, perf_counter()
    ended = await importer.run(one)
    seconds = perf_counter() - begun
    assert (ended.state, ended.counts["taken"]) == ("done", ROWS), ended
    return seconds, (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024


