"""Lists by several keys: in the order that was asked for, page by page, as it is and as it stood."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any, Final

import pytest

from domain.complaint import events
from projections.sorting import Ordered, is_beyond, sorted_rows
from tests.facts import MONDAY_9AM, classified, happened, received
from tests.http.desk import done, problem
from tests.projections.listing import Listing, open_listing

TRACKING: Final = "/v1/tracking"
LATER: Final = "2200-01-01T00:00:00Z"
KEYS: Final = ("received_at", "due_at", "last_event_at", "closed_at", "number")


@pytest.fixture
async def listing(database: str) -> AsyncIterator[Listing]:
    async with open_listing(database) as listing:
        yield listing


async def many(listing: Listing) -> None:
    """Of which several were received, are due and were closed at one time, and some are due or closed at none."""
    for number in range(18):
        at = MONDAY_9AM + timedelta(hours=(number * 5 % 9) // 2)
        facts = [received(number=f"N{number * 7 % 18:02d}"), classified("severe" if number % 4 else "general")]
        ended = [happened(events.Withdrawn, reason="撤回")] if number % 3 == 0 else []
        await listing.record(str(number), *(fact.at(at) for fact in facts))
        if ended:
            await listing.record(str(number), *(fact.at(at + timedelta(days=number % 2)) for fact in ended))


def expected(rows: list[dict[str, Any]], *sort: str) -> list[str]:
    """Put in order by the sort of Python, which is stable, key by key from the last one."""
    last_goes_down = sort[-1].startswith("-")
    rows = sorted(rows, key=lambda row: str(row["id"]), reverse=last_goes_down)
    for key in reversed(sort):
        name = key.removeprefix("-")
        having = sorted((row for row in rows if row[name] is not None), key=lambda row: str(row[name]))
        if key.startswith("-"):
            having = [row for value in sorted({str(one[name]) for one in having}, reverse=True)
                      for row in having if str(row[name]) == value]  # fmt: skip
        rows = having + [row for row in rows if row[name] is None]
    return [row["number"] for row in rows]


SORTS: Final = (
    *((direction + key,) for key in KEYS for direction in ("", "-")), ("due_at", "-received_at"),
    ("-due_at", "-received_at"), ("closed_at", "due_at", "-number"), ("-closed_at", "-due_at", "received_at"),
    ("received_at", "-closed_at", "-number"), ("-last_event_at", "due_at"), ("due_at", "closed_at"),
)  # fmt: skip


async def test_a_list_is_in_the_order_of_its_keys_on_pages_of_any_length_as_it_is_and_as_it_stood(
    listing: Listing,
) -> None:
    await many(listing)
    rows = await listing.items("li-min", TRACKING, limit=200)
    assert len({row["due_at"] for row in rows}) < len(rows) > len({row["closed_at"] for row in rows})
    for sort in SORTS:
        order, asked = expected(rows, *sort), ",".join(sort)
        for limit in (1, 4, 200):
            assert await listing.numbers("li-min", TRACKING, sort=asked, limit=limit) == order, (sort, limit)
        for limit in (5, 200):
            assert await listing.numbers("li-min", TRACKING, sort=asked, limit=limit, as_of=LATER) == order, sort
        for asked_for in ({"q": "入金"}, {"status": "withdrawn"}, {"q": "入金", "status": "withdrawn"}):
            left = [row for row in rows if asked_for.get("status", row["status"]) == row["status"]]
            assert await listing.numbers("li-min", TRACKING, sort=asked, limit=3, **asked_for) == expected(left, *sort)


async def test_what_comes_in_between_two_pages_moves_nothing_on_the_next_one(listing: Listing) -> None:
    await many(listing)
    whole = await listing.numbers("li-min", TRACKING, sort="due_at,-received_at", limit=200)
    first = await listing.page("li-min", TRACKING, sort="due_at,-received_at", limit=6)
    await listing.record("new", received(number="N99").at(MONDAY_9AM - timedelta(days=3)))
    rest: list[str] = []
    cursor = first["next_cursor"]
    while cursor is not None:
        page = await listing.page("li-min", TRACKING, sort="due_at,-received_at", limit=6, cursor=cursor)
        rest += [row["number"] for row in page["items"]]
        cursor = page["next_cursor"]
    assert [row["number"] for row in first["items"]] + [number for number in rest if number != "N99"] == whole


async def test_a_cursor_of_another_order_is_refused(listing: Listing) -> None:
    await many(listing)
    cursor = (await listing.page("li-min", TRACKING, sort="due_at,-received_at", limit=2))["next_cursor"]
    for other in ("due_at", "due_at,received_at", "-received_at,due_at", "received_at"):
        answer = await listing.ask("li-min", TRACKING, sort=other, limit=2, cursor=cursor)
        problem(answer, 422, "invalid-cursor")


@pytest.mark.parametrize(
    "sort",
    ["due", "due_at,", ",due_at", "due_at,-due_at", "--due_at", "due_at;number", "subject", "due_at, number", "",
     "due_at,received_at,closed_at,number,last_event_at", "DUE_AT", "id"],
)  # fmt: skip
async def test_a_key_that_there_is_not_or_twice_is_refused_and_those_that_there_are_are_named(
    listing: Listing, sort: str
) -> None:
    refused = problem(await listing.desk.get("li-min", f"{TRACKING}?sort={sort}"), 422)
    [error] = refused["errors"]
    assert error["pointer"] == "?sort"
    assert all(key in error["detail"] for key in KEYS)


async def test_incidents_are_listed_by_several_keys(listing: Listing) -> None:
    sandbox, opened = listing.desk, []
    for kind in ("fire", "theft", "fire"):
        body = {"kind": kind, "title": kind, "text": "告警"}
        answer = await sandbox.post("zhao-jing", "/v1/incidents", body)
        opened.append(done(answer, 201)["number"])
    await sandbox.caught_up()
    for sort in ("due_at,-number", "restored_at,number", "-opened_at,number"):
        found: list[str] = []
        rows = done(await sandbox.get("zhao-jing", f"/v1/incidents?sort={sort}"))["items"]
        cursor: str | None = ""
        while cursor is not None:
            page = done(await sandbox.get("zhao-jing", f"/v1/incidents?sort={sort}&limit=1{cursor}"))
            found += [row["number"] for row in page["items"]]
            cursor = None if page["next_cursor"] is None else f"&cursor={page['next_cursor']}"
        assert found == [row["number"] for row in rows] == expected(rows, *sort.split(","))
        assert sorted(found) == sorted(opened)


def test_rows_are_put_in_order_here_as_the_database_does() -> None:
    by = [Ordered("due", False, may_lack=True), Ordered("at", True), Ordered("id", True)]
    times = [(2, 1), (None, 5), (2, 3), (1, 9), (2, 3)]
    rows = [{"due": due, "at": at, "id": id} for id, (due, at) in enumerate(times)]
    assert [row["id"] for row in sorted_rows(rows, by)] == [3, 4, 2, 0, 1]
    assert [row["id"] for row in rows if is_beyond(row, (2, 3, 4), by)] == [0, 1, 2]
    assert [row["id"] for row in rows if is_beyond(row, (None, 5, 1), by)] == []
