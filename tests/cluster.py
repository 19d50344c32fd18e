"""One PostgreSQL for a test run. Tests get copies of a migrated template, mostly one that others had before them."""

import asyncio
import base64
import hashlib
import hmac
import shutil
import tempfile
import threading
from collections.abc import Coroutine, Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self, TypeVar
from urllib.parse import urlsplit

import asyncpg

from app.embedded.postgres import EmbeddedPostgres

TEMPLATE: Final = "template_redress"

# What is killed here are processes, and the system keeps what they wrote. Nothing grows old enough to be vacuumed.
SETTINGS: Final = ("fsync = off", "full_page_writes = off", "autovacuum = off")

TABLES: Final = """
SELECT format('%I.%I', schemaname, tablename) FROM pg_tables
WHERE schemaname NOT IN ('pg_catalog', 'information_schema') AND tablename <> 'alembic_version' ORDER BY 1
"""
# What looks at rows that are deleted, and may refuse it; afterwards each is as it was (A fires while replicating too).
TRIGGERS: Final = """
SELECT format('%s DISABLE TRIGGER %I', tgrelid::regclass, tgname),
       format('%s ENABLE %s TRIGGER %I', tgrelid::regclass, CASE tgenabled WHEN 'A' THEN 'ALWAYS' END, tgname)
FROM pg_trigger WHERE NOT tgisinternal AND tgenabled IN ('O', 'A') AND tgtype & 8 <> 0 ORDER BY oid
"""
SEQUENCES: Final = "SELECT format('%I.%I', schemaname, sequencename) FROM pg_sequences ORDER BY 1"

# Everything but rows: what of it differs makes a database unfit for the next test. So does a table that has been
# measured by the planner, or that became so large that its dead rows would slow the next test down.
SHAPE: Final = """
SELECT ARRAY[
    (SELECT (count(*), max(xmin::text::bigint), sum(reltuples))::text FROM pg_class WHERE oid >= 16384),
    (SELECT (count(*), max(xmin::text::bigint))::text FROM pg_attribute WHERE attrelid >= 16384),
    (SELECT (count(*), max(xmin::text::bigint))::text FROM pg_proc WHERE oid >= 16384),
    (SELECT (count(*), max(xmin::text::bigint))::text FROM pg_constraint WHERE oid >= 16384),
    (SELECT (count(*), max(xmin::text::bigint))::text FROM pg_namespace),
    (SELECT string_agg(tgname || ' ' || tgenabled::text, ' ' ORDER BY oid) FROM pg_trigger),
    (SELECT string_agg(version_num, ' ') FROM alembic_version),
    (SELECT (max(pg_relation_size(oid)) > 2000000)::text FROM pg_class WHERE oid >= 16384 AND relkind = 'r')
]
"""

END_OTHERS: Final = """
SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity
WHERE datname = current_database() AND pid <> pg_backend_pid()
"""
ATTEMPTS: Final = 1000

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


def cheap_verifier(password: str) -> str:
    """What PostgreSQL keeps of a password (RFC 5802), made in one round: 4096 cost each connection two milliseconds."""
    salt = b"salt of the tests"
    salted = hashlib.pbkdf2_hmac("sha256", password.encode(), salt, 1)
    stored = hashlib.sha256(hmac.digest(salted, b"Client Key", "sha256")).digest()
    server = hmac.digest(salted, b"Server Key", "sha256")
    salt_64, stored_64, server_64 = (base64.b64encode(part).decode() for part in (salt, stored, server))
    return f"SCRAM-SHA-256$1:{salt_64}${stored_64}:{server_64}"


class Template:
    """The migrated database that others are copies of: how to empty a copy, and what it is like when it is fit."""

    def __init__(self, name: str) -> None:
        self.name = name

    async def study(self, dsn: str) -> Self:
        connection = await asyncpg.connect(dsn)
        tables = [row[0] for row in await connection.fetch(TABLES)]
        sequences = [row[0] for row in await connection.fetch(SEQUENCES)]
        triggers = await connection.fetch(TRIGGERS)
        self.shape = await connection.fetchval(SHAPE)
        await connection.close()
        self.emptying = "; ".join((
            "BEGIN",
            *(f"ALTER TABLE {disabled}" for disabled, _ in triggers),
            *(f"DELETE FROM {table}" for table in tables),
            *(f"ALTER TABLE {restored}" for _, restored in triggers),
            *(f"SELECT setval('{sequence}', 1, false)" for sequence in sequences),
            "COMMIT",
        ))  # fmt: skip
        return self


class Copy:
    """A copy of the template, and the administrator's connection to it."""

    def __init__(self, name: str, connection: Any) -> None:
        self.name = name
        self._connection = connection

    @classmethod
    async def connect(cls, name: str, dsn: str) -> Self:
        return cls(name, await asyncpg.connect(dsn))

    async def emptied(self, template: Template) -> bool:
        """Whether the copy is as good as new now. Whoever is still connected is cut off."""
        try:
            for _ in range(ATTEMPTS):
                if await self._connection.fetchval(END_OTHERS) == 0:
                    await self._connection.execute(template.emptying)
                    return bool(await self._connection.fetchval(SHAPE) == template.shape)
                await asyncio.sleep(0.001)
        except asyncpg.UndefinedTableError:
            pass  # a test went back to an older schema, and stays there
        except (OSError, asyncpg.InterfaceError, asyncpg.PostgresConnectionError, asyncpg.OperatorInterventionError):
            pass  # a test that ends every connection has ended this one too
        return False

    async def execute(self, statement: str, *values: Any) -> None:
        await self._connection.execute(statement, *values)

    async def close(self) -> None:
        await self._connection.close()


class Cluster:
    """A running PostgreSQL in a temporary folder; makes and drops databases. Usable from any thread or loop."""

    def __init__(self) -> None:
        self._folder = temporary_folder()
        self._numbers = count(1)
        self._fit: list[Copy] = []
        self._given_out: dict[str, Copy] = {}  # by URL
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="test-cluster", daemon=True)

    def __enter__(self) -> Self:
        self.server = EmbeddedPostgres.start(self._folder.__enter__() / "data")
        self._thread.start()
        self._admin: Any = self._run(asyncpg.connect(self.server.dsn))
        for setting in SETTINGS:
            self.execute(f"ALTER SYSTEM SET {setting}")
        self.execute("SELECT pg_reload_conf()")
        login = urlsplit(self.server.dsn)
        self.execute(f"ALTER ROLE {login.username} PASSWORD '{cheap_verifier(login.password or '')}'")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, problem: BaseException | None, trace: TracebackType | None
    ) -> None:
        for copy in self._fit:
            self._run(copy.close())
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

    def execute_in(self, url: str, statement: str, *values: Any) -> None:
        """Run one SQL statement in a copy that was given out; its administrator is connected already."""
        self._run(self._given_out[url].execute(statement, *values))

    def dsn(self, database: str) -> str:
        """postgresql:// URL of a database of this cluster, existing or not."""
        return urlsplit(self.server.dsn)._replace(path=f"/{database}").geturl()

    def create_template(self) -> Template:
        """Create the template and bring it to the newest migration."""
        # Imported here: tests without a database must not need the migrations.
        from migrations import upgrade

        self.execute(f"CREATE DATABASE {TEMPLATE}")
        upgrade(self.dsn(TEMPLATE))
        return self._run(Template(TEMPLATE).study(self.dsn(TEMPLATE)))

    @contextmanager
    def copy(self, template: Template) -> Iterator[str]:
        """URL of a database like the template. It is given out again when its rows are all that changed."""
        copy = self._fit.pop() if self._fit else self._copied(template)
        url = self.dsn(copy.name)
        self._given_out[url] = copy
        try:
            yield url
        finally:
            del self._given_out[url]
            if self._run(copy.emptied(template)):
                self._fit.append(copy)
            else:
                self._run(copy.close())
                self._drop(copy.name)

    @contextmanager
    def database(self) -> Iterator[str]:
        """URL of an empty database, dropped afterwards whoever is still connected."""
        name = self._created("template1")
        try:
            yield self.dsn(name)
        finally:
            self._drop(name)

    def _copied(self, template: Template) -> Copy:
        name = self._created(template.name)
        return self._run(Copy.connect(name, self.dsn(name)))

    def _created(self, template: str) -> str:
        name = f"test_{next(self._numbers)}"
        self.execute(f"CREATE DATABASE {name} TEMPLATE {template} STRATEGY FILE_COPY")
        return name

    def _drop(self, name: str) -> None:
        self.execute(f"DROP DATABASE {name} WITH (FORCE)")

    def _run(self, work: Coroutine[Any, Any, Answer]) -> Answer:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result()
