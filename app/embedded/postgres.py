"""The embedded PostgreSQL: one data folder, one owner, no set-up.

In the data folder: `postgres/` (the cluster, unless `cluster` names another place), `postgres.password`,
`postgres.port` (the port it had last), `postgres.dsn` (only while it is looked after), `postgres.lock`, `postgres.log`.
"""

import asyncio
import os
import threading
import time
from collections.abc import Coroutine, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from pathlib import Path
from types import TracebackType
from typing import Self, TypeVar
from urllib.parse import urlsplit

import asyncpg

from app.embedded.account import EmbeddedDatabaseError, account_for
from app.embedded.binaries import Binaries, find_binaries
from app.embedded.cluster import USER, DataFolderIncomplete, create_cluster, location, major_of
from app.embedded.files import read, write_secret
from app.embedded.orphans import clear_away_earlier_server
from app.embedded.ownership import DataFolderNotUsable, try_lock
from app.embedded.process import START_SECONDS, DatabaseDidNotStart, ServerProcess
from app.embedded.starting import Place, started, started_on

Answer = TypeVar("Answer")

ELSEWHERE = Path("/var/lib/redress")
DATABASE = "redress"


class DatabaseMoved(EmbeddedDatabaseError):
    """The database of the data folder runs at another address by now; whoever was connected starts again."""



class EmbeddedPostgres:
    """A PostgreSQL server on 127.0.0.1, owned by this process or found running on the same data folder.

    Attributes: dsn (postgresql://user:password@127.0.0.1:port/redress), data (its folder), where (the folder of
    the cluster), stopping (set once stop() was called).
    """

    def __init__(self, data: Path, elsewhere: Path, dsn: str, where: Path) -> None:
        """Use `start`."""
        self.data = data
        self.where = where
        self.dsn = dsn
        self.stopping = threading.Event()
        self._elsewhere = elsewhere
        self._lock: int | None = None
        self._server: ServerProcess | None = None
        self._one_at_a_time = threading.Lock()
        self._process = os.getpid()

    @classmethod
    def start(cls, data: Path, *, elsewhere: Path = ELSEWHERE) -> Self:
        """Start the server of `data`, or find the one that runs; return when it accepts connections.

        Blocking (first start about a second, later 0.1 s); callable from any thread, also under a running event
        loop. As root, PostgreSQL runs as an unprivileged user; when that user cannot reach `data`, the cluster
        lives under `elsewhere`. Raises EmbeddedDatabaseError.
        """
        data = data.expanduser().resolve()
        try:
            data.mkdir(parents=True, exist_ok=True)
            return cls._started(data, elsewhere)
        except OSError as problem:
            raise DataFolderNotUsable(f"{data} cannot be used as the data folder: {problem.strerror}.") from problem

    @classmethod
    def _started(cls, data: Path, elsewhere: Path) -> Self:
        limit = time.monotonic() + START_SECONDS
        while time.monotonic() < limit:
            lock = try_lock(data)
            if lock is not None:
                with _given_back_on_failure(lock):
                    return cls._start_as_owner(data, elsewhere, lock)
            dsn = read(data / "postgres.dsn")
            if dsn and _in_thread(_answers(dsn)):
                return cls(data, elsewhere, dsn, location(data) or data / "postgres")
            time.sleep(0.02)
        raise DatabaseDidNotStart(f"Another process holds {data / 'postgres.lock'}, but its database does not answer.")

    @classmethod
    def _start_as_owner(cls, data: Path, elsewhere: Path, lock: int) -> Self:
        (data / "postgres.dsn").unlink(missing_ok=True)
        place = _place_of(data, elsewhere, may_be_made=True)
        password = read(data / "postgres.password")
        if not password:
            raise DataFolderIncomplete(f"{data / 'postgres.password'} is missing: put it back from your backup.")
        server, port = started(place)
        try:
            dsn = f"postgresql://{USER}:{password}@127.0.0.1:{port}/{DATABASE}"
            _in_thread(_create_database(dsn))
            write_secret(data / "postgres.dsn", dsn)
        except BaseException:
            server.stop()
            raise
        owner = cls(data, elsewhere, dsn, place.cluster)
        owner._lock, owner._server = lock, server
        return owner

    @property
    def owned(self) -> bool:
        """Whether this process looks after the server, and stop() stops it."""
        return self._lock is not None

    @property
    def pid(self) -> int | None:
        """The server's process, when it is ours."""
        return self._server.pid if self._server else None

    @property
    def binaries(self) -> Binaries | None:
        """The programs that run the server, when it is ours."""
        return self._server.binaries if self._server else None

    @property
    def notice(self) -> str | None:
        """What to tell the user about the place of the database; None when it is inside the data folder."""
        if self.where.is_relative_to(self.data):
            return None
        return f"The database's files are in {self.where}: its unprivileged user cannot reach {self.data}."

    def wait_for_its_end(self) -> int:
        """Until the server, which is ours, has ended; returns its exit code, negative for the signal that ended it."""
        assert self._server is not None
        return self._server.wait()

    def start_again(self) -> bool:
        """Start our server anew at the same address after it ended; False when it is to stop.

        Raises EmbeddedDatabaseError, OSError.
        """
        with self._one_at_a_time:
            if self.stopping.is_set():
                return False
            self._server = self._started_at_the_same_address()
            return True

    def take_over(self) -> bool:
        """Where the process that owned the server is gone: start it at the same address and own it.

        False while somebody owns it. Raises EmbeddedDatabaseError, also where it has got another address, and OSError.
        """
        with self._one_at_a_time:
            lock = None if self.stopping.is_set() else try_lock(self.data)
            if lock is None:
                if read(self.data / "postgres.dsn") not in ("", self.dsn):
                    raise DatabaseMoved(f"Another process serves the database of {self.data} at a new address.")
                return False
            with _given_back_on_failure(lock):
                self._server = self._started_at_the_same_address()
                self._lock = lock
                write_secret(self.data / "postgres.dsn", self.dsn)
            return True

    def _started_at_the_same_address(self) -> ServerProcess:
        port = urlsplit(self.dsn).port
        assert port is not None
        return started_on(_place_of(self.data, self._elsewhere, may_be_made=False), port, self.stopping)

    def stop(self) -> None:
        """Stop the server if this process owns it. May be called again; does nothing in a forked child."""
        if os.getpid() != self._process:
            return
        self.stopping.set()
        with self._one_at_a_time:
            if self._lock is None:
                return
            with suppress(OSError):  # of a folder that is gone or cannot be written: the lock says what counts
                (self.data / "postgres.dsn").unlink(missing_ok=True)
            if self._server is not None:
                self._server.stop()
                self._server = None
            os.close(self._lock)
            self._lock = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, problem: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()


def _place_of(data: Path, elsewhere: Path, *, may_be_made: bool) -> Place:
    cluster = location(data)
    account = account_for(cluster or data / "postgres")
    if cluster is not None:
        binaries = find_binaries(account, elsewhere, major_of(cluster))
        clear_away_earlier_server(cluster)
        return Place(data, cluster, binaries, account)
    if not may_be_made:
        raise DataFolderIncomplete(f"The database in {data} is gone: put it back from your backup.")
    binaries = find_binaries(account, elsewhere)
    return Place(data, create_cluster(data, elsewhere, binaries, account), binaries, account)


@contextmanager
def _given_back_on_failure(lock: int) -> Iterator[None]:
    try:
        yield
    except BaseException:
        os.close(lock)
        raise


async def _create_database(dsn: str) -> None:
    try:
        connection = await asyncpg.connect(dsn, timeout=START_SECONDS)
    except asyncpg.InvalidCatalogNameError:
        connection = await asyncpg.connect(dsn, database="postgres", timeout=START_SECONDS)
        await connection.execute(f'CREATE DATABASE "{DATABASE}"')
    await connection.close()


async def _answers(dsn: str) -> bool:
    try:
        connection = await asyncpg.connect(dsn, timeout=5)
    except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError):
        return False
    await connection.close()
    return True


def _in_thread(work: Coroutine[None, None, Answer]) -> Answer:
    """Run a coroutine on a loop of its own; the caller may sit on another."""
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(asyncio.run, work).result()
