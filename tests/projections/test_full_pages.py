"""A page that lacks what its reader may not see is filled with what follows: its length tells nothing.

Neither does its cursor: there is a next page only where the reader sees something on it.
"""

from __future__ import annotations

from typing import Any, Final
from uuid import UUID

import pytest

from app.queries import paging
from app.queries.paging import After, Looked, full_page
from eventlog.checkpoints import hold_checkpoints
from projections.progress import READ_MODELS
from tests.facts import accused, dispatched, received
from tests.projections.listing import Listing

NAMED, BESIDE = "zhou-qi", "he-ping"
EVERY: Final = range(1, 10)
SEEN: Final = [f"N{number}" for number in EVERY if number % 3]


async def pages(listing: Listing, who: str, path: str, **query: Any) -> list[list[str]]:
    """The numbers on each page."""
    found: list[list[str]] = []
    cursor = None
    while True:
        page = await listing.page(who, path, cursor=cursor, **query)
        found.append([item["number"] for item in page["items"]])
        cursor = page["next_cursor"]
        if cursor is None:
            return found


async def name_every_third(listing: Listing) -> None:
    for number in EVERY:
        if number % 3 == 0:
            await listing.side.record(str(number), accused(NAMED))


@pytest.mark.parametrize(
    ("path", "in_order"),
    [("/v1/audit/events?type=Received", SEEN), ("/v1/notifications?recipient=unit/settlement", SEEN[::-1])],
)
@pytest.mark.parametrize("limit", [1, 2, 3, 4, 6, 9])
async def test_who_may_not_see_every_third_gets_full_pages_to_the_last(
    listing: Listing, path: str, in_order: list[str], limit: int
) -> None:
    for number in EVERY:
        facts = received(number=f"N{number}", issue_point=None), dispatched("settlement")
        await listing.record(str(number), *facts)
    position = await listing.desk.service.log.head()
    full = [in_order[start : start + limit] for start in range(0, len(in_order), limit)]
    path, _, query = path.partition("?")
    asked = {"limit": limit, **dict(part.split("=") for part in query.split("&") if part)}
    await listing.page(NAMED, path, **asked, min_position=position)
    async with listing.desk.service.pool.acquire() as connection, connection.transaction():
        await hold_checkpoints(connection, [model.name for model in READ_MODELS])  # only the log knows who is named
        await name_every_third(listing)
        assert await pages(listing, NAMED, path, **asked) == full
    assert await listing.desk.service.follower.reached(await listing.desk.service.log.head(), 20)
    assert await pages(listing, NAMED, path, **asked) == full  # now the read models know it, too
    assert sum(map(len, await pages(listing, BESIDE, path, **asked))) == len(EVERY)


NUMBERS: Final = list(range(1, 1001))


def looking(seen: range | list[int], looks: list[int]) -> Any:
    """A list of a thousand rows of which the reader sees these; `looks` notes how many were looked at each time."""

    async def look(after: After | None, limit: int) -> Looked[int]:
        start = 0 if after is None else after.ordinal
        rows = NUMBERS[start : start + limit]
        looks.append(len(rows))
        places = [(After(None, UUID(int=0), row), row) for row in rows]
        return Looked([one for one in places if one[1] in seen], places[-1][0] if len(rows) == limit else None)

    return look


async def test_what_is_hidden_at_the_end_makes_no_next_page() -> None:
    page = await full_page(looking([1, 2, 3], []), None, 3)
    assert (page.items, page.after) == ([1, 2, 3], None)


async def test_where_little_is_seen_it_is_found_in_few_looks() -> None:
    looks: list[int] = []
    page = await full_page(looking([900, 901, 902], looks), None, 2)
    assert page.items == [900, 901]
    assert page.after is not None
    assert page.after.ordinal == 901
    assert len(looks) < 10
    assert max(looks) <= paging.FILE_PAGE


async def test_a_page_looks_at_so_many_rows_and_the_next_goes_on_from_there(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(paging, "MOST_LOOKED_AT", 100)
    found: list[int] = []
    after, asked = None, 0
    while True:
        looks: list[int] = []
        page = await full_page(looking([1, 999], looks), after, 10)
        found += page.items
        after, asked = page.after, asked + 1
        assert sum(looks) <= 200
        if after is None:
            break
    assert found == [1, 999]
    assert asked > 5
