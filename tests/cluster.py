"""One PostgreSQL for a test run, with a migrated template that every test clones."""

import asyncio
import shutil
import tempfile
import threading
from collections.abc import Coroutine, Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from types import TracebackType
from typing import Any, Self, TypeVar
from urllib.parse import urlsplit

import asyncpg

from app.embedded.postgres import EmbeddedPostgres

TEMPLATE = "template_redress"

# Databases come and go by the hundred. What is killed here are processes, and the system keeps what they wrote.
NOT_FOR_A_POWER_CUT = ("fsync = off", "full_page_writes = off")

Answer = TypeVar("Answer")


@contextmanager
def temporary_folder() -> Iterator[Path]:
    """A folder that an unprivileged user can reach, unlike pytest's own (0700, and PostgreSQL refuses to be root)."""
    folder = Path(tempfile.mkdtemp(prefix="redress-"))
    folder.chmod(0o755)
    try:
        yield folder
    finally:
        shutil.rmtree(folder)


class Cluster:
    """A running PostgreSQL in a temporary folder; makes and drops databases. Usable from any thread or loop."""

    def __init__(self) -> None:
        self._folder = temporary_folder()
        self._numbers = count(1)
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="test-cluster", daemon=True)

    def __enter__(self) -> Self:
        self.server = EmbeddedPostgres.start(self._folder.__enter__() / "data")
        self._thread.start()
        self._admin: Any = self._run(asyncpg.connect(self.server.dsn))
        for setting in NOT_FOR_A_POWER_CUT:
            self.execute(f"ALTER SYSTEM SET {setting}")
        self.execute("SELECT pg_reload_conf()")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, problem: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._run(self._admin.close())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()
        self.server.stop()
        if self.server.notice:
            shutil.rmtree(self.server.where.parent)
        self._folder.__exit__(kind, problem, trace)

    def execute(self, statement: str) -> None:
        """Run one SQL statement as the administrator, in the server's default database."""
        self._run(self._admin.execute(statement))

    def dsn(self, database: str) -> str:
        """postgresql:// URL of a database of this cluster, existing or not."""
        return urlsplit(self.server.dsn)._replace(path=f"/{database}").geturl()

    def create_template(self) -> str:
        """Create the template and bring it to the newest migration; returns its name."""
        # Imported here: tests without a database must not need the migrations.
        from migrations import upgrade

        self.execute(f"CREATE DATABASE {TEMPLATE}")
        upgrade(self.dsn(TEMPLATE))
        return TEMPLATE

    @contextmanager
    def database(self, template: str = "template1") -> Iterator[str]:
        """A fresh database, dropped afterwards whoever is still connected; gives its URL."""
        name = f"test_{next(self._numbers)}"
        self.execute(f"CREATE DATABASE {name} TEMPLATE {template} STRATEGY FILE_COPY")
        try:
            yield self.dsn(name)
        finally:
            self.execute(f"DROP DATABASE {name} WITH (FORCE)")

    def _run(self, work: Coroutine[Any, Any, Answer]) -> Answer:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result()
