"""Rebuilding on a real PostgreSQL: the same as live, under writes, mending what was damaged, and switching at once."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import replace
from itertools import count
from typing import Any

import pytest

import app.readmodels.rebuild
import migrations
from app.readmodels.rebuild import Progress, Rebuild, RebuildIsRunning, UnknownReadModel
from app.readmodels.rebuild_tables import Difference
from domain.complaint import events
from domain.values import Complainant
from eventlog.leader_lock import lock_key
from projections.case import Case, Row
from projections.search_table import TRACKING
from projections.sla_table import SLA
from projections.tracking_table import tracking_rows
from tests.eventlog.samples import named
from tests.facts import ASKED, CLOSED, OPENED, accused, confirmed, executed, happened, received
from tests.projections.reading_side import SOON, ReadingSide, reading_side

TABLES = ("tracking", "tracking_search", "lookups", "sla")
CORRECTED = happened(
    events.ComplainantCorrected, complainant=Complainant("章珊", "+8613911112222"), changed=("name", "phone"),
    reason="记错了",
)  # fmt: skip


@pytest.fixture
async def side(database: str) -> AsyncIterator[ReadingSide]:
    async with reading_side(database) as side:
        yield side


def rebuild(side: ReadingSide, *names: str, **options: Any) -> Rebuild:
    return Rebuild(side.pool, side.log, side.codec, side.complainants, side.library, names=names, **options)


async def everything(side: ReadingSide) -> dict[str, list[dict[str, Any]]]:
    """All rows but for the position they were last written at."""
    return {
        table: [{name: value for name, value in row.items() if name != "position"} for row in await side.rows(table)]
        for table in TABLES
    }


async def test_a_rebuilt_read_model_is_the_same_as_the_one_that_followed(side: ReadingSide) -> None:
    for number, story in enumerate((OPENED, ASKED, CLOSED, (received(), accused("agent-7")), (received(), CORRECTED))):
        for fact in story:
            await side.record(f"case {number}", fact)
    await side.follow()
    before = await everything(side)

    rebuilt = await rebuild(side).run()

    assert (rebuilt.differences, rebuilt.failed, rebuilt.switched) == ((), {}, True)
    assert rebuilt.position == await side.log.head()
    assert await everything(side) == before
    assert await side.pool.fetch("SELECT FROM pg_tables WHERE schemaname = 'rebuilding'") == []


async def test_streams_longer_than_a_chunk_are_folded_whole(side: ReadingSide, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(app.readmodels.rebuild, "CHUNK", 4)
    for number in range(6):
        await side.record(f"case {number}", *CLOSED)
    await side.follow()
    before = await everything(side)

    assert (await rebuild(side).run()).differences == ()
    assert await everything(side) == before


async def test_an_empty_log_gives_empty_tables(side: ReadingSide) -> None:
    assert (await rebuild(side).run()).differences == ()
    assert await everything(side) == {table: [] for table in TABLES}


async def test_the_schema_is_as_described_after_a_rebuild_and_rebuilds_again(side: ReadingSide) -> None:
    await side.record("case", *CLOSED)
    await rebuild(side).run()
    assert await asyncio.to_thread(migrations.check, side.url) == []
    assert (await rebuild(side).run()).differences == ()
    await side.record("late", *ASKED)
    await side.follow()
    assert len(await side.rows("tracking")) == 2


async def test_damaged_rows_are_reported_before_the_switch_and_mended_by_it(side: ReadingSide) -> None:
    for name in ("changed", "lost", "fine"):
        await side.record(name, *ASKED)
    await side.follow()
    whole = await everything(side)
    await side.pool.execute("UPDATE reading.tracking SET status = 'closed' WHERE id = $1", named("changed"))
    await side.pool.execute("DELETE FROM reading.sla WHERE complaint_id = $1", named("lost"))
    await side.pool.execute(
        "INSERT INTO reading.tracking_search VALUES ($1, 1, 0, now(), '{}', 1)", named("never happened")
    )
    damaged = await everything(side)
    seen: list[tuple[Sequence[Difference], object]] = []

    reported = await rebuild(side, compared=lambda found: seen.append((found, None))).run(dry_run=True)
    assert not reported.switched
    assert await everything(side) == damaged
    await rebuild(side).run()

    assert set(reported.differences) == {
        Difference("tracking", "different", 1, (named("changed"),)),
        Difference("sla", "new", 1, (named("lost"),)),
        Difference("tracking_search", "gone", 1, (named("never happened"),)),
    }
    assert list(seen[0][0]) == list(reported.differences)
    assert await everything(side) == whole


async def test_only_the_named_read_model_is_rebuilt(side: ReadingSide) -> None:
    await side.record("case", *ASKED)
    await side.follow()
    await side.pool.execute("UPDATE reading.tracking SET status = 'closed'")
    await side.pool.execute("UPDATE reading.sla SET state = 'missed'")
    await rebuild(side, "tracking").run()

    assert (await side.row("case"))["status"] == "dispatched"
    assert {row["state"] for row in await side.rows("sla")} == {"missed"}


async def test_a_read_model_that_nobody_knows_is_refused(side: ReadingSide) -> None:
    with pytest.raises(UnknownReadModel, match="there are tracking, sla"):
        rebuild(side, "trakcing")


async def test_two_rebuilds_at_once_are_one_too_many(side: ReadingSide) -> None:
    async with side.pool.acquire() as other:
        await other.execute("SELECT pg_advisory_lock($1)", lock_key("rebuild"))
        with pytest.raises(RebuildIsRunning):
            await rebuild(side).run()


async def test_progress_comes_to_its_end(side: ReadingSide) -> None:
    await side.record("case", *CLOSED)
    told: list[Progress] = []
    await rebuild(side, progress=told.append).run()
    assert [(step.stage, step.done, step.total) for step in told] == [
        (stage, len(CLOSED), len(CLOSED)) for stage in ("reading", "indexing", "comparing", "switching")
    ]


async def test_a_rebuild_under_writes_ends_up_with_what_following_alone_gives(side: ReadingSide) -> None:
    for number in range(20):
        await side.record(f"case {number}", *OPENED)
    writing = True

    async def write() -> None:
        for number in count():
            if not writing:
                return
            await side.record(f"new {number}", *ASKED)
            await side.record(f"case {number % 20}", accused(f"agent-{number}"))

    async with side.follower() as follower:
        writer = asyncio.create_task(write())
        reports = [await rebuild(side).run() for _ in range(4)]
        writing = False
        await writer
        assert await follower.reached(await side.log.head(), SOON)
    followed = await everything(side)

    assert [report.differences for report in reports] == [(), (), (), ()]
    assert reports[0].position < reports[-1].position
    await rebuild(side).run()
    assert await everything(side) == followed


async def test_lists_answer_while_a_rebuild_runs_and_see_old_or_new_but_never_nothing(side: ReadingSide) -> None:
    await side.record("case", *ASKED)
    await side.follow()
    running = True
    seen: set[int] = set()

    async def read() -> None:
        while running:
            seen.add(await side.pool.fetchval("SELECT count(*) FROM reading.tracking"))

    reader = asyncio.create_task(read())
    for _ in range(3):
        await rebuild(side).run()
    running = False
    await reader
    assert seen == {1}


async def test_a_rebuild_that_is_interrupted_leaves_what_serves_as_it_was(side: ReadingSide) -> None:
    await side.record("case", *ASKED)
    await side.follow()
    before = await everything(side)

    class Interrupted(Exception):
        pass

    def interrupt(stage: str) -> Callable[[Progress], None]:
        def told(progress: Progress) -> None:
            if progress.stage == stage:
                raise Interrupted

        return told

    for stage in ("reading", "indexing", "comparing", "switching"):
        with pytest.raises(Interrupted):
            await rebuild(side, progress=interrupt(stage)).run()
        assert await everything(side) == before
    await side.record("case", confirmed(), executed())
    await side.follow()
    assert (await side.row("case"))["status"] == "executed"


async def test_a_complaint_that_a_projection_fails_on_is_set_aside_by_a_rebuild_too(side: ReadingSide) -> None:
    def rows(case: Case) -> list[Row]:
        if case.id == named("bad"):
            raise ZeroDivisionError
        return tracking_rows(case)

    first, *others = TRACKING.targets
    models = (replace(TRACKING, targets=(replace(first, rows=rows), *others)), SLA)
    await side.record("good", *ASKED)
    await side.record("bad", *ASKED)

    rebuilt = await rebuild(side, models=models).run()

    assert rebuilt.failed == {"tracking": (named("bad"),)}
    [failure] = await side.follower().parked()
    assert (failure.follower, failure.stream, failure.error) == ("tracking", named("bad"), "ZeroDivisionError")
    assert [row["id"] for row in await side.rows("tracking")] == [named("good")]
    await rebuild(side).run()
    assert await side.follower().parked() == []
    assert len(await side.rows("tracking")) == 2
