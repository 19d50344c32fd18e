"""One leader among several, and who takes over when it goes."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager

import asyncpg

from eventlog.database import create_pool
from eventlog.leader_lock import LeaderLock, lock_key
from tests.eventlog.proxy import Proxy

QUICKLY = 0.02
PATIENCE = 20.0
HOLDER = "SELECT pid FROM pg_locks WHERE locktype = 'advisory' AND ((classid::bigint << 32) | objid::bigint) = $1"
SESSIONS = """
SELECT count(*) FROM pg_stat_activity WHERE application_name = 'redress' AND datname = current_database()
"""


class Runner:
    """One process's claim to a lock, and what its work has seen."""

    def __init__(
        self,
        pool: asyncpg.Pool[asyncpg.Record],
        work: Callable[[], Awaitable[None]] | None = None,
        *,
        name: str = "follow",
    ) -> None:
        self.lock = LeaderLock(pool, name, poll=QUICKLY)
        self.turns = 0
        self.began = asyncio.Event()
        self.ended = asyncio.Event()
        self._work = work or asyncio.Event().wait
        self.task = asyncio.create_task(self.lock.run(self._turn))

    async def _turn(self) -> None:
        self.turns += 1
        self.ended.clear()
        self.began.set()
        try:
            await self._work()
        finally:
            self.began.clear()
            self.ended.set()

    async def stop(self) -> None:
        self.task.cancel()
        await asyncio.gather(self.task, return_exceptions=True)


@asynccontextmanager
async def opened(url: str, *, size: int = 3) -> AsyncIterator[asyncpg.Pool[asyncpg.Record]]:
    pool = await create_pool(url, min_size=1, max_size=size)
    try:
        yield pool
    finally:
        pool.terminate()


async def eventually(holds: Callable[[], bool]) -> None:
    async with asyncio.timeout(PATIENCE):
        while True:
            if holds():
                return
            await asyncio.sleep(QUICKLY)


async def soon(event: asyncio.Event) -> None:
    async with asyncio.timeout(PATIENCE):
        await event.wait()


async def test_only_one_of_two_works_and_the_other_takes_over_when_it_stops(database: str) -> None:
    async with opened(database) as one, opened(database) as other:
        first = Runner(one)
        await soon(first.began)
        second = Runner(other)
        await eventually(lambda: second.lock.attempts >= 2)
        assert (first.lock.is_leader, second.lock.is_leader) == (True, False)

        await first.stop()
        await soon(second.began)

        assert (first.lock.is_leader, second.lock.is_leader) == (False, True)
        assert (first.turns, second.turns) == (1, 1)
        await second.stop()


async def test_work_ends_when_the_server_ends_the_session_that_holds_the_lock(database: str) -> None:
    administrator = await asyncpg.connect(database)
    async with opened(database) as pool:
        runner = Runner(pool)
        await soon(runner.began)
        holder = await administrator.fetchval(HOLDER, lock_key("follow"))

        await administrator.execute("SELECT pg_terminate_backend($1)", holder)
        await eventually(lambda: runner.turns == 2)

        assert runner.lock.is_leader
        await runner.stop()
    await administrator.close()


async def test_another_takes_over_when_the_holder_is_cut_off_from_the_server(database: str) -> None:
    async with opened(database) as near, AsyncExitStack() as far:
        async with Proxy(database) as proxy:
            cut_off = Runner(await far.enter_async_context(opened(proxy.url)))
            await soon(cut_off.began)
            taking_over = Runner(near)
            await eventually(lambda: taking_over.lock.attempts >= 2)
            assert not taking_over.lock.is_leader

        await soon(cut_off.ended)
        await soon(taking_over.began)

        assert (cut_off.lock.is_leader, taking_over.lock.is_leader) == (False, True)
        await cut_off.stop()
        await taking_over.stop()


async def test_work_that_fails_is_begun_again(database: str) -> None:
    failures = iter([RuntimeError("a defect"), OSError("the storage is away")])

    async def work() -> None:
        for failure in failures:
            raise failure
        await asyncio.Event().wait()

    async with opened(database) as pool:
        runner = Runner(pool, work)
        await eventually(lambda: runner.turns == 3)

        assert runner.lock.is_leader
        assert not runner.task.done()
        await runner.stop()


async def test_all_runners_of_a_process_that_is_killed_move_to_another(database: str) -> None:
    names = ["first", "second", "third"]
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.eventlog.holding_process", database, *names, stdout=asyncio.subprocess.PIPE
    )
    assert process.stdout is not None
    async with asyncio.timeout(60):
        while (said := await process.stdout.readline()) not in (b"held\n", b""):
            pass  # what it logs
    assert said == b"held\n"
    async with opened(database) as pool:
        runners = [Runner(pool, name=name) for name in names]
        await eventually(lambda: all(runner.lock.attempts >= 2 for runner in runners))
        assert not any(runner.lock.is_leader for runner in runners)

        process.kill()
        await process.wait()
        await eventually(lambda: all(runner.lock.is_leader for runner in runners))

        await asyncio.gather(*(runner.stop() for runner in runners))


async def test_the_runners_of_a_process_share_one_session_and_lose_their_locks_together(database: str) -> None:
    administrator = await asyncpg.connect(database)
    async with opened(database) as pool:
        runners = [Runner(pool, name=name) for name in ("first", "second", "third")]
        await eventually(lambda: all(runner.lock.is_leader for runner in runners))
        holders = {await administrator.fetchval(HOLDER, lock_key(runner.lock.name)) for runner in runners}
        assert len(holders) == 1

        await administrator.execute("SELECT pg_terminate_backend($1)", holders.pop())
        await eventually(lambda: [runner.turns for runner in runners] == [2, 2, 2])

        await asyncio.gather(*(runner.stop() for runner in runners))
    await administrator.close()


async def test_two_runners_of_one_name_in_one_process_do_not_both_work(database: str) -> None:
    async with opened(database) as pool:
        first = Runner(pool)
        await soon(first.began)
        second = Runner(pool)
        await eventually(lambda: second.lock.attempts >= 2)
        assert not second.lock.is_leader

        await first.stop()
        await soon(second.began)
        await second.stop()


async def test_locks_take_no_connection_of_the_pool_and_leave_none_behind(database: str) -> None:
    administrator = await asyncpg.connect(database)
    async with opened(database, size=1) as pool, pool.acquire():
        runners = [Runner(pool, name=name) for name in ("first", "second")]
        await eventually(lambda: all(runner.lock.is_leader for runner in runners))
        await asyncio.gather(*(runner.stop() for runner in runners))
        # The server takes a moment to notice that a session has ended.
        async with asyncio.timeout(PATIENCE):
            while (left := await administrator.fetchval(SESSIONS)) > 1:
                await administrator.execute("SELECT pg_sleep(0.02)")
        assert left == 1
    await administrator.close()


async def test_a_lock_that_is_given_while_its_runner_is_stopped_is_free_again(database: str) -> None:
    async with opened(database) as pool, opened(database) as other:
        keeps_the_session = Runner(pool, name="something else")
        await soon(keeps_the_session.began)
        for moments in range(12):
            stopped = Runner(pool)
            for _ in range(moments):
                await asyncio.sleep(0)
            await stopped.stop()
        after = Runner(other)
        await soon(after.began)
        await asyncio.gather(after.stop(), keeps_the_session.stop())


def test_names_have_keys_of_their_own_that_never_change() -> None:
    assert lock_key("follow") == lock_key("follow")
    assert lock_key("clock") != lock_key("follow")
    assert all(-(2**63) <= lock_key(name) < 2**63 for name in ("a", "b", "c", "d", "e"))
