"""Nothing that follows the log may ever skip an event: four writer processes race, are killed, and roll back.

The control runs the same race on a function that draws positions from a sequence without the lock. It must be
caught, or the race proves nothing.
"""

from __future__ import annotations

from pathlib import Path

import asyncpg

from tests.eventlog.race import Plan, race

LOCK = "PERFORM pg_advisory_xact_lock("
GAPLESS_POSITION = "p.last_position - (p.current + p.size - e.version)"


async def test_a_follower_sees_every_position_once_and_in_order_while_writers_race_and_die(
    database: str, tmp_path: Path
) -> None:
    outcome = await race(database, tmp_path, Plan(seed=1, events=50_000, kills=12, contested=20))

    assert outcome.failed == []
    assert outcome.kills == 12
    assert len(outcome.table) >= 50_000
    assert outcome.followed == list(range(1, len(outcome.table) + 1))
    assert outcome.never_followed == set()
    assert len(outcome.acknowledged) > 5_000
    assert outcome.broken_promises == []
    assert outcome.torn_appends == []
    versions: dict[object, int] = {}
    for row in outcome.table:
        assert row["originator_version"] == versions.get(row["originator_id"], 0) + 1
        versions[row["originator_id"]] = row["originator_version"]


async def test_the_race_catches_positions_that_are_drawn_without_the_lock(database: str, tmp_path: Path) -> None:
    await draw_positions_without_the_lock(database)

    outcome = await race(database, tmp_path, Plan(seed=2, events=5_000, kills=2, contested=0))

    assert outcome.failed == []
    assert outcome.never_followed != set()
    assert outcome.followed != list(range(1, len(outcome.table) + 1))


async def draw_positions_without_the_lock(url: str) -> None:
    """Makes the mistake: a serial column in all but name."""
    connection = await asyncpg.connect(url)
    try:
        right = await connection.fetchval("SELECT pg_get_functiondef('append_events'::regproc)")
        assert right.count(LOCK) == 1
        assert right.count(GAPLESS_POSITION) == 1
        wrong = right.replace(LOCK, "PERFORM abs(").replace(GAPLESS_POSITION, "nextval('serial_positions')")
        await connection.execute("CREATE SEQUENCE serial_positions; GRANT ALL ON serial_positions TO redress_app")
        await connection.execute(wrong)
    finally:
        await connection.close()
