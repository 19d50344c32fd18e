"""Many clocks due at once: each judged once and in due order, over all batches, kills, processes and conflicts."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from datetime import datetime, timedelta
from uuid import UUID

import pytest

from app.clocks.clock_runner import ClockRunner
from app.clocks.judging import Judgements, Judging, Outcome
from domain.complaint.commands import AddNote
from eventlog.log import Appended, VersionConflict
from tests.app.dying_process import started
from tests.app.judged_history import MISSED, WARNED, judged_twice, judgements, out_of_order, still_to_judge
from tests.app.service_stories import DAY, HOUR, MONDAY_9AM, PATIENCE, Office, eventually, open_office

SECOND = timedelta(seconds=1)
LATE = MISSED + HOUR


@pytest.fixture
async def office(database: str) -> AsyncIterator[Office]:
    async with open_office(database) as office:
        yield office


class Counting(Judging):
    """The real judging, which counts what it recorded and what stopped it."""

    appended = 0
    conflicts = 0

    async def record(self, judged: Sequence[Judgements], at: datetime) -> list[Outcome]:
        outcomes = await super().record(judged, at)
        self.appended += sum(isinstance(outcome, Appended) for outcome in outcomes)
        self.conflicts += sum(isinstance(outcome, VersionConflict) for outcome in outcomes)
        return outcomes


class Disorderly(Judging):
    """Records what falls due together in whatever order. It must be found out."""

    async def record(self, judged: Sequence[Judgements], at: datetime) -> list[Outcome]:
        return (await super().record(judged[::-1], at))[::-1]


class Raced(Judging):
    """The real judging, which a second runner forestalls: that one judges everything while this one has decided."""

    rival: ClockRunner | None = None

    async def record(self, judged: Sequence[Judgements], at: datetime) -> list[Outcome]:
        if self.rival is not None:
            rival, self.rival = self.rival, None
            await rival.run_pass(LATE)
        return await super().record(judged, at)


class Forgetful(Raced):
    """Appends again what was refused, without looking what was recorded meanwhile. It must be found out."""

    async def record(self, judged: Sequence[Judgements], at: datetime) -> list[Outcome]:
        outcomes = await super().record(judged, at)
        for number, one in enumerate(judged):
            if not isinstance(outcomes[number], Appended):
                version = (await self._log.stream(one.complaint.id))[-1].originator_version
                for event in one.events:
                    version += 1
                    vars(event)["originator_version"] = version
                outcomes[number] = (await super().record([one], at))[0]
        return outcomes


class Interrupted(Judging):
    """The real judging, which somebody forestalls once: a note is added to a complaint just before it is recorded."""

    office: Office
    forestalled: UUID | None = None

    async def record(self, judged: Sequence[Judgements], at: datetime) -> list[Outcome]:
        if self.forestalled is None:
            self.forestalled = judged[len(judged) // 2].complaint.id
            await self.office.does(self.forestalled, AddNote("客户来电补充"))
        return await super().record(judged, at)


class Unlucky(Judging):
    """The real judging, which cannot write what it was told to choke on."""

    choke_on: UUID | None = None

    async def record(self, judged: Sequence[Judgements], at: datetime) -> list[Outcome]:
        for one in judged:
            if one.complaint.id == self.choke_on:
                vars(one.events[0])["actor"] = type(one.events[0].actor)("nul\0", "system", source="clock")
        return await super().record(judged, at)


async def overdue(office: Office, count: int) -> list[UUID]:
    """General complaints of Friday and of Monday, a second apart; the read models know of them, and time goes on."""
    ids: list[UUID] = []
    for day in (MONDAY_9AM - 3 * DAY, MONDAY_9AM):
        office.moment = day
        ids += await asyncio.gather(
            *(office.general(occurred_at=day - SECOND * n, phone=f"+86138{n:08d}") for n in range(count // 2))
        )
    async with office.follower() as follower:
        await office.read_models_catch_up(follower)
    assert await judgements(office) == []
    office.moment = LATE
    return ids


async def all_judged_once_in_order(office: Office, ids: Sequence[UUID]) -> bool:
    assert await judged_twice(office) == []
    assert await out_of_order(office) == []
    return await still_to_judge(office, ids, LATE) == 0


async def test_after_a_stop_all_batches_together_keep_the_order_in_which_clocks_fell_due(office: Office) -> None:
    ids = await overdue(office, 120)
    expected = await still_to_judge(office, ids, LATE)

    assert await office.runner(at_once=16).run_pass(LATE) == len(ids)

    assert len(await judgements(office)) == expected > 2 * len(ids)
    assert await all_judged_once_in_order(office, ids)


async def test_those_who_record_without_order_are_found_out(office: Office, database: str) -> None:
    await overdue(office, 20)
    async with open_office(database, LATE, judging=Disorderly) as disorderly:
        await disorderly.runner(at_once=16).run_pass(LATE)

    assert await out_of_order(office) != []


async def test_a_runner_killed_within_a_burst_is_followed_by_another_that_misses_and_repeats_nothing(
    office: Office, database: str
) -> None:
    ids = await overdue(office, 300)
    before, expected = await office.log.head(), await still_to_judge(office, ids, LATE)
    process = await started("runner", "by hand", database, LATE)
    try:
        assert await office.log.wait_beyond(before + 50, PATIENCE) > before + 50
        async with office.runner() as successor:
            await eventually(lambda: successor.lock.attempts > 0)
            assert not successor.lock.is_leader
            process.kill()
            await process.wait()
            recorded = len(await judgements(office))
            assert await office.log.wait_beyond(before + expected - 1, PATIENCE) == before + expected
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()

    assert 50 <= recorded < expected, "killed within the burst"
    assert await all_judged_once_in_order(office, ids)


async def test_two_processes_that_judge_the_same_burst_record_each_judgement_once_and_in_order(
    office: Office, database: str
) -> None:
    ids = await overdue(office, 300)
    before, expected = await office.log.head(), await still_to_judge(office, ids, LATE)
    process = await started("runner", "by hand", database, LATE)
    try:
        assert await office.log.wait_beyond(before, PATIENCE) > before
        async with open_office(database, LATE, judging=Counting) as here:
            await here.runner(at_once=4).run_pass(LATE)
            judging = here.judging
    finally:
        process.kill()
        await process.wait()

    assert isinstance(judging, Counting)
    assert 0 < judging.appended < expected, "both took part"
    assert await all_judged_once_in_order(office, ids)


@pytest.mark.parametrize(("kind", "repeats"), [(Raced, False), (Forgetful, True)])
async def test_a_runner_that_another_forestalls_repeats_nothing_and_one_that_does_not_look_again_is_found_out(
    office: Office, database: str, kind: type[Raced], repeats: bool
) -> None:
    ids = await overdue(office, 40)
    async with open_office(database, LATE, judging=kind) as slow:
        judging = slow.judging
        assert isinstance(judging, Raced)
        judging.rival = office.runner(at_once=8)
        await slow.runner(at_once=8).run_pass(LATE)

    assert judging.rival is None, "they raced"
    assert await still_to_judge(office, ids, LATE) == 0
    assert (await judged_twice(office) != []) is repeats


async def test_a_step_taken_meanwhile_is_no_reason_to_judge_twice_or_out_of_order(
    office: Office, database: str
) -> None:
    ids = await overdue(office, 40)
    async with open_office(database, LATE, judging=Interrupted) as interrupted:
        judging = interrupted.judging
        assert isinstance(judging, Interrupted)
        judging.office = interrupted
        assert await interrupted.runner(at_once=16).run_pass(LATE) == len(ids)

    assert judging.forestalled in ids
    assert await out_of_order(office, without=judging.forestalled) == []
    assert await judged_twice(office) == []
    assert await still_to_judge(office, ids, LATE) == 0


async def test_what_cannot_be_recorded_is_left_out_and_the_others_keep_their_order(
    office: Office, database: str
) -> None:
    ids = await overdue(office, 20)
    async with open_office(database, LATE, judging=Unlucky) as unlucky:
        judging = unlucky.judging
        assert isinstance(judging, Unlucky)
        judging.choke_on = ids[7]
        runner = unlucky.runner(at_once=16)
        assert await runner.run_pass(LATE) == len(ids)
        assert list(runner.failed) == [ids[7]]
        assert await runner.run_pass(LATE) == 0

    assert {one.originator_id for one in await office.recorded("DeadlineMissed")} == set(ids) - {ids[7]}
    assert await all_judged_once_in_order(office, [id for id in ids if id != ids[7]])


async def test_a_clock_due_again_before_the_read_model_has_heard_is_judged_all_the_same(office: Office) -> None:
    id = await office.general()
    async with office.follower() as follower:
        await office.read_models_catch_up(follower)
    runner = office.runner()
    for moment in (WARNED, MISSED):  # no read model follows
        office.moment = moment
        assert await runner.run_pass(moment) == 1

    assert await office.types_of(id) == ["Received", "Classified", "DeadlineWarned", "DeadlineMissed"]
