"""How long a request waits for the storage: only what it waits counts, and what it waited for is cut off."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from time import monotonic

import asyncpg
import pytest

from eventlog import patience
from eventlog.database import StorageAway, create_pool
from eventlog.patience import Patience, Room, StorageWait, TooManyWait, for_many, in_batches

SOON = 0.05  # seconds


def test_only_waiting_counts_and_all_waits_of_a_request_together() -> None:
    patience = Patience(3)
    assert patience.begins(100) == 103
    patience.ends(101)
    assert patience.begins(200) == 202
    patience.ends(202)
    assert patience.begins(300) == 300


def test_waits_at_the_same_time_count_once() -> None:
    patience = Patience(3)
    assert patience.begins(100) == 103
    assert patience.begins(101) == 103
    patience.ends(102)
    patience.ends(102)
    assert patience.begins(200) == 201


def test_what_is_done_in_batches_has_all_the_patience_for_each_of_them() -> None:
    patience = Patience(3)
    with patience:
        in_batches()
    for now in (100, 200, 300):
        assert patience.begins(now) == now + 3
        patience.ends(now + 2)


def test_who_has_waited_before_is_not_sent_away_but_who_comes_new_is() -> None:
    room = Room(1)
    first, second, third = (Patience(3, room) for _ in range(3))
    first.begins(0)
    with pytest.raises(TooManyWait):
        second.begins(0)
    first.ends(0)
    second.begins(0)
    first.begins(0)
    assert room.waiting == 2
    first.ends(0)
    second.ends(0)
    third.begins(0)
    assert room.waiting == 1


async def test_what_was_waited_for_too_long_is_given_up_and_the_task_goes_on() -> None:
    task = asyncio.current_task()
    assert task is not None
    with Patience(SOON), pytest.raises(StorageAway):
        with StorageWait():
            await asyncio.Event().wait()
    assert task.cancelling() == 0
    await asyncio.sleep(0)


async def test_however_busy_the_process_is_it_waits_only_so_much_longer(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(patience, "MOST_LATE", 0.05)

    async def much_to_do() -> None:
        while True:
            until = monotonic() + 0.2
            while monotonic() < until:
                pass
            await asyncio.sleep(0)

    busy = asyncio.create_task(much_to_do())
    begun = monotonic()
    with pytest.raises(StorageAway), Patience(0.9), StorageWait():
        await asyncio.Event().wait()
    assert monotonic() - begun < 1.7
    busy.cancel()


async def test_who_is_cancelled_meanwhile_is_cancelled() -> None:
    async def wait() -> None:
        with Patience(60), StorageWait():
            await asyncio.Event().wait()

    task = asyncio.create_task(wait())
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


async def test_what_many_wait_for_has_a_patience_of_its_own() -> None:
    reached = asyncio.Event()

    async def work() -> str:
        with StorageWait():
            await reached.wait()
        return "done"

    spent = Patience(SOON)
    with spent:
        spent.begins(0)
        spent.ends(60)
        task = for_many(work(), "work")
        reached.set()
        assert await task == "done"
        with pytest.raises(StorageAway), StorageWait():
            await asyncio.Event().wait()


@asynccontextmanager
async def small_pool(url: str) -> AsyncIterator[asyncpg.Pool[asyncpg.Record]]:
    pool = await create_pool(url, min_size=1, max_size=1)
    try:
        yield pool
    finally:
        pool.terminate()


async def test_a_statement_that_is_given_up_ends_its_connection_and_the_pool_goes_on(database: str) -> None:
    async with small_pool(database) as pool:
        before = await pool.fetchval("SELECT pg_backend_pid()")
        with Patience(SOON), pytest.raises(StorageAway):
            await pool.fetch("SELECT pg_sleep(60) /* the hung one */")
        assert await pool.fetchval("SELECT pg_backend_pid()") != before


async def test_one_that_is_given_up_in_a_transaction_is_given_up_all_the_same(database: str) -> None:
    async with small_pool(database) as pool:
        with Patience(SOON), pytest.raises(StorageAway):
            async with pool.acquire() as connection, connection.transaction():
                await connection.fetch("SELECT pg_sleep(60)")
        assert await pool.fetchval("SELECT 1") == 1


async def asleep(database: str, pid: int) -> None:
    """Until the server has begun with the statement: one that it was not sent yet leaves the line as it was."""
    connection = await asyncpg.connect(database)
    try:
        asked = "SELECT wait_event = 'PgSleep' FROM pg_stat_activity WHERE pid = $1"
        for _ in range(1000):
            if await connection.fetchval(asked, pid):
                return
            await asyncio.sleep(0.01)
        raise TimeoutError
    finally:
        await connection.close()


async def test_a_cancelled_statement_asks_nothing_of_the_server_and_the_cancellation_gets_through(
    database: str,
) -> None:
    async with small_pool(database) as pool:

        async def hang() -> None:
            async with pool.acquire() as connection, connection.transaction():
                hanging.set_result(connection.get_server_pid())
                await connection.fetch("SELECT pg_sleep(60)")

        hanging: asyncio.Future[int] = asyncio.get_running_loop().create_future()
        task = asyncio.create_task(hang())
        pid = await hanging
        await asleep(database, pid)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert await pool.fetchval("SELECT pg_backend_pid()") != pid


async def test_however_far_it_has_come_what_is_cancelled_is_cancelled(database: str) -> None:
    """A task that is told of a lost connection instead goes on, and whoever waits for its end waits for ever."""

    async def ask(pool: asyncpg.Pool[asyncpg.Record]) -> None:
        async with pool.acquire(timeout=10) as connection, connection.transaction():
            await connection.fetch("SELECT 1")
        await pool.fetch("SELECT 2")

    async with small_pool(database) as pool:
        finished = steps = 0
        while not finished:
            task = asyncio.create_task(ask(pool))
            for _ in range(steps):
                await asyncio.sleep(0)
            finished = not task.cancel()
            await asyncio.wait({task})
            assert finished or task.cancelled()
            steps += 1
        assert steps > 10


async def test_waiting_for_a_connection_counts(database: str) -> None:
    async with small_pool(database) as pool, pool.acquire():
        with Patience(SOON), pytest.raises(StorageAway):
            await pool.fetch("SELECT 1")
