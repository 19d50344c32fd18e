"""A PostgreSQL for one measurement: `BENCH_DATABASE_URL` when set (its database is used as it is), else our own.

Our own is removed afterwards, unless `BENCH_FOLDER` names a folder for it: then it is kept there, for the next run.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from app.embedded.postgres import EmbeddedPostgres
from migrations import upgrade


@contextmanager
def bench_database() -> Iterator[str]:
    """postgresql:// URL of a migrated database, fsync on."""
    url, kept = os.environ.get("BENCH_DATABASE_URL"), os.environ.get("BENCH_FOLDER")
    if url:
        upgrade(url)
        yield url
    elif kept:
        Path(kept).mkdir(parents=True, exist_ok=True)
        with _server(Path(kept)) as server:
            yield server.dsn
    else:
        with _removed_afterwards() as server:
            yield server.dsn


@contextmanager
def _removed_afterwards() -> Iterator[EmbeddedPostgres]:
    folder = Path(tempfile.mkdtemp(prefix="redress-bench-"))
    try:
        with _server(folder) as server:
            yield server
            where = server.where
        if folder not in where.parents:
            shutil.rmtree(where.parent)
    finally:
        shutil.rmtree(folder)


@contextmanager
def _server(folder: Path) -> Iterator[EmbeddedPostgres]:
    folder.chmod(0o755)  # PostgreSQL may have to run as another user
    with EmbeddedPostgres.start(folder / "data") as server:
        upgrade(server.dsn)
        yield server
