"""The log's own time: the database's clock, never running back, and what that makes of how the log stood."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from importlib import import_module
from itertools import accumulate
from typing import Final

import asyncpg
import pytest
from alembic import command
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import migrations
from eventlog.log import EventLog
from tests.eventlog.samples import MONDAY_9AM, OpenLog, append_of, named, open_log

HOUR: Final = timedelta(hours=1)
BEFORE: Final = "0014"
MIGRATION: Final = import_module("migrations.versions.0015_log_time")
DEPLOYED: Final = """
INSERT INTO deployment (only_row, sandbox, sandbox_now, master_key_fingerprint)
VALUES (true, $1, CASE WHEN $1 THEN $2::timestamptz END, '')
"""
# As a machine whose clock ran back left them, before the log had a time of its own.
LEFT: Final = """
INSERT INTO stored_events (
    originator_id, originator_version, topic, state, notification_id, actor, recorded_at, command_id, request_hash
)
SELECT gen_random_uuid(), 1, 'complaint.Received', '', position, 'agent-7', at, gen_random_uuid(), ''
FROM unnest($1::timestamptz[]) WITH ORDINALITY AS t (at, position)
"""


@pytest.fixture
async def opened(database: str) -> AsyncIterator[OpenLog]:
    async with open_log(database) as opened:
        yield opened


async def times_of(log: EventLog) -> list[datetime]:
    return [one.recorded_at for one in await log.after(0, 1000)]


async def test_what_is_recorded_later_never_says_that_it_was_earlier(opened: OpenLog) -> None:
    for number, hours in enumerate((0, 2, -8, 1, 3)):
        await opened.log.append(append_of(f"case {number}", recorded_at=MONDAY_9AM + hours * HOUR))
    await opened.log.append_in_order([append_of("ordered"), append_of("in one go", recorded_at=MONDAY_9AM + HOUR)])

    recorded = [(one - MONDAY_9AM) / HOUR for one in await times_of(opened.log)]
    assert recorded == [0, 2, 2, 2, 3, 3, 3]


async def test_a_deployment_records_by_the_clock_of_its_database(opened: OpenLog) -> None:
    await opened.pool.execute(DEPLOYED, False, MONDAY_9AM)
    before = await opened.pool.fetchval("SELECT clock_timestamp()")
    await opened.log.append(append_of("fast", recorded_at=datetime.now(UTC) + timedelta(seconds=30)))
    await opened.log.append(append_of("slow", recorded_at=datetime.now(UTC) - timedelta(seconds=30)))
    after = await opened.pool.fetchval("SELECT clock_timestamp()")

    first, second = await times_of(opened.log)
    assert before <= first <= second <= after


async def test_a_database_clock_that_leapt_is_not_believed(opened: OpenLog) -> None:
    await opened.pool.execute(DEPLOYED, False, MONDAY_9AM)
    now = datetime.now(UTC)
    # To whoever goes on steadily it makes no difference whose clock it is that leaps, and by how much.
    for number, steady in enumerate((now - 8 * HOUR, now - 8 * HOUR + timedelta(seconds=1), now)):
        await opened.log.append(append_of(f"case {number}", recorded_at=steady))

    first, second, third = await times_of(opened.log)
    assert (first, second) == (now - 8 * HOUR, now - 8 * HOUR + timedelta(seconds=1))
    assert now <= third


async def test_a_sandbox_records_by_its_own_clock(opened: OpenLog) -> None:
    await opened.pool.execute(DEPLOYED, True, MONDAY_9AM)
    await opened.log.append(append_of("case", recorded_at=MONDAY_9AM))
    assert await times_of(opened.log) == [MONDAY_9AM]


async def test_a_stream_and_the_whole_log_stood_at_the_same_position(opened: OpenLog) -> None:
    for hour in range(4):
        await opened.log.append(append_of("case", after=hour, recorded_at=MONDAY_9AM + hour * HOUR))
    for hour in range(-1, 5):
        until = MONDAY_9AM + hour * HOUR
        stream = await opened.log.stream(named("case"), until_time=until)
        assert len(stream) == await opened.log.position_as_of(until) == max(0, min(4, hour + 1))


@pytest.fixture
def before(empty_database: str) -> str:
    """A database of the version before, which took every sender's time for true."""
    migrations._in_thread(lambda config: command.upgrade(config, BEFORE), empty_database)
    return empty_database


async def test_times_that_ran_back_count_as_the_highest_before_them_after_an_upgrade(before: str) -> None:
    minutes = [0, 5, 3, 4, 5, 9, 1, 2, 9, 10, 12, 11]
    connection = await asyncpg.connect(before)
    await connection.execute(LEFT, [MONDAY_9AM + timedelta(minutes=minute) for minute in minutes])
    await connection.close()
    migrations.upgrade(before)

    async with open_log(before) as upgraded:
        highest = list(accumulate(minutes, max))
        for minute in range(-1, 14):
            stood = await upgraded.log.position_as_of(MONDAY_9AM + timedelta(minutes=minute))
            assert stood == sum(one <= minute for one in highest)
        await upgraded.log.append(append_of("new", recorded_at=MONDAY_9AM))
        assert (await times_of(upgraded.log))[-1] == MONDAY_9AM + timedelta(minutes=12)


async def test_the_version_before_can_be_gone_back_to(database: str) -> None:
    migrations._in_thread(lambda config: command.downgrade(config, BEFORE), database)
    async with open_log(database) as opened:
        await opened.log.append(append_of("case", recorded_at=MONDAY_9AM + HOUR))
        await opened.log.append(append_of("another", recorded_at=MONDAY_9AM))
        assert await times_of(opened.log) == [MONDAY_9AM + HOUR, MONDAY_9AM]


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(minutes=st.lists(st.integers(0, 20), max_size=40))
async def test_whatever_clocks_said_the_log_as_it_stood_is_all_of_it_up_to_a_position(
    database: str, minutes: list[int]
) -> None:
    connection = await asyncpg.connect(database)
    try:
        transaction = connection.transaction()
        await transaction.start()
        await connection.execute(LEFT, [MONDAY_9AM + timedelta(minutes=minute) for minute in minutes])
        await connection.execute(MIGRATION.SETBACKS)
        highest = list(accumulate(minutes, max))
        for minute in range(-1, 22):
            moment = MONDAY_9AM + timedelta(minutes=minute)
            stood = await connection.fetchval("SELECT position_as_of($1)", moment)
            assert stood == sum(one <= minute for one in highest)
        await transaction.rollback()
    finally:
        await connection.close()
