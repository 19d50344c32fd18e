"""The database is killed, stopped and cut off under load: nobody is told of a defect, and all recovers by itself."""

from __future__ import annotations

import asyncpg
import pytest

from tests.cluster import END_OTHERS
from tests.http.callers import Callers
from tests.http.own_postgres import AT_ONCE, FAST, KILLED, OwnPostgres
from tests.http.process import server


@pytest.mark.parametrize("workers", [1, 2])
async def test_whatever_ends_the_database_no_answer_is_a_defect_and_it_recovers_by_itself(workers: int) -> None:
    async with OwnPostgres() as database, server(database.dsn, "--workers", str(workers)) as running:
        callers = Callers(running)
        async with callers.busy():
            await callers.answered_again()
            await cut_everybody_off(database.dsn)
            await callers.answered_again()
            database.kill_sessions(1)
            await callers.answered_again()
            for how in (FAST, AT_ONCE, KILLED):
                await database.end(how)
                await database.start()
                await callers.answered_again()
    assert callers.statuses <= {"200", "201", "503", "broken off"}
    assert callers.statuses >= {"200", "201", "503"}
    assert callers.without_retry_after == 0
    assert b'"event":"unexpected"' not in running.written
    errors = [line for line in bytes(running.written).splitlines() if b'"level":"error"' in line]
    assert [line for line in errors if not is_of_a_start(line)] == []


def is_of_a_start(line: bytes) -> bool:
    """A worker that was starting when the database went away says so, ends, and is started again."""
    return b"did_not_start_or_stop" in line or b"uvicorn.error" in line


async def cut_everybody_off(dsn: str) -> None:
    connection = await asyncpg.connect(dsn)
    await connection.fetchval(END_OTHERS)
    await connection.close()
