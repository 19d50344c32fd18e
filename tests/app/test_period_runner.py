"""Every week and month that is over is reported exactly once, whatever becomes of the processes."""

from __future__ import annotations

import asyncio
import json
import signal
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest

from app.commands.request_identity import CommandRequest
from app.queries.period_counts import counts_for
from app.readmodels.rebuild import Rebuild
from app.reports.period_runner import PeriodRunner
from domain.complaint.commands import ClassifyComplaint, ReceiveComplaint
from domain.reporting.reports import REPORT_EVENTS, PeriodReported, stream_of
from domain.values import Actor, Complainant
from eventlog.codec import EventCodec
from eventlog.log import Recorded
from tests.app.service_stories import AGENT, MASTER, MONDAY_9AM, Office, eventually, open_office

PROCEDURE = "market-30min"
SUNDAY_23_30 = datetime(2026, 3, 8, 15, 30, tzinfo=UTC)
WEEKS = ["2026-W10", "2026-W11", "2026-W12", "2026-W13"]
FOUR_WEEKS_LATER = MONDAY_9AM + timedelta(weeks=4)
OLD_ROW = json.loads((Path(__file__).parent / "old_report_row.json").read_text("utf-8"))


@asynccontextmanager
async def runner_of(office: Office) -> AsyncIterator[PeriodRunner]:
    """A runner that does nothing by itself, behind a follower of its own process."""
    async with office.follower() as follower:
        yield PeriodRunner(
            office.pool, office.log, office.codec, follower, office.library,
            counts_for(office.pool, office.codec, office.library), office.now,
        )  # fmt: skip


async def taken(office: Office, number: int = 1, category: str = "product.leak") -> None:
    person = Complainant(name="李强", phone=f"+86138000000{number:02d}")
    command = ReceiveComplaint(PROCEDURE, "phone", "水泵漏水", "三台漏水", person)
    agent = Actor("agent-7", frozenset({"agent"}))
    id = (await office.complaints.receive(command, agent, CommandRequest.once())).aggregate.id
    await office.complaints.execute(id, ClassifyComplaint("general", category), agent, CommandRequest.once())


async def reported(office: Office) -> list[PeriodReported]:
    stream: list[Any] = [office.codec.any_event(one, None) for one in await office.log.stream(stream_of(PROCEDURE))]
    return stream


async def weeks(office: Office) -> list[str]:
    return [one.period for one in await reported(office)]


@pytest.fixture
async def office(database: str) -> AsyncIterator[Office]:
    async with open_office(database) as opened:
        yield opened


async def test_a_week_is_reported_once_however_often_it_is_looked_at(office: Office) -> None:
    await taken(office)
    office.moment += timedelta(weeks=1)
    async with runner_of(office) as runner, runner_of(office) as another:
        assert [await runner.run_pass(office.now()) for _ in range(2)] == [1, 0]
        assert await another.run_pass(office.now()) == 0
    [fact] = await reported(office)
    assert (fact.kind, fact.period, fact.procedure) == ("weekly", "2026-W10", PROCEDURE)
    [volume] = [one for one in fact.figures if one.indicator == "volume"]
    assert (volume.value, volume.before) == (1, 0)
    assert [(one.key, one.count) for one in fact.by_category] == [("product.leak", 1)]
    assert fact.told == ("manager",)


async def test_before_the_first_complaint_there_is_nothing_to_report(office: Office) -> None:
    office.moment = FOUR_WEEKS_LATER
    async with runner_of(office) as runner:
        assert await runner.run_pass(office.now()) == 0
        await taken(office)
        office.moment += timedelta(weeks=1)
        assert await runner.run_pass(office.now()) == 1


async def test_two_processes_that_report_at_once_report_each_week_once(database: str) -> None:
    async with AsyncExitStack() as stack:
        first = await stack.enter_async_context(open_office(database))
        second = await stack.enter_async_context(open_office(database, FOUR_WEEKS_LATER))
        await taken(first)
        first.moment = FOUR_WEEKS_LATER
        runners = [await stack.enter_async_context(runner_of(one)) for one in (first, second)]
        await asyncio.gather(*(runner.run_pass(FOUR_WEEKS_LATER) for runner in runners), return_exceptions=True)
        for runner in runners:
            await runner.run_pass(FOUR_WEEKS_LATER)
        assert await weeks(first) == WEEKS


@pytest.mark.parametrize("when", ["before", "after"])
async def test_a_process_that_is_killed_is_followed_by_one_that_goes_on_where_it_stopped(
    office: Office, database: str, when: str
) -> None:
    await taken(office)
    arguments = [sys.executable, "-m", "tests.app.period_process", when, database, FOUR_WEEKS_LATER.isoformat()]
    process = await asyncio.create_subprocess_exec(*arguments, stdout=subprocess.DEVNULL)
    async with asyncio.timeout(60):
        assert await process.wait() == -signal.SIGKILL
    assert await weeks(office) == WEEKS[: 2 if when == "before" else 3]

    office.moment = FOUR_WEEKS_LATER
    async with runner_of(office) as runner:
        await runner.run_pass(office.now())
    assert await weeks(office) == WEEKS


async def test_the_runner_reports_by_itself_when_a_week_is_over(office: Office) -> None:
    await taken(office)
    office.moment = datetime(2026, 3, 8, 15, 59, 59, 500_000, tzinfo=UTC)  # half a second before Monday in Shanghai
    office.let_time_run()
    async with runner_of(office) as runner, runner:
        found: list[str] = []

        async def look() -> None:
            found[:] = await weeks(office)

        async with asyncio.timeout(20):
            while not found:
                await look()
    assert found == WEEKS[:1]
    [fact] = await reported(office)
    assert timedelta(0) <= fact.timestamp - datetime(2026, 3, 8, 16, tzinfo=UTC) < timedelta(seconds=2)


async def test_what_fell_due_at_the_end_of_a_week_is_in_its_report(office: Office) -> None:
    office.moment = SUNDAY_23_30
    await taken(office)  # to be sent out within half an hour
    office.moment = datetime(2026, 3, 8, 15, 59, 59, 500_000, tzinfo=UTC)
    office.let_time_run()
    judge = office.runner()
    async with office.follower() as follower:
        await office.read_models_catch_up(follower)
        runner = PeriodRunner(
            office.pool, office.log, office.codec, follower, office.library,
            counts_for(office.pool, office.codec, office.library), office.now, still_judging=judge.is_behind,
        )  # fmt: skip
        async with runner:
            await eventually(lambda: office.now() > datetime(2026, 3, 8, 16, 0, 1, tzinfo=UTC))
            assert await weeks(office) == []  # it waits for whoever judges
            async with judge, asyncio.timeout(20):
                while not await weeks(office):  # noqa: ASYNC110 (what is waited for is in the database)
                    await asyncio.sleep(0.01)
    [fact] = await reported(office)
    assert [one.value for one in fact.figures if one.indicator == "breaches"] == [1]


async def test_the_first_week_of_a_procedure_is_no_rise_and_a_fuller_second_one_is(office: Office) -> None:
    await taken(office)
    office.moment += timedelta(weeks=1)
    await taken(office, 2)
    await taken(office, 3)
    office.moment += timedelta(weeks=1)
    async with runner_of(office) as runner:
        await runner.run_pass(office.now())
    assert [(one.risen, one.rise_told) for one in await reported(office)] == [(False, ()), (True, ("manager",))]


async def test_runners_that_run_by_themselves_report_once(database: str) -> None:
    async with AsyncExitStack() as stack:
        offices = [await stack.enter_async_context(open_office(database)) for _ in range(2)]
        await taken(offices[0])
        for one in offices:
            one.moment = FOUR_WEEKS_LATER
        runners = [await stack.enter_async_context(runner_of(one)) for one in offices]
        for runner in runners:
            await stack.enter_async_context(runner)
        await eventually(lambda: all(runner.lock.attempts for runner in runners))
        async with asyncio.timeout(20):
            while len(await weeks(offices[1])) < len(WEEKS):  # noqa: ASYNC110 (what is waited for is in the database)
                await asyncio.sleep(0.01)
        assert sum(runner.is_leader for runner in runners) == 1
    async with open_office(database) as office:
        assert await weeks(office) == WEEKS


def test_a_report_of_an_older_version_loads_and_means_what_it_meant() -> None:
    assert {OLD_ROW["topic"]} == {event.TOPIC for event in REPORT_EVENTS}
    state = json.dumps(OLD_ROW["state"]).encode()
    at = datetime(2026, 3, 8, 16, tzinfo=UTC)
    recorded = Recorded(1, stream_of(PROCEDURE), 1, OLD_ROW["topic"], state, "system", at)
    event = EventCodec(MASTER).any_event(recorded, None)
    assert isinstance(event, PeriodReported)
    means = {name: getattr(event, name) for name in OLD_ROW["means"]}
    assert json.loads(msgspec.json.encode(means)) == OLD_ROW["means"]


def test_a_report_that_named_districts_in_clear_loads_and_one_of_now_does_not_name_them() -> None:
    district = {"key": "城东", "count": 2, "before": 1, "rise": 100.0}
    state = json.dumps(OLD_ROW["state"] | {"by_district": [district]}).encode()
    codec = EventCodec(MASTER)
    recorded = Recorded(1, stream_of(PROCEDURE), 1, OLD_ROW["topic"], state, "system", datetime(2026, 3, 8, tzinfo=UTC))
    event = codec.any_event(recorded, None)
    assert isinstance(event, PeriodReported)
    assert json.loads(msgspec.json.encode(event.by_district)) == [district]
    now = codec.stored(event, None).state
    assert "城东" not in now.decode()
    assert codec.any_event(replace(recorded, state=now), None) == event


async def test_nothing_of_a_person_is_in_a_report(office: Office) -> None:
    await taken(office)
    office.moment += timedelta(weeks=1)
    async with runner_of(office) as runner:
        await runner.run_pass(office.now())
    [recorded] = await office.log.stream(stream_of(PROCEDURE))
    text = recorded.state.decode()
    assert AGENT.id not in text
    for word in ("李强", "水泵", "1380000"):
        assert word not in text


async def test_the_read_models_pass_reports_by(office: Office) -> None:
    await taken(office)
    office.moment += timedelta(weeks=1)
    async with office.follower() as follower:
        runner = PeriodRunner(
            office.pool, office.log, office.codec, follower, office.library,
            counts_for(office.pool, office.codec, office.library), office.now,
        )  # fmt: skip
        await runner.run_pass(office.now())
        await taken(office, 2)
        await office.read_models_catch_up(follower)
        assert await follower.parked() == []
    rebuilt = await Rebuild(office.pool, office.log, office.codec, office.complainants, office.library).run()
    assert (rebuilt.failed, rebuilt.differences) == ({}, ())
    assert await office.pool.fetchval("SELECT count(*) FROM reading.tracking") == 2
