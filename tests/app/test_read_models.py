"""The read models behind the log on a real PostgreSQL: rows, cases, and one bad complaint that stops no other."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import replace
from typing import Any

import pytest

from app.readmodels.fold import Folding
from app.readmodels.store import Rows, write_rows
from domain.complaint import events
from eventlog.follower import Follower
from projections.case import Case, ReadModel, Row
from projections.progress import READ_MODELS
from projections.search_table import TRACKING
from projections.sla_table import SLA
from projections.tracking_table import tracking_rows
from tests.eventlog.samples import named
from tests.facts import (
    ASKED,
    CLOSED,
    OPENED,
    classified,
    confirmed,
    dispatched,
    drafted,
    executed,
    received,
)
from tests.projections.reading_side import SOON, ReadingSide, reading_side, shown


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


async def has_parked(follower: Follower[Any], expected: bool) -> bool:
    return bool(await follower.parked()) == expected


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
        ("classify", None, "met"),
    ]


async def test_an_event_changes_the_row_and_adds_what_it_tells_to_what_it_is_searched_by(side: ReadingSide) -> None:
    async with side.follower(keep=1) as follower:
        await follower.reached(await side.record("case", received()), SOON)
        [before] = await side.rows("tracking_search")
        await follower.reached(await side.record("case", classified()), SOON)
        await follower.reached(await side.record("another", received()), SOON)
        assert await side.rows_of("tracking_search", "case") == [before]
        assert await follower.reached(await side.record("case", drafted()), SOON)

    assert (await side.row("case"))["severity"] == "general"
    first, told = await side.rows_of("tracking_search", "case")
    assert first == before
    assert (told["version"], told["position"], told["received_at"]) == (3, 4, before["received_at"])


async def test_a_follower_that_starts_in_the_middle_of_a_complaint_goes_on_where_the_last_one_stopped(
    side: ReadingSide,
) -> None:
    for number, fact in enumerate(CLOSED, 1):
        await side.record("case", fact)
        await side.follow()
        assert (await side.row("case"))["version"] == number

    assert (await side.row("case"))["status"] == "closed"
    assert {row["next_at"] for row in await side.rows("sla")} == {None}


async def test_what_is_delivered_late_or_twice_never_overwrites_what_is_newer(side: ReadingSide) -> None:
    await side.record("case", *ASKED)
    folding = Folding(side.log, side.codec, side.complainants, side.library)
    early = (await folding.whole([named("case")], 2)).cases
    late = (await folding.whole([named("case")], len(ASKED))).cases
    async with side.pool.acquire() as connection:
        for cases in (late, early, late, early):
            for model in READ_MODELS:
                await write_rows(connection, Rows.of(model, cases))

    assert (await side.row("case"))["status"] == "dispatched"
    assert [row["position"] for row in await side.rows("sla")] == [len(ASKED)] * 4


async def test_a_projection_that_fails_on_one_complaint_stops_that_one_and_no_other(side: ReadingSide) -> None:
    trouble = ["bad"]
    models = (failing_for("bad", trouble), SLA)
    async with side.follower(models=models) as follower:
        await side.record("good", received())
        await side.record("bad", received())
        assert await follower.reached(await side.record("good", classified()), SOON)
        [parked] = await follower.parked()
        assert await follower.reached(await side.record("bad", classified(), drafted()), SOON)

        assert (parked.follower, parked.stream, parked.position) == ("tracking", named("bad"), 2)
        assert parked.error == "ZeroDivisionError"
        assert [row["id"] for row in await side.rows("tracking")] == [named("good")]
        assert (await side.row("good"))["version"] == 2
        assert named("bad") in {row["complaint_id"] for row in await side.rows("sla")}
        assert len(await follower.parked()) == 1


async def test_a_complaint_that_was_parked_is_whole_again_once_the_projection_is_mended(side: ReadingSide) -> None:
    trouble = ["bad"]
    models = (failing_for("bad", trouble), SLA)
    async with side.follower(models=models, retry_seconds=0.05) as follower:
        await follower.reached(await side.record("bad", *OPENED), SOON)
        await until(lambda: has_parked(follower, True))
        await follower.reached(await side.record("bad", dispatched()), SOON)
        trouble.clear()
        await until(lambda: has_parked(follower, False))

        assert (await side.row("bad"))["version"] == len(OPENED) + 1
        assert await follower.reached(await side.record("bad", confirmed(), executed()), SOON)
    assert (await side.row("bad"))["status"] == "executed"
    held_text = [events.Received, events.OpinionDrafted, events.Executed]
    told = [*OPENED, dispatched(), confirmed(), executed()]
    versions = [version for version, fact in enumerate(told, 1) if fact.type in held_text]
    assert [row["version"] for row in await side.rows("tracking_search")] == versions


async def test_a_row_that_the_database_refuses_is_parked_and_its_neighbours_of_the_batch_are_written(
    side: ReadingSide,
) -> None:
    await side.pool.execute("ALTER TABLE reading.tracking ADD CHECK (number <> '坏的')")
    await side.record("good", received())
    await side.record("bad", received(number="坏的"))
    await side.record("another", received())
    async with side.follower() as follower:
        assert await follower.reached(3, SOON)
        assert [one.error for one in await follower.parked()] == ["CheckViolationError"]

    assert {row["id"] for row in await side.rows("tracking")} == {named("good"), named("another")}
    assert len({row["complaint_id"] for row in await side.rows("sla")}) == 3  # to be classified, the parked one too


async def test_complaints_that_are_touched_after_they_were_forgotten_are_folded_again(side: ReadingSide) -> None:
    async with side.follower(batch_size=3, keep=1) as follower:
        for fact in ASKED:
            for name in ("one", "two", "three"):
                position = await side.record(name, fact)
        assert await follower.reached(position, SOON)

    assert [row["version"] for row in await side.rows("tracking")] == [len(ASKED)] * 3
