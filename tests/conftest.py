"""Fixtures for all tests: `database` is a migrated database for the test alone, `empty_database` one without tables."""

import gc
import os
import sys
from collections.abc import Generator, Iterator

import pytest
import structlog

from app.spared import spare_the_collector
from procedures.walk import check
from tests.cluster import Cluster, Template

# Files are published in a hundred tests: those of the walk itself say how far it goes (tests/procedures/test_walk.py).
check.TURNS_TO_PUBLISH = 0  # type: ignore[misc]

# What fails in these says what was compared, as in the tests themselves.
pytest.register_assert_rewrite("tests.spec", "tests.http.desk")

# Tests start a hundred processes: without bytecode each compiles the product anew, for a third of a second.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
sys.dont_write_bytecode = False
# A console takes its width from here once, when it is made: each test says itself how wide its terminal is.
os.environ.pop("COLUMNS", None)
# The server of the tests listens on this machine alone: not even asking for TLS saves a millisecond per connection.
os.environ["PGSSLMODE"] = "disable"
# Tests read English, of the command line too; what a deployment speaks by itself is tested where nothing is asked for.
os.environ["REDRESS_LANGUAGE"] = "en"


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, object, object]:
    """What was collected stays until the end: no full garbage collection has to look at it."""
    gc.disable()
    try:
        return (yield)
    finally:
        spare_the_collector()
        gc.enable()


@pytest.fixture(scope="session")
def cluster() -> Iterator[Cluster]:
    """The PostgreSQL of this test run."""
    with Cluster() as running:
        yield running


@pytest.fixture(scope="session")
def template(cluster: Cluster) -> Template:
    """The migrated database that tests get copies of."""
    return cluster.create_template()


@pytest.fixture
def database(cluster: Cluster, template: Template) -> Iterator[str]:
    """postgresql:// URL of a migrated database without rows, for one test."""
    with cluster.copy(template) as url:
        yield url


@pytest.fixture
def empty_database(cluster: Cluster) -> Iterator[str]:
    """postgresql:// URL of a database without any migration for one test."""
    with cluster.database() as url:
        yield url


@pytest.fixture(autouse=True)
def own_logs() -> Iterator[None]:
    """A command that ran in this process sent the logs to an output that is closed by now."""
    yield
    structlog.reset_defaults()
