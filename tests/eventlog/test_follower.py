"""The loop that follows the log, on a real PostgreSQL: nothing skipped or twice, one bad stream stops no other."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import timedelta

import asyncpg
import pytest

from domain.complaint.events import Classified, Received
from eventlog import follower as loop
from eventlog.checkpoints import arrive, begin, move_checkpoints, park, read_checkpoints
from eventlog.database import StorageAway
from eventlog.follower import Follower
from eventlog.log import Recorded
from tests.eventlog.following import (
    SOON,
    UNWANTED,
    FollowedLog,
    Taking,
    TakingOnOneConnection,
    followed_log,
    killed,
)
from tests.eventlog.proxy import Cut, Proxy
from tests.eventlog.samples import MONDAY_9AM, named

QUICKLY = 0.05
RECEIVED, CLASSIFIED = Received.TOPIC, Classified.TOPIC
UNKNOWN = "complaint.Foretold"
CUT_THE_LEADER = """
SELECT pg_terminate_backend(l.pid) FROM pg_locks l JOIN pg_stat_activity a USING (pid)
WHERE l.locktype = 'advisory' AND a.datname = current_database()
"""


@pytest.fixture
async def followed(database: str) -> AsyncIterator[FollowedLog]:
    async with followed_log(database) as followed:
        yield followed


async def until(state: Callable[[], Awaitable[bool]]) -> None:
    async with asyncio.timeout(SOON):
        while not await state():  # noqa: ASYNC110 (what is waited for is in the database)
            await asyncio.sleep(0.01)


async def is_parked(follower: Follower[Recorded], *streams: str) -> bool:
    return {one.stream for one in await follower.parked()} == {named(stream) for stream in streams}


# What is taken in


@pytest.mark.parametrize("kind", [Taking, TakingOnOneConnection])
async def test_everything_wanted_is_taken_in_once_and_in_order(followed: FollowedLog, kind: type[Taking]) -> None:
    async with followed.follower(kind(), batch_size=3) as follower:
        for number in range(10):
            position = await followed.record(f"case {number % 4}", RECEIVED, UNWANTED, CLASSIFIED)
        assert await follower.reached(position, SOON)

    assert await followed.taken() == [at for at in range(1, 31) if at % 3 != 2]


async def test_it_goes_on_where_the_last_one_stopped(followed: FollowedLog) -> None:
    for number in range(4):
        await followed.record("case", RECEIVED, UNWANTED)
        await followed.caught_up(Taking())
        assert len(await followed.taken()) == number + 1

    assert await followed.taken() == [1, 3, 5, 7]


async def test_a_checkpoint_moves_on_though_nothing_is_wanted(followed: FollowedLog) -> None:
    async def has_moved() -> bool:
        return await read_checkpoints(followed.pool, ["taking"]) == {"taking": head}

    async with followed.follower(Taking()):
        head = await followed.record("case", *[UNWANTED] * 5)
        await until(has_moved)


class TakingOfMuch(Taking):
    gathers = 0.3


async def gathering(followed: FollowedLog, follower: Follower[Recorded], taking: Taking) -> None:
    """Until it has taken in forty events and gathers after them."""
    position = await followed.record("case", *[RECEIVED] * 40)
    assert await follower.reached(position, SOON)
    assert len(taking.prepared_batches[-1]) == 40


async def test_what_comes_while_much_comes_in_is_taken_in_together(
    followed: FollowedLog, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(loop, "LONGEST_GATHERING", SOON)
    async with followed.follower(taking := TakingOfMuch()) as follower:
        await gathering(followed, follower, taking)
        await followed.record("case", RECEIVED)
        await asyncio.sleep(2 * TakingOfMuch.gathers)
        assert await follower.reached(await followed.record("other case", RECEIVED), SOON)

    assert taking.prepared_batches[-1] == [41, 42]


async def test_whoever_waits_for_a_position_does_not_wait_until_it_is_gathered(
    followed: FollowedLog, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(loop, "LONGEST_GATHERING", 2 * SOON)
    async with followed.follower(taking := TakingOfMuch()) as follower:
        for _ in range(2):
            await gathering(followed, follower, taking)
        position = await followed.record("case", RECEIVED)
        assert await follower.reached(position, SOON / 2)


async def test_one_that_starts_at_the_head_takes_in_nothing_of_what_was_before(followed: FollowedLog) -> None:
    class TakingFromNow(Taking):
        starts_at_head = True

    await followed.record("case", RECEIVED)
    follower = followed.follower(TakingFromNow())
    async with follower:
        await follower.reached(await followed.record("case", CLASSIFIED), SOON)
    await followed.record("case", CLASSIFIED)
    await followed.caught_up(TakingFromNow())
    assert await followed.taken() == [2, 3]


async def test_a_span_without_anything_wanted_is_gone_through_piece_by_piece(
    followed: FollowedLog, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(loop, "SPAN", 4)
    await followed.record("case", RECEIVED, *[UNWANTED] * 17, CLASSIFIED)
    await followed.caught_up(Taking())
    assert await followed.taken() == [1, 19]


# Killed, raced, cut off


@pytest.mark.parametrize("when", ["before", "after"])
async def test_a_process_killed_around_a_commit_leaves_nothing_out_and_nothing_twice(
    followed: FollowedLog, when: str
) -> None:
    for number in range(10):
        await followed.record(f"case {number}", RECEIVED)
    await killed(when, followed.url)
    assert await followed.taken() == list(range(1, 4 if when == "before" else 7))

    await followed.caught_up(Taking(), batch_size=3)
    assert await followed.taken() == list(range(1, 11))


async def raced(followed: FollowedLog) -> list[int]:
    """What two take in of whom each believes to lead."""
    async with followed_log(followed.url) as elsewhere:
        first = followed.follower(Taking(), lock="one", batch_size=2)
        second = elsewhere.follower(Taking(), lock="another", batch_size=3)
        async with first, second:
            for number in range(60):
                position = await followed.record(f"case {number % 7}", RECEIVED)
            assert all(await asyncio.gather(first.reached(position, SOON), second.reached(position, SOON)))
            assert first.is_leader
            assert second.is_leader
    return await followed.taken()


async def test_two_that_both_believe_to_lead_take_in_each_event_once(followed: FollowedLog) -> None:
    assert await raced(followed) == list(range(1, 61))


async def test_two_that_do_not_compare_their_checkpoint_are_found_out(
    followed: FollowedLog, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def set_only(connection: asyncpg.Connection[asyncpg.Record], before: dict[str, int], to: int) -> None:
        await arrive(connection, list(before), to)

    monkeypatch.setattr(loop, "move_checkpoints", set_only)
    positions = await raced(followed)
    assert len(positions) > len(set(positions)) == 60


async def test_one_of_two_leads_and_the_other_takes_over_when_it_goes(followed: FollowedLog) -> None:
    async with followed_log(followed.url) as elsewhere, followed.follower(Taking()) as first:
        assert await first.reached(await followed.record("case", RECEIVED), SOON)
        async with elsewhere.follower(Taking()) as second:
            assert await second.reached(await followed.record("case", CLASSIFIED), SOON)
            assert (first.is_leader, second.is_leader) == (True, False)

            await first.__aexit__()
            assert await second.reached(await followed.record("case", CLASSIFIED), SOON)
            assert second.is_leader
    assert await followed.taken() == [1, 2, 3]


@pytest.mark.parametrize("kind", [Taking, TakingOnOneConnection])
async def test_one_whose_lock_is_lost_with_its_connection_is_followed_by_one_of_the_two(
    followed: FollowedLog, kind: type[Taking]
) -> None:
    administrator = await asyncpg.connect(followed.url)
    async with followed_log(followed.url) as elsewhere:
        first, second = followed.follower(kind()), elsewhere.follower(kind())
        async with first, second:
            for number in range(3):
                position = await followed.record(f"case {number}", RECEIVED, CLASSIFIED)
                await administrator.execute(CUT_THE_LEADER)
                assert await second.reached(position, SOON)
                assert await first.reached(position, SOON)
    await administrator.close()
    assert await followed.taken() == [1, 2, 3, 4, 5, 6]


@pytest.mark.parametrize("kind", [Taking, TakingOnOneConnection])
@pytest.mark.parametrize("when", ["before it arrives", "before it is answered"])
@pytest.mark.parametrize("what", [b"taking", b"COMMIT"])
async def test_a_line_that_is_cut_during_a_transaction_costs_nothing(
    database: str, what: bytes, when: Cut, kind: type[Taking]
) -> None:
    async with Proxy(database) as proxy, followed_log(database, through=proxy.url) as followed:
        async with followed.follower(kind(), batch_size=2) as follower:
            assert await follower.reached(await followed.record("case", RECEIVED), SOON)
            proxy.cut(what, when)
            assert await follower.reached(await followed.record("case", *[CLASSIFIED] * 4), SOON)
            assert proxy.cuts == 1
            assert await follower.parked() == []
        assert await followed.taken() == [1, 2, 3, 4, 5]


async def test_a_storage_that_is_away_parks_nothing(followed: FollowedLog) -> None:
    consumer = Taking()
    consumer.cannot_prepare[named("case")] = StorageAway()
    position = await followed.record("case", RECEIVED)
    async with followed.follower(consumer) as follower:
        assert not await follower.reached(position, 0.3)
        consumer.cannot_prepare.clear()
        assert await follower.reached(position, SOON)
        assert await follower.parked() == []
    assert await followed.taken() == [1]


# Parked


def poison(consumer: Taking, how: str, position: int) -> None:
    """From now on the stream `bad` cannot be taken in, whose event this is."""
    if how == "prepared":
        consumer.cannot_prepare[named("bad")] = ZeroDivisionError()
    else:
        consumer.cannot_write.add(("taking", position))


@pytest.mark.parametrize("how", ["prepared", "written"])
async def test_a_poison_event_parks_its_stream_and_no_other(
    followed: FollowedLog, how: str, capsys: pytest.CaptureFixture[str]
) -> None:
    consumer = Taking()
    poison(consumer, how, 2)
    for stream in ("good", "bad", "better", "good", "bad"):
        await followed.record(stream, RECEIVED)
    async with followed.follower(consumer) as follower:
        assert await follower.reached(5, SOON)
        [parked] = await follower.parked()
        assert await follower.reached(await followed.record("bad", CLASSIFIED), SOON)

    assert (parked.follower, parked.stream, parked.position) == ("taking", named("bad"), 2)
    assert parked.error == "ZeroDivisionError"
    assert await followed.taken() == [1, 3, 4]
    assert "stream_parked" in capsys.readouterr().out


@pytest.mark.parametrize("how", ["prepared", "written"])
async def test_a_stream_that_was_parked_is_taken_in_in_its_own_order_once_it_is_mended(
    followed: FollowedLog, how: str
) -> None:
    consumer = Taking()
    poison(consumer, how, 1)
    async with followed.follower(consumer, retry_seconds=QUICKLY) as follower:
        await follower.reached(await followed.record("bad", RECEIVED, UNWANTED, CLASSIFIED), SOON)
        await until(lambda: is_parked(follower, "bad"))
        await followed.record("good", RECEIVED)
        await follower.reached(await followed.record("bad", CLASSIFIED), SOON)
        consumer.cannot_prepare.clear()
        consumer.cannot_write.clear()
        await until(lambda: is_parked(follower))
        assert await follower.reached(await followed.record("bad", CLASSIFIED), SOON)

    assert await followed.versions_of("bad") == [1, 3, 4, 5]
    assert await followed.taken() == [4, 1, 3, 5, 6]


async def test_what_was_taken_in_of_a_stream_before_its_poison_is_not_taken_in_again(followed: FollowedLog) -> None:
    consumer = Taking()
    consumer.cannot_write.add(("taking", 2))
    async with followed.follower(consumer, retry_seconds=QUICKLY) as follower:
        await follower.reached(await followed.record("bad", RECEIVED, CLASSIFIED, CLASSIFIED), SOON)
        [parked] = await follower.parked()
        assert parked.position == 2
        assert await followed.taken() == [1]

        consumer.cannot_write = {("taking", 3)}
        await until(lambda: has_parked_from(follower, 3))
        consumer.cannot_write.clear()
        await until(lambda: is_parked(follower))
    assert await followed.taken() == [1, 2, 3]


async def has_parked_from(follower: Follower[Recorded], position: int) -> bool:
    return [one.position for one in await follower.parked()] == [position]


async def test_what_is_parked_stays_so_over_a_restart_and_is_tried_at_once(followed: FollowedLog) -> None:
    broken, mended = Taking(), Taking()
    broken.cannot_prepare[named("bad")] = ZeroDivisionError()
    await followed.record("bad", RECEIVED)
    for _ in range(2):
        await followed.caught_up(broken)
        assert await followed.taken() == []
    async with followed.follower(mended) as follower:
        await until(lambda: is_parked(follower))
    assert await followed.taken() == [1]


async def test_many_parked_streams_do_not_hold_up_the_rest(
    followed: FollowedLog, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(loop, "RETRIED_AT_ONCE", 2)
    consumer = Taking()
    for number in range(9):
        consumer.cannot_prepare[named(f"bad {number}")] = ZeroDivisionError()
        await followed.record(f"bad {number}", RECEIVED)
    await followed.caught_up(consumer)
    async with followed.follower(consumer) as follower:
        assert await follower.reached(await followed.record("good", RECEIVED), SOON)
        tried = [positions for positions in consumer.prepared_batches if len(positions) == 1]
        consumer.cannot_prepare.clear()
        assert len(tried) < 9 + 2 * 9, "not all of them before the good one"
    async with followed.follower(Taking()) as follower:
        await until(lambda: is_parked(follower))
    first, *later = await followed.taken()
    assert (first, sorted(later)) == (10, list(range(1, 10)))


async def test_an_event_of_a_type_that_is_not_known_parks_its_stream_for_a_version_that_knows_it(
    followed: FollowedLog,
) -> None:
    older, newer = Taking(), Taking()
    newer.knows = {*older.knows, UNKNOWN}
    async with followed.follower(older, retry_seconds=QUICKLY) as follower:
        await followed.record("case", RECEIVED, UNKNOWN, CLASSIFIED)
        assert await follower.reached(await followed.record("good", RECEIVED), SOON)
        [parked] = await follower.parked()
        assert (parked.stream, parked.position, parked.error) == (named("case"), 2, "UnreadableEvent")
        assert await follower.reached(await followed.record("good", RECEIVED), SOON)
        await asyncio.sleep(4 * QUICKLY)
        assert [2, 3] not in older.prepared_batches, "a process that cannot read it does not try again"
    assert await followed.taken() == [1, 4, 5]

    async with followed.follower(newer) as follower:
        await until(lambda: is_parked(follower))
    assert await followed.versions_of("case") == [1, 2, 3]


# Several names


async def test_each_name_has_a_checkpoint_and_parked_streams_of_its_own(followed: FollowedLog) -> None:
    consumer = Taking("one", "another")
    consumer.cannot_write.add(("another", 2))
    await begin(followed.pool, consumer.names)
    for stream in ("good", "bad", "good", "bad"):
        await followed.record(stream, RECEIVED)
    async with followed.follower(consumer, retry_seconds=QUICKLY) as follower:
        assert await follower.reached(4, SOON)
        assert [(one.follower, one.position) for one in await follower.parked()] == [("another", 2)]
        consumer.cannot_write.clear()
        await until(lambda: is_parked(follower))

    assert await followed.taken("one") == [1, 2, 3, 4]
    assert await followed.taken("another") == [1, 3, 2, 4]


async def test_a_name_that_is_ahead_is_not_given_again_what_it_has(followed: FollowedLog) -> None:
    consumer = Taking("behind", "ahead")
    await begin(followed.pool, consumer.names)
    await followed.record("case", *[RECEIVED] * 10)
    await arrive(followed.pool, ["ahead"], 6)
    await followed.caught_up(consumer)

    assert await followed.taken("behind") == list(range(1, 11))
    assert await followed.taken("ahead") == list(range(7, 11))


async def test_a_checkpoint_that_is_moved_meanwhile_is_taken_over_and_what_is_remembered_forgotten(
    followed: FollowedLog,
) -> None:
    consumer = Taking()
    async with followed.follower(consumer) as follower:
        assert await follower.reached(await followed.record("case", RECEIVED), SOON)
        before = consumer.forgotten
        async with followed.pool.acquire() as connection, connection.transaction():
            await move_checkpoints(connection, {"taking": 1}, 2)
            await followed.record("case", CLASSIFIED)  # which somebody else has taken in
        assert await follower.reached(await followed.record("case", CLASSIFIED), SOON)
        assert consumer.forgotten == before + 1
    assert await followed.taken() == [1, 3]


# Waiting for it


async def test_what_was_never_recorded_is_never_reached(followed: FollowedLog) -> None:
    async with followed.follower(Taking()) as follower:
        assert await follower.reached(await followed.record("case", RECEIVED), SOON)
        assert not await follower.reached(2, QUICKLY)


async def test_a_process_that_does_not_follow_knows_how_far_the_others_have_come(followed: FollowedLog) -> None:
    position = await followed.record("case", RECEIVED, CLASSIFIED)
    passive = followed.follower(Taking())
    assert not await passive.reached(position, QUICKLY)
    assert (await passive.lag())[0] == position
    await followed.caught_up(Taking())
    assert await passive.reached(position, QUICKLY)
    assert await passive.come_so_far() == position
    assert await passive.lag() == (0, 0.0)


async def test_what_is_still_to_be_done_afterwards_is_not_reached_elsewhere(followed: FollowedLog) -> None:
    position = await followed.record("case", RECEIVED, CLASSIFIED)
    await followed.caught_up(Taking())
    consumer = Taking()
    consumer.first_unfinished = 2
    passive = followed.follower(consumer)
    assert not await passive.reached(position, QUICKLY)
    assert await passive.come_so_far() == 1
    consumer.first_unfinished = None
    assert await passive.reached(position, QUICKLY)


async def test_the_lag_is_how_long_the_oldest_event_has_been_waiting(followed: FollowedLog) -> None:
    await followed.record("case", RECEIVED, CLASSIFIED)
    assert await followed.follower(Taking(), now=lambda: MONDAY_9AM + timedelta(seconds=7)).lag() == (2, 7.0)


async def test_it_is_told_every_second_that_nothing_has_happened(
    followed: FollowedLog, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(loop, "WAIT", QUICKLY)
    consumer = Taking()

    async def has_had_turns() -> bool:
        return consumer.idle_turns >= 3

    async with followed.follower(consumer):
        await until(has_had_turns)
    assert consumer.prepared_batches == []


async def test_where_nothing_in_the_log_is_for_it_it_still_says_how_far_it_has_come(
    followed: FollowedLog, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(loop, "SAVES_EVERY", QUICKLY)
    recorded = await followed.record("case", UNWANTED)
    async with followed.follower(Taking()):
        while (await followed.follower(Taking()).lag())[0] == recorded:  # it never comes to rest
            recorded = await followed.record("case", UNWANTED)
            assert recorded < 500
    assert await followed.taken() == []


async def test_a_stream_is_parked_once_and_its_newest_failure_is_what_is_known_of_it(followed: FollowedLog) -> None:
    await park(followed.pool, "taking", named("case"), 3, ValueError())
    await park(followed.pool, "taking", named("case"), 5, ZeroDivisionError())
    [parked] = await followed.follower(Taking()).parked()
    assert (parked.position, parked.error) == (5, "ZeroDivisionError")
