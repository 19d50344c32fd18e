"""`listing` is the service over a log that the test writes event by event."""

from collections.abc import AsyncIterator

import pytest

from tests.projections.listing import Listing, open_listing


@pytest.fixture
async def listing(database: str) -> AsyncIterator[Listing]:
    async with open_listing(database) as opened:
        yield opened
