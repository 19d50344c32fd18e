"""Every warning and miss once, in due order, within a second, whoever dies meanwhile."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import timedelta
from typing import Any, cast

import asyncpg
import pytest

from app.clocks.clock_runner import AT_ONCE, ClockRunner
from app.clocks.due_clocks import PAGE
from domain.complaint.events import DeadlineWarned
from eventlog.database import StorageAway
from eventlog.follower import Follower
from tests.app.dying_process import JUDGED_TOGETHER, NTH, killed
from tests.app.judged_history import MISSED, WARNED, judged_twice, judgements
from tests.app.service_stories import HOUR, MONDAY_9AM, Office, eventually, open_office
from tests.eventlog.proxy import Proxy

CLIENTS = """
SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND backend_type = 'client backend'
"""
END = "SELECT pg_terminate_backend(pid, 10000) FROM unnest($1::int[]) pid"  # and waits until they are gone


@pytest.fixture
async def office(database: str) -> AsyncIterator[Office]:
    async with open_office(database) as office:
        yield office


@pytest.fixture
async def follower(office: Office) -> AsyncIterator[Follower[Any]]:
    async with office.follower() as follower:
        yield follower


@pytest.fixture
def runner(office: Office) -> ClockRunner:
    return office.runner()


@asynccontextmanager
async def administrator_of(url: str) -> AsyncIterator[Any]:
    connection = await asyncpg.connect(url)
    try:
        yield connection
    finally:
        await connection.close()


async def test_a_clock_is_judged_when_it_falls_due_and_not_before(
    office: Office, follower: Follower[Any], runner: ClockRunner
) -> None:
    await office.general()
    await office.read_models_catch_up(follower)
    assert await runner.next_instant(MONDAY_9AM) == WARNED
    assert await runner.run_pass(WARNED - timedelta(microseconds=1)) == 0
    assert await judgements(office) == []

    office.moment = WARNED
    assert await runner.run_pass(WARNED) == 1

    assert await judgements(office) == [("DeadlineWarned", "record-out", WARNED)]


async def test_a_second_pass_over_a_read_model_that_lags_records_nothing(
    office: Office, follower: Follower[Any], runner: ClockRunner
) -> None:
    ids = [await office.general() for _ in range(3)]
    await office.read_models_catch_up(follower)
    await follower.__aexit__(None, None, None)
    office.moment = WARNED

    assert await runner.run_pass(WARNED) == 3
    assert await runner.run_pass(WARNED) == 0
    assert await office.runner().run_pass(WARNED) == 3

    assert len(await judgements(office)) == len(ids)


async def test_complaints_are_judged_in_the_order_in_which_they_fell_due(
    office: Office, follower: Follower[Any], runner: ClockRunner
) -> None:
    started = [MONDAY_9AM - timedelta(minutes=minutes) for minutes in (5, 1, 9, 3, 7, 2, 8)]
    for occurred_at in started:
        await office.general(occurred_at=occurred_at)
    await office.read_models_catch_up(follower)
    office.moment = WARNED

    assert await runner.run_pass(WARNED) == len(started)

    warned = cast(list[DeadlineWarned], await office.events("DeadlineWarned"))
    assert [event.started_at for event in warned] == sorted(started)


async def test_after_a_stop_no_miss_is_recorded_before_an_earlier_warning_of_another_complaint(
    office: Office, follower: Follower[Any], runner: ClockRunner
) -> None:
    for occurred_at in (MONDAY_9AM - HOUR, MONDAY_9AM):
        await office.general(occurred_at=occurred_at)
    await office.read_models_catch_up(follower)
    office.moment = MISSED + HOUR

    assert await runner.run_pass(office.moment) == 2

    recorded = [type_ for type_, clock, _ in await judgements(office) if clock == "record-out"]
    assert recorded == ["DeadlineWarned", "DeadlineWarned", "DeadlineMissed", "DeadlineMissed"]


async def test_more_than_are_read_at_once_are_all_judged_once(
    office: Office, follower: Follower[Any], runner: ClockRunner
) -> None:
    count = PAGE + AT_ONCE
    ids = await asyncio.gather(*(office.received() for _ in range(count)))
    await asyncio.gather(*(office.classified(id) for id in ids))
    await office.read_models_catch_up(follower)
    office.moment = WARNED

    assert await runner.run_pass(WARNED) == count

    assert {event.originator_id for event in await office.recorded("DeadlineWarned")} == set(ids)
    assert len(await judgements(office)) == count


async def test_two_runners_at_once_record_every_judgement_once(
    office: Office, follower: Follower[Any], database: str
) -> None:
    ids = await asyncio.gather(*(office.received() for _ in range(150)))
    await asyncio.gather(*(office.classified(id) for id in ids))
    await office.read_models_catch_up(follower)
    office.moment = MISSED
    async with open_office(database, MISSED) as other:
        await asyncio.gather(office.runner().run_pass(MISSED), other.runner().run_pass(MISSED))

    assert await judged_twice(office) == []
    assert len(await judgements(office)) == 2 * len(ids)


async def test_what_fell_due_while_nothing_ran_is_judged_at_the_start(office: Office, follower: Follower[Any]) -> None:
    await office.general()
    await office.read_models_catch_up(follower)
    office.moment = MISSED + HOUR

    async with office.runner() as runner:
        await eventually(lambda: runner.judged == 2)

    assert await judgements(office) == [
        ("DeadlineWarned", "record-out", MISSED + HOUR),
        ("DeadlineMissed", "record-out", MISSED + HOUR),
    ]


@pytest.mark.parametrize("when", ["before", "after"])
async def test_a_runner_killed_around_an_append_loses_nothing_and_records_nothing_twice(
    office: Office, follower: Follower[Any], database: str, when: str
) -> None:
    ids = [await office.general(occurred_at=MONDAY_9AM - timedelta(minutes=n)) for n in range(10)]
    await office.read_models_catch_up(follower)
    await follower.__aexit__(None, None, None)
    await killed("runner", when, database, MISSED)
    assert len(await judgements(office)) == JUDGED_TOGETHER * (NTH if when == "after" else NTH - 1)

    office.moment = MISSED
    async with office.runner() as runner:
        await eventually(lambda: runner.judged == 2 * len(ids))

    assert await judged_twice(office) == []
    assert len(await judgements(office)) == 2 * len(ids)


async def test_a_second_runner_waits_and_takes_over(office: Office, follower: Follower[Any], database: str) -> None:
    async with open_office(database) as other, AsyncExitStack() as running:
        first = await running.enter_async_context(other.runner())
        await eventually(lambda: first.lock.is_leader)
        async with office.runner() as second:
            await eventually(lambda: second.lock.attempts > 0)
            assert not second.lock.is_leader
            await running.aclose()
            await eventually(lambda: second.lock.is_leader)

            await office.general()
            office.moment = WARNED
            await eventually(lambda: second.judged == 1)

    assert len(await judgements(office)) == 1


async def test_an_outage_of_the_storage_is_survived(office: Office, follower: Follower[Any], database: str) -> None:
    await office.general()
    await office.read_models_catch_up(follower)
    async with administrator_of(database) as administrator, Proxy(database) as proxy:
        near = {row["pid"] for row in await administrator.fetch(CLIENTS)}
        async with open_office(proxy.url) as far, far.runner() as runner:
            await eventually(lambda: runner.lock.is_leader)
            reachable, proxy.target = proxy.target, proxy.target._replace(netloc="127.0.0.1:1")
            while connected := {row["pid"] for row in await administrator.fetch(CLIENTS)} - near:
                await administrator.execute(END, connected)
            far.moment = WARNED
            with pytest.raises(StorageAway):
                await runner.run_pass(WARNED)
            assert await judgements(office) == []

            proxy.target = reachable
            await eventually(lambda: runner.judged == 1)

    assert await judgements(office) == [("DeadlineWarned", "record-out", WARNED)]


async def test_while_time_runs_a_clock_is_judged_within_a_second(
    office: Office, follower: Follower[Any], runner: ClockRunner
) -> None:
    await office.general()
    await office.read_models_catch_up(follower)
    office.moment = WARNED - timedelta(seconds=1.2)
    office.let_time_run()
    async with runner:
        await eventually(lambda: runner.judged == 1)

    ((_, _, recorded_at),) = await judgements(office)
    assert WARNED <= recorded_at < WARNED + timedelta(seconds=1)
