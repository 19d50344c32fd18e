"""Fixtures: `desk` is the service in real time, `sandbox` one that stands at Monday nine o'clock in Shanghai."""

from collections.abc import AsyncIterator

import pytest_asyncio

from tests.http.desk import MONDAY_9AM, Desk, open_desk


@pytest_asyncio.fixture
async def desk(database: str) -> AsyncIterator[Desk]:
    async with open_desk(database, sandbox=False) as opened:
        yield opened


@pytest_asyncio.fixture
async def sandbox(database: str) -> AsyncIterator[Desk]:
    async with open_desk(database, sandbox=True) as opened:
        await opened.set_clock(MONDAY_9AM)
        yield opened
