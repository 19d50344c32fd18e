"""The embedded PostgreSQL: one data folder, one owner, no set-up.

In the data folder: `postgres/` (the cluster, unless `cluster` names another place), `postgres.password`,
`postgres.dsn` (only while the server runs), `postgres.lock`, `postgres.log`.
"""

import asyncio
import fcntl
import os
import socket
import time
from collections.abc import Coroutine
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import TracebackType
from typing import Self, TypeVar

import asyncpg

from app.embedded.account import Account, account_for
from app.embedded.binaries import Binaries, find_binaries
from app.embedded.cluster import USER, DataFolderIncomplete, DataFolderNotUsable, create_cluster, location, major_of
from app.embedded.files import give_to_owner_of, read, write_secret
from app.embedded.process import (
    START_SECONDS,
    STOP_SECONDS,
    ChildrenStillRun,
    DatabaseDidNotStart,
    PortTaken,
    ServerProcess,
    clear_away_earlier_server,
)

Answer = TypeVar("Answer")

ELSEWHERE = Path("/var/lib/redress")
DATABASE = "redress"
LOG_KEPT_BYTES = 8_000_000
PORT_ATTEMPTS = 5


class EmbeddedPostgres:
    """A PostgreSQL server on 127.0.0.1, owned by this process or found running on the same data folder.

    Attributes: dsn (postgresql://user:password@127.0.0.1:port/redress), data (its folder), where (the folder of
    the cluster).
    """

    def __init__(self, data: Path, where: Path, dsn: str, lock: int | None, server: ServerProcess | None) -> None:
        self.data = data
        self.where = where
        self.dsn = dsn
        self._lock = lock
        self._server = server
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
        except OSError as problem:
            raise DataFolderNotUsable(f"{data} cannot be used as the data folder: {problem.strerror}.") from problem
        limit = time.monotonic() + START_SECONDS
        while time.monotonic() < limit:
            lock = _try_lock(data)
            if lock is not None:
                try:
                    return cls._start_as_owner(data, elsewhere, lock)
                except BaseException:
                    os.close(lock)
                    raise
            dsn = read(data / "postgres.dsn")
            if dsn and _in_thread(_answers(dsn)):
                return cls(data, location(data) or data / "postgres", dsn, None, None)
            time.sleep(0.02)
        raise DatabaseDidNotStart(f"Another process holds {data / 'postgres.lock'}, but its database does not answer.")

    @classmethod
    def _start_as_owner(cls, data: Path, elsewhere: Path, lock: int) -> Self:
        (data / "postgres.dsn").unlink(missing_ok=True)
        cluster = location(data)
        account = account_for(cluster or data / "postgres")
        if cluster is None:
            binaries = find_binaries(account, elsewhere)
            cluster = create_cluster(data, elsewhere, binaries, account)
        else:
            binaries = find_binaries(account, elsewhere, major_of(cluster))
            clear_away_earlier_server(cluster)
        password = read(data / "postgres.password")
        if not password:
            raise DataFolderIncomplete(f"{data / 'postgres.password'} is missing: put it back from your backup.")
        server, port = _start_on_free_port(binaries, cluster, data, account)
        try:
            dsn = f"postgresql://{USER}:{password}@127.0.0.1:{port}/{DATABASE}"
            _in_thread(_create_database(dsn))
            write_secret(data / "postgres.dsn", dsn)
        except BaseException:
            server.stop()
            raise
        return cls(data, cluster, dsn, lock, server)

    @property
    def owned(self) -> bool:
        """Whether stop() stops the server."""
        return self._server is not None

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

    def stop(self) -> None:
        """Stop the server if this process owns it. May be called again; does nothing in a forked child."""
        if self._server is None or os.getpid() != self._process:
            return
        (self.data / "postgres.dsn").unlink(missing_ok=True)
        self._server.stop()
        self._server = None
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, problem: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()


def _try_lock(data: Path) -> int | None:
    try:
        descriptor = os.open(data / "postgres.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except PermissionError as problem:
        raise DataFolderNotUsable(
            f"{data} belongs to user {data.stat().st_uid}: start as that user, as root, or with another data folder."
        ) from problem
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(descriptor)
        return None
    give_to_owner_of(data, descriptor)
    return descriptor


def _start_on_free_port(
    binaries: Binaries, cluster: Path, data: Path, account: Account | None
) -> tuple[ServerProcess, int]:
    log = data / "postgres.log"
    if log.exists() and log.stat().st_size > LOG_KEPT_BYTES:
        log.replace(log.with_name("postgres.log.1"))
    give_to_owner_of(data, os.open(log, os.O_WRONLY | os.O_CREAT, 0o600), close=True)
    limit = time.monotonic() + STOP_SECONDS
    ports_left = PORT_ATTEMPTS
    while True:
        port = _free_port()
        try:
            return ServerProcess.start(binaries, cluster, port, log, account), port
        except PortTaken:
            ports_left -= 1
            if ports_left == 0:
                raise
        except ChildrenStillRun:
            if time.monotonic() > limit:
                raise
            time.sleep(0.1)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


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
