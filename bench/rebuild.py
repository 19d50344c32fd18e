"""Rebuilding all read models: events per second, from the log to the switch, on complaints of fifteen events.

The log is filled through the real codec, sealed, by the real writer; the complaints are one story with other ids,
numbers and texts.
"""

from __future__ import annotations

import asyncio
import resource
from copy import copy
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from time import perf_counter
from typing import Final, cast
from uuid import UUID, uuid4

import uvloop

from app.readmodels.rebuild import Rebuild
from bench.database import bench_database
from bench.people import AT_THE_DESK
from bench.rows import Row
from domain.complaint import commands as c
from domain.complaint.events import ComplaintEvent, Received
from domain.complaint.intake import Identity, check_intake, receive
from domain.complaint.steps import decide
from domain.request import Request
from domain.values import Actor, Complainant, LiabilityShare
from eventlog.codec import EventCodec
from eventlog.complainants import Complainants
from eventlog.database import create_pool
from eventlog.log import Append, EventLog
from eventlog.sealing import MasterKey
from procedures.library import Library

COMPLAINTS: Final = 4000
WRITERS: Final = 64
TARGET: Final = 10_000
BEGINNING: Final = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
SETTLEMENT: Final = Actor("settlement-1", frozenset({"unit"}), "settlement")
COMPLAINT: Final = c.ReceiveComplaint(
    procedure="kf0001",
    channel="phone",
    subject="入金三天未到账",
    content="客户于周一上午通过网银入金五万元，银行已扣款，交易账户至今未到账，已两次致电客服未获答复。",
    wants="尽快到账并书面道歉",
    complainant=Complainant(name="张三", phone="+8613800000000"),
)
STORY: Final[tuple[tuple[Actor, c.Command], ...]] = (
    (AT_THE_DESK, c.ClassifyComplaint("general", "process.deposit", "deposit-delay")),
    (AT_THE_DESK, c.DraftOpinion("结算部当日查明并入账。")),
    (AT_THE_DESK, c.DispatchComplaint(("settlement",))),
    (SETTLEMENT, c.DisputeOpinion("银行通道故障，应由技术部负责。")),
    (AT_THE_DESK, c.IssueRuling("upheld", "维持原处理意见。", (LiabilityShare("settlement", 100),))),
    (SETTLEMENT, c.ReportProgress("已联系银行。")),
    (SETTLEMENT, c.ExecuteMeasure("已补入账。")),
    (AT_THE_DESK, c.InformCustomer("sms", "您的款项已入账。")),
    (AT_THE_DESK, c.RequestCAPA("settlement", "同类问题多次发生")),
    (SETTLEMENT, c.SubmitCAPA("人工录入", "补录", "自动对账", "李四", BEGINNING.date())),
    (AT_THE_DESK, c.IssueCAPA("settlement")),
    (AT_THE_DESK, c.ConfirmEffect(True, "未再发生")),
    (AT_THE_DESK, c.RecordCallback(reached=True, means="phone", satisfied=True, score=5)),
    (AT_THE_DESK, c.CloseComplaint("已解决", "补入账，客户满意", justified=True)),
)


def run() -> list[Row]:
    """Fills a log and rebuilds from it; takes about half a minute."""
    with bench_database() as url:
        events, seconds = uvloop.run(_measure(url))
    rate = events / seconds
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return [
        Row("rebuild, events in the log", events, "events"),
        Row("rebuild, both read models", rate, "events/s", f"≥ {TARGET:,}", rate >= TARGET),
        Row("rebuild, memory with filling the log", peak, "MiB"),
    ]


async def _measure(url: str) -> tuple[int, float]:
    pool = await create_pool(url)
    async with EventLog(pool) as log:
        master = MasterKey(bytes(32))
        codec, library, complainants = EventCodec(master), Library.ready(), Complainants(pool, master)
        await _fill(log, codec, complainants, _story(library))
        events = await log.head()
        begun = perf_counter()
        await Rebuild(pool, log, codec, complainants, library).run()
        seconds = perf_counter() - begun
    await pool.close()
    return events, seconds


def _story(library: Library) -> list[ComplaintEvent]:
    procedure, calendar, at = library.procedure("kf0001"), library.calendar("cn"), BEGINNING
    by = check_intake(COMPLAINT, procedure, Request(AT_THE_DESK, at))
    complaint = receive(COMPLAINT, Identity(uuid4(), "-", uuid4()), by, procedure, calendar, at=at)
    for number, (actor, command) in enumerate(STORY, 1):
        decide(complaint, command, Request(actor, at + timedelta(minutes=10 * number)))
    return cast(list[ComplaintEvent], list(complaint.collect_events()))


async def _fill(log: EventLog, codec: EventCodec, complainants: Complainants, story: list[ComplaintEvent]) -> None:
    async def writer(first: int) -> None:
        for number in range(first, COMPLAINTS, WRITERS):
            person = replace(COMPLAINT.complainant, phone=f"+86138{number:08d}")
            key = (await complainants.reserve("kf0001", BEGINNING.date(), person)).key
            events = [codec.stored(event, key) for event in _told_of(story, uuid4(), number, key.id)]
            actors = [event.actor.id for event in story]
            await log.append(Append(uuid4(), None, events, actors, BEGINNING))

    await asyncio.gather(*(writer(first) for first in range(WRITERS)))


def _told_of(story: list[ComplaintEvent], id: UUID, number: int, complainant_id: UUID) -> list[ComplaintEvent]:
    told: list[ComplaintEvent] = []
    for event in story:
        twin = copy(event)
        facts: dict[str, object] = {"originator_id": id}
        if isinstance(event, Received):
            facts |= {"number": f"KF0001-20260302-{number:06d}", "complainant_id": complainant_id}
            facts |= {"subject": f"入金三天未到账，单号{number}"}
        object.__setattr__(twin, "__dict__", vars(event) | facts)
        told.append(twin)
    return told
