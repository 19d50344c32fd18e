"""A PostgreSQL for one measurement: `BENCH_DATABASE_URL` when set (its database is used as it is), else our own."""

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
    """postgresql:// URL of a migrated database, fsync on; a server of our own is removed afterwards."""
    url = os.environ.get("BENCH_DATABASE_URL")
    if url:
        upgrade(url)
        yield url
        return
    folder = Path(tempfile.mkdtemp(prefix="redress-bench-"))
    folder.chmod(0o755)  # PostgreSQL may have to run as another user
    try:
        with EmbeddedPostgres.start(folder / "data") as server:
            upgrade(server.dsn)
            yield server.dsn
            where = server.where
        if folder not in where.parents:
            shutil.rmtree(where.parent)
    finally:
        shutil.rmtree(folder)
