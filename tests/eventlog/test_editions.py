"""What several processes hold in memory: a change is answered once all of them have learnt it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from eventlog.database import create_pool
from eventlog.editions import Editions, editions_of

PATIENCE = 30
HELD_BEHIND = "FROM pg_locks WHERE locktype = 'advisory' AND objid::bigint < $1"


class Process:
    """One that holds the number of rows in a table; it looks, and has learnt once it may."""

    def __init__(self, pool: object, editions: Editions) -> None:
        self.pool, self.editions = pool, editions
        self.known = 0
        self.looking = asyncio.Event()
        self.may_learn = asyncio.Event()
        self.may_learn.set()

    async def learn(self) -> int:
        newest: int = await self.pool.fetchval("SELECT count(*) FROM things")  # type: ignore[attr-defined]
        self.looking.set()
        await self.may_learn.wait()
        self.known = newest
        return newest

    async def change(self) -> int:
        await self.pool.execute("INSERT INTO things VALUES (1)")  # type: ignore[attr-defined]
        return await self.learn()


@asynccontextmanager
async def process(database: str, *, following: bool = True) -> AsyncIterator[Process]:
    pool = await create_pool(database, min_size=1, max_size=3)
    try:
        await pool.execute("RESET ROLE; CREATE TABLE IF NOT EXISTS things (n integer); GRANT ALL ON things TO PUBLIC")
        one = Process(pool, editions_of(pool))
        if following:
            await one.editions.follow("things", one.learn)
        yield one
        await one.editions.unfollow("things")
    finally:
        pool.terminate()


async def test_a_change_is_known_to_all_when_it_is_answered(empty_database: str) -> None:
    async with process(empty_database) as one, process(empty_database) as two, process(empty_database) as three:
        for _ in range(20):
            edition = await one.change()
            await one.editions.everybody_knows("things", edition)
            assert (two.known, three.known) == (edition, edition)


async def test_who_has_not_learnt_yet_is_waited_for_also_while_it_starts(empty_database: str) -> None:
    async with process(empty_database, following=False) as one, process(empty_database, following=False) as two:
        two.may_learn.clear()
        starting = asyncio.create_task(two.editions.follow("things", two.learn))
        await two.looking.wait()
        answering = asyncio.create_task(one.editions.everybody_knows("things", await one.change()))
        for _ in range(20):
            await one.pool.fetchval("SELECT 1")  # type: ignore[attr-defined]
        assert not answering.done()
        two.may_learn.set()
        await asyncio.wait_for(answering, PATIENCE)
        await starting
        assert two.known == 1


async def test_who_was_killed_is_not_waited_for_and_who_lost_its_session_learns_anew(empty_database: str) -> None:
    async with process(empty_database) as one, process(empty_database) as two:
        two.may_learn.clear()
        two.looking.clear()
        edition = await one.change()
        answering = asyncio.create_task(one.editions.everybody_knows("things", edition))
        await two.looking.wait()
        await only_one_is_behind(one, edition)
        await one.pool.execute(f"SELECT pg_terminate_backend(pid) {HELD_BEHIND}", edition)  # type: ignore[attr-defined]
        await asyncio.wait_for(answering, PATIENCE)
        two.may_learn.set()
        await one.editions.everybody_knows("things", edition)
        two.looking.clear()
        await asyncio.wait_for(two.looking.wait(), PATIENCE)
        await one.editions.everybody_knows("things", edition)
        assert two.known == edition


async def only_one_is_behind(one: Process, edition: int) -> None:
    """Waits until the process that made the change has said itself that it knows."""
    async with asyncio.timeout(PATIENCE):
        while True:
            if await one.pool.fetchval(f"SELECT count(*) {HELD_BEHIND}", edition) == 1:  # type: ignore[attr-defined]
                return
            await asyncio.sleep(0.01)


async def test_who_cannot_learn_at_first_is_told(empty_database: str) -> None:
    async with process(empty_database, following=False) as one:

        async def learn() -> int:
            raise LookupError

        with pytest.raises(LookupError):
            await one.editions.follow("things", learn)
