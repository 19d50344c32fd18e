"""What the measurement of the clocks is made on: complaints with real streams that fall due, and rows for the crowd.

A complaint that falls due has a stream of four sealed events and its row of the read model, written by the codec, the
log and the projection of the product. The crowd, whose clocks run but do not fall due, is a million rows of the table
that the clock runner's queries read, without streams: nothing reads a stream before its clock falls due.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from copy import copy
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any, Final, cast
from uuid import UUID, uuid4

import asyncpg

from app.clocks.judging import Judging
from app.commands.complaints import Complaints
from bench.people import AT_THE_DESK
from bench.rebuild import COMPLAINT
from domain.complaint import commands as c
from domain.complaint.events import ComplaintEvent, Received
from domain.complaint.intake import Identity, check_intake, receive
from domain.complaint.steps import decide
from domain.request import Request
from eventlog.codec import EventCodec
from eventlog.complainants import Complainants
from eventlog.follower import Follower
from eventlog.log import Append, EventLog
from procedures.library import Library

WRITERS: Final = 64
PROCEDURE: Final = "market-30min"
CLOCK: Final = "dispatch"
BEFORE_THE_WARNING: Final = timedelta(minutes=24)  # 80 % of its 30 minutes
COLUMNS: Final = (
    "complaint_id", "ordinal", "position", "number", "procedure", "clock", "unit", "round", "started_at", "warn_at",
    "due_at", "stopped_at", "state", "soft", "provisional", "next_at", "accused", "sent_to",
)  # fmt: skip
CROWD_FALLS_DUE: Final = timedelta(days=2), timedelta(days=60)  # the first and the last of it, from now


@dataclass
class Desk:
    """The parts of one process of the service that take complaints down, follow them and judge them."""

    pool: asyncpg.Pool[asyncpg.Record]
    log: EventLog
    codec: EventCodec
    complainants: Complainants
    library: Library
    complaints: Complaints
    judging: Judging
    follower: Follower[Any]


async def seed_due(desk: Desk, instants: Sequence[datetime]) -> dict[UUID, datetime]:
    """Takes down a complaint for each instant, at which its first warning falls due; returns which is due when."""
    story = _story(desk.library)
    due: dict[UUID, datetime] = {}

    async def writer(first: int) -> None:
        for number in range(first, len(instants), WRITERS):
            instant = instants[number]
            begun = instant - BEFORE_THE_WARNING
            person = replace(COMPLAINT.complainant, phone=f"+86138{number:08d}")
            key = (await desk.complainants.reserve(PROCEDURE, begun.date(), person)).key
            id = uuid4()
            events = [desk.codec.stored(event, key) for event in _told_of(story, id, number, key.id, begun)]
            await desk.log.append(Append(uuid4(), None, events, [event.actor.id for event in story], begun))
            due[id] = instant

    await asyncio.gather(*(writer(first) for first in range(WRITERS)))
    if not await desk.follower.reached(await desk.log.head(), 60):
        raise RuntimeError("the read models did not follow")
    return due


async def seed_crowd(desk: Desk, count: int) -> None:
    """Adds that many running clocks to the read model, due at instants spread over the weeks to come."""
    first, last = (datetime.now(UTC) + later for later in CROWD_FALLS_DUE)
    step = (last - first) / count
    rows: Iterator[tuple[object, ...]] = (
        (
            uuid4(), 0, 1, f"CROWD-{number:07d}", PROCEDURE, CLOCK, None, 1, first, first + step * number,
            last, None, "running", False, False, first + step * number, [], [],
        )
        for number in range(count)
    )  # fmt: skip
    async with desk.pool.acquire() as connection:
        await connection.copy_records_to_table("sla", schema_name="reading", columns=COLUMNS, records=rows, timeout=120)
        await connection.execute("ANALYZE reading.sla")


def _story(library: Library) -> list[ComplaintEvent]:
    procedure = library.procedure(PROCEDURE)
    calendar, at = library.calendar(procedure.calendar), datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
    command = replace(COMPLAINT, procedure=PROCEDURE)
    by = check_intake(command, procedure, Request(AT_THE_DESK, at))
    complaint = receive(command, Identity(uuid4(), "-", uuid4()), by, procedure, calendar, at=at)
    for text in ("已致电客户确认情况。", "客户补充了转账回单。", "已转交值班经理。"):
        decide(complaint, c.AddNote(text), Request(AT_THE_DESK, at))
    return cast(list[ComplaintEvent], list(complaint.collect_events()))


def _told_of(
    story: list[ComplaintEvent], id: UUID, number: int, complainant_id: UUID, begun: datetime
) -> list[ComplaintEvent]:
    told: list[ComplaintEvent] = []
    for event in story:
        twin = copy(event)
        facts: dict[str, object] = {"originator_id": id, "timestamp": begun}
        if isinstance(event, Received):
            facts |= {"number": f"DUE-{number:06d}", "complainant_id": complainant_id, "occurred_at": begun}
        object.__setattr__(twin, "__dict__", vars(event) | facts)
        told.append(twin)
    return told
