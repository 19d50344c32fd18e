"""What followers keep of calls beside the read models is made anew from the log, to the same bytes."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, datetime
from random import Random
from typing import Any, Final
from uuid import UUID

import pytest

from app.calls.seats import Seats
from app.calls.sequences import CallSequences
from app.calls.tables import call_sequences, seat_changes
from app.readmodels.remaking import Kept, Remade, remake
from eventlog.checkpoints import park
from eventlog.database import create_pool
from tests.http.desk import Desk
from tests.http.test_agents import event, heard, seat

LONG_AGO: Final = datetime(2020, 1, 1, tzinfo=UTC)
MadeAnew = Callable[..., Awaitable[list[Remade]]]


def kept(desk: Desk) -> list[Kept]:
    service = desk.service
    return [
        Kept(Seats(service.codec, service.complainants), (seat_changes,)),
        Kept(CallSequences(service.codec), (call_sequences,)),
    ]


async def rows(desk: Desk) -> list[list[Any]]:
    return [
        [tuple(row) for row in await desk.service.pool.fetch(f"SELECT * FROM {table} ORDER BY 1, 2")]
        for table in ("seat_changes", "call_sequences")
    ]


@pytest.fixture
async def made_anew(sandbox: Desk, database: str) -> AsyncIterator[MadeAnew]:
    pool = await create_pool(database)  # of its own, as the command has it

    async def make(*, dry_run: bool = False) -> list[Remade]:
        found = [await remake(pool, sandbox.service.log, one, dry_run=dry_run) for one in kept(sandbox)]
        return [one for some in found for one in some]

    yield make
    await pool.close()


@pytest.fixture
async def told(sandbox: Desk) -> Desk:
    """Seats and calls with numbers, told of in disorder, with gaps, and one number twice."""
    events = [{**seat(at, state), "sequence": str(at)} for at, state in enumerate(["ready", "talking"] * 20)]
    events += [{**event("call.offered", minute, f"c-{minute}"), "sequence": str(100 + minute)} for minute in range(30)]
    events = [one for one in events if int(one["sequence"]) % 7]
    events.append({**event("call.ended", 31, "c-8"), "sequence": "108"})
    Random(3).shuffle(events)
    for start in range(0, len(events), 9):
        await heard(sandbox, *events[start : start + 9])
    assert await sandbox.service.call_sequences.reached(await sandbox.service.log.head(), 20)
    return sandbox


async def test_made_anew_they_are_the_same_to_the_byte(told: Desk, made_anew: MadeAnew) -> None:
    before = await rows(told)
    assert [len(one) for one in before] == [34, 11]
    assert await made_anew() == []
    assert await rows(told) == before


async def test_what_is_wrong_in_them_is_said_by_a_dry_run_and_mended_without(told: Desk, made_anew: MadeAnew) -> None:
    before, pool = await rows(told), told.service.pool
    await pool.execute("DELETE FROM seat_changes WHERE position = (SELECT min(position) FROM seat_changes)")
    await pool.execute("DELETE FROM call_sequences WHERE first = (SELECT min(first) FROM call_sequences)")
    await pool.execute("INSERT INTO call_sequences VALUES ('site-a', 9000, 9001, $1)", LONG_AGO)
    wrong = [Remade("seat_changes", 0, 1), Remade("call_sequences", 1, 1)]
    spoilt = await rows(told)
    assert await made_anew(dry_run=True) == wrong
    assert await rows(told) == spoilt
    assert await made_anew() == wrong
    assert await rows(told) == before
    assert await made_anew() == []


async def test_what_comes_afterwards_is_taken_in_as_before(told: Desk, made_anew: MadeAnew) -> None:
    await told.service.pool.execute("DELETE FROM call_sequences")
    await made_anew()
    before = await rows(told)
    await heard(told, {**seat(50, "away"), "sequence": "140"})
    assert await told.service.call_sequences.reached(await told.service.log.head(), 20)
    after = await rows(told)
    assert len(after[0]) == len(before[0]) + 1
    assert await made_anew() == []


async def test_what_is_parked_is_left_to_its_follower(told: Desk, made_anew: MadeAnew) -> None:
    pool = told.service.pool
    [(stream, position)] = await pool.fetch(
        "SELECT originator_id, notification_id FROM stored_events WHERE topic = 'seat.SeatEventReceived' "
        "ORDER BY notification_id DESC LIMIT 1"
    )
    await told.service.seats.__aexit__()
    await park(pool, "seats", UUID(str(stream)), position, ValueError())
    await pool.execute("DELETE FROM seat_changes WHERE position = $1", position)
    assert await made_anew() == []
