"""The embedded PostgreSQL: one data folder, one owner, no set-up.

In the data folder: `postgres/` (the cluster, unless `cluster` names another place), `postgres.password`,
`postgres.dsn` (only while the server runs), `postgres.lock`, `postgres.log`.
"""

import asyncio
import fcntl
import hashlib
import os
import re
import secrets
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Coroutine
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import TracebackType
from typing import Self, TypeVar

import asyncpg

from app.embedded_account import Account, EmbeddedDatabaseError, account_for, make_reachable
from app.embedded_binaries import Binaries, find_binaries
from app.embedded_process import (
    START_SECONDS,
    STOP_SECONDS,
    ChildrenStillRun,
    DatabaseDidNotStart,
    PortTaken,
    ServerProcess,
    clean_environment,
    clear_away_earlier_server,
)

Answer = TypeVar("Answer")

ELSEWHERE = Path("/var/lib/redress")
DATABASE = "redress"
USER = "redress"
LOG_KEPT_BYTES = 8_000_000
PORT_ATTEMPTS = 5


class DataFolderIncomplete(EmbeddedDatabaseError):
    """The data folder lacks a part that cannot be made again; the message names it."""


class ClusterNotOurs(EmbeddedDatabaseError):
    """The database's files belong to another user of this machine."""


class ClusterNotMade(EmbeddedDatabaseError):
    """`initdb` failed; the message is what it said."""


class EmbeddedPostgres:
    """A PostgreSQL server on 127.0.0.1, owned by this process or found running on the same data folder.

    Attributes: dsn (postgresql://user:password@127.0.0.1:port/redress), data, where (the cluster's folder), owned,
    notice (a sentence for the user when the cluster is not inside the data folder, else None).
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
        data.mkdir(parents=True, exist_ok=True)
        limit = time.monotonic() + START_SECONDS
        while time.monotonic() < limit:
            lock = _try_lock(data)
            if lock is not None:
                try:
                    return cls._start_as_owner(data, elsewhere, lock)
                except BaseException:
                    os.close(lock)
                    raise
            dsn = _read(data / "postgres.dsn")
            if dsn and _in_thread(_answers(dsn)):
                return cls(data, _location(data) or data / "postgres", dsn, None, None)
            time.sleep(0.02)
        raise DatabaseDidNotStart(f"Another process holds {data / 'postgres.lock'}, but its database does not answer.")

    @classmethod
    def _start_as_owner(cls, data: Path, elsewhere: Path, lock: int) -> Self:
        (data / "postgres.dsn").unlink(missing_ok=True)
        cluster = _location(data)
        account = account_for(cluster or data / "postgres")
        if cluster is None:
            binaries = find_binaries(account, elsewhere)
            cluster = _create_cluster(data, elsewhere, binaries, account)
        else:
            binaries = find_binaries(account, elsewhere, _major_of(cluster))
            clear_away_earlier_server(cluster)
        password = _read(data / "postgres.password")
        if not password:
            raise DataFolderIncomplete(f"{data / 'postgres.password'} is missing: put it back from your backup.")
        server, port = _start_on_free_port(binaries, cluster, data, account)
        try:
            dsn = f"postgresql://{USER}:{password}@127.0.0.1:{port}/{DATABASE}"
            _in_thread(_create_database(dsn))
            _write_secret(data / "postgres.dsn", dsn)
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
        raise ClusterNotOurs(
            f"{data} belongs to user {data.stat().st_uid}: start as that user, as root, or with another data folder."
        ) from problem
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(descriptor)
        return None
    _give_to_owner_of(data, descriptor)
    return descriptor


def _location(data: Path) -> Path | None:
    """Where the cluster of `data` is, None before the first start."""
    if written := _read(data / "cluster"):
        cluster = Path(written)
        if not cluster.is_dir():
            raise DataFolderIncomplete(f"{data / 'cluster'} says that the database is in {cluster}, which is gone.")
        return cluster
    return data / "postgres" if (data / "postgres").is_dir() else None


def _create_cluster(data: Path, elsewhere: Path, binaries: Binaries, account: Account | None) -> Path:
    home = data
    if account is not None and not account.can_write_in(data):
        home = _home_elsewhere(data, elsewhere)
    for remains in home.glob(".new-*"):
        shutil.rmtree(remains)
    password = secrets.token_urlsafe(32)
    _write_secret(data / "postgres.password", password)
    made = Path(tempfile.mkdtemp(prefix=".new-", dir=home))
    try:
        (made / "password").write_text(password)
        if account is not None:
            for path in (made, made / "password"):
                os.chown(path, account.user, account.group)
        _initdb(binaries, made / "cluster", made / "password", account)
        cluster = home / "postgres"
        (made / "cluster").rename(cluster)
        _sync(home)
        if home != data:
            _write(data / "cluster", str(cluster), 0o644)
    finally:
        shutil.rmtree(made)
    return cluster


def _home_elsewhere(data: Path, elsewhere: Path) -> Path:
    readable = re.sub(r"[^\w.-]+", "-", f"{data.parent.name}-{data.name}").strip("-.") or "data"
    name = f"{readable}-{hashlib.sha256(os.fsencode(data)).hexdigest()[:10]}"
    taken = 1
    home = elsewhere / name
    while (home / "postgres").exists():
        # Of a data folder that was deleted: its password is gone, and it is not ours to delete.
        taken += 1
        home = elsewhere / f"{name}-{taken}"
    make_reachable(home)
    return home


def _initdb(binaries: Binaries, cluster: Path, password_file: Path, account: Account | None) -> None:
    locale = ["--locale=C.UTF-8"] if _has_c_utf8() else ["--no-locale"]
    if binaries.major >= 17:
        locale += ["--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
    command = [str(binaries.folder / "initdb"), "-D", str(cluster), "--encoding=UTF8", *locale]
    command += [f"--username={USER}", "--auth=scram-sha-256", f"--pwfile={password_file}", "--data-checksums"]
    done = subprocess.run(
        command,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        env=clean_environment(),
        cwd="/",
        check=False,
        **Account.options(account),
    )
    if done.returncode != 0:
        raise ClusterNotMade(f"The database could not be created in {cluster.parent}:\n{done.stdout.strip()}")


def _has_c_utf8() -> bool:
    try:
        known = subprocess.run(["locale", "-a"], capture_output=True, text=True, errors="replace", check=False).stdout
    except OSError:
        return False
    return "c.utf8" in known.lower().replace("-", "").split()


def _major_of(cluster: Path) -> int:
    try:
        return int((cluster / "PG_VERSION").read_text())
    except PermissionError as problem:
        raise ClusterNotOurs(
            f"The database in {cluster} belongs to user {cluster.stat().st_uid}: start as that user or as root."
        ) from problem
    except (FileNotFoundError, ValueError) as problem:
        raise DataFolderIncomplete(f"{cluster} is not a PostgreSQL data folder: PG_VERSION is missing.") from problem


def _start_on_free_port(
    binaries: Binaries, cluster: Path, data: Path, account: Account | None
) -> tuple[ServerProcess, int]:
    log = data / "postgres.log"
    if log.exists() and log.stat().st_size > LOG_KEPT_BYTES:
        log.replace(log.with_name("postgres.log.1"))
    _give_to_owner_of(data, os.open(log, os.O_WRONLY | os.O_CREAT, 0o600), close=True)
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


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8").strip()
    except FileNotFoundError:
        return ""


def _write_secret(path: Path, content: str) -> None:
    _write(path, content, 0o600)


def _write(path: Path, content: str, mode: int) -> None:
    """Write whole or not at all; nobody but the owner of the folder can read a secret at any moment."""
    unfinished = path.with_name(f".{path.name}.{os.getpid()}")
    descriptor = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, mode)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        _give_to_owner_of(path.parent, descriptor)
        file.write(content)
        file.flush()
        os.fsync(descriptor)
    unfinished.replace(path)
    _sync(path.parent)


def _sync(folder: Path) -> None:
    # A rename is only durable when the folder is: a power cut must not take a database that has acknowledged.
    descriptor = os.open(folder, os.O_RDONLY)
    os.fsync(descriptor)
    os.close(descriptor)


def _give_to_owner_of(folder: Path, descriptor: int, *, close: bool = False) -> None:
    # Root working in somebody's data folder must not leave files that its owner cannot use later.
    if os.geteuid() == 0:
        owner = folder.stat()
        os.fchown(descriptor, owner.st_uid, owner.st_gid)
    if close:
        os.close(descriptor)
