"""What proof costs: sealing beside appends, proofs about ten million events, exports and their check.

Appends are made in rounds that alternate, with and without what seals in the same process, and the medians are
compared; in CPU time of the process, since the machine is shared. Proofs are asked for over a tree of ten million
made-up leaves. Exports are of events of about 900 bytes.
"""

from __future__ import annotations

import asyncio
import io
import os
import random
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from statistics import median
from time import perf_counter, process_time
from uuid import uuid4

import asyncpg
import uvloop
from eventsourcing.persistence import StoredEvent

from app.sealing.exporting import Exporting, Selection
from app.sealing.sealing import Sealing
from app.sealing.tiles import FULL, WIDTH, roots
from bench.database import bench_database
from bench.rows import Row
from eventlog.codec import EventCodec
from eventlog.database import create_pool
from eventlog.log import Append, EventLog
from eventlog.sealing import MasterKey
from proof.tree import consistency, inclusion, places_of, root_of
from proof.verify import HASH, PublicKey, Tree, verify

MASTER = MasterKey(b"a master key for the bench alone!"[:32])
CALLERS = 32
ROUNDS = 7
EACH = 200  # appends per caller and round
LEAVES = 10_000_000
ASKED = 500
EXPORTED = 200_000
STATE = b'{"text":"%s"}' % (b"x" * 700)
TOPIC = "complaint.NoteAdded"
FILL = """
INSERT INTO stored_events (originator_id, originator_version, topic, state, notification_id, actor, recorded_at)
SELECT ('00000000-0000-4000-8000-' || lpad(((n - 1) / 10)::text, 12, '0'))::uuid, (n - 1) % 10 + 1, $1, $2, n,
    'agent-7', '2026-03-02'::timestamptz + n * interval '1 second'
FROM generate_series(1, $3::int) AS n
"""


def run() -> list[Row]:
    """Takes about two minutes."""
    return [*_measured(_appends), *_measured(_proofs), *_measured(_exports)]


def _measured(work: Callable[[str], object]) -> list[Row]:
    with bench_database() as url:
        rows: list[Row] = uvloop.run(work(url))  # type: ignore[arg-type]
        return rows


def _now() -> datetime:
    return datetime.now(UTC)


@asynccontextmanager
async def _log(url: str) -> AsyncIterator[tuple[asyncpg.Pool, EventLog]]:
    pool = await create_pool(url, min_size=2, max_size=12)
    async with EventLog(pool) as log:
        yield pool, log
    await pool.close()


async def _appends(url: str) -> list[Row]:
    bare: list[float] = []
    sealed: list[float] = []
    async with _log(url) as (pool, log):
        for _ in range(ROUNDS):
            bare.append(await _round(log))
            async with Sealing(pool, log, EventCodec(MASTER), MASTER, _now) as sealing:
                assert await sealing.sealed(60)  # what was recorded without it
                begun = process_time()
                await _round(log)
                assert await sealing.sealed(60)
                sealed.append(1e6 * (process_time() - begun) / (CALLERS * EACH))
    more = median(sealed) - median(bare)
    return [
        Row("append, CPU of the process", median(bare), "µs"),
        Row("sealing one event, CPU of the process", more, "µs"),
    ]


async def _round(log: EventLog) -> float:
    """The CPU of an append, in microseconds."""

    async def caller() -> None:
        for _ in range(EACH):
            event = StoredEvent(uuid4(), 1, TOPIC, STATE)
            await log.append(Append(uuid4(), None, [event], ["agent-7"], _now()))

    begun = process_time()
    await asyncio.gather(*(caller() for _ in range(CALLERS)))
    return 1e6 * (process_time() - begun) / (CALLERS * EACH)


async def _proofs(url: str) -> list[Row]:
    async with _log(url) as (pool, _):
        await _fill_tiles(pool)
        await pool.execute("ANALYZE log_tiles")
        chosen = random.Random(7)
        times: list[float] = []
        for _ in range(ASKED):
            size = chosen.randrange(LEAVES // 2, LEAVES)
            for ranges in (inclusion(chosen.randrange(size), size), consistency(chosen.randrange(1, size), size)):
                begun = perf_counter()
                found = await roots(pool, places_of(ranges))
                assert [root_of(one, found) for one in ranges]
                times.append(1000 * (perf_counter() - begun))
    p99 = sorted(times)[int(len(times) * 0.99)]
    return [Row("a proof among 10,000,000 events, p99", p99, "ms", "≤ 10", p99 <= 10)]


async def _fill_tiles(pool: asyncpg.Pool) -> None:
    level, hashes = 0, [os.urandom(HASH) for _ in range(LEAVES)]
    while hashes:
        tiles = [b"".join(hashes[at : at + WIDTH]) for at in range(0, len(hashes), WIDTH)]
        rows = [(level, index, tile) for index, tile in enumerate(tiles)]
        await pool.copy_records_to_table("log_tiles", records=rows, columns=["level", "index", "hashes"])
        level, hashes = level + 1, [_root(tile) for tile in tiles if len(tile) == FULL]


def _root(tile: bytes) -> bytes:
    tree = Tree()
    for at in range(0, len(tile), HASH):
        tree.append(tile[at : at + HASH])
    return tree.root()


async def _exports(url: str) -> list[Row]:
    async with _log(url) as (pool, log):
        await pool.execute(FILL, TOPIC, STATE, EXPORTED)
        begun = process_time()
        async with Sealing(pool, log, EventCodec(MASTER), MASTER, _now) as sealing:
            assert await sealing.sealed(600)
            taken = process_time() - begun
            file = io.BytesIO()
            begun, on_wall = process_time(), perf_counter()
            async for part in Exporting(pool, sealing.checkpoints, sealing.keys).lines(Selection()):
                file.write(part)
            exporting, waited = process_time() - begun, perf_counter() - on_wall
            key = PublicKey.parse((await sealing.keys.public())[0][0])
    file.seek(0)
    begun = process_time()
    report = verify(file, [key])
    verifying = process_time() - begun
    assert report.events == EXPORTED
    rate = EXPORTED / verifying
    return [
        Row("sealing a log that is there", EXPORTED / taken, "events/s of CPU"),
        Row("exporting, sealed", EXPORTED / waited, "events/s"),
        Row("exporting, sealed", EXPORTED / exporting, "events/s of CPU", "≥ 100,000", EXPORTED / exporting >= 100_000),
        Row("verify.py", rate, "events/s of CPU", "≥ 300,000", rate >= 300_000),
    ]


