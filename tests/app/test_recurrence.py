"""The fifth general complaint of one issue point within a month is raised to severe, whatever happens meanwhile."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any, cast
from uuid import UUID

import pytest

from app.recurrence.policy import NAME
from domain.complaint.commands import ClassifyComplaint, RejectComplaint, ReopenComplaint, WithdrawComplaint
from domain.complaint.events import SeverityRaised
from eventlog.checkpoints import read_checkpoints
from eventlog.follower import Follower
from tests.app.dying_process import killed
from tests.app.service_stories import DAY, MONDAY_9AM, PATIENCE, Office, eventually, open_office
from tests.facts import MANAGER


@pytest.fixture
async def office(database: str) -> AsyncIterator[Office]:
    async with open_office(database) as office:
        yield office


@pytest.fixture
async def policy(office: Office) -> AsyncIterator[Follower[Any]]:
    async with office.policy() as policy:
        yield policy


async def raised(office: Office) -> list[SeverityRaised]:
    return cast(list[SeverityRaised], await office.events("SeverityRaised"))


async def ids_raised(office: Office) -> list[UUID]:
    """In the order in which they were taken down: those that one look at the log finds are raised side by side."""
    ids = {event.originator_id for event in await raised(office)}
    return [event.originator_id for event in await office.recorded("Received") if event.originator_id in ids]


async def test_the_fifth_within_a_month_is_raised_naming_the_four_before(
    office: Office, policy: Follower[Any]
) -> None:
    four = [await office.general() for _ in range(4)]
    await office.policy_catches_up(policy)
    assert await raised(office) == []

    fifth = await office.general()
    await office.policy_catches_up(policy)

    (event,) = await raised(office)
    assert (event.originator_id, event.severity, event.before) == (fifth, "severe", "general")
    assert [other.id for other in event.others] == four
    assert [other.number for other in event.others] == [f"KF0001-20260302-00000{n}" for n in range(1, 5)]


async def test_other_issue_points_and_other_severities_do_not_count(office: Office, policy: Follower[Any]) -> None:
    for _ in range(4):
        await office.general()
    await office.general(issue_point="staff-attitude")
    await office.classified(await office.received(issue_point="deposit-delay"), "major")
    await office.classified(await office.received(), "minor")
    await office.policy_catches_up(policy)

    assert await raised(office) == []


async def test_the_issue_point_may_be_named_at_the_classification(office: Office, policy: Follower[Any]) -> None:
    for _ in range(4):
        await office.general()
    fifth = await office.received()
    await office.classified(fifth, issue_point="deposit-delay")
    await office.policy_catches_up(policy)

    assert await ids_raised(office) == [fifth]


async def test_of_a_hundred_at_once_all_from_the_fifth_on_are_raised_and_name_those_before(
    office: Office, policy: Follower[Any]
) -> None:
    customers = [f"+86138001{number:05d}" for number in range(100)]
    ids = await asyncio.gather(*(office.received(issue_point="deposit-delay", phone=phone) for phone in customers))
    await asyncio.gather(*(office.classified(id) for id in ids))
    await office.policy_catches_up(policy)

    in_order = [event.originator_id for event in await office.recorded("Classified")]
    events = {event.originator_id: event for event in await raised(office)}
    assert len(await raised(office)) == 96
    assert list(events.keys() - set(in_order[4:])) == []
    for nth, id in enumerate(in_order[4:], 4):
        assert [other.id for other in events[id].others] == in_order[:nth]


async def test_the_month_is_counted_back_to_the_same_day_of_the_month_before(database: str) -> None:
    # 31 March reaches back to 28 February, from 00:00 in Shanghai.
    first_instant = datetime(2026, 2, 27, 16, 0, tzinfo=UTC)
    last_day = datetime(2026, 3, 31, 1, 0, tzinfo=UTC)
    for first, expected in ((first_instant, 1), (datetime(2026, 2, 27, 15, 59, tzinfo=UTC), 0)):
        async with open_office(database, last_day) as office, office.policy() as policy:
            issue_point = ("quote-error", "deposit-delay")[expected]
            before = len(await raised(office))
            await office.general(occurred_at=first, issue_point=issue_point)
            for _ in range(4):
                await office.general(issue_point=issue_point)
            await office.policy_catches_up(policy)

            assert len(await raised(office)) - before == expected


async def test_a_letter_that_comes_late_counts_on_the_day_it_was_written(
    office: Office, policy: Follower[Any]
) -> None:
    for days in (0, 1, 2, 3):
        await office.general(occurred_at=MONDAY_9AM - days * DAY)
    late = await office.general(occurred_at=MONDAY_9AM - 20 * DAY)
    too_early = await office.general(occurred_at=MONDAY_9AM - 40 * DAY)
    await office.policy_catches_up(policy)

    assert await ids_raised(office) == [late]
    assert too_early not in await ids_raised(office)


async def test_five_that_span_more_than_a_month_do_not_recur_though_each_is_near_the_last_one_recorded(
    office: Office, policy: Follower[Any]
) -> None:
    office.moment = MONDAY_9AM
    for days in (0, 2, 50, 52):
        await office.general(occurred_at=MONDAY_9AM - days * DAY)
    await office.general(occurred_at=MONDAY_9AM - 26 * DAY)
    await office.policy_catches_up(policy)

    assert await raised(office) == []


async def test_rejected_or_reclassified_complaints_leave_and_withdrawn_ones_stay(
    office: Office, policy: Follower[Any]
) -> None:
    rejected, reclassified, withdrawn, *_ = [await office.general() for _ in range(4)]
    await office.does(rejected, RejectComplaint("不在受理范围"))
    await office.classified(reclassified, "major")
    await office.does(withdrawn, WithdrawComplaint("已解决"))
    first, second, third = [await office.general() for _ in range(3)]
    await office.policy_catches_up(policy)

    assert (await ids_raised(office)) == [third]
    (event,) = await raised(office)
    assert {rejected, reclassified}.isdisjoint(other.id for other in event.others)
    assert {withdrawn, first, second} <= {other.id for other in event.others}


async def test_a_rejected_complaint_that_is_reopened_counts_again(office: Office, policy: Follower[Any]) -> None:
    ids = [await office.general() for _ in range(4)]
    await office.does(ids[0], RejectComplaint("不在受理范围"))
    await office.general()
    await office.policy_catches_up(policy)
    assert await raised(office) == []

    await office.does(ids[0], ReopenComplaint("客户补充了材料"))
    await office.policy_catches_up(policy)

    assert await ids_raised(office) == [ids[0]]


async def test_a_complaint_that_a_person_lowers_again_is_not_raised_a_second_time(
    office: Office, policy: Follower[Any]
) -> None:
    ids = [await office.general() for _ in range(5)]
    await office.policy_catches_up(policy)
    lower = ClassifyComplaint("general", "process.deposit", "deposit-delay")
    await office.does(ids[4], lower, by=MANAGER)
    await office.policy_catches_up(policy)

    assert (await office.complaints.load(ids[4])).aggregate.severity == "general"
    assert await ids_raised(office) == [ids[4]]


async def test_what_was_recorded_while_no_policy_ran_is_made_up_for(office: Office) -> None:
    ids = [await office.general() for _ in range(7)]
    async with office.policy() as policy:
        await office.policy_catches_up(policy)

    assert await ids_raised(office) == ids[4:]


@pytest.mark.parametrize("when", ["before", "after"])
async def test_a_policy_killed_around_an_append_loses_nothing_and_raises_nobody_twice(
    office: Office, database: str, when: str
) -> None:
    ids = [await office.general() for _ in range(40)]
    await killed("policy", when, database, MONDAY_9AM)
    assert await office.pool.fetchval("SELECT count(*) FROM recurrence_raises") == 36

    async with office.policy() as policy:
        await office.policy_catches_up(policy)

    events = await raised(office)
    assert sorted(str(event.originator_id) for event in events) == sorted(map(str, ids[4:]))
    for event in events:
        assert [other.id for other in event.others] == ids[: ids.index(event.originator_id)]


async def test_a_second_process_waits_and_takes_over_and_knows_how_far_the_first_has_come(
    office: Office, database: str
) -> None:
    async with open_office(database) as other, other.policy() as second:
        first = office.policy()
        await eventually(lambda: second.lock.is_leader)
        async with first:
            await eventually(lambda: first.lock.attempts > 0)
            ids = [await other.general() for _ in range(5)]
            await office.policy_catches_up(first)
            assert (first.lock.is_leader, await ids_raised(office)) == (False, ids[4:])

            await second.__aexit__()
            sixth = await office.general()
            await office.policy_catches_up(first)
            assert (first.lock.is_leader, await ids_raised(office)) == (True, [*ids[4:], sixth])


async def test_waiting_ends_when_the_time_is_up(office: Office) -> None:
    await office.general()
    assert not await office.policy().reached(await office.log.head(), 0.05)


async def test_a_complaint_that_cannot_be_raised_holds_nobody_up_and_is_raised_once_it_can_be(
    office: Office, database: str
) -> None:
    ids = [await office.general(phone=f"+861380000000{n}") for n in range(7)]
    sealed_for = (await office.complaints.load(ids[5])).aggregate.complainant_id
    (key,) = await office.pool.fetchrow("SELECT wrapped_key FROM complainants WHERE id = $1", sealed_for)
    damage = "UPDATE complainants SET wrapped_key = $2 WHERE id = $1"
    await office.pool.execute(damage, sealed_for, key[::-1])
    async with open_office(database) as other, other.policy() as policy:
        await other.policy_catches_up(policy)
        assert await ids_raised(office) == [ids[4], ids[6]]

        await office.pool.execute(damage, sealed_for, key)
        await office.pool.execute("UPDATE recurrence_raises SET failed_at = failed_at - interval '1 hour'")
        async with asyncio.timeout(PATIENCE):
            while len(await raised(office)) < 3:
                await office.log.wait_beyond(await office.log.head(), 1.0)

    assert await ids_raised(office) == ids[4:]
    assert await office.pool.fetchval("SELECT count(*) FROM recurrence_raises") == 0


async def test_checkpoints_move_on_though_nothing_concerns_the_policy(office: Office, policy: Follower[Any]) -> None:
    for _ in range(3):
        await office.received()
    head = await office.log.head()
    async with asyncio.timeout(PATIENCE):
        while True:
            if (await read_checkpoints(office.pool, [NAME]))[NAME] == head:
                break
            await asyncio.sleep(0.02)
    assert await policy.reached(head, PATIENCE)
