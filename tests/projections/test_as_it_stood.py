"""The list as it stood and the single complaint as it stood never differ, whatever machines' clocks once said."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from typing import Any, Final

import pytest
from alembic import command

import migrations
from tests.facts import MONDAY_9AM, Fact, classified, closed, drafted, received
from tests.http.desk import done
from tests.projections.listing import Listing, open_listing
from tests.projections.reading_side import reading_side

BEFORE: Final = "0014"
ALL: Final = ("one", "two", "three", "four")


def at(minute: int, fact: Fact) -> Fact:
    return fact.at(MONDAY_9AM + timedelta(minutes=minute))


# In the order of the log; the clock of the machine that recorded them ran ahead, and back, and ahead.
LEFT: Final = (
    ("one", at(0, received(number="N1"))),
    ("two", at(30, received(number="N2"))),
    ("one", at(3, classified())),
    ("three", at(4, received(number="N3"))),
    ("two", at(31, classified())),
    ("one", at(5, drafted())),
    ("four", at(32, received(number="N4"))),
    ("three", at(6, classified())),
    ("four", at(40, closed())),
)


@pytest.fixture
async def listing(empty_database: str) -> AsyncIterator[Listing]:
    """A service of today over a log that the version before wrote by clocks of machines."""
    migrations._in_thread(lambda config: command.upgrade(config, BEFORE), empty_database)
    async with reading_side(empty_database) as side:
        for complaint, fact in LEFT:
            await side.record(complaint, fact)
    migrations.upgrade(empty_database)
    async with open_listing(empty_database) as listing:
        assert await listing.desk.service.follower.reached(len(LEFT), 20)
        yield listing


async def in_the_list(listing: Listing, moment: datetime, **query: Any) -> dict[str, tuple[str, str | None]]:
    rows = await listing.items("li-min", "/v1/tracking", as_of=moment.isoformat(), **query)
    return {row["id"]: (row["status"], row["severity"]) for row in rows}


async def one_by_one(listing: Listing, ids: list[str], moment: datetime) -> dict[str, tuple[str, str | None]]:
    found = {}
    for id in ids:
        answer = await listing.ask("li-min", f"/v1/complaints/{id}", as_of=moment.isoformat())
        if answer.status_code != 404:
            found[id] = (done(answer)["status"], done(answer)["severity"])
    return found


@pytest.mark.parametrize("sort", ["received_at", "-received_at", "due_at", "-due_at"])
async def test_the_list_and_each_complaint_are_as_they_stood_at_the_same_position(listing: Listing, sort: str) -> None:
    ids = [row["id"] for row in await listing.items("li-min", "/v1/tracking")]
    assert len(ids) == len(ALL)
    seen = []
    for minute in (-1, 0, 1, 3, 4, 5, 29, 30, 31, 32, 39, 40, 41):
        moment = MONDAY_9AM + timedelta(minutes=minute)
        stood = await in_the_list(listing, moment, sort=sort)
        assert stood == await one_by_one(listing, ids, moment)
        seen.append(len(stood))
    assert seen == [0, 1, 1, 1, 1, 1, 1, 3, 3, 4, 4, 4, 4]


async def test_the_audit_of_a_span_of_time_holds_what_was_recorded_between_two_positions(listing: Listing) -> None:
    async def positions(**span: Any) -> list[int]:
        times = {name: (MONDAY_9AM + timedelta(minutes=minute)).isoformat() for name, minute in span.items()}
        return [row["position"] for row in await listing.items("he-ping", "/v1/audit/events", **times)]

    assert await positions(to=30) == [1]
    assert await positions(**{"from": 30, "to": 31}) == [2, 3, 4]
    assert await positions(**{"from": 31, "to": 40}) == [5, 6, 7, 8]
    assert await positions(**{"from": 40}) == [9]
