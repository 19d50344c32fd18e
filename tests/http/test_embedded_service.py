"""The service on its own database, as `make run` starts it: what is killed comes back, and what cannot is told."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Iterator
from itertools import count
from pathlib import Path
from urllib.parse import urlsplit

import asyncpg
import httpx
import pytest

from app.embedded.cluster import location
from app.embedded.process import read_pid_file
from tests.cluster import temporary_folder
from tests.http.desk import complaint, done
from tests.http.process import Server, server_of_its_own

CALLERS = 4
PATIENCE = 60


@pytest.fixture
def data() -> Iterator[Path]:
    with temporary_folder() as folder:
        yield folder / "data"


class Load:
    """Callers that send intakes until they are told to stop, each again with its key until it is acknowledged."""

    def __init__(self, running: Server) -> None:
        self._server = running
        self._stopping = False
        self.acknowledged: list[str] = []

    async def run(self) -> None:
        await asyncio.gather(*(self._call(number) for number in range(CALLERS)))

    def stop(self) -> None:
        self._stopping = True

    async def more(self, many: int = 20) -> None:
        """Waits until so many more are acknowledged."""
        enough = len(self.acknowledged) + many
        async with asyncio.timeout(PATIENCE):
            while True:
                if len(self.acknowledged) >= enough:
                    return
                await asyncio.sleep(0.01)

    async def _call(self, caller: int) -> None:
        for number in count():
            if self._stopping:
                return
            self.acknowledged.append(await self._received(f"{caller}-{number}"))

    async def _received(self, key: str) -> str:
        while True:
            try:
                answer = await self._server.post("/v1/complaints", complaint(), **{"Idempotency-Key": key})
            except httpx.TransportError:
                continue  # the process that should have answered was killed
            if answer.status_code == 201:
                return str(answer.json()["id"])


def server_pid(data: Path) -> int:
    return int(read_pid_file(location(data) or data)[0])


def workers_of(parent: int) -> list[int]:
    """Processes that multiprocessing started, besides the one that counts its resources."""
    children = Path(f"/proc/{parent}/task/{parent}/children").read_text().split()
    return [int(each) for each in children if b"spawn_main" in Path(f"/proc/{each}/cmdline").read_bytes()]


async def recorded(data: Path) -> list[str]:
    """The complaints of the log, each as often as it was received."""
    connection = await asyncpg.connect((data / "postgres.dsn").read_text())
    try:
        query = "SELECT originator_id::text FROM stored_events WHERE topic = 'complaint.Received'"
        return [row[0] for row in await connection.fetch(query)]
    finally:
        await connection.close()


async def test_what_is_killed_under_load_comes_back_and_nothing_acknowledged_is_lost_or_doubled(data: Path) -> None:
    async with server_of_its_own(data, "--workers", "2") as first:
        load = Load(first)
        calling = asyncio.create_task(load.run())
        await load.more()
        os.kill(server_pid(data), signal.SIGKILL)
        await load.more()
        assert (await first.http.get("/healthz")).status_code == 200
        os.kill(workers_of(first.process.pid)[0], signal.SIGKILL)
        os.kill(server_pid(data), signal.SIGINT)
        await load.more()
        load.stop()
        await calling
        log = await recorded(data)
        assert len(set(log)) == len(log)
        assert sorted(load.acknowledged) == sorted(log)
        assert len(workers_of(first.process.pid)) == 2
        assert b"Traceback" not in first.written

        # The next one starts at once on the same port and data, which workers and database are still about to leave.
        await first.stop(signal.SIGKILL)
        async with server_of_its_own(data, port=urlsplit(first.address).port or 0, language="zh") as second:
            assert sorted(await recorded(data)) == sorted(log)
            done(await second.post("/v1/complaints", complaint()), 201)
            await loses_its_database(second, data)


async def loses_its_database(running: Server, data: Path) -> None:
    """What it cannot start again makes the service end, with a sentence and a code."""
    where = location(data)
    assert where is not None
    pid = server_pid(data)
    where.rename(where.with_name("away"))
    os.kill(pid, signal.SIGKILL)
    assert await asyncio.wait_for(running.process.wait(), PATIENCE) == 1
    said = bytes(running.written).decode()
    assert "自带的数据库已停止，且无法重新启动" in said
    assert "请用备份恢复" in said
    assert "Traceback" not in said
