"""The log on a real database: sealed a moment behind, exported, tampered with in each way, and found out."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Final

import asyncpg
import pytest

from app.sealing import sealing as sealing_module
from app.sealing.exporting import Exporting, Selection
from app.sealing.sealing import NAME, Sealing
from app.sealing.tiles import FULL, WIDTH, append_leaves, leaves, root_at, sealed_size
from app.sealing.watching import HistoryWatch
from domain.complaint.events import NoteAdded, Received
from eventlog.codec import EventCodec
from eventlog.database import create_pool
from eventlog.log import EventLog
from proof.leaf import event_leaf
from proof.verify import Checkpoint, PublicKey, Tampered, Tree, leaf_hash, opened_note, verify
from tests.eventlog.samples import append_of, named
from tests.http.desk import MASTER

SOON: Final = 20.0
MOMENT: Final = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
STREAMS: Final = 5
ALL: Final = Selection()
EVENTS: Final = 40
PERMANENT: Final = ("stored_events", "log_checkpoints", "log_tiles", "signing_keys")


@dataclass
class Sealed:
    """A log and what seals it; `owner` may do what the service may not."""

    pool: asyncpg.Pool
    log: EventLog
    sealing: Sealing
    owner: asyncpg.Connection
    url: str

    async def record(self, count: int) -> int:
        """So many events, which the streams get in turn; returns where the last one stands."""
        position = await self.log.head()
        for number in range(position, position + count):
            version = number // STREAMS
            topic = Received.TOPIC if version == 0 else NoteAdded.TOPIC
            append = append_of(f"case {number % STREAMS}", topic, after=version)
            position = (await self.log.append(append)).position
        return position

    async def sealed(self) -> None:
        assert await self.sealing.sealed(SOON)

    async def exported(self, wanted: Selection = ALL) -> list[bytes]:
        exporting = Exporting(self.pool, self.sealing.checkpoints, self.sealing.keys)
        whole = b"".join([part async for part in exporting.lines(wanted)])
        return whole.splitlines(keepends=True)

    async def keys(self) -> list[PublicKey]:
        return [PublicKey.parse((await self.sealing.keys.public())[0][0])]

    async def found(self, *held: str) -> tuple[int, str]:
        """The first thing in an export that does not fit."""
        with pytest.raises(Tampered) as tampered:
            verify(await self.exported(), await self.keys(), held)
        return tampered.value.position, tampered.value.kind

    async def tamper(self, *statements: str) -> None:
        """As somebody who may do everything in the database."""
        for table in PERMANENT:
            await self.owner.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
        for statement in statements:
            await self.owner.execute(statement)
        for table in PERMANENT:
            await self.owner.execute(f"ALTER TABLE {table} ENABLE TRIGGER USER")


@asynccontextmanager
async def sealed_log(url: str, every: float = 60.0) -> AsyncIterator[Sealed]:
    pool = await create_pool(url, min_size=1, max_size=8)
    owner = await asyncpg.connect(url)
    try:
        async with EventLog(pool) as log:
            async with Sealing(pool, log, EventCodec(MASTER), MASTER, lambda: MOMENT, every) as sealing:
                yield Sealed(pool, log, sealing, owner, url)
    finally:
        await owner.close()
        await pool.close()


@pytest.fixture
async def sealed(database: str) -> AsyncIterator[Sealed]:
    async with sealed_log(database) as sealed:
        yield sealed


# Sealed a moment behind


async def test_every_event_gets_its_leaf_and_the_root_is_that_of_all_of_them(sealed: Sealed) -> None:
    await sealed.record(EVENTS)
    await sealed.sealed()
    rows = await sealed.log.after(0, 100)
    own = [
        event_leaf(
            one.position, one.recorded_at, one.originator_id, one.originator_version, one.topic, one.actor, one.state
        )
        for one in rows
    ]
    tree = Tree()
    for leaf in own:
        tree.append(leaf)
    assert await leaves(sealed.pool, 1, 100) == own
    assert (await sealed_size(sealed.pool), await root_at(sealed.pool, EVENTS)) == (EVENTS, tree.root())


@pytest.mark.parametrize("size", [1, WIDTH - 1, WIDTH, WIDTH + 1, 3 * WIDTH + 7])
async def test_tiles_hold_any_number_of_leaves_however_they_came(sealed: Sealed, size: int) -> None:
    own = {position: leaf_hash(b"%d" % position) for position in range(1, size + 1)}
    async with sealed.owner.transaction():
        for first in range(1, size + 1, 100):
            await append_leaves(sealed.owner, {at: own[at] for at in range(first, min(first + 100, size + 1))})
        await append_leaves(sealed.owner, {1: own[1]})  # a second time
    tree = Tree()
    for at, leaf in own.items():
        tree.append(leaf)
        if at in (1, size // 2, size):
            assert await root_at(sealed.pool, at) == tree.root()
    assert await leaves(sealed.pool, 1, size) == list(own.values())
    tiles = await sealed.owner.fetch('SELECT level, "index", length(hashes) AS long FROM log_tiles')
    assert {(row["level"], row["index"]) for row in tiles if row["long"] == FULL} == {
        (0, index) for index in range(size // WIDTH)
    }
    with pytest.raises(KeyError):
        await root_at(sealed.pool, size + 1)


async def test_a_tree_of_several_levels_of_tiles_has_the_root_of_all_its_leaves(sealed: Sealed) -> None:
    size = WIDTH * WIDTH + WIDTH + 5
    own = {position: leaf_hash(b"%d" % position) for position in range(1, size + 1)}
    tree = Tree()
    for leaf in own.values():
        tree.append(leaf)
    await append_leaves(sealed.owner, own)
    assert await root_at(sealed.pool, size) == tree.root()
    assert {row[0] for row in await sealed.owner.fetch("SELECT DISTINCT level FROM log_tiles")} == {0, 1, 2}


async def test_what_seals_goes_on_where_it_was_stopped_and_another_process_does_not_seal_twice(database: str) -> None:
    for _ in range(3):
        async with sealed_log(database) as one, sealed_log(database) as other:
            await one.record(7)
            await other.record(6)
            await one.sealed()
            await other.sealed()
    async with sealed_log(database) as sealed:
        assert verify(await sealed.exported(), await sealed.keys()).events == 39


async def test_an_event_that_was_gone_before_it_was_sealed_is_missed_for_ever(sealed: Sealed) -> None:
    await sealed.record(10)
    await sealed.sealed()
    await sealed.tamper(
        "DELETE FROM log_tiles", f"UPDATE follower_checkpoints SET position = 0 WHERE name = '{NAME}'",
        "DELETE FROM stored_events WHERE notification_id = 4",
    )  # fmt: skip
    await append_leaves(sealed.owner, {10: leaf_hash(b"ten")})
    assert await sealed_size(sealed.pool) == 10
    assert await sealed.found() == (4, "deleted")


# Checkpoints


async def test_a_minute_with_events_is_signed_and_one_without_is_not(database: str) -> None:
    async with sealed_log(database, every=0.2) as sealed:
        await sealed.record(3)
        await sealed.sealed()
        async with asyncio.timeout(SOON):
            while (newest := await sealed.sealing.checkpoints.newest()) is None or not newest.size:  # noqa: ASYNC110 (in the database)
                await asyncio.sleep(0.05)
        await asyncio.sleep(1.5)
        assert [one.size for one in await sealed.sealing.checkpoints.between(0, 100)] == [0, 3]
        signed = Checkpoint.parse(opened_note(newest.note, await sealed.keys()))
        assert (signed.size, signed.root, signed.at) == (3, await root_at(sealed.pool, 3), "2026-03-02T01:00:00Z")


async def test_a_service_that_stops_signs_what_it_has_recorded(database: str) -> None:
    async with sealed_log(database) as sealed:
        await sealed.record(3)
    async with sealed_log(database) as sealed:
        newest = await sealed.sealing.checkpoints.newest()
        assert newest is not None
        assert newest.size == 3


async def test_on_demand_it_is_signed_at_once_and_not_twice(sealed: Sealed) -> None:
    await sealed.record(3)
    await sealed.sealed()
    made = [await sealed.sealing.checkpoints.make() for _ in range(3)]
    assert len({one.note for one in made}) == 1
    assert [one.size for one in await sealed.sealing.checkpoints.before(100, 10)] == [3, 0]
    many = await asyncio.gather(*(sealed.sealing.checkpoints.make() for _ in range(8)))
    assert {one.note for one in many} == {made[0].note}


async def test_processes_that_start_at_once_have_one_key(database: str) -> None:
    async with sealed_log(database) as one, sealed_log(database) as other:
        keys = await asyncio.gather(*(it.sealing.keys.current(MOMENT) for it in (one, other, one, other)))
        assert len({str(key.public) for key in keys}) == 1
        assert len(await one.sealing.keys.public()) == 1


async def test_a_new_key_signs_from_then_on_and_whoever_holds_the_first_follows(sealed: Sealed) -> None:
    await sealed.record(5)
    await sealed.sealed()
    await sealed.sealing.checkpoints.make()
    first = await sealed.keys()
    for _ in range(2):
        await sealed.sealing.keys.rotate(MOMENT + timedelta(days=1))
        await sealed.record(5)
        await sealed.sealed()
        await sealed.sealing.checkpoints.make()
    assert len(await sealed.sealing.keys.public()) == 3
    report = verify(await sealed.exported(), first)
    assert (report.events, report.checkpoints) == (15, 3)


# Exports


async def test_an_export_holds_every_event_once_and_fits(sealed: Sealed) -> None:
    await sealed.record(EVENTS)
    await sealed.sealed()
    lines = await sealed.exported()
    report = verify(lines, await sealed.keys())
    assert (report.events, report.streams, report.size, report.uncovered) == (EVENTS, STREAMS, EVENTS, 0)


@pytest.mark.parametrize("sizes", [(3, 300, 1), (256, 256), (5000,)])
async def test_exports_fit_wherever_tiles_and_checkpoints_end(
    sealed: Sealed, sizes: tuple[int, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    head, held = 0, []
    for size in sizes:
        rows = [
            (named(f"case {at % STREAMS}"), at // STREAMS + 1, at + 1) for at in range(head, head + size)
        ]  # fmt: skip
        await sealed.owner.executemany(
            "INSERT INTO stored_events (originator_id, originator_version, topic, state, notification_id, actor,"
            " recorded_at) VALUES ($1, $2, 'complaint.NoteAdded', '{}', $3, 'x', now())", rows,
        )  # fmt: skip
        head += size
        await sealed.sealed()
        held.append((await sealed.sealing.checkpoints.make()).note)
    keys = await sealed.keys()
    assert verify(await sealed.exported(), keys, held).events == head
    for after in (1, head // 2, head - 1):
        report = verify(await sealed.exported(Selection(after=after)), keys, held)
        assert (report.events + report.unseen, report.size) == (head, head)
        assert report.events == head - after
    assert verify(await sealed.exported(Selection(until=1)), keys).size == sizes[0]


async def test_the_cases_of_one_procedure_are_exported_and_proven_beside_leaves_of_the_others(sealed: Sealed) -> None:
    for number, procedure in enumerate(("kf0001", "general", "kf0001")):
        append = append_of(f"case {number}", Received.TOPIC, NoteAdded.TOPIC)
        begun = replace(append.events[0], state=b'{"procedure":"%s"}' % procedure.encode())
        await sealed.log.append(replace(append, events=[begun, *append.events[1:]]))
    await sealed.sealed()
    lines = await sealed.exported(Selection(procedure="kf0001"))
    report = verify(lines, await sealed.keys())
    assert (report.events, report.unseen) == (4, 2)
    assert not [line for line in lines if str(named("case 1")).encode() in line]


# What somebody did who may do everything in the database

RENUMBER: Final = "UPDATE stored_events SET notification_id = notification_id {by} WHERE notification_id > {after}"
KINDS: Final[dict[str, tuple[tuple[str, ...], tuple[int, str]]]] = {
    "a byte was flipped": (
        ("UPDATE stored_events SET state = set_byte(state, 1, get_byte(state, 1) # 1) WHERE notification_id = 17",),
        (17, "changed"),
    ),
    "somebody else did it": (
        ("UPDATE stored_events SET actor = 'li-min' WHERE notification_id = 17",), (17, "changed"),
    ),
    "an event was deleted": (("DELETE FROM stored_events WHERE notification_id = 17",), (17, "deleted")),
    "an event was deleted and the others moved up": (
        (
            "DELETE FROM stored_events WHERE notification_id = 17",
            RENUMBER.format(by="+ 1000000", after=17), RENUMBER.format(by="- 1000001", after=1000000),
        ),
        (17, "deleted"),
    ),
    "two events were swapped": (
        (
            "UPDATE stored_events SET notification_id = 1000000 WHERE notification_id = 17",
            "UPDATE stored_events SET notification_id = 17 WHERE notification_id = 21",
            "UPDATE stored_events SET notification_id = 21 WHERE notification_id = 1000000",
        ),
        (17, "swapped"),
    ),
    "an event was given an earlier time": (
        ("UPDATE stored_events SET recorded_at = recorded_at - interval '1 day' WHERE notification_id = 17",),
        (17, "back-dated"),
    ),
    "an event was moved to another stream": (
        (
            f"UPDATE stored_events SET originator_id = '{named('case 2')}', originator_version = 99"
            " WHERE notification_id = 17",
        ),
        (17, "moved"),
    ),
    "an event was inserted": (
        (
            RENUMBER.format(by="+ 1000000", after=16), RENUMBER.format(by="- 999999", after=1000000),
            "INSERT INTO stored_events SELECT originator_id, 99, topic, state, 17, actor, recorded_at"
            " FROM stored_events WHERE notification_id = 3",
        ),
        (17, "inserted"),
    ),
    "the tail was cut off": (("DELETE FROM stored_events WHERE notification_id > 33",), (34, "deleted")),
    "a checkpoint was forged": (
        ("UPDATE log_checkpoints SET note = replace(note, 'time 2026-03-02', 'time 2026-03-01') WHERE size = 40",),
        (40, "forged"),
    ),
    "an event and its leaf were changed": (
        (
            "UPDATE stored_events SET actor = 'li-min' WHERE notification_id = 17",
            "UPDATE log_tiles SET hashes = overlay(hashes PLACING sha256('anything') FROM 16 * 32 + 1)"
            " WHERE level = 0",
        ),
        (17, "changed"),
    ),
}  # fmt: skip


@pytest.mark.parametrize("what", KINDS)
async def test_whatever_was_done_to_the_log_is_found_and_named(sealed: Sealed, what: str) -> None:
    statements, expected = KINDS[what]
    await sealed.record(EVENTS)
    await sealed.sealed()
    await sealed.sealing.checkpoints.make()
    await sealed.tamper(*statements)
    assert await sealed.found() == expected


async def test_a_log_that_was_rewritten_as_a_whole_is_found_by_the_checkpoint_that_an_outsider_holds(
    sealed: Sealed,
) -> None:
    await sealed.record(EVENTS)
    await sealed.sealed()
    held = (await sealed.sealing.checkpoints.make()).note
    await sealed.tamper(
        "UPDATE stored_events SET actor = 'li-min' WHERE notification_id = 17",
        "DELETE FROM log_tiles", "DELETE FROM log_checkpoints",
    )  # fmt: skip
    await append_leaves(sealed.owner, {EVENTS: await _leaf_of(sealed, EVENTS)})
    assert verify(await sealed.exported(), await sealed.keys()).events == EVENTS  # signed by the true key
    assert await sealed.found(held) == (1, "rewritten")


async def test_a_log_whose_end_was_cut_with_its_checkpoints_is_found_by_the_one_that_an_outsider_holds(
    sealed: Sealed,
) -> None:
    await sealed.record(EVENTS)
    await sealed.sealed()
    held = (await sealed.sealing.checkpoints.make()).note
    await sealed.tamper(
        "DELETE FROM stored_events WHERE notification_id > 33", "DELETE FROM log_checkpoints",
        "UPDATE log_tiles SET hashes = substr(hashes, 1, 33 * 32) WHERE level = 0",
    )  # fmt: skip
    assert await sealed.found(held) == (34, "cut")


async def _leaf_of(sealed: Sealed, position: int) -> bytes:
    (one,) = await sealed.log.after(position - 1, 1)
    return event_leaf(
        one.position, one.recorded_at, one.originator_id, one.originator_version, one.topic, one.actor, one.state
    )


# What the database refuses, and what is noticed


@pytest.mark.parametrize("table", ["log_checkpoints", "signing_keys", "log_tiles"])
async def test_the_proof_cannot_be_changed_not_even_by_its_owner_in_passing(sealed: Sealed, table: str) -> None:
    await sealed.record(3)
    await sealed.sealed()
    await sealed.sealing.checkpoints.make()
    changed = {"log_tiles": "hashes = sha256('x')", "log_checkpoints": "note = 'x'", "signing_keys": "public_key = 'x'"}
    for statement in (f"UPDATE {table} SET {changed[table]}", f"DELETE FROM {table}", f"TRUNCATE {table}"):
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await sealed.owner.execute(statement)
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await sealed.owner.execute("SET session_replication_role = replica; " + f"DELETE FROM {table}")


@asynccontextmanager
async def watching(sealed: Sealed) -> AsyncIterator[HistoryWatch]:
    async with HistoryWatch(sealed.pool, sealed.sealing.keys, lambda: MOMENT, pause=0.2) as watch:
        yield watch


async def noticed(watch: HistoryWatch) -> tuple[int, str]:
    async with asyncio.timeout(SOON):
        while (found := await watch.findings()).first is None:  # noqa: ASYNC110 (what is waited for is in the database)
            await asyncio.sleep(0.05)
    return found.first.position, found.first.kind


@pytest.mark.parametrize(
    ("statement", "expected"),
    [
        ("UPDATE stored_events SET actor = 'li-min' WHERE notification_id = 17", (17, "changed")),
        ("DELETE FROM stored_events WHERE notification_id = 17", (17, "deleted")),
        ("UPDATE log_checkpoints SET note = replace(note, 'time 2026', 'time 2025')", (0, "forged")),
        (
            "UPDATE log_tiles SET hashes = overlay(hashes PLACING sha256('x') FROM 1) WHERE level = 0",
            (1, "changed"),
        ),
        ("UPDATE log_tiles SET hashes = substr(hashes, 1, 30 * 32) WHERE level = 0", (31, "cut")),
    ],
)
async def test_a_change_by_a_superuser_is_noticed_while_the_service_runs(
    sealed: Sealed, statement: str, expected: tuple[int, str]
) -> None:
    await sealed.record(EVENTS)
    await sealed.sealed()
    await sealed.sealing.checkpoints.make()
    async with watching(sealed) as watch:
        await asyncio.sleep(0.5)
        assert (await watch.findings()).count == 0
        await sealed.tamper(statement)
        assert await noticed(watch) == expected


async def test_what_was_changed_while_no_service_ran_is_noticed_at_the_start(sealed: Sealed) -> None:
    await sealed.record(EVENTS)
    await sealed.sealed()
    await sealed.tamper("UPDATE stored_events SET actor = 'li-min' WHERE notification_id = 17")
    async with watching(sealed) as watch:
        assert await noticed(watch) == (17, "changed")
        await watch.look()
        assert (await watch.findings()).count == 1


async def test_a_log_in_use_is_never_accused(sealed: Sealed) -> None:
    async with watching(sealed) as watch:
        for _ in range(5):
            await sealed.record(20)
            await sealed.sealing.checkpoints.make()
            await watch.look()
            await asyncio.sleep(0.2)
        assert (await watch.findings()).count == 0


async def test_the_last_leaves_are_not_waited_for_longer_than_a_stop_may_take(
    database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sealing_module, "AT_THE_END", 0.1)
    waited: list[float] = []

    async def never(position: int, timeout: float) -> bool:  # noqa: ASYNC109 (as the follower's)
        waited.append(timeout)
        return False

    async with sealed_log(database) as sealed:
        await sealed.record(1)
        await sealed.sealed()
        monkeypatch.setattr(sealed.sealing.follower, "reached", never)
    assert waited == [0.1]
