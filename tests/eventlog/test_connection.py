"""What a connection asks the catalogue for, and what it knows already."""

from __future__ import annotations

from typing import Any, Final
from uuid import UUID

import asyncpg
import pytest

from eventlog.database import create_pool

ASKED: Final = r"SELECT count(*) FROM pg_prepared_statements WHERE statement ~ '^\s*WITH RECURSIVE typeinfo_tree'"
IDS: Final = [UUID(int=1), UUID(int=2)]


async def answers(connection: Any) -> tuple[Any, ...]:
    return tuple(await connection.fetchrow("SELECT $1::uuid[], $2::bigint[], $3::bool[]", IDS, [1, 2], [True, None]))


async def test_types_of_postgresql_are_looked_up_by_the_first_connection_of_a_process_alone(database: str) -> None:
    first = await create_pool(database, min_size=1, max_size=2)
    other = await create_pool(database, min_size=1, max_size=2)
    async with first.acquire() as one, first.acquire() as two, other.acquire() as three:
        same = [await answers(connection) for connection in (one, two, three)]
        asked = [await connection.fetchval(ASKED) for connection in (two, three)]
    await first.close()
    await other.close()
    plain = await asyncpg.connect(database)
    same.append(await answers(plain))
    asked_by_asyncpg = await plain.fetchval(ASKED)
    await plain.close()

    assert asked == [0, 0]
    assert asked_by_asyncpg == 1
    assert same == [(IDS, [1, 2], [True, None])] * 4


async def test_types_of_a_database_are_looked_up_in_that_database(database: str, empty_database: str) -> None:
    """They have one number here and another there, or the same one for something else."""
    found = []
    for url, values in ((database, "'red', 'green'"), (empty_database, "'up', 'down', 'across'")):
        owner = await asyncpg.connect(url)
        await owner.execute(f"CREATE TYPE colour AS ENUM ({values})")
        await owner.close()
        pool = await create_pool(url, min_size=1, max_size=1)
        value = values.split(",")[-1].strip(" '")
        found.append(await pool.fetchval("SELECT $1::colour[]", [value]))
        async with pool.acquire() as connection:
            assert await connection.fetchval(ASKED) == 1
        await pool.close()

    assert found == [["green"], ["across"]]


async def test_what_a_session_was_told_is_forgotten_also_where_a_statement_alone_came_before(database: str) -> None:
    pool = await create_pool(database, min_size=1, max_size=1)
    shown = []
    for value in ("1s", "2s"):
        await pool.fetch("SELECT 1")
        async with pool.acquire() as connection:
            await connection.execute(f"SET statement_timeout = '{value}'")
        shown += [row[0] for row in await pool.fetch("SHOW statement_timeout")]
    await pool.close()

    assert shown == ["0", "0"]


async def test_a_statement_alone_asks_for_no_reset(database: str) -> None:
    pool = await create_pool(database, min_size=1, max_size=1)
    other = await asyncpg.connect(database)
    last = "SELECT query FROM pg_stat_activity WHERE pid = $1"
    (pid,) = (await pool.fetch("SELECT pg_backend_pid()"))[0]
    assert await other.fetchval(last, pid) == "SELECT pg_backend_pid()"
    with pytest.raises(asyncpg.DivisionByZeroError):
        await pool.fetch("SELECT 1 / 0")
    assert "RESET ALL" in await other.fetchval(last, pid)
    await other.close()
    await pool.close()
