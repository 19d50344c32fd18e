"""Appends whose order counts: what comes after a refused one waits until that one was decided anew."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest

from eventlog.log import Appended, EventLog, StorageAway, VersionConflict
from tests.eventlog.proxy import Proxy
from tests.eventlog.samples import OpenLog, append_of, named, open_log


@pytest.fixture
async def opened(database: str) -> AsyncIterator[OpenLog]:
    async with open_log(database) as opened:
        yield opened


@pytest.fixture
def log(opened: OpenLog) -> EventLog:
    return opened.log


async def streams_in_order(log: EventLog) -> list[tuple[object, int]]:
    return [(one.originator_id, one.originator_version) for one in await log.after(0, 1000)]


async def test_appends_of_many_streams_are_recorded_in_the_order_in_which_they_are_given(log: EventLog) -> None:
    await log.append(append_of("c"))

    answers = await log.append_in_order([append_of("b", "x", "y"), append_of("c", after=1), append_of("a")])

    assert [answer.position for answer in answers if isinstance(answer, Appended)] == [3, 4, 5]
    b, c, a = named("b"), named("c"), named("a")
    assert await streams_in_order(log) == [(c, 1), (b, 1), (b, 2), (c, 2), (a, 1)]


async def test_nothing_is_recorded_after_a_stream_that_has_moved_on(log: EventLog) -> None:
    await log.append(append_of("contested", "x", "y"))
    appends = [append_of("a"), append_of("contested", after=1, command="too late"), append_of("b", "x", "y")]

    first, conflict, held = await log.append_in_order(appends)

    assert first == Appended(3, 1, False, named("a"))
    assert isinstance(conflict, VersionConflict)
    assert (conflict.originator_id, conflict.expected, conflict.current) == (named("contested"), 1, 2)
    assert held is None
    assert await log.stream(named("b")) == []
    assert await log.head() == 3
    assert (log.batches, log.appended, log.conflicts) == (2, 2, 1)


async def test_what_was_held_back_can_be_recorded_after_the_conflict_was_settled(log: EventLog) -> None:
    await log.append(append_of("contested"))
    late, held = append_of("contested", command="late"), append_of("held")
    assert (await log.append_in_order([late, held]))[1] is None

    answers = await log.append_in_order([append_of("contested", after=1), held])

    assert [answer.position for answer in answers if isinstance(answer, Appended)] == [2, 3]


async def test_the_same_commands_again_record_nothing(log: EventLog) -> None:
    appends = [append_of("a"), append_of("b", "x", "y")]
    first = await log.append_in_order(appends)

    again = await log.append_in_order(appends)

    assert [answer and isinstance(answer, Appended) and answer.seen_before for answer in first] == [False, False]
    assert [isinstance(answer, Appended) and answer.position for answer in again] == [1, 3]
    assert await log.head() == 3


async def test_a_stream_occurs_once_among_appends_in_order(log: EventLog) -> None:
    with pytest.raises(ValueError, match="once"):
        await log.append_in_order([append_of("a"), append_of("a", after=1)])

    assert await log.append_in_order([]) == []
    assert await log.head() == 0


async def test_followers_are_woken_by_appends_in_order(log: EventLog) -> None:
    waiting = asyncio.create_task(log.wait_beyond(0, 5))
    await log.append_in_order([append_of("a"), append_of("b")])

    assert await waiting == 2


async def test_two_writers_of_sequences_and_one_of_single_appends_leave_no_gap(log: EventLog, database: str) -> None:
    async with open_log(database) as other:
        for number in range(20):
            some = [append_of(f"{number} {stream}") for stream in "abc"]
            others = [append_of(f"{number} {stream}", actor="agent-8") for stream in "cba"]
            await asyncio.gather(
                log.append_in_order(some), other.log.append_in_order(others), log.append(append_of(f"{number} d"))
            )

    recorded = await log.after(0, 1000)
    assert [one.position for one in recorded] == list(range(1, len(recorded) + 1))
    assert len({one.originator_id for one in recorded}) == len(recorded) == 80


async def test_an_append_whose_caller_was_cancelled_is_finished_before_the_log_closes(database: str) -> None:
    async with open_log(database) as opened:
        caller = asyncio.create_task(opened.log.append_in_order([append_of("a")]))
        await asyncio.sleep(0)
        caller.cancel()
        await asyncio.gather(caller, return_exceptions=True)
        await opened.log.close()
        recorded = await opened.log.stream(named("a"))

    assert caller.cancelled()
    assert len(recorded) == 1


async def test_while_the_storage_is_away_appends_in_order_say_so(database: str) -> None:
    async with Proxy(database) as proxy, open_log(proxy.url) as opened:
        await opened.log.append(append_of("before"))
        proxy.target = proxy.target._replace(netloc="127.0.0.1:1")
        await opened.pool.expire_connections()

        with pytest.raises(StorageAway):
            await opened.log.append_in_order([append_of("a")])
