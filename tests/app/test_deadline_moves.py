"""Moving open complaints to a version of their calendar: once each, whoever dies or changes them meanwhile."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import UTC, datetime
from itertools import cycle
from typing import Any, Final
from uuid import UUID, uuid5

import pytest

from app.clocks.deadline_candidates import Candidates
from app.clocks.deadline_moves import COMMANDS, DeadlineMoves, MoveOrder
from app.commands.request_identity import CommandRequest
from domain.complaint.commands import ClassifyComplaint, SettleOnTheSpot
from domain.values import Actor
from procedures.library import Library, Published
from tests.app.dying_process import killed
from tests.app.service_stories import AGENT, PATIENCE, Office, open_office
from tests.notices import ANNOUNCED_TEXT, PROLONGED_TEXT, REASON, as_announced, with_the_notice
from tests.spec import ISSUE_POINTS, KEPT_ISSUE_POINT

THE_EVE: Final = datetime(2020, 1, 23, 7, 0, tzinfo=UTC)
THE_NOTICE: Final = datetime(2020, 1, 27, 4, 0, tzinfo=UTC)
ORDER: Final = MoveOrder(UUID(int=20200127), "cn", "2020.2", REASON, "sun-wei", "admin", THE_NOTICE)
CLOCKS_OF_ONE: Final = 2  # record-out and whole-case


@pytest.fixture
async def moved_ids(database: str) -> list[UUID]:
    """Seven complaints of the eve, with the days as they were announced."""
    return await received(database, 7)


async def received(database: str, count: int) -> list[UUID]:
    """General complaints of the eve, as far as the read models."""
    async with open_office(database, THE_EVE, rules=as_announced()) as office:
        ids = [await office.general(issue_point=point) for _, point in zip(range(count), cycle(ISSUE_POINTS))]
        async with office.follower() as follower:
            await office.read_models_catch_up(follower)
    return ids


@asynccontextmanager
async def moving(
    url: str, *, order: MoveOrder = ORDER, batch: int = 200, lease: float = 1.0, **options: Any
) -> AsyncIterator[tuple[Office, DeadlineMoves]]:
    """An office on the day of the notice whose mover has been asked for a move."""
    async with AsyncExitStack() as stack:
        office = await stack.enter_async_context(open_office(url, THE_NOTICE, rules=with_the_notice(), **options))
        follower = await stack.enter_async_context(office.follower())
        mover = await stack.enter_async_context(office.mover(follower, batch=batch, lease=lease))
        await mover.ask(order)
        yield office, mover


async def finished(mover: DeadlineMoves, order: MoveOrder = ORDER) -> MoveOrder:
    found = await mover.finished(order.id, PATIENCE)
    assert found is not None
    assert found.finished_at is not None
    return found


async def moves_of(office: Office) -> Counter[UUID]:
    """How many clocks of each complaint moved."""
    return Counter(event.originator_id for event in await office.recorded("DeadlineMoved"))


@pytest.mark.parametrize("batch", [1, 3, 7, 200])
async def test_every_open_complaint_is_moved_once_and_counted(database: str, moved_ids: list[UUID], batch: int) -> None:
    async with moving(database, batch=batch) as (office, mover):
        done = await finished(mover)
        assert (done.total, done.looked_at, done.complaints) == (7, 7, 7)
        assert (done.clocks, done.overdue, done.failed) == (7 * CLOCKS_OF_ONE, 0, ())
        assert done.finished_at == THE_NOTICE
        assert await moves_of(office) == dict.fromkeys(moved_ids, CLOCKS_OF_ONE)


@pytest.mark.parametrize("when", ["before", "after"])
async def test_what_a_killed_process_had_begun_another_finishes_and_nothing_is_done_twice(
    database: str, moved_ids: list[UUID], when: str
) -> None:
    async with open_office(database, THE_NOTICE, rules=with_the_notice()) as office, office.follower() as follower:
        await office.mover(follower).ask(ORDER)
    await killed("mover", when, database, THE_NOTICE)
    async with open_office(database, THE_NOTICE, rules=with_the_notice()) as office, office.follower() as follower:
        begun = await office.mover(follower).progress(ORDER.id)
        assert begun is not None
        assert (begun.looked_at, begun.finished_at) == (0, None)
        if when == "after":
            assert await moves_of(office)
        async with office.mover(follower) as mover:
            done = await finished(mover)
        assert (done.total, done.looked_at, done.complaints, done.clocks) == (7, 7, 7, 7 * CLOCKS_OF_ONE)
        assert await moves_of(office) == dict.fromkeys(moved_ids, CLOCKS_OF_ONE)


@pytest.mark.parametrize("lease", [0.0, 1.0])
async def test_two_processes_at_once_move_and_count_each_complaint_once_also_without_a_lease_between_them(
    database: str, lease: float
) -> None:
    ids = await received(database, 40)
    async with (
        moving(database, batch=8, lease=lease) as (office, one),
        moving(database, batch=8, lease=lease) as (
            _,
            other,
        ),
    ):
        done = await finished(one)
        assert await finished(other) == done
        assert (done.total, done.looked_at, done.complaints, done.clocks) == (40, 40, 40, 40 * CLOCKS_OF_ONE)
        assert await moves_of(office) == dict.fromkeys(ids, CLOCKS_OF_ONE)


async def test_moves_asked_for_at_once_are_done_in_the_order_in_which_they_were_asked_for(
    database: str, moved_ids: list[UUID]
) -> None:
    back = MoveOrder(UUID(int=1), "cn", "2020.1", "wrong", "sun-wei", "admin", THE_NOTICE)
    async with moving(database, batch=2) as (office, mover):
        await mover.ask(back)
        there, again = await finished(mover), await finished(mover, back)
        assert (there.complaints, again.complaints) == (7, 7)
        assert [order.id for order in await mover.of_calendar("cn")] == [back.id, ORDER.id]
        standing = await office.complaints.load(moved_ids[0])
        assert standing.aggregate.present_calendar_version == "2020.1"


async def test_a_complaint_that_changes_meanwhile_is_decided_anew(database: str) -> None:
    ids = await received(database, 30)
    manager = Actor("zhao-jing", frozenset({"agent", "manager"}))

    async def settle(office: Office, id: UUID) -> None:
        await office.complaints.execute(
            id, ClassifyComplaint("minor", "process.deposit"), manager, CommandRequest.once()
        )
        await office.complaints.execute(id, SettleOnTheSpot("已说明", True), AGENT, CommandRequest.once())

    async with moving(database, batch=10) as (office, mover):
        await asyncio.gather(*(settle(office, id) for id in ids[::2]))
        done = await finished(mover)
        moved = await moves_of(office)
        assert (done.failed, done.clocks) == ((), moved.total())
        assert {id: moved[id] for id in ids[1::2]} == dict.fromkeys(ids[1::2], CLOCKS_OF_ONE)
        for id in ids[::2]:
            standing, happened = await office.complaints.history(id)
            kinds = [type(event).__name__ for _, event in happened]
            assert standing.aggregate.status == "closed"
            # Moved as long as it ran, or not at all.
            if moved[id]:
                last = max(number for number, kind in enumerate(kinds) if kind == "DeadlineMoved")
                assert last < kinds.index("SettledOnTheSpot")


async def test_a_complaint_that_cannot_be_decided_is_named_and_the_others_move(
    database: str, moved_ids: list[UUID]
) -> None:
    async with open_office(database, THE_NOTICE, rules=with_the_notice()) as office:
        standing = await office.complaints.load(moved_ids[3])
        lost = await office.general(phone="+8613900000000", issue_point=KEPT_ISSUE_POINT)
        owner = (await office.complaints.load(lost)).aggregate.complainant_id
        assert owner != standing.aggregate.complainant_id
    async with open_office(database, THE_EVE, rules=as_announced()) as office, office.follower() as follower:
        erased = await office.general(phone="+8613911111111", issue_point=KEPT_ISSUE_POINT)
        owner = (await office.complaints.load(erased)).aggregate.complainant_id
        await office.read_models_catch_up(follower)
        await office.pool.execute("UPDATE complainants SET wrapped_key = NULL WHERE id = $1", owner)
    async with moving(database) as (office, mover):
        done = await finished(mover)
        assert (done.failed, done.complaints) == ((erased,), 7)


async def test_the_command_of_a_move_is_the_same_whoever_gives_it(database: str, moved_ids: list[UUID]) -> None:
    async with moving(database) as (office, mover):
        await finished(mover)
        seen = await office.log.command(uuid5(COMMANDS, f"{ORDER.id}/{moved_ids[0]}"))
        assert seen is not None
        assert seen.originator_id == moved_ids[0]


async def test_complaints_whose_limits_lie_outside_the_days_that_differ_are_not_even_read(database: str) -> None:
    eve = await received(database, 2)
    autumn = datetime(2020, 9, 7, 1, 0, tzinfo=UTC)
    texts = [text.replace("code: cn", "code: site") for text in (ANNOUNCED_TEXT, PROLONGED_TEXT)]
    site = [Published("site", f"2020.{number}", text, "admin") for number, text in enumerate(texts, 1)]
    async with open_office(database, autumn, rules=as_announced()) as office, office.follower() as follower:
        await office.general()
        await office.read_models_catch_up(follower)
        rules = as_announced().with_published([], site)
        candidates = Candidates(rules.calendar("site"), rules)
        assert await candidates.count(office.pool) == 2
        assert list(await candidates.after(office.pool, None, 10)) == sorted(eve)
        assert list(await candidates.after(office.pool, min(eve), 10)) == [max(eve)]
        same = Library.ready().with_published([], site[:1])
        assert await Candidates(same.calendar("site"), same).count(office.pool) == 0
