"""The clock of the database's machine leaps, ahead and back: nothing is judged by it, and everything goes on after."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

import asyncpg
import pytest

from app.deployment_clock import accept_clock
from tests.app.service_stories import HOUR, eventually
from tests.http.desk import Desk, done, open_desk

NEARLY: Final = timedelta(minutes=2)


# What the database says when it is asked for the time. Whoever looks a name up finds this one before the system's own.
LIES: Final = """
CREATE SCHEMA wrong;
CREATE TABLE wrong.leap (by interval NOT NULL);
INSERT INTO wrong.leap VALUES ('0');
CREATE FUNCTION wrong.clock_timestamp() RETURNS timestamptz LANGUAGE sql VOLATILE
AS 'SELECT pg_catalog.clock_timestamp() + by FROM wrong.leap';
GRANT USAGE ON SCHEMA wrong TO PUBLIC;
GRANT SELECT ON wrong.leap TO PUBLIC;
DO $$ BEGIN
    EXECUTE format('ALTER DATABASE %I SET search_path = wrong, pg_catalog, public', current_database());
END $$
"""


@dataclass
class WrongClock:
    """The wall clock of the database's machine, which can be set."""

    connection: Any

    async def leap(self, hours: int) -> None:
        await self.connection.execute("UPDATE wrong.leap SET by = $1", hours * HOUR)


@pytest.fixture
async def clock(database: str) -> AsyncIterator[WrongClock]:
    connection = await asyncpg.connect(database)
    await connection.execute(LIES)
    yield WrongClock(connection)
    await connection.close()


@pytest.fixture
async def desk(clock: WrongClock, database: str) -> AsyncIterator[Desk]:
    """A service on that database, which keeps no sandbox's time."""
    async with open_desk(database, sandbox=False) as desk:
        yield desk


async def received(desk: Desk) -> str:
    """A complaint with time limits that are due within eight hours, whatever day it is."""
    id: str = (await desk.receive(procedure="market-30min"))["id"]
    return id


async def history(desk: Desk, id: str) -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = done(await desk.get("li-min", f"/v1/complaints/{id}/history"))["items"]
    return items


def at(event: dict[str, Any]) -> datetime:
    return datetime.fromisoformat(event["recorded_at"])


@pytest.mark.parametrize("hours", [8, -8])
async def test_no_leap_of_the_databases_clock_is_judged_or_recorded(desk: Desk, clock: WrongClock, hours: int) -> None:
    service = desk.service
    id = await received(desk)
    await desk.caught_up()
    began = service.clock.now()

    await clock.leap(hours)
    await eventually(lambda: not service.clock.agrees)
    assert abs(timedelta(seconds=service.clock.leap) - hours * HOUR) < NEARLY
    assert done(await desk.get(None, "/readyz"))["checks"]["clock"]["agrees"] is False
    await desk.step("li-min", id, "add-note", text="办理照常。")
    judged = service.clock_runner.judged

    await clock.leap(0)
    await eventually(lambda: service.clock.agrees)
    await desk.step("li-min", id, "add-note", text="时钟已校正。")
    await desk.caught_up()
    assert service.clock_runner.judged == judged == 0

    happened = await history(desk, id)
    assert [event["type"] for event in happened] == ["Received", "NoteAdded", "NoteAdded"]
    assert sorted(map(at, happened)) == list(map(at, happened))
    assert all(abs(at(event) - began) < NEARLY for event in happened)


async def test_a_leap_that_an_operator_accepts_is_judged(desk: Desk, clock: WrongClock) -> None:
    service = desk.service
    id = await received(desk)
    await desk.caught_up()
    await clock.leap(8)
    await eventually(lambda: not service.clock.agrees)
    await accept_clock(service.pool)
    await eventually(lambda: service.clock_runner.judged > 0)
    assert "DeadlineMissed" in [event["type"] for event in await history(desk, id)]
