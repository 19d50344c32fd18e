"""What happens to incidents by itself, once for all: judged clocks, surges that open one, rows of the read model."""

from __future__ import annotations

import asyncio
from collections import Counter
from contextlib import AsyncExitStack
from datetime import timedelta
from typing import Final, cast
from uuid import UUID, uuid4

import pytest
from eventsourcing.persistence import StoredEvent

from app.readmodels.rebuild import Rebuild
from domain.incident.events import DeadlineMissed, DeadlineWarned, IncidentOpened
from eventlog.log import Append
from tests.app.incident_stories import CallCentre, killed, open_centre
from tests.app.service_stories import DAY, MONDAY_9AM, eventually

MINUTE: Final = timedelta(minutes=1)
EVERY_JUDGEMENT: Final = ["DeadlineWarned", "DeadlineMissed"] * 3


def judgements_of(recorded: list[tuple[UUID, str]]) -> dict[UUID, list[str]]:
    """Each incident's warnings and misses, in order."""
    found: dict[UUID, list[str]] = {}
    for id, kind in recorded:
        if kind.startswith("Deadline"):
            found.setdefault(id, []).append(kind)
    return found


async def until(centre: CallCentre, count: int) -> None:
    """Waits until so many judgements are recorded; fails after twenty seconds."""
    async with asyncio.timeout(20):
        while True:
            if sum(map(len, judgements_of(await centre.recorded()).values())) >= count:
                return
            await asyncio.sleep(0.02)


async def in_the_read_model(centre: CallCentre) -> None:
    """The rows are there; nobody follows any more."""
    follower = centre.office.follower()
    async with follower:
        await centre.office.read_models_catch_up(follower)


async def test_what_fell_due_is_judged_in_due_order_across_incidents_each_once(database: str) -> None:
    async with open_centre(database) as centre:
        first = await centre.opened()
        centre.office.moment += 2 * MINUTE
        second = await centre.opened("network-failure")
        await in_the_read_model(centre)
        centre.office.moment += 120 * MINUTE
        clocks = centre.clocks()
        for _ in range(2):  # the read model has not heard of the first pass
            await clocks.run_pass(centre.office.now())
        recorded = await centre.recorded()
        assert judgements_of(recorded) == {first: EVERY_JUDGEMENT, second: EVERY_JUDGEMENT}
        due = [one.due_at for one in await misses(centre)]
        assert due == sorted(due)


async def misses(centre: CallCentre) -> list[DeadlineMissed]:
    recorded = await centre.office.log.after(0, 1000, topics=[DeadlineMissed.TOPIC])
    return [cast(DeadlineMissed, centre.office.codec.any_event(one, None)) for one in recorded]


async def test_two_runners_at_once_record_every_judgement_once(database: str) -> None:
    async with open_centre(database) as one, open_centre(database) as other:
        ids = [await one.opened() for _ in range(5)]
        await in_the_read_model(one)
        for centre in (one, other):
            centre.office.moment += 120 * MINUTE
        await asyncio.gather(*(it.clocks().run_pass(it.office.now()) for it in (one, other, one, other)))
        assert judgements_of(await one.recorded()) == {id: EVERY_JUDGEMENT for id in ids}


@pytest.mark.parametrize("when", ["before", "after"])
async def test_a_runner_that_is_killed_leaves_the_rest_to_the_next_one(database: str, when: str) -> None:
    async with AsyncExitStack() as stack:
        centre = await stack.enter_async_context(open_centre(database))
        ids = [await centre.opened() for _ in range(3)]
        await in_the_read_model(centre)
        late = MONDAY_9AM + 120 * MINUTE
        await killed("clocks", when, database, late)
        assert len(judgements_of(await centre.recorded())) < 3
        centre.office.moment = late
        runner = await stack.enter_async_context(centre.clocks())
        await eventually(lambda: runner.lock.is_leader)
        await until(centre, 3 * len(EVERY_JUDGEMENT))
        assert judgements_of(await centre.recorded()) == {id: EVERY_JUDGEMENT for id in ids}


async def test_a_running_clock_is_judged_within_a_second(database: str) -> None:
    async with AsyncExitStack() as stack:
        centre = await stack.enter_async_context(open_centre(database))
        await stack.enter_async_context(centre.office.follower())
        centre.office.moment -= timedelta(minutes=3, seconds=58)  # the first warning comes after four minutes
        await centre.opened()
        centre.office.moment = MONDAY_9AM
        centre.office.let_time_run()
        await stack.enter_async_context(centre.clocks())
        await until(centre, 1)
        [warned] = await centre.office.log.after(0, 10, topics=[DeadlineWarned.TOPIC])
        assert timedelta(0) <= warned.recorded_at - (MONDAY_9AM + timedelta(seconds=2)) < timedelta(seconds=1)


async def test_processes_that_find_the_same_surge_open_one_incident(database: str) -> None:
    async with open_centre(database) as one, open_centre(database) as other:
        await one.counted(41)
        await asyncio.gather(*(it.surges().look() for it in (one, other, one, other)))
        assert Counter(kind for _, kind in await one.recorded()) == {"IncidentOpened": 1}


async def test_calls_that_are_told_of_one_by_one_surge_as_those_that_are_counted_do(database: str) -> None:
    async with open_centre(database) as centre:
        for day in range(7, 0, -1):
            centre.office.moment = MONDAY_9AM - day * DAY
            await centre.called(3)
        centre.office.moment = MONDAY_9AM
        await centre.called(31, "outbound")  # what goes out is no surge
        async with centre.counting() as counts:
            assert await counts.reached(await centre.office.log.head(), 20)
        assert await centre.recorded() == []
        await centre.called(31)
        async with centre.counting() as counts:
            assert await counts.reached(await centre.office.log.head(), 20)
        assert [kind for _, kind in await centre.recorded()] == ["IncidentOpened"]
        [row] = await centre.office.pool.fetch("SELECT source, calls, usual FROM call_surges")
        assert tuple(row) == ("site-a", 31, 3.0)


async def test_surges_of_two_sources_at_once_are_one_incident(database: str) -> None:
    async with open_centre(database) as one, open_centre(database) as other:
        await one.counted(41, "acd-1")
        await one.counted(300, "acd-2")
        await asyncio.gather(one.surges().look(), other.surges().look())
        assert Counter(kind for _, kind in await one.recorded()) == {"IncidentOpened": 1}
        kept = await one.office.pool.fetch("SELECT incident_id FROM call_surges")
        assert len(kept) == 2
        assert len({row["incident_id"] for row in kept}) == 1


@pytest.mark.parametrize("when", ["before", "after"])
async def test_a_surge_is_opened_once_though_its_finder_was_killed(database: str, when: str) -> None:
    async with open_centre(database) as centre:
        await centre.counted(41)
        await killed("surges", when, database, MONDAY_9AM)
        for _ in range(2):
            await centre.surges().look()
        assert Counter(kind for _, kind in await centre.recorded()) == {"IncidentOpened": 1}


async def test_complaints_are_counted_once_whoever_counts(database: str) -> None:
    async with open_centre(database) as one, open_centre(database) as other:
        for _ in range(5):
            await one.office.received()
        async with one.counting() as first, other.counting() as second:
            head = await one.office.log.head()
            assert all(await asyncio.gather(first.reached(head, 20), second.reached(head, 20)))
        assert await one.office.pool.fetchval("SELECT sum(complaints) FROM complaint_volumes") == 5


async def test_a_rebuilt_list_of_incidents_is_the_one_that_was_there(database: str) -> None:
    async with open_centre(database) as centre:
        office = centre.office
        await office.received()
        await centre.opened()
        await centre.opened("fire")
        await in_the_read_model(centre)
        before = list(map(dict, await office.pool.fetch("SELECT * FROM reading.incidents ORDER BY id")))
        rebuild = Rebuild(office.pool, office.log, office.codec, office.complainants, office.library)
        rebuilt = await rebuild.run()
        assert (rebuilt.differences, rebuilt.failed, rebuilt.switched) == ((), {}, True)
        assert list(map(dict, await office.pool.fetch("SELECT * FROM reading.incidents ORDER BY id"))) == before
        assert len(before) == 2
        assert await office.pool.fetchval("SELECT count(*) FROM reading.tracking") == 1


async def test_an_incident_that_cannot_be_folded_stops_only_itself(database: str) -> None:
    async with open_centre(database) as centre:
        broken = await unreadable(centre)
        fine, complaint = await centre.opened("fire"), await centre.office.received()
        follower = centre.office.follower()
        async with follower:
            await centre.office.read_models_catch_up(follower)
            parked = await follower.parked()
        assert [(one.follower, one.stream) for one in parked] == [("incidents", broken)]
        pool = centre.office.pool
        assert await pool.fetchval("SELECT array_agg(id) FROM reading.incidents") == [fine]
        assert await pool.fetchval("SELECT array_agg(id) FROM reading.tracking") == [complaint]


async def unreadable(centre: CallCentre) -> UUID:
    """The first event of an incident that says nothing of what it should."""
    event = StoredEvent(uuid4(), 1, IncidentOpened.TOPIC, b"{}")
    await centre.office.log.append(Append(uuid4(), None, [event], ["agent-7"], MONDAY_9AM))
    return UUID(str(event.originator_id))


async def test_a_stream_of_another_kind_is_passed_over(database: str) -> None:
    async with open_centre(database) as centre:
        event = StoredEvent(uuid4(), 1, "weather.Observed", b"{}")
        await centre.office.log.append(Append(uuid4(), None, [event], ["station"], MONDAY_9AM))
        fine = await centre.opened("fire")
        follower = centre.office.follower()
        async with follower:
            await centre.office.read_models_catch_up(follower)
            assert await follower.parked() == []
        assert await centre.office.pool.fetchval("SELECT array_agg(id) FROM reading.incidents") == [fine]
