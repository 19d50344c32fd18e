"""Searching a million complaints: words of two characters that are common, rare, in between or nowhere, page by page.

The complaints have streams of one sealed event each, copied into the log's table, from which the read model is rebuilt
as ever; a page is asked for as a door asks for it, and opened. Their texts are made of invented words of two characters
each, the n-th of which occurs 1/n times as often as the first, as in languages. Every second complaint has a note. To
which units they were sent, and how far they are, is written into the rows.
"""

from __future__ import annotations

from bisect import bisect
from collections.abc import Iterator, Sequence
from copy import copy
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from itertools import accumulate
from random import Random
from time import perf_counter
from typing import Any, Final, cast
from uuid import uuid4

import asyncpg
import uvloop

from app.queries.paging import After, Rows
from app.queries.tracking_pages import TrackingRow, TrackingTable
from app.queries.tracking_search import TrackingSearch
from app.queries.visibility import Visibility
from app.readmodels.fold import Folding
from app.readmodels.rebuild import Rebuild
from bench.database import bench_database
from bench.people import AT_THE_DESK
from bench.rebuild import BEGINNING, COMPLAINT
from bench.rows import Row
from domain.complaint.events import ComplaintEvent, NoteAdded
from domain.complaint.intake import Identity, check_intake, receive
from domain.people import People
from domain.request import Request
from domain.values import ActedBy, Actor, Complainant
from eventlog.codec import EventCodec
from eventlog.complainants import Complainants
from eventlog.database import create_pool
from eventlog.entries import Recorded
from eventlog.log import EventLog
from eventlog.sealing import DataKey, MasterKey
from procedures.library import Library
from projections.tracking_query import TrackingFilter

COMPLAINTS: Final = 1_000_000
PEOPLE: Final = 20_000
AT_ONCE: Final = 10_000
COLUMNS: Final = (
    "originator_id", "originator_version", "topic", "state", "notification_id", "actor", "recorded_at",
)  # fmt: skip
WORDS: Final = 60_000
WORDS_OF_A_TEXT: Final = 40
WORDS_OF_A_NOTE: Final = 20
NOTE_ON: Final = 2  # complaints: every so many
UNITS: Final = 200
FIRST_CHARACTER: Final = 0x4E00  # CJK unified ideographs
CHARACTERS: Final = 3_000
ASKED: Final = 300  # times each
PAGE: Final = 50
PAGES: Final = 3
TARGET: Final = 50.0  # milliseconds, 99th percentile
READER: Final = Actor("agent-1", frozenset({"agent"}))
EVERYTHING: Final = TrackingFilter()
# The n-th of the units has about a share of 1/n of the complaints; one in twenty, the newest, is open.
SENT: Final = f"""
UPDATE reading.tracking SET
    sent_to = ARRAY['unit-' || (random() ^ 3 * {UNITS})::int], status = CASE WHEN position > $1 THEN 'dispatched'
        WHEN random() < 0.01 THEN 'withdrawn' ELSE 'closed' END
"""
SENT_TO: Final = """
INSERT INTO reading.tracking_sent (complaint_id, ordinal, position, unit, receipt, due)
SELECT id, 0, position, sent_to[1], received_at, due_at FROM reading.tracking
"""
NOTED: Final = f"""
SELECT notification_id, originator_id, originator_version, topic, state, actor, recorded_at FROM stored_events
WHERE notification_id >= $1 AND notification_id < $2 AND notification_id % {NOTE_ON} = 0 ORDER BY notification_id
"""
BY: Final = ActedBy("agent-1", "agent")


@dataclass
class Archive:
    """What searches and what is searched."""

    pool: asyncpg.Pool[asyncpg.Record]
    log: EventLog
    codec: EventCodec
    complainants: Complainants
    library: Library


def run() -> list[Row]:
    """Takes about a quarter of an hour, most of it to write the complaints where they are not there from before."""
    with bench_database() as url:
        return uvloop.run(_measure(url))


async def _measure(url: str) -> list[Row]:
    pool = await create_pool(url)
    async with EventLog(pool) as log:
        master = MasterKey(bytes(32))
        archive = Archive(pool, log, EventCodec(master), Complainants(pool, master), Library.ready())
        if await log.head() < COMPLAINTS:
            await seed(archive, master, COMPLAINTS)
        if await log.head() == COMPLAINTS:
            await seed_notes(archive)
        if await pool.fetchval("SELECT count(*) FROM reading.tracking") != COMPLAINTS:
            await follow(archive)
        rows = await asked(archive)
    await pool.close()
    return rows


async def asked(archive: Archive) -> list[Row]:
    """Times of a page of each kind of question."""
    words, random = vocabulary(), Random(2)
    common, often, rare = words[:20], words[20:200], words[3_000:12_000]
    of_large, of_small = (Actor("member-1", frozenset({"unit"}), f"unit-{number}") for number in (0, 150))
    few, opened = replace(EVERYTHING, status=("withdrawn",)), replace(EVERYTHING, status=("dispatched",))
    kinds: list[tuple[str, Actor, TrackingFilter, Sequence[str | None]]] = [
        ("no word: the list", READER, EVERYTHING, [None]),
        ("words that one in 1 to 6 complaints has", READER, EVERYTHING, common),
        ("one in 6 to 60", READER, EVERYTHING, often),
        ("one in 60 to 600", READER, EVERYTHING, words[200:2_000]),
        ("one in 900 to 3,500", READER, EVERYTHING, rare),
        ("one in 6,000 to 17,000", READER, EVERYTHING, words[20_000:]),
        ("words that do not occur", READER, EVERYTHING, ["\u3400\u3401", "\u3402\u3403"]),
        ("single characters", READER, EVERYTHING, [word[0] for word in words[:200]]),
        ("two words, both common", READER, EVERYTHING, [f"{words[n]} {words[n + 1]}" for n in range(8)]),
        ("two words, one common, one rare", READER, EVERYTHING, [f"{words[n]} {words[5_000 + n]}" for n in range(8)]),
        *(
            (f"{whose}: {which}", reader, wanted, asked_for)
            for whose, reader, wanted in (
                ("sent to a unit that has one in seven", of_large, EVERYTHING),
                ("to one that has one in 500", of_small, EVERYTHING),
                ("closed otherwise, one in 100", READER, few), ("open, one in 20", READER, opened),
                ("open, to a unit that has one in 500", of_small, opened),
            )
            for which, asked_for in (("list", [None]), ("common", common), ("often", often), ("rare", rare))
        ),
    ]  # fmt: skip
    table, rows = _table(archive), []
    for name, reader, wanted, words_of_kind in kinds:
        pages = [
            await _milliseconds(table, reader, replace(wanted, q=random.choice(words_of_kind))) for _ in range(ASKED)
        ]
        later = [time for page in pages for time in page[1:]]
        rows += _percentiles(name, [page[0] for page in pages])
        rows += _percentiles(f"{name}, later pages", later) if later else []
    return rows


def _percentiles(name: str, times: list[float]) -> list[Row]:
    times.sort()
    p99 = times[int(0.99 * len(times))]
    return [
        Row(f"{name}, median", times[len(times) // 2], "ms"),
        Row("  99th percentile", p99, "ms", f"< {TARGET:.0f}", p99 < TARGET),
    ]


async def seed(archive: Archive, master: MasterKey, count: int) -> None:
    """That many complaints of as many texts."""
    keys = [master.new_data_key(uuid4()) for _ in range(PEOPLE)]
    at = datetime.now(UTC)
    await archive.pool.copy_records_to_table(
        "complainants", columns=("id", "wrapped_key", "created_at"), records=[(k.key.id, k.wrapped, at) for k in keys]
    )
    story = received_event(archive.library)
    texts = _texts(vocabulary(), WORDS_OF_A_TEXT)

    def recorded(number: int) -> tuple[Any, ...]:
        key = keys[number % PEOPLE].key
        event = archive.codec.stored(_told_of(story, number, key, next(texts)), key)
        return event.originator_id, 1, event.topic, event.state, number + 1, story.actor.id, BEGINNING

    for start in range(0, count, AT_ONCE):
        rows = [recorded(number) for number in range(start, min(start + AT_ONCE, count))]
        await archive.pool.copy_records_to_table("stored_events", columns=COLUMNS, records=rows, timeout=600)
    await archive.pool.execute("VACUUM ANALYZE stored_events", timeout=600)


async def seed_notes(archive: Archive) -> None:
    """A note on every other complaint."""
    noting: Any = NoteAdded  # its fields are made at run time
    texts, position = _texts(vocabulary(), WORDS_OF_A_NOTE), COMPLAINTS
    for start in range(1, COMPLAINTS + 1, AT_ONCE):
        noted = [Recorded(*row) for row in await archive.pool.fetch(NOTED, start, start + AT_ONCE)]
        owners = [archive.codec.complainant_of(first) for first in noted]
        keys = await archive.complainants.keys(set(owners))
        rows: list[tuple[Any, ...]] = []
        for first, owner in zip(noted, owners, strict=True):
            position, at = position + 1, first.recorded_at + timedelta(hours=1)
            note = noting(
                originator_id=first.originator_id, originator_version=2, timestamp=at, actor=BY, text=next(texts)
            )
            event = archive.codec.stored(note, keys[owner])
            rows.append((event.originator_id, 2, event.topic, event.state, position, BY.id, at))
        await archive.pool.copy_records_to_table("stored_events", columns=COLUMNS, records=rows, timeout=600)
    await archive.pool.execute("VACUUM ANALYZE stored_events", timeout=600)


async def follow(archive: Archive) -> None:
    """The read model of them."""
    rebuild = Rebuild(
        archive.pool, archive.log, archive.codec, archive.complainants, archive.library, names=["tracking"]
    )
    await rebuild.run()
    await archive.pool.execute(SENT, COMPLAINTS - COMPLAINTS // 20, timeout=3600)
    await archive.pool.execute(SENT_TO, timeout=3600)
    await archive.pool.execute(
        "VACUUM ANALYZE reading.tracking, reading.tracking_sent, reading.tracking_search", timeout=3600
    )


def vocabulary() -> Sequence[str]:
    """Words of two characters, the most frequent first."""
    random = Random(1)
    pairs: dict[str, None] = {}
    while len(pairs) < WORDS:
        pairs["".join(chr(FIRST_CHARACTER + random.randrange(CHARACTERS)) for _ in range(2))] = None
    return list(pairs)


def _texts(words: Sequence[str], length: int) -> Iterator[str]:
    random = Random(3)
    upto = list(accumulate(1 / n for n in range(1, len(words) + 1)))
    while True:
        found = [words[bisect(upto, random.random() * upto[-1])] for _ in range(length)]
        # A comma after each word: no pairs come about by chance.
        yield "，".join(found)


def received_event(library: Library) -> ComplaintEvent:
    procedure, calendar = library.procedure("kf0001"), library.calendar("cn")
    by = check_intake(COMPLAINT, procedure, Request(AT_THE_DESK, BEGINNING))
    complaint = receive(COMPLAINT, Identity(uuid4(), "-", uuid4()), by, procedure, calendar, at=BEGINNING)
    return cast(ComplaintEvent, complaint.collect_events()[0])


def _told_of(story: ComplaintEvent, number: int, key: DataKey, text: str) -> ComplaintEvent:
    twin, at = copy(story), BEGINNING + timedelta(seconds=number)
    facts: dict[str, Any] = {
        "originator_id": uuid4(), "timestamp": at, "occurred_at": at, "number": f"KF0001-20260302-{number:07d}",
        "complainant_id": key.id, "complainant": Complainant(name="张三"), "subject": text[:20], "content": text,
        "wants": None,
    }  # fmt: skip
    object.__setattr__(twin, "__dict__", vars(story) | facts)
    return twin


class Whatever:
    """Stands for a read model that has come as far as it is asked for: it does, before the first question."""

    async def must_reach(self, position: int) -> None: ...

    async def position(self) -> int:
        return 0


def _table(archive: Archive) -> TrackingTable:
    def folding() -> Folding:
        return Folding(archive.log, archive.codec, archive.complainants, archive.library, keep=0)

    search = TrackingSearch(archive.pool, archive.codec, archive.complainants)
    visibility = Visibility(archive.pool, archive.codec, archive.library)
    return TrackingTable(
        search, archive.log, archive.complainants, folding, visibility, Whatever(), lambda: datetime.now(UTC), People
    )


async def _milliseconds(table: TrackingTable, reader: Actor, wanted: TrackingFilter) -> list[float]:
    """How long the first pages of a question took, as far as there are any."""
    rows: Rows[TrackingRow] = table.rows(reader, wanted)
    times: list[float] = []
    after: After | None = None
    while len(times) < PAGES and (not times or after is not None):
        begun = perf_counter()
        after = (await rows.page(after, PAGE)).after
        times.append(1000 * (perf_counter() - begun))
    return times
