"""The follower on a real PostgreSQL: each event once, with its checkpoint, and one bad complaint stops no other."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import replace
from datetime import timedelta

import asyncpg
import pytest

from app.readmodels.follower import Follower
from app.readmodels.store import CheckpointMoved, Rows, move_checkpoints, write_rows
from projections.case import Case, ReadModel, Row
from projections.progress import READ_MODELS
from projections.sla_table import SLA
from projections.tracking_table import TRACKING, tracking_rows
from tests.eventlog.samples import named
from tests.facts import (
    ASKED,
    CLOSED,
    MONDAY_9AM,
    OPENED,
    classified,
    confirmed,
    dispatched,
    drafted,
    executed,
    received,
)
from tests.projections.reading_side import SOON, ReadingSide, reading_side, shown

# The connection dies when tracking has been written and the clocks are about to be; a sequence outlives a rollback.
DIES_TWICE = """
CREATE SEQUENCE reading.attempts; GRANT SELECT ON reading.attempts TO redress_app;
CREATE FUNCTION reading.die() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $$
BEGIN
    IF nextval('reading.attempts') <= 2 THEN
        PERFORM pg_terminate_backend(pg_backend_pid());
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER dies AFTER INSERT ON reading.sla FOR EACH STATEMENT EXECUTE FUNCTION reading.die();
"""
CUT_THE_ACTIVE_ONE = """
SELECT pg_terminate_backend(l.pid) FROM pg_locks l JOIN pg_stat_activity a USING (pid)
WHERE l.locktype = 'advisory' AND a.datname = current_database()
"""


@pytest.fixture
async def side(database: str) -> AsyncIterator[ReadingSide]:
    async with reading_side(database) as side:
        yield side


def failing_for(complaint: str, trouble: list[str]) -> ReadModel:
    """The tracking table with a projection that has a defect for one complaint, as long as `trouble` names it."""

    def rows(case: Case) -> list[Row]:
        if case.id == named(complaint) and complaint in trouble:
            raise ZeroDivisionError
        return tracking_rows(case)

    first, *others = TRACKING.targets
    return replace(TRACKING, targets=(replace(first, rows=rows), *others))


async def until(state: Callable[[], Awaitable[bool]]) -> None:
    async with asyncio.timeout(SOON):
        while not await state():  # noqa: ASYNC110 (what is waited for is in the database)
            await asyncio.sleep(0.01)


async def has_failures(follower: Follower, expected: bool) -> bool:
    return bool(await follower.failures()) == expected


async def as_administrator(url: str, statements: str) -> None:
    connection = await asyncpg.connect(url)
    await connection.execute(statements)
    await connection.close()


async def test_a_complaint_becomes_a_row_and_every_clock_one_more(side: ReadingSide) -> None:
    await side.record("case", *ASKED)
    await side.follow()

    row = await side.row("case")
    assert (row["status"], row["units"], row["unit_states"]) == ("dispatched", ["settlement"], ["asked"])
    assert (row["version"], row["position"]) == (len(ASKED), len(ASKED))
    assert shown(await side.rows("sla"), "clock", "unit", "state") == [
        ("record-out", None, "met"),
        ("unit-answers", "settlement", "running"),
        ("whole-case", None, "running"),
    ]


async def test_events_that_come_later_change_the_row_and_not_the_searched_text(side: ReadingSide) -> None:
    async with side.follower() as follower:
        await follower.reached(await side.record("case", received()), SOON)
        before = await side.rows("tracking_search")
        assert await follower.reached(await side.record("case", classified()), SOON)

    assert (await side.row("case"))["severity"] == "general"
    assert await side.rows("tracking_search") == before


async def test_a_follower_that_starts_in_the_middle_of_a_complaint_goes_on_where_the_last_one_stopped(
    side: ReadingSide,
) -> None:
    for number, fact in enumerate(CLOSED, 1):
        await side.record("case", fact)
        await side.follow()
        assert (await side.row("case"))["version"] == number

    assert (await side.row("case"))["status"] == "closed"
    assert {row["next_at"] for row in await side.rows("sla")} == {None}


async def attempts_so_far(side: ReadingSide) -> int:
    return int(await side.pool.fetchval("SELECT last_value FROM reading.attempts"))


async def test_a_follower_killed_between_rows_and_checkpoint_leaves_neither_and_does_it_again(
    side: ReadingSide,
) -> None:
    await as_administrator(side.url, DIES_TWICE)
    await side.record("case", *ASKED)

    async def has_died_twice() -> bool:
        rows, positions = await side.rows("tracking"), {row["position"] for row in await side.rows("checkpoints")}
        assert (rows, positions <= {0}) == ([], True) or await attempts_so_far(side) > 2
        return await attempts_so_far(side) >= 2

    async with side.follower() as follower:
        await until(has_died_twice)
        assert await follower.reached(len(ASKED), SOON)

    assert await attempts_so_far(side) > 2
    assert (await side.row("case"))["version"] == len(ASKED)
    assert len(await side.rows("sla")) == 3
    assert {row["position"] for row in await side.rows("checkpoints")} == {len(ASKED)}


async def test_a_checkpoint_that_another_has_moved_is_not_moved_back(side: ReadingSide) -> None:
    await side.record("case", *OPENED)
    await side.follow()
    async with side.pool.acquire() as connection:
        with pytest.raises(CheckpointMoved):
            await move_checkpoints(connection, {model.name: 0 for model in READ_MODELS}, 1)

    assert [row["position"] for row in await side.rows("checkpoints")] == [len(OPENED)] * len(READ_MODELS)


async def test_what_is_delivered_late_or_twice_never_overwrites_what_is_newer(side: ReadingSide) -> None:
    await side.record("case", *ASKED)
    folding = side.follower()._folding
    early = (await folding.whole([named("case")], 2)).cases
    late = (await folding.whole([named("case")], len(ASKED))).cases
    async with side.pool.acquire() as connection:
        for cases in (late, early, late, early):
            for model in READ_MODELS:
                await write_rows(connection, Rows.of(model, cases))

    assert (await side.row("case"))["status"] == "dispatched"
    assert [row["position"] for row in await side.rows("sla")] == [len(ASKED)] * 3


async def test_a_projection_that_fails_on_one_complaint_stops_that_one_and_no_other(side: ReadingSide) -> None:
    trouble = ["bad"]
    models = (failing_for("bad", trouble), SLA)
    async with side.follower(models=models) as follower:
        await side.record("good", received())
        await side.record("bad", received())
        assert await follower.reached(await side.record("good", classified()), SOON)
        [failure] = await follower.failures()
        assert await follower.reached(await side.record("bad", classified(), drafted()), SOON)

        assert (failure.projection, failure.complaint_id, failure.position) == ("tracking", named("bad"), 2)
        assert failure.error == "ZeroDivisionError"
        assert [row["id"] for row in await side.rows("tracking")] == [named("good")]
        assert (await side.row("good"))["version"] == 2
        assert named("bad") in {row["complaint_id"] for row in await side.rows("sla")}
        assert len(await follower.failures()) == 1


async def test_a_complaint_that_was_set_aside_is_whole_again_once_the_projection_is_mended(side: ReadingSide) -> None:
    trouble = ["bad"]
    models = (failing_for("bad", trouble), SLA)
    async with side.follower(models=models, retry_seconds=0.05) as follower:
        await follower.reached(await side.record("bad", *OPENED), SOON)
        await until(lambda: has_failures(follower, True))
        await follower.reached(await side.record("bad", dispatched()), SOON)
        trouble.clear()
        await until(lambda: has_failures(follower, False))

        assert (await side.row("bad"))["version"] == len(OPENED) + 1
        assert await follower.reached(await side.record("bad", confirmed(), executed()), SOON)
    assert (await side.row("bad"))["status"] == "executed"
    assert len(await side.rows("tracking_search")) == 1


async def test_a_row_that_the_database_refuses_is_set_aside_and_its_neighbours_of_the_batch_are_written(
    side: ReadingSide,
) -> None:
    await side.pool.execute("ALTER TABLE reading.tracking ADD CHECK (subject <> '坏的')")
    await side.record("good", received())
    await side.record("bad", received(subject="坏的"))
    await side.record("another", received())
    async with side.follower() as follower:
        assert await follower.reached(3, SOON)
        assert [failure.error for failure in await follower.failures()] == ["CheckViolationError"]

    assert {row["id"] for row in await side.rows("tracking")} == {named("good"), named("another")}
    assert len({row["complaint_id"] for row in await side.rows("sla")}) == 0


async def test_one_follower_of_two_is_active_and_the_other_takes_over_when_it_goes(database: str) -> None:
    async with reading_side(database) as side, reading_side(database) as other:
        async with side.follower() as first:
            assert await first.reached(await side.record("case", received()), SOON)
            async with other.follower() as second:
                position = await side.record("case", classified())
                assert await second.reached(position, SOON)
                assert (first.is_leader, second.is_leader) == (True, False)

                await first.__aexit__(None, None, None)
                assert await second.reached(await side.record("case", drafted()), SOON)
                assert second.is_leader
    async with reading_side(database) as side:
        assert (await side.row("case"))["version"] == 3


async def test_a_follower_whose_lock_is_lost_with_its_connection_is_followed_by_one_of_the_two(database: str) -> None:
    async with reading_side(database) as side, reading_side(database) as other, side.follower() as first:
        assert await first.reached(await side.record("case", received()), SOON)
        async with other.follower() as second:
            for number in range(3):
                await as_administrator(other.url, CUT_THE_ACTIVE_ONE)
                position = await other.record(f"case {number}", *ASKED)
                assert await second.reached(position, SOON)
                assert await first.reached(position, SOON)

        assert [row["position"] for row in await side.rows("checkpoints")] == [1 + 3 * len(ASKED)] * len(READ_MODELS)
        assert len(await side.rows("tracking")) == 4


async def test_what_was_never_recorded_is_never_reached(side: ReadingSide) -> None:
    async with side.follower() as follower:
        assert await follower.reached(await side.record("case", received()), SOON)
        assert not await follower.reached(2, 0.05)


async def test_a_process_that_does_not_follow_knows_how_far_the_others_have_come(side: ReadingSide) -> None:
    position = await side.record("case", *OPENED)
    passive = side.follower()
    assert not await passive.reached(position, 0.05)
    assert (await passive.lag())[0] == position
    await side.follow()
    assert await passive.reached(position, 0.05)
    assert await passive.lag() == (0, 0.0)


async def test_the_lag_is_how_long_the_oldest_event_has_been_waiting(side: ReadingSide) -> None:
    await side.record("case", received(), classified())
    follower = side.follower(now=lambda: MONDAY_9AM + timedelta(seconds=7))
    assert await follower.lag() == (2, 7.0)


async def test_complaints_that_are_touched_after_they_were_forgotten_are_folded_again(side: ReadingSide) -> None:
    async with side.follower(batch_size=3) as follower:
        follower._folding._keep = 1
        for fact in ASKED:
            for name in ("one", "two", "three"):
                position = await side.record(name, fact)
        assert await follower.reached(position, SOON)

    assert [row["version"] for row in await side.rows("tracking")] == [len(ASKED)] * 3
