"""`redress access-log`: how much is kept, and that nothing goes without leaving a trace, or too early."""

from __future__ import annotations

import asyncio
from typing import Any

import asyncpg
import pytest

from app.access import keeping
from tests.app.test_people_commands import Typed, typed

__all__ = ["typed"]
ROW = """
INSERT INTO access_log (at, kind, outcome, actor, method, path, status, shown, people, times)
SELECT now() - make_interval(days => $1), 'read', 'granted', 'li-min', 'GET', '/v1/complaints', 200, '{}', 1, 1
FROM generate_series(1, $2)
"""
LEFT = "SELECT kind, actor, times FROM access_log ORDER BY id"
TRIGGER = "SELECT tgenabled FROM pg_trigger WHERE tgname = 'access_log_is_permanent'"


def asked(database: str, statement: str, *values: Any) -> Any:
    async def run() -> Any:
        connection = await asyncpg.connect(database)
        try:
            return await connection.fetch(statement, *values)
        finally:
            await connection.close()

    return asyncio.run(run())


@pytest.fixture
def kept(database: str) -> str:
    """Three rows of four years ago and two of last month."""
    asked(database, ROW, 1460, 3)
    asked(database, ROW, 30, 2)
    return database


def test_what_is_kept_is_said(typed: Typed, kept: str) -> None:
    said = typed("access-log", "show", "--older-than", "365")
    assert said.exit_code == 0
    assert "has 5 rows" in said.output
    assert "3 are older than 365 days" in said.output


def test_without_a_yes_nothing_goes(typed: Typed, kept: str) -> None:
    said = typed("access-log", "prune", "--older-than", "1095")
    assert (said.exit_code, "3 rows" in said.output) == (0, True)
    assert len(asked(kept, LEFT)) == 5


def test_what_is_older_goes_and_that_it_went_stands_in_the_log(typed: Typed, kept: str) -> None:
    said = typed("access-log", "prune", "--older-than", "1095", "--yes", "--by", "wang-da")
    assert (said.exit_code, "3 rows" in said.output) == (0, True)
    assert [tuple(row) for row in asked(kept, LEFT)] == [("read", "li-min", 1)] * 2 + [("command", "wang-da", 3)]
    again = typed("access-log", "prune", "--older-than", "1095", "--yes")
    assert (again.exit_code, len(asked(kept, LEFT))) == (0, 3)
    assert [row[0] for row in asked(kept, TRIGGER)] == [b"A"]
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        asked(kept, "DELETE FROM access_log")


def test_many_rows_go_part_by_part(typed: Typed, kept: str) -> None:
    asked(kept, ROW, 1500, keeping.AT_ONCE)
    assert typed("access-log", "prune", "--older-than", "1095", "--yes").exit_code == 0
    removed = [row["times"] for row in asked(kept, LEFT) if row["kind"] == "command"]
    assert removed == [keeping.AT_ONCE, 3]


@pytest.mark.parametrize("yes", [(), ("--yes",)])
def test_nothing_goes_before_the_law_lets_it(typed: Typed, kept: str, yes: tuple[str, ...]) -> None:
    refused = typed("access-log", "prune", "--older-than", "20", *yes)
    assert refused.exit_code == 1
    assert "183 days" in refused.output
    assert len(asked(kept, LEFT)) == 5
