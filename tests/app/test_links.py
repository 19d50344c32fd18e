"""A link between two complaints, and its end, shows on both sides, whatever dies in between."""

from __future__ import annotations

from collections.abc import AsyncIterator
from uuid import UUID

import pytest

from domain.complaint.commands import LinkComplaints, UnlinkComplaints
from tests.app.dying_process import killed
from tests.app.service_stories import MONDAY_9AM, PATIENCE, Office, open_office

WRONG = "不是同一客户"


@pytest.fixture
async def office(database: str) -> AsyncIterator[Office]:
    async with open_office(database) as office:
        yield office


async def linked(office: Office, id: UUID) -> list[UUID]:
    return [other.id for other in (await office.complaints.load(id)).aggregate.linked]


async def follow(office: Office) -> None:
    """Until every link that anybody made or took back shows on its other side."""
    async with office.links() as links:
        assert await links.reached(await office.log.head(), PATIENCE)


async def told(office: Office, name: str) -> list[UUID]:
    """Of which complaints it is recorded, in the order of the log."""
    return [event.originator_id for event in await office.recorded(name)]


@pytest.mark.parametrize("when", ["before", "after"])
async def test_a_link_whose_process_is_killed_before_its_other_side_is_written_is_completed_once(
    office: Office, database: str, when: str
) -> None:
    this, *others = [await office.received() for _ in range(6)]
    await office.does(this, LinkComplaints(tuple(others)))
    await killed("links", when, database, MONDAY_9AM)
    shown = [other for other in others if await linked(office, other)]
    assert len(shown) == {"before": 2, "after": 3}[when]

    await follow(office)

    assert [await linked(office, other) for other in others] == [[this]] * 5
    assert sorted(await told(office, "ComplaintsLinked"), key=str) == sorted([this, *others], key=str)


@pytest.mark.parametrize("when", ["before", "after"])
async def test_a_link_that_is_taken_back_is_taken_back_on_the_other_side_across_a_kill(
    office: Office, database: str, when: str
) -> None:
    this, *others = [await office.received() for _ in range(5)]
    await office.does(this, LinkComplaints(tuple(others)))
    await follow(office)
    await office.does(this, UnlinkComplaints(tuple(others), WRONG))
    await killed("links", when, database, MONDAY_9AM)

    await follow(office)

    assert [await linked(office, id) for id in (this, *others)] == [[]] * 5
    assert sorted(await told(office, "ComplaintsUnlinked"), key=str) == sorted([this, *others], key=str)


async def test_a_link_may_be_taken_back_from_its_other_side(office: Office) -> None:
    this, other = await office.received(), await office.received()
    await office.does(this, LinkComplaints((other,)))
    await follow(office)
    await office.does(other, UnlinkComplaints((this,), WRONG))
    await follow(office)
    assert (await linked(office, this), await linked(office, other)) == ([], [])


async def test_what_was_taken_back_before_anybody_followed_never_shows_on_the_other_side(office: Office) -> None:
    this, other = await office.received(), await office.received()
    await office.does(this, LinkComplaints((other,)))
    await office.does(this, UnlinkComplaints((other,), WRONG))
    await follow(office)
    assert await told(office, "ComplaintsLinked") == [this]
    assert await linked(office, other) == []


async def test_what_is_linked_again_after_it_was_taken_back_shows_on_both_sides_again(office: Office) -> None:
    this, other = await office.received(), await office.received()
    for command in (LinkComplaints((other,)), UnlinkComplaints((other,), WRONG), LinkComplaints((other,))):
        await office.does(this, command)
        await follow(office)
    assert (await linked(office, this), await linked(office, other)) == ([other], [this])
    await follow(office)
    assert await told(office, "ComplaintsLinked") == [this, other, this, other]
