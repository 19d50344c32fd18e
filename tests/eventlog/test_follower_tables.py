"""The tables of the followers keep what the version before kept, and its processes go on with their statements."""

from __future__ import annotations

import asyncpg
import pytest
from alembic import command

import migrations
from eventlog.checkpoints import hold_checkpoints, read_checkpoints, read_parked
from eventlog.database import create_pool
from tests.eventlog.samples import named

BEFORE, AFTER = "0012", "0013"
POSITIONS = {"tracking": 7, "sla": 6, "recurrence": 5, "notifications": 8, "call surges": 4}
# As processes of the version before say it, which go on while the others are replaced one by one.
MOVE = """
UPDATE reading.checkpoints c SET position = $3, updated_at = now()
FROM unnest($1::text[], $2::bigint[]) AS o (name, position) WHERE c.name = o.name AND c.position = o.position
RETURNING c.name
"""
BEGIN = "INSERT INTO policy_checkpoints (name, position) VALUES ($1, 0) ON CONFLICT DO NOTHING"
SKIP = """
INSERT INTO policy_checkpoints (name, position) VALUES ($1, $2)
ON CONFLICT (name) DO UPDATE SET position = greatest(policy_checkpoints.position, excluded.position)
"""
HOLD = "SELECT name, position FROM reading.checkpoints ORDER BY name FOR UPDATE"
SET_ASIDE = """
INSERT INTO reading.projection_failures (projection, complaint_id, position, error, failed_at)
VALUES ($1, $2, $3, $4, now())
ON CONFLICT (projection, complaint_id) DO UPDATE SET error = excluded.error, failed_at = excluded.failed_at
"""
FAILURES = "SELECT projection, complaint_id, position, error, failed_at FROM reading.projection_failures"


def migrated(url: str, to: str) -> None:
    """The database at an older version, from below or from above."""
    step = command.upgrade if to in migrations.pending(url) else command.downgrade
    migrations._in_thread(lambda config: step(config, to), url)


@pytest.fixture
async def before(empty_database: str) -> str:
    """A database of the version before, with positions in it."""
    migrated(empty_database, BEFORE)
    connection = await asyncpg.connect(empty_database)
    await connection.execute("DELETE FROM reading.checkpoints")
    for name, position in POSITIONS.items():
        read_model = name in ("tracking", "sla")
        table, columns, values = (
            ("reading.checkpoints", "name, position, updated_at", "$1, $2, now()")
            if read_model
            else ("policy_checkpoints", "name, position", "$1, $2")
        )
        await connection.execute(f"INSERT INTO {table} ({columns}) VALUES ({values})", name, position)
    await connection.execute(SET_ASIDE, "sla", named("bad"), 3, "ZeroDivisionError")
    await connection.close()
    return empty_database


async def test_every_position_and_every_parked_stream_is_kept(before: str) -> None:
    migrated(before, AFTER)
    pool = await create_pool(before, min_size=1, max_size=2)
    assert await read_checkpoints(pool, list(POSITIONS)) == POSITIONS
    [parked] = await read_parked(pool, list(POSITIONS))
    assert (parked.follower, parked.stream, parked.position, parked.error) == (
        "sla", named("bad"), 3, "ZeroDivisionError",
    )  # fmt: skip
    await pool.close()


async def test_a_process_of_the_version_before_goes_on_from_and_to_the_same_positions(before: str) -> None:
    migrated(before, AFTER)
    pool = await create_pool(before, min_size=1, max_size=2)
    assert len(await pool.fetch(MOVE, ["tracking", "sla"], [7, 1], 9)) == 1
    assert await pool.execute("UPDATE policy_checkpoints SET position = 9 WHERE name = $1 AND position = $2",
                              "recurrence", 5) == "UPDATE 1"  # fmt: skip
    await pool.execute(BEGIN, "recurrence")
    await pool.execute(SKIP, "notifications", 20)
    async with pool.acquire() as connection, connection.transaction():
        assert dict(await connection.fetch(HOLD))["tracking"] == 9
    await pool.execute(SET_ASIDE, "tracking", named("worse"), 9, "KeyError")
    assert {row["projection"] for row in await pool.fetch(FAILURES)} == {"tracking", "sla"}
    moved = {"tracking": 9, "recurrence": 9, "notifications": 20}
    assert await read_checkpoints(pool, list(POSITIONS)) == POSITIONS | moved
    async with pool.acquire() as connection, connection.transaction():
        assert await hold_checkpoints(connection, ["sla"]) == {"sla": 6}
    await pool.close()


async def test_a_step_back_keeps_them_too(before: str) -> None:
    migrated(before, AFTER)
    migrated(before, BEFORE)
    connection = await asyncpg.connect(before)
    assert dict(await connection.fetch("SELECT name, position FROM policy_checkpoints")) == {
        name: POSITIONS[name] for name in ("recurrence", "notifications", "call surges")
    }  # fmt: skip
    assert dict(await connection.fetch("SELECT name, position FROM reading.checkpoints")) == {"tracking": 7, "sla": 6}
    assert [row["projection"] for row in await connection.fetch(FAILURES)] == ["sla"]
    await connection.close()
