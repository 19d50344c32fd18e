"""The embedded database starts anywhere, belongs to one process, survives its death and harms nobody."""

import asyncio
import os
import signal
import socket
import stat
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import asyncpg
import pytest

from app.embedded.account import Account, account_for
from app.embedded.cluster import DataFolderIncomplete
from app.embedded.ownership import DataFolderNotUsable
from app.embedded.postgres import EmbeddedPostgres
from app.embedded.process import LAUNCHER, ServerProcess, read_pid_file
from tests.app.data_folders import another_process, answer_of, connected, run


def end_of(connection: Any) -> asyncio.Event:
    """Set when the server closes the connection."""
    ended = asyncio.Event()
    connection.add_termination_listener(lambda _: ended.set())
    return ended


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


@pytest.mark.parametrize("name", ["data", "投诉 数据", 'it\'s "quoted" $HOME'])
async def test_rows_survive_a_restart_whatever_the_folder_is_called(folder: Path, name: str) -> None:
    data = folder / name / "data"
    with EmbeddedPostgres.start(data) as server:
        await run(server.dsn, "CREATE TABLE kept AS SELECT 417 AS n")
    with EmbeddedPostgres.start(data) as server:
        assert await run(server.dsn, "SELECT n FROM kept") == [417]
        assert (server.owned, server.where, server.notice) == (True, data / "postgres", None)


async def test_a_second_process_finds_the_running_server_and_leaves_it_running(data: Path) -> None:
    with EmbeddedPostgres.start(data) as server:
        with another_process(data) as second:
            assert answer_of(second) == (False, server.dsn)
            second.communicate()
        assert second.returncode == 0
        assert await run(server.dsn, "SELECT 1") == [1]


def test_of_processes_that_start_together_exactly_one_owns_the_server(folder: Path) -> None:
    data = folder / "data"
    with another_process(data) as one, another_process(data) as two, another_process(data) as three:
        answers = [answer_of(process) for process in (one, two, three)]
    assert sorted(owned for owned, _ in answers) == [False, False, True]
    assert len({dsn for _, dsn in answers}) == 1


async def test_a_killed_owner_takes_its_server_along_and_no_row_is_lost(data: Path) -> None:
    with another_process(data) as owner:
        _, dsn = answer_of(owner)
        async with connected(dsn) as connection:
            await connection.execute("CREATE TABLE kept AS SELECT 417 AS n")
            ended = end_of(connection)
            owner.kill()
            await asyncio.wait_for(ended.wait(), 30)
    with EmbeddedPostgres.start(data) as server:
        assert server.owned
        assert await run(server.dsn, "SELECT n FROM kept") == [417]


async def test_a_killed_server_starts_again_without_losing_a_row(data: Path) -> None:
    with EmbeddedPostgres.start(data) as server:
        await run(server.dsn, "CREATE TABLE kept AS SELECT 417 AS n")
        assert server.pid is not None
        os.kill(server.pid, signal.SIGKILL)
    with EmbeddedPostgres.start(data) as server:
        assert await run(server.dsn, "SELECT n FROM kept") == [417]


async def test_a_process_that_has_the_number_of_a_dead_server_is_left_alone(data: Path) -> None:
    with EmbeddedPostgres.start(data) as server:
        pid_file = server.where / "postmaster.pid"
        left_behind = read_pid_file(server.where)
    # With the rights of the database's user: only then would PostgreSQL take it for a running server.
    rights = Account.options(account_for(server.where))
    innocent = await asyncio.create_subprocess_exec("cat", stdin=subprocess.PIPE, **rights)
    try:
        pid_file.write_text("\n".join([str(innocent.pid), *left_behind[1:]]) + "\n")
        if os.geteuid() == 0:
            os.chown(pid_file, rights["user"], rights["group"])
        with EmbeddedPostgres.start(data) as server:
            assert await run(server.dsn, "SELECT 1") == [1]
        assert innocent.returncode is None
    finally:
        await innocent.communicate(b"")
    assert innocent.returncode == 0


async def test_the_server_outlives_the_thread_that_asked_for_it(data: Path) -> None:
    with ThreadPoolExecutor(1) as pool:
        server = pool.submit(EmbeddedPostgres.start, data).result()
    with server:
        # A server that was told to stop would break this off.
        assert await run(server.dsn, "SELECT 1 FROM pg_sleep(0.3)") == [1]


def test_interrupting_the_terminal_does_not_reach_the_server(data: Path) -> None:
    with EmbeddedPostgres.start(data) as server:
        assert server.pid is not None
        assert os.getsid(server.pid) != os.getsid(0)


async def test_where_no_death_signal_exists_a_watcher_interrupts_the_server(data: Path) -> None:
    with EmbeddedPostgres.start(data) as server:
        command = [sys.executable, "-I", "-S", str(LAUNCHER), "watch", str(server.pid)]
        async with connected(server.dsn) as connection:
            ended = end_of(connection)
            watcher = await asyncio.create_subprocess_exec(*command, stdin=subprocess.PIPE)
            assert not ended.is_set()
            await watcher.communicate(b"")
            await asyncio.wait_for(ended.wait(), 30)
            assert watcher.returncode == 0


def test_a_watched_server_stops_when_asked(data: Path) -> None:
    with EmbeddedPostgres.start(data) as first:
        assert first.binaries is not None
        binaries, where, log = first.binaries, first.where, first.data / "postgres.log"
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    server = ServerProcess.start(binaries, where, port, log, account_for(where), by_pipe=True)
    server.stop()
    assert read_pid_file(where) == []


async def test_only_the_password_opens_the_database_and_only_its_owner_can_read_it(data: Path) -> None:
    with EmbeddedPostgres.start(data) as server:
        assert mode(data / "postgres.password") == mode(data / "postgres.dsn") == mode(data / "postgres.log") == 0o600
        port = urlsplit(server.dsn).port
        with pytest.raises(asyncpg.InvalidPasswordError):
            await asyncpg.connect(f"postgresql://redress:guess@127.0.0.1:{port}/redress")
        assert (data / "postgres.password").read_text() in server.dsn
    assert not (data / "postgres.dsn").exists()


async def test_the_log_holds_nothing_of_what_statements_say(data: Path) -> None:
    with EmbeddedPostgres.start(data) as server:
        await run(server.dsn, "CREATE TABLE people (phone text PRIMARY KEY)")
        await run(server.dsn, "INSERT INTO people VALUES ('+8613800000000')")
        with pytest.raises(asyncpg.UniqueViolationError):
            await run(server.dsn, "INSERT INTO people VALUES ('+8613800000000')")
        with pytest.raises(asyncpg.InvalidTextRepresentationError):
            await run(server.dsn, "SELECT 'wang 13800000000'::int")
    log = (data / "postgres.log").read_text()
    assert "ready to accept connections" in log
    assert "13800000000" not in log


async def test_writes_are_on_disk_before_they_are_acknowledged(data: Path) -> None:
    with EmbeddedPostgres.start(data) as server:
        async with connected(server.dsn) as connection:
            for setting in ("fsync", "synchronous_commit", "full_page_writes"):
                assert await connection.fetchval("SELECT current_setting($1)", setting) == "on"
            assert await connection.fetchval("SHOW server_encoding") == "UTF8"


def test_what_an_interrupted_first_start_left_is_removed(folder: Path) -> None:
    remains = folder / "data" / ".new-interrupted"
    (remains / "cluster").mkdir(parents=True)
    with EmbeddedPostgres.start(folder / "data") as server:
        assert server.owned
        assert not remains.exists()


def test_a_missing_password_is_named_and_nothing_is_made_anew(data: Path) -> None:
    EmbeddedPostgres.start(data).stop()
    (data / "postgres.password").unlink()
    with pytest.raises(DataFolderIncomplete, match=r"postgres\.password is missing"):
        EmbeddedPostgres.start(data)


def test_a_data_folder_that_may_not_be_used_is_refused_with_a_reason(folder: Path) -> None:
    # A file in place of the folder: as root, no mode would keep us out.
    (folder / "data").write_text("")
    with pytest.raises(DataFolderNotUsable, match="cannot be used"):
        EmbeddedPostgres.start(folder / "data")
