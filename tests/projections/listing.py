"""A service whose log was written by the test, and the lists as its readers get them."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

import httpx

from tests.facts import Fact
from tests.http.desk import Desk, done, open_desk
from tests.projections.reading_side import ReadingSide, reading_side


@dataclass
class Listing:
    """The people at their desks, and the log behind them."""

    desk: Desk
    side: ReadingSide

    async def record(self, complaint: str, *facts: Fact) -> int:
        """As `ReadingSide.record`, and waits until the lists show it."""
        position = await self.side.record(complaint, *facts)
        assert await self.desk.service.follower.reached(position, 20)
        return position

    async def ask(self, who: str, path: str, *, accept: str = "application/json", **query: Any) -> httpx.Response:
        given = {name: value for name, value in query.items() if value is not None}
        return await self.desk.get(who, f"{path}?{urlencode(given)}", headers={"Accept": accept})

    async def page(self, who: str, path: str, **query: Any) -> dict[str, Any]:
        return done(await self.ask(who, path, **query))

    async def items(self, who: str, path: str, **query: Any) -> list[dict[str, Any]]:
        """The whole list, over all of its pages."""
        found: list[dict[str, Any]] = []
        cursor = None
        while True:
            page = await self.page(who, path, cursor=cursor, **query)
            found += page["items"]
            cursor = page["next_cursor"]
            if cursor is None:
                return found

    async def numbers(self, who: str, path: str, **query: Any) -> list[str]:
        return [item["number"] for item in await self.items(who, path, **query)]


@asynccontextmanager
async def open_listing(database: str) -> AsyncIterator[Listing]:
    # A sandbox judges no clock by itself, so the log holds what the test has put into it.
    async with open_desk(database, sandbox=True) as desk, reading_side(database) as side:
        yield Listing(desk, side)
