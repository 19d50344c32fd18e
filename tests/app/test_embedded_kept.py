"""The embedded database of a service that runs: whatever ends it, it comes back, or the service is told why not."""

import asyncio
import fcntl
import os
import queue
import signal
import socket
import subprocess
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from app.embedded.cluster import DataFolderIncomplete
from app.embedded.keeper import PAUSES, Keeper
from app.embedded.orphans import runs_on
from app.embedded.ownership import has_owner
from app.embedded.postgres import DatabaseMoved, EmbeddedPostgres
from app.embedded.process import DatabaseDidNotStart, read_pid_file
from tests.app.data_folders import another_process, answer_of, connected, run
from tests.cluster import temporary_folder

PATIENCE = 30


@pytest.fixture(scope="module")
def data(made_once: Path) -> Iterator[Path]:
    """One data folder for all: copying one costs more than most of these tests, and each leaves it usable."""
    with temporary_folder() as folder:
        subprocess.run(["cp", "-Rp", str(made_once), str(folder / "data")], check=True)
        yield folder / "data"


@contextmanager
def kept(
    data: Path, pauses: Sequence[float] = PAUSES
) -> Iterator[tuple[EmbeddedPostgres, "queue.SimpleQueue[Exception]"]]:
    """A kept database, and what is said when it is lost."""
    lost: queue.SimpleQueue[Exception] = queue.SimpleQueue()
    with EmbeddedPostgres.start(data) as database:
        Keeper(database, lost.put, pauses).start()
        yield database, lost


async def pid_of(database: EmbeddedPostgres, *, after: int | None = None) -> int:
    """The server's process once it accepts connections, another one than `after`."""
    async with asyncio.timeout(PATIENCE):
        while True:
            lines = read_pid_file(database.where)
            if len(lines) > 7 and lines[7].strip() == "ready" and int(lines[0]) != after:
                return int(lines[0])
            await asyncio.sleep(0.01)


async def owned(database: EmbeddedPostgres) -> None:
    """Waits until this process looks after it."""
    async with asyncio.timeout(PATIENCE):
        while True:
            if database.owned:
                return
            await asyncio.sleep(0.01)


async def ended(dsn: str, how: Callable[[], None]) -> None:
    """Does it, and waits until a connection to the server notices."""
    async with connected(dsn) as connection:
        gone = asyncio.Event()
        connection.add_termination_listener(lambda _: gone.set())
        how()
        await asyncio.wait_for(gone.wait(), PATIENCE)


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGINT, signal.SIGQUIT], ids=["kill", "fast", "immediate"])
async def test_a_server_that_was_killed_or_stopped_again_and_again_is_back_at_its_address(
    data: Path, how: signal.Signals
) -> None:
    with kept(data) as (database, lost):
        await run(database.dsn, "CREATE TABLE killed (n integer)")
        pid = await pid_of(database)
        for number in range(2):
            await run(database.dsn, f"INSERT INTO killed VALUES ({number})")
            os.kill(pid, how)
            pid = await pid_of(database, after=pid)
            assert await run(database.dsn, "SELECT n FROM killed ORDER BY n") == list(range(number + 1))
        await run(database.dsn, "DROP TABLE killed")
        assert lost.empty()
        assert has_owner(data)
    assert not runs_on(pid, database.where)
    assert not has_owner(data)


async def test_a_server_that_was_told_to_wait_for_its_sessions_to_leave_is_back_though_they_would_never(
    data: Path,
) -> None:
    with kept(data) as (database, lost):
        pid = await pid_of(database)
        async with connected(database.dsn):
            os.kill(pid, signal.SIGTERM)
            assert await pid_of(database, after=pid) != pid
            assert await run(database.dsn, "SELECT 1 AS n") == [1]
        assert lost.empty()


async def test_children_that_do_not_notice_the_end_of_their_server_do_not_keep_it_from_coming_back(data: Path) -> None:
    with kept(data) as (database, _):
        pid = await pid_of(database)
        async with connected(database.dsn) as connection:
            child = await connection.fetchval("SELECT pg_backend_pid()")
            os.kill(child, signal.SIGSTOP)
            os.kill(pid, signal.SIGKILL)
            await pid_of(database, after=pid)
            connection.terminate()
        assert not runs_on(child, database.where)
        assert await run(database.dsn, "SELECT 1") == [1]


async def test_a_database_whose_files_are_gone_is_given_up_at_once(data: Path) -> None:
    with kept(data, pauses=(0.0, float("inf"))) as (database, lost):
        pid = await pid_of(database)
        database.where.rename(database.where.with_name("elsewhere"))
        os.kill(pid, signal.SIGKILL)
        problem = await asyncio.to_thread(lost.get, timeout=PATIENCE)
        assert isinstance(problem, DataFolderIncomplete)
        assert not has_owner(data)
        database.where.with_name("elsewhere").rename(database.where)


@pytest.mark.parametrize(
    ("spoil", "mend"),
    [
        (
            lambda cluster: (cluster / "global/pg_control").rename(cluster / "away"),
            lambda cluster: (cluster / "away").rename(cluster / "global/pg_control"),
        ),
        (lambda cluster: cluster.chmod(0o777), lambda cluster: cluster.chmod(0o700)),
    ],
    ids=["control file", "mode"],
)
async def test_a_database_that_does_not_start_is_given_up_after_the_last_attempt(
    data: Path, spoil: Callable[[Path], object], mend: Callable[[Path], object]
) -> None:
    with kept(data, pauses=(0.0, 0.01)) as (database, lost):
        pid = await pid_of(database)
        spoil(database.where)
        os.kill(pid, signal.SIGKILL)
        assert isinstance(await asyncio.to_thread(lost.get, timeout=PATIENCE), DatabaseDidNotStart)
        assert not has_owner(data)
        mend(database.where)


async def test_whoever_found_a_running_database_takes_it_over_when_its_owner_dies(data: Path) -> None:
    with another_process(data) as owner:
        _, dsn = answer_of(owner)
        await run(dsn, "CREATE TABLE kept AS SELECT 417 AS n")
        with kept(data) as (database, lost):
            assert (database.owned, database.dsn) == (False, dsn)
            await ended(dsn, owner.kill)
            await pid_of(database)
            await owned(database)
            assert await run(dsn, "SELECT n FROM kept") == [417]
            assert (data / "postgres.dsn").read_text() == dsn
            assert lost.empty()
    assert not has_owner(data)


async def test_whoever_found_a_database_that_has_another_address_by_now_is_told_to_start_again(data: Path) -> None:
    with another_process(data) as owner:
        answer_of(owner)
        with kept(data) as (_, lost):
            (data / "postgres.dsn").write_text("postgresql://redress@127.0.0.1:1/redress")
            assert isinstance(await asyncio.to_thread(lost.get, timeout=PATIENCE), DatabaseMoved)


async def test_a_database_that_is_told_to_stop_while_it_starts_stops(data: Path) -> None:
    with kept(data) as (database, lost):
        pid = await pid_of(database)
        await ended(database.dsn, lambda: os.kill(pid, signal.SIGKILL))
        database.stop()
        database.stop()
        assert lost.empty()
    assert not has_owner(data)
    assert not runs_on(int((read_pid_file(database.where) or ["0"])[0]), database.where)


def test_a_server_starts_at_the_address_it_had_unless_another_program_is_there(data: Path) -> None:
    with EmbeddedPostgres.start(data) as first:
        pass
    with EmbeddedPostgres.start(data) as second:
        assert second.dsn == first.dsn
    with socket.create_server(("127.0.0.1", urlsplit(first.dsn).port or 0)), EmbeddedPostgres.start(data) as third:
        assert third.dsn != first.dsn


def test_a_pid_file_that_a_full_disk_left_empty_does_not_keep_the_server_from_starting(data: Path) -> None:
    where = EmbeddedPostgres.start(data)
    where.stop()
    (where.where / "postmaster.pid").write_text("")
    with EmbeddedPostgres.start(data) as server:
        assert server.owned


def test_of_many_who_ask_for_the_owner_nobody_is_taken_for_one(data: Path) -> None:
    with EmbeddedPostgres.start(data):
        assert has_owner(data)
    assert not has_owner(data)
    with (data / "postgres.lock").open() as asking:
        fcntl.flock(asking, fcntl.LOCK_SH)
        assert not has_owner(data)
    assert not has_owner(data / "gone")
