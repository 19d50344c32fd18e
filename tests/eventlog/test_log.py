"""The event log on a real PostgreSQL: what it records, refuses, remembers and gives back."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from urllib.parse import urlsplit

import asyncpg
import pytest
from eventsourcing.persistence import StoredEvent
from eventsourcing.postgres import PostgresApplicationRecorder, PostgresDatastore

import migrations
from eventlog.batch import MAX_BYTES
from eventlog.log import (
    Append,
    Appended,
    CommandIdReused,
    CommandSeen,
    EventLog,
    Recorded,
    StorageAway,
    VersionConflict,
)
from tests.eventlog.samples import HASH, MONDAY_9AM, OTHER_HASH, OpenLog, append_of, named, open_log


@pytest.fixture
async def opened(database: str) -> AsyncIterator[OpenLog]:
    async with open_log(database) as opened:
        yield opened


@pytest.fixture
def log(opened: OpenLog) -> EventLog:
    return opened.log


async def test_an_append_gets_the_next_positions_and_comes_back_as_it_was(log: EventLog) -> None:
    await log.append(append_of("before"))
    done = await log.append(append_of("case", "complaint.Received", "complaint.Classified"))

    assert done == Appended(position=3, version=2, seen_before=False, originator_id=named("case"))
    assert await log.stream(named("case")) == [
        Recorded(2, named("case"), 1, "complaint.Received", b"case 1", "agent-7", MONDAY_9AM),
        Recorded(3, named("case"), 2, "complaint.Classified", b"case 2", "agent-7", MONDAY_9AM),
    ]
    assert await log.head() == 3


async def test_a_stream_that_moved_on_refuses_and_says_where_it_is(log: EventLog) -> None:
    await log.append(append_of("case", "a", "b"))

    with pytest.raises(VersionConflict) as refused:
        await log.append(append_of("case", after=1, command="too late"))

    assert (refused.value.expected, refused.value.current) == (1, 2)
    assert await log.head() == 2
    assert log.conflicts == 1


async def test_a_stream_cannot_start_in_the_middle(log: EventLog) -> None:
    with pytest.raises(VersionConflict):
        await log.append(append_of("case", after=3))

    assert await log.head() == 0


async def test_one_loser_does_not_abort_its_neighbours(log: EventLog) -> None:
    await log.append(append_of("contested"))
    batches = log.batches
    appends = [append_of(f"case {number}") for number in range(20)]
    appends.insert(10, append_of("contested", command="loser"))

    answers = await asyncio.gather(*map(log.append, appends), return_exceptions=True)

    assert log.batches == batches + 1
    assert isinstance(answers.pop(10), VersionConflict)
    assert [answer.position for answer in answers if isinstance(answer, Appended)] == list(range(2, 22))


async def test_of_two_appends_to_one_stream_the_first_in_the_queue_wins(log: EventLog) -> None:
    first, second, next_step = (
        append_of("case", command="first"),
        append_of("case", command="second"),
        append_of("case", after=1),
    )

    answers = await asyncio.gather(*map(log.append, (first, second, next_step)), return_exceptions=True)

    assert isinstance(answers[0], Appended)
    assert isinstance(answers[1], VersionConflict)
    assert answers[2] == Appended(position=2, version=2, seen_before=False, originator_id=named("case"))


async def test_what_contends_waits_for_the_next_batch_and_the_neighbours_do_not(log: EventLog) -> None:
    contending = [append_of("case", command="first"), append_of("case", command="second")]
    repeated = [append_of("other", command="click"), append_of("another", command="click")]
    neighbours = [append_of(f"neighbour {number}") for number in range(10)]

    answers = await asyncio.gather(*map(log.append, contending + repeated + neighbours), return_exceptions=True)

    assert log.batches == 2
    assert [type(answer) for answer in answers] == [Appended, VersionConflict] + [Appended] * 12


async def test_the_same_command_twice_is_recorded_once_and_answered_twice(log: EventLog) -> None:
    first = await log.append(append_of("case", "a", "b"))
    await log.append(append_of("case", after=2))

    again = await log.append(append_of("case", "a", "b"))

    assert again == Appended(first.position, first.version, True, named("case"))
    assert await log.head() == 3


async def test_the_same_command_twice_at_once_is_recorded_once(log: EventLog) -> None:
    one, other = append_of("case", command="click"), append_of("another case", command="click")

    answers = await asyncio.gather(log.append(one), log.append(other))

    assert [(answer.originator_id, answer.seen_before) for answer in answers] == [
        (named("case"), False),
        (named("case"), True),
    ]
    assert await log.stream(named("another case")) == []


@pytest.mark.parametrize("request_hash", [OTHER_HASH, None])
async def test_a_command_id_with_another_request_is_refused(log: EventLog, request_hash: bytes | None) -> None:
    await log.append(append_of("case", command="click"))

    with pytest.raises(CommandIdReused):
        await log.append(append_of("case", after=1, command="click", request_hash=request_hash))

    assert await log.head() == 1


async def test_a_command_is_found_again_at_its_last_event(log: EventLog) -> None:
    append = append_of("case", "a", "b")
    await log.append(append)

    assert await log.command(append.command_id) == CommandSeen(named("case"), 2, 1 + 1, HASH)
    assert await log.command(named("never asked")) is None


async def test_a_stream_can_be_read_as_it_stood(log: EventLog) -> None:
    for hour in range(3):
        await log.append(append_of("case", after=hour, recorded_at=MONDAY_9AM + timedelta(hours=hour)))

    at_version = await log.stream(named("case"), until_version=2)
    at_ten = await log.stream(named("case"), until_time=MONDAY_9AM + timedelta(hours=1))

    assert [event.originator_version for event in at_version] == [1, 2]
    assert at_ten == at_version
    assert await log.stream(named("case"), until_time=MONDAY_9AM - timedelta(seconds=1)) == []


async def test_many_streams_are_read_at_once_up_to_a_position(log: EventLog) -> None:
    await log.append(append_of("a", "x", "y"))
    await log.append(append_of("b"))
    await log.append(append_of("a", after=2))

    found = await log.streams([named("a"), named("b"), named("none")], until_position=3)

    assert {name: [event.position for event in found[named(name)]] for name in ("a", "b", "none")} == {
        "a": [1, 2],
        "b": [3],
        "none": [],
    }


async def test_followers_read_after_a_position_by_topic_and_up_to_a_position(log: EventLog) -> None:
    await log.append(append_of("case", "x", "y", "x", "y", "x"))

    assert [event.position for event in await log.after(1, 2)] == [2, 3]
    assert [event.position for event in await log.after(1, 10, topics=["x"])] == [3, 5]
    assert [event.position for event in await log.after(1, 10, until=4)] == [2, 3, 4]
    assert await log.after(1, 10, topics=[]) == []


async def test_a_local_commit_wakes_a_waiting_follower(log: EventLog) -> None:
    waiting = asyncio.create_task(log.wait_beyond(0, 30))

    await log.append(append_of("case"))

    assert await waiting == 1


async def test_a_commit_of_another_process_wakes_a_waiting_follower(database: str, log: EventLog) -> None:
    waiting = asyncio.create_task(log.wait_beyond(0, 30))

    async with open_log(database) as other:
        await other.log.append(append_of("case", "a", "b"))

        assert await waiting == 2


async def test_waiting_ends_with_the_known_head_when_nothing_comes(log: EventLog) -> None:
    await log.append(append_of("case"))

    assert await log.wait_beyond(1, 0.01) == 1


@pytest.mark.parametrize(
    "append",
    [
        Append(named("c"), HASH, [], [], MONDAY_9AM),
        Append(
            named("c"),
            HASH,
            [StoredEvent(named("s"), 1, "a", b""), StoredEvent(named("s"), 3, "a", b"")],
            ["a", "a"],
            MONDAY_9AM,
        ),
        Append(
            named("c"),
            HASH,
            [StoredEvent(named("s"), 1, "a", b""), StoredEvent(named("t"), 2, "a", b"")],
            ["a", "a"],
            MONDAY_9AM,
        ),
        Append(named("c"), HASH, [StoredEvent(named("s"), 1, "a", b"")], ["a", "b"], MONDAY_9AM),
        Append(named("c"), HASH, [StoredEvent(named("s"), 0, "a", b"")], ["a"], MONDAY_9AM),
        Append(named("c"), HASH, [StoredEvent(named("s"), 1, "a\0", b"")], ["a"], MONDAY_9AM),
        Append(named("c"), HASH, [StoredEvent(named("s"), 1, "a", b"")], ["\ud800"], MONDAY_9AM),
        Append(named("c"), HASH, [StoredEvent(named("s"), 1, "a", b"")], ["a"], MONDAY_9AM.replace(tzinfo=None)),
    ],
    ids=[
        "empty",
        "versions with a hole",
        "two streams",
        "an actor too many",
        "version 0",
        "NUL",
        "lone surrogate",
        "no time zone",
    ],
)
async def test_what_could_spoil_a_batch_is_refused_at_the_door(log: EventLog, append: Append) -> None:
    with pytest.raises(ValueError, match=r"append|events|text|surrogates|zone"):
        await log.append(append)

    assert log.queued == 0


async def test_an_append_that_the_database_refuses_does_not_spoil_the_batch(log: EventLog) -> None:
    too_large = append_of("far future", after=2**63)

    answers = await asyncio.gather(
        log.append(append_of("a")), log.append(too_large), log.append(append_of("b")), return_exceptions=True
    )

    assert isinstance(answers[0], Appended)
    assert isinstance(answers[1], asyncpg.DataError)
    assert isinstance(answers[2], Appended)
    assert await log.head() == 2


async def test_batches_are_bounded_in_bytes(log: EventLog) -> None:
    big = b"\x00" * (MAX_BYTES // 3)
    appends = [
        Append(named(f"c{number}"), None, [StoredEvent(named(f"s{number}"), 1, "a", big)], "a", MONDAY_9AM)
        for number in range(5)
    ]

    answers = await asyncio.gather(*map(log.append, appends))

    assert [answer.position for answer in answers] == [1, 2, 3, 4, 5]
    assert log.batches == 3


async def test_closing_records_what_is_queued_and_refuses_what_comes_later(database: str) -> None:
    async with open_log(database, batch_size=2) as opened:
        queued = [asyncio.create_task(opened.log.append(append_of(f"case {number}"))) for number in range(7)]
        await asyncio.sleep(0)  # each has put its append into the queue
        await opened.log.close()

        assert [(await answer).position for answer in queued] == [1, 2, 3, 4, 5, 6, 7]
        with pytest.raises(StorageAway):
            await opened.log.append(append_of("too late"))


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE stored_events SET actor = 'nobody'",
        "DELETE FROM stored_events",
        "TRUNCATE stored_events",
    ],
)
async def test_events_cannot_be_changed_or_removed_by_anyone(database: str, log: EventLog, statement: str) -> None:
    await log.append(append_of("case"))
    administrator = await asyncpg.connect(database)
    try:
        for session in ("origin", "replica"):
            await administrator.execute(f"SET session_replication_role = {session}")
            with pytest.raises(asyncpg.InsufficientPrivilegeError, match="events are permanent"):
                await administrator.execute(statement)
    finally:
        await administrator.close()

    assert len(await log.stream(named("case"))) == 1


async def test_the_service_works_under_a_role_that_may_only_read_and_add(opened: OpenLog) -> None:
    assert await opened.pool.fetchval("SELECT current_user") == "redress_app"
    with pytest.raises(asyncpg.InsufficientPrivilegeError, match="permission denied"):
        await opened.pool.execute("UPDATE stored_events SET actor = 'nobody'")
    with pytest.raises(asyncpg.InsufficientPrivilegeError, match="must be owner"):
        await opened.pool.execute("ALTER TABLE stored_events DISABLE TRIGGER ALL")


async def test_another_isolation_level_is_refused_because_its_snapshot_is_older_than_the_lock(opened: OpenLog) -> None:
    async with opened.pool.acquire() as connection:
        with pytest.raises(asyncpg.RaiseError, match="READ COMMITTED"):
            async with connection.transaction(isolation="repeatable_read"):
                await connection.fetch(
                    "SELECT * FROM append_events('{}','{}','{}','{}','{}','{}','{}','{}','{}','{}','{}','{}')"
                )


async def test_the_librarys_own_recorder_reads_the_log(database: str, log: EventLog) -> None:
    await log.append(append_of("case", "complaint.Received", "complaint.Classified"))
    await log.append(append_of("other"))
    parts = urlsplit(database)

    def read() -> None:
        with PostgresDatastore(
            dbname=parts.path.lstrip("/"),
            host=parts.hostname or "",
            port=parts.port or 0,
            user=parts.username or "",
            password=parts.password or "",
            originator_id_type="uuid",
        ) as datastore:
            recorder = PostgresApplicationRecorder(datastore)
            assert recorder.max_notification_id() == 3
            assert recorder.select_events(named("case"), gt=1) == [
                StoredEvent(named("case"), 2, "complaint.Classified", b"case 2")
            ]
            notifications = recorder.select_notifications(2, 10, topics=["complaint.Received", "complaint.Classified"])
            assert [(item.id, item.topic, item.state) for item in notifications] == [
                (2, "complaint.Classified", b"case 2"),
                (3, "complaint.Received", b"other 1"),
            ]

    await asyncio.to_thread(read)


def test_the_migrated_schema_is_the_one_that_the_code_describes(database: str) -> None:
    assert migrations.pending(database) == []
    assert migrations.check(database) == []


def test_migrating_twice_changes_nothing_the_second_time(empty_database: str) -> None:
    assert migrations.pending(empty_database)[0] == "0001"

    migrations.upgrade(empty_database)
    migrations.upgrade(empty_database)

    assert migrations.pending(empty_database) == []
