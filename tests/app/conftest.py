"""Fixtures: `folder`, an empty one, and `data`, a data folder of the embedded database whose first start is over."""

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.embedded.postgres import EmbeddedPostgres
from tests.cluster import temporary_folder


@pytest.fixture(scope="session")
def made_once() -> Iterator[Path]:
    with temporary_folder() as path:
        EmbeddedPostgres.start(path / "data").stop()
        yield path / "data"


@pytest.fixture
def folder() -> Iterator[Path]:
    with temporary_folder() as path:
        yield path


@pytest.fixture
def data(made_once: Path, folder: Path) -> Path:
    """A data folder whose first start is over: a copy, with owners and modes, which is quicker than making one."""
    subprocess.run(["cp", "-Rp", str(made_once), str(folder / "data")], check=True)
    return folder / "data"
