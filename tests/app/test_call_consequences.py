"""What calls lead to happens once, whatever dies between what was heard, what came of it and what the call shows."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from uuid import UUID

import pytest

from app.access.privileges import POSTS_CALLS
from domain.call.events import CallLedTo
from domain.call.posted import Posted
from domain.values import ActedBy
from tests.app.dying_process import killed
from tests.app.service_stories import AGENT, MONDAY_9AM, PATIENCE, Office, open_office
from tests.notices import with_the_notice

FORM = {"procedure": "kf0001", "subject": "入金未到账", "content": "至今未到账", "issue_point": "deposit-delay"}
SOFTPHONE = ActedBy("softphone", sorted(POSTS_CALLS)[0])


@pytest.fixture
async def office(database: str) -> AsyncIterator[Office]:
    async with open_office(database, rules=with_the_notice()) as office:
        yield office


async def heard(office: Office, call: int, type: str, seconds: int, **data: object) -> UUID:
    at = MONDAY_9AM - timedelta(minutes=10) + timedelta(seconds=seconds)
    posted = Posted("site-a", f"{call} {type}", type, f"c-{call}", None, at, None, data)
    await office.calls.take(posted, SOFTPHONE)
    return posted.stream


async def a_call(office: Office, call: int) -> UUID:
    await heard(office, call, "call.offered", 0, caller=f"138{call:08d}")
    await heard(office, call, "call.answered", 5, agent=AGENT.id)
    return await heard(office, call, "call.wrap_up", 90, form=FORM)


async def follow(office: Office) -> None:
    async with office.consequences() as consequences:
        assert await consequences.reached(await office.log.head(), PATIENCE)


async def led_to(office: Office) -> list[UUID]:
    """The calls whose history says that they led to something, in the order of the log."""
    return [one.originator_id for one in await office.log.after(0, 10_000, topics=[CallLedTo.TOPIC])]


@pytest.mark.parametrize("when", ["before", "after"])
async def test_a_process_that_is_killed_between_the_call_and_its_complaint_leaves_no_call_without_and_none_with_two(
    office: Office, database: str, when: str
) -> None:
    calls = [await a_call(office, call) for call in range(6)]
    await killed("calls", when, database, MONDAY_9AM)

    await follow(office)
    await follow(office)

    assert len(await office.recorded("Received")) == 6
    assert len(await office.recorded("CallLinked")) == 6
    assert sorted(await led_to(office), key=str) == sorted(calls, key=str)


async def test_a_form_that_comes_again_in_the_same_event_leads_to_nothing_more(office: Office) -> None:
    await a_call(office, 1)
    await follow(office)
    await a_call(office, 1)
    await heard(office, 1, "call.ended", 80)
    await follow(office)
    assert len(await office.recorded("Received")) == 1
    assert await office.recorded("Reminded") == []
