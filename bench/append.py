"""Durable appends per second at 64 concurrent callers: our log against the library's own PostgreSQL recorder.

Both write one event of 500 bytes per append into streams of their own, on the same server with fsync on, in
rounds that alternate; the medians are compared. The recorder is used as its makers do: threads, a pool, and
its normal `insert_events`; its pool has the size that suits it best of 1, 2, 8 and 64.
"""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from statistics import median
from time import perf_counter
from urllib.parse import urlsplit
from uuid import uuid4

import asyncpg
import uvloop
from eventsourcing.persistence import StoredEvent
from eventsourcing.postgres import PostgresApplicationRecorder, PostgresDatastore

from bench.database import bench_database
from bench.rows import Row
from eventlog.database import create_pool
from eventlog.log import Append, EventLog

CALLERS = 64
ROUNDS = 5
OURS_EACH = 300  # appends per caller and round
LIBRARYS_EACH = 30
LIBRARYS_POOL = 2
TARGET = 10
STATE = bytes(range(250)) * 2
TOPIC = "complaint.Received"
SCHEMA = "bench_library"


def run() -> list[Row]:
    """Measures both; takes about half a minute."""
    with bench_database() as url:
        asyncio.run(_make_schema(url))
        with _datastore(url) as datastore:
            recorder = PostgresApplicationRecorder(datastore)
            recorder.create_table()
            ours: list[float] = []
            librarys: list[float] = []
            for _ in range(ROUNDS):
                librarys.append(_library_round(recorder))
                ours.append(uvloop.run(_our_round(url)))
    ratio = median(ours) / median(librarys)
    return [
        Row(f"appends, library's recorder, {CALLERS} callers", median(librarys), "per second"),
        Row(f"appends, our event log, {CALLERS} callers", median(ours), "per second"),
        Row("appends, ours against the library's", ratio, "times", f"≥ {TARGET}", ratio >= TARGET),
    ]


async def _make_schema(url: str) -> None:
    connection = await asyncpg.connect(url)
    await connection.execute(f"DROP SCHEMA IF EXISTS {SCHEMA} CASCADE")
    await connection.execute(f"CREATE SCHEMA {SCHEMA}")
    await connection.close()


def _datastore(url: str) -> PostgresDatastore:
    parts = urlsplit(url)
    return PostgresDatastore(
        dbname=parts.path.lstrip("/"),
        host=parts.hostname or "127.0.0.1",
        port=parts.port or 5432,
        user=parts.username or "",
        password=parts.password or "",
        pool_size=LIBRARYS_POOL,
        connect_timeout=30,
        schema=SCHEMA,
        originator_id_type="uuid",
    )


def _library_round(recorder: PostgresApplicationRecorder) -> float:
    def caller(_number: int) -> None:
        for _ in range(LIBRARYS_EACH):
            recorder.insert_events([StoredEvent(uuid4(), 1, TOPIC, STATE)])

    with ThreadPoolExecutor(CALLERS) as threads:
        begun = perf_counter()
        list(threads.map(caller, range(CALLERS)))
        return CALLERS * LIBRARYS_EACH / (perf_counter() - begun)


async def _our_round(url: str) -> float:
    async def caller(log: EventLog) -> None:
        for _ in range(OURS_EACH):
            event = StoredEvent(uuid4(), 1, TOPIC, STATE)
            await log.append(Append(uuid4(), b"0" * 32, [event], ["agent-7"], datetime.now(UTC)))

    pool = await create_pool(url)
    async with EventLog(pool) as log:
        begun = perf_counter()
        await asyncio.gather(*(caller(log) for _ in range(CALLERS)))
        rate = CALLERS * OURS_EACH / (perf_counter() - begun)
    await pool.close()
    return rate
