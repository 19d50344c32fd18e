"""Tries at public pages are counted in the database: for all processes, over restarts, in a table that stays small."""

from __future__ import annotations

import asyncio

import pytest

from app.access.tries import CODE, LIMITS, TAIL, StatusTries, TooManyRequests
from eventlog.database import create_pool
from tests.http.desk import MASTER, Desk, done, open_desk, problem

RUN_OUT = "UPDATE status_tries SET ends_at = clock_timestamp() - interval '1 second' WHERE counted = $1"


async def allowed(tries: StatusTries, caller: str, number: str = "N-1", *, with_code: bool = False) -> bool:
    try:
        await tries.take(caller, number, with_code=with_code)
    except TooManyRequests:
        return False
    return True


async def test_parallel_guesses_of_two_processes_have_no_more_tries_than_one(database: str) -> None:
    pools = [await create_pool(database, min_size=4, max_size=8) for _ in range(2)]
    tries = [StatusTries(pool, MASTER) for pool in pools]
    found = await asyncio.gather(*(allowed(tries[n % 2], f"192.0.2.{n}") for n in range(60)))
    assert sum(found) == TAIL[2].most
    for pool in pools:
        await pool.close()
    pool = await create_pool(database, min_size=1, max_size=2)  # as after a restart
    assert not await allowed(StatusTries(pool, MASTER), "192.0.2.99")
    await pool.close()


async def test_of_the_tails_of_one_number_few_are_tried_in_a_day_whoever_tries(database: str) -> None:
    pool = await create_pool(database, min_size=1, max_size=2)
    tries, done_so = StatusTries(pool, MASTER), 0
    for caller in range(60):
        done_so += await allowed(tries, f"198.51.100.{caller}")
        await pool.execute(RUN_OUT, TAIL[2].counted)  # a minute later
    assert done_so == TAIL[3].most
    assert await allowed(tries, "203.0.113.1", with_code=True)  # the complainant, who has the code
    await pool.close()


async def test_one_caller_who_guesses_digits_locks_nobody_out(database: str) -> None:
    pool = await create_pool(database, min_size=1, max_size=2)
    tries, done_so = StatusTries(pool, MASTER), 0
    for _ in range(40):
        done_so += await allowed(tries, "198.51.100.1")
        for limit in ("caller", TAIL[0].counted, TAIL[2].counted):  # a minute later
            await pool.execute(RUN_OUT, limit)
    assert done_so == TAIL[1].most < TAIL[3].most / 2
    assert await allowed(tries, "203.0.113.1")
    await pool.close()


@pytest.mark.parametrize("with_code", [False, True])
async def test_who_was_right_is_not_turned_away_for_what_others_try_at_that_number(
    database: str, with_code: bool
) -> None:
    pool = await create_pool(database, min_size=1, max_size=2)
    tries, mine = StatusTries(pool, MASTER), "203.0.113.1"
    await tries.was_right(await tries.take(mine, "N-1", with_code=with_code))
    for caller in range(60):
        await allowed(tries, f"198.51.100.{caller}")
    assert not await allowed(tries, "198.51.100.99")
    assert await allowed(tries, mine)
    for _ in range(10):
        await allowed(tries, mine)
    assert not await allowed(tries, mine)  # who guesses there is limited all the same
    for caller in range(60):
        await allowed(tries, f"198.51.100.{caller}", "N-2")
    assert not await allowed(tries, mine, "N-2")
    await pool.execute(RUN_OUT, "right")
    for limit in TAIL[:2]:
        await pool.execute(RUN_OUT, limit.counted)
    assert not await allowed(tries, mine)
    await pool.close()


async def test_one_caller_cannot_lock_out_whoever_has_the_code(database: str) -> None:
    pool = await create_pool(database, min_size=1, max_size=2)
    tries, done_so = StatusTries(pool, MASTER), 0
    for _ in range(80):
        done_so += await allowed(tries, "198.51.100.1", with_code=True)
        await pool.execute(RUN_OUT, CODE[0].counted)
        await pool.execute(RUN_OUT, "caller")
    assert done_so == CODE[1].most
    assert await allowed(tries, "203.0.113.1", with_code=True)
    await pool.close()


async def test_what_was_right_comes_back(database: str) -> None:
    pool = await create_pool(database, min_size=1, max_size=2)
    tries = StatusTries(pool, MASTER)
    for _ in range(3 * TAIL[2].most):
        await tries.was_right(await tries.take("192.0.2.1", "N-1", with_code=False))
    assert (await tries.figures()).numbers == 0
    await pool.close()


async def test_rows_that_ran_out_are_taken_away_and_none_says_who_tried_what(database: str) -> None:
    pool = await create_pool(database, min_size=1, max_size=2)
    tries = StatusTries(pool, MASTER)
    for number in range(20):
        await tries.take(f"192.0.2.{number}", f"KF0001-{number}", with_code=False)
    await pool.execute("UPDATE status_tries SET ends_at = clock_timestamp() - interval '1 second'")
    for number in range(200, 216):
        assert await allowed(tries, f"192.0.2.{number}", f"KF0001-{number}")
    rows = await pool.fetch("SELECT * FROM status_tries")
    assert len(rows) == 16 * 6
    assert {row["counted"] for row in rows} <= {one.counted for one in LIMITS}
    assert "192.0.2" not in str(rows)
    assert "KF0001" not in str(rows)
    await pool.close()


async def test_a_clock_that_ran_back_locks_nobody_out(database: str) -> None:
    pool = await create_pool(database, min_size=1, max_size=2)
    tries = StatusTries(pool, MASTER)
    while await allowed(tries, "192.0.2.1"):
        pass
    ahead = "UPDATE status_tries SET ends_at = ends_at + interval '8 hours' WHERE counted = $1"
    await pool.execute(ahead, "tail of caller")
    assert await allowed(tries, "192.0.2.1")
    await pool.close()


async def test_wrong_tries_are_reported_by_every_process(database: str, sandbox: Desk) -> None:
    number = (await sandbox.receive())["number"]
    await sandbox.caught_up()
    for tail in range(12):
        await sandbox.get(None, f"/v1/status/{number}?phone_tail={tail:04}")
    async with open_desk(database, sandbox=True) as other:
        for desk in (sandbox, other):
            told = (await desk.get(None, "/metrics")).text
            assert "redress_status_wrong_tries 5.0" in told
            assert "redress_status_numbers_limited 0.0" in told
            assert "redress_status_callers_limited 1.0" in told


async def test_a_forged_header_gives_no_new_tries(sandbox: Desk) -> None:
    await sandbox.caught_up()
    for n in range(61):
        headers = {"X-Forwarded-For": f"203.0.113.{n}"}
        answer = await sandbox.get(None, f"/v1/status/KF0001-{n}?phone_tail=1234", headers=headers)
    problem(answer, 429, "too-many-requests")


@pytest.mark.parametrize("query", ["", "?phone_tail=", "?code=", "?code=%00&phone_tail=%00", "?code=" + "7" * 3000])
async def test_whatever_is_asked_wrongly_is_a_wrong_try(sandbox: Desk, query: str) -> None:
    number = (await sandbox.receive())["number"]
    await sandbox.caught_up()
    problem(await sandbox.get(None, f"/v1/status/{number}{query}"), 404, "no-such-complaint")
    done(await sandbox.get(None, f"/v1/status/{number}?phone_tail=8000"))
