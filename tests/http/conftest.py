"""Fixtures: the service in real time (`desk`), in a sandbox (`sandbox`), and one for a whole module (`house`)."""

from collections.abc import AsyncIterator

import pytest_asyncio

from tests.cluster import Cluster, Template
from tests.http.desk import MONDAY_9AM, Desk, make_sandbox, open_desk


@pytest_asyncio.fixture
async def desk(database: str) -> AsyncIterator[Desk]:
    """The service in real time, on a database of the test's own."""
    async with open_desk(database, sandbox=False) as opened:
        yield opened


@pytest_asyncio.fixture
async def sandbox(cluster: Cluster, database: str) -> AsyncIterator[Desk]:
    """A sandbox that stands at Monday nine o'clock in Shanghai, on a database of the test's own."""
    make_sandbox(cluster, database, MONDAY_9AM)
    async with open_desk(database, sandbox=True) as opened:
        yield opened


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def house(cluster: Cluster, template: Template) -> AsyncIterator[Desk]:
    """The service in real time for the tests of one module that leave each other alone; they share its event loop."""
    with cluster.copy(template) as url:
        async with open_desk(url, sandbox=False) as opened:
            yield opened
