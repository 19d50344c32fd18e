"""What a miss brings with it: cards of electronic supervision, whose text is sealed; and clocks that start anew."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Final, cast
from uuid import UUID

import pytest

from app.commands.request_identity import CommandRequest
from domain.cause import Cause
from domain.complaint.commands import (
    ClassifyComplaint,
    Command,
    DispatchComplaint,
    ReceiveComplaint,
    ReportProgress,
    TakeInEmergency,
)
from domain.complaint.events import DeadlineMissed, Supervised, type_of
from domain.values import Actor, Complainant
from tests.app.judged_history import MISSED
from tests.app.service_stories import HOUR, MONDAY_9AM, Office, open_office

DESK: Final = Actor("desk-1", frozenset({"agent", "manager"}))
ADMIN: Final = Actor("admin-1", frozenset({"admin"}))
MINUTE: Final = timedelta(minutes=1)


@pytest.fixture
async def office(database: str) -> AsyncIterator[Office]:
    async with open_office(database) as office:
        yield office


async def taken_down(office: Office, procedure: str, *steps: Command, phone: str) -> UUID:
    """A complaint in which the desk has taken these steps; the read models know of it."""
    command = ReceiveComplaint(
        procedure=procedure, channel="phone", complainant=Complainant(name="张三", phone=phone),
        subject="窗口人员态度粗暴", content="今天上午办理业务时被工作人员训斥。",
    )  # fmt: skip
    id = (await office.complaints.receive(command, DESK, CommandRequest.once())).aggregate.id
    for step in steps:
        await office.complaints.execute(id, step, DESK, CommandRequest.once())
    await read_models_know(office)
    return id


async def read_models_know(office: Office) -> None:
    async with office.follower() as follower:
        await office.read_models_catch_up(follower)


async def carded(office: Office, *, phone: str = "+8613800000000") -> UUID:
    """With two departments, which have to accept it within one working day; supervision gives cards."""
    return await taken_down(
        office, "hotline-mayor", ClassifyComplaint(None, "conduct"), DispatchComplaint(("discipline", "commerce")),
        phone=phone,
    )  # fmt: skip


async def test_each_miss_of_a_supervised_clock_brings_its_card_with_its_cause(office: Office) -> None:
    id = await carded(office)
    office.moment = MISSED

    await office.runner().run_pass(MISSED)

    stream = await office.log.stream(id)
    assert [type_of(one.topic) for one in stream][-4:] == ["DeadlineMissed", "Supervised"] * 2
    cards = [event for _, event in (await office.complaints.history(id))[1] if isinstance(event, Supervised)]
    missed = Cause.of("missed", subject="accept")
    assert [(card.card, card.unit, card.text, card.cause) for card in cards] == [
        ("yellow", "commerce", "", missed),
        ("yellow", "discipline", "", missed),
    ]


async def test_a_card_that_cannot_be_sealed_leaves_its_complaint_as_it_was_and_holds_nobody_up(
    office: Office, database: str
) -> None:
    ids = [await carded(office, phone=f"+861380000000{n}") for n in range(3)]
    sealed_for = (await office.complaints.load(ids[1])).aggregate.complainant_id
    await office.pool.execute("UPDATE complainants SET wrapped_key = '\\x00' WHERE id = $1", sealed_for)

    async with open_office(database, MISSED) as other:  # which has not opened that key before
        runner = other.runner()
        assert await runner.run_pass(MISSED) == 3
        assert list(runner.failed) == [ids[1]]
        assert await runner.run_pass(MISSED) == 0

    assert {one.originator_id for one in await office.recorded("DeadlineMissed")} == {ids[0], ids[2]}
    assert {one.originator_id for one in await office.recorded("DeadlineWarned")} == set(ids)


async def test_a_judgement_without_a_card_needs_nobody_s_key(office: Office, database: str) -> None:
    id = await office.general()
    await read_models_know(office)
    await office.pool.execute("UPDATE complainants SET wrapped_key = '\\x00'")

    async with open_office(database, MISSED) as other:
        assert await other.runner().run_pass(MISSED) == 1

    assert await office.types_of(id) == ["Received", "Classified", "DeadlineWarned", "DeadlineMissed"]


async def test_a_beat_is_judged_against_each_of_its_starts(office: Office) -> None:
    id = await taken_down(
        office, "market-30min", ClassifyComplaint("general", "product"), DispatchComplaint(("south",)),
        phone="+8613800000000",
    )  # fmt: skip
    runner = office.runner()
    for started in (MONDAY_9AM, MONDAY_9AM + HOUR):
        office.moment = started + 30 * MINUTE
        await runner.run_pass(office.moment)
        await runner.run_pass(office.moment)
        office.moment = started + HOUR
        report = TakeInEmergency("区域责任人联系不上", ReportProgress("正在核实"))
        await office.complaints.execute(id, report, ADMIN, CommandRequest.once())
        await read_models_know(office)

    missed = cast(list[DeadlineMissed], await office.events("DeadlineMissed"))
    # A beat that was missed goes on beating, whoever else reports.
    assert [(one.clock, one.started_at) for one in missed] == [
        ("progress", MONDAY_9AM + half * 30 * MINUTE) for half in range(4)
    ]
