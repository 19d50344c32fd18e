"""Real server processes: what they take, what they finish before they stop, and what is left when they are killed."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import AsyncIterator
from urllib.parse import urlsplit

import asyncpg
import httpx
import pytest

from app.http.protocol.body import BODY_LIMIT
from tests.http.desk import ADMIN_KEY, complaint, done, problem
from tests.http.process import Server, server

CALLERS = 8


async def recorded(database: str) -> list[str]:
    """The ids of all complaints in the log."""
    connection = await asyncpg.connect(database)
    try:
        query = "SELECT DISTINCT originator_id::text FROM stored_events"
        return [row[0] for row in await connection.fetch(query)]
    finally:
        await connection.close()


class Load:
    """Callers that send intakes one after the other until their server is gone."""

    def __init__(self, running: Server) -> None:
        self._server = running
        self.acknowledged: list[str] = []
        self.refused: list[int] = []
        self.enough = asyncio.Event()

    async def run(self) -> None:
        await asyncio.gather(*(self._call(number) for number in range(CALLERS)))

    async def _call(self, caller: int) -> None:
        number = 0
        while True:
            number += 1
            key = {"Idempotency-Key": f"{caller}-{number}"}
            try:
                answer = await self._server.post("/v1/complaints", complaint(), **key)
            except httpx.TransportError:
                return  # not answered, so nothing was promised
            if answer.status_code != 201:
                self.refused.append(answer.status_code)
                return
            self.acknowledged.append(answer.json()["id"])
            if len(self.acknowledged) > 100:
                self.enough.set()


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT, signal.SIGKILL])
async def test_every_intake_that_was_acknowledged_is_in_the_log_however_the_process_ends(
    database: str, how: signal.Signals
) -> None:
    async with server(database) as running:
        load = Load(running)
        calling = asyncio.create_task(load.run())
        await asyncio.wait_for(load.enough.wait(), 60)
        code = await running.stop(how)
        await calling
    assert code == (-signal.SIGKILL if how == signal.SIGKILL else 0)
    assert set(load.acknowledged) <= set(await recorded(database))
    assert set(load.refused) <= {503}
    if how != signal.SIGKILL:
        assert b"Traceback" not in running.written
        assert b'"level":"error"' not in running.written


async def test_after_a_kill_the_next_process_answers_repeated_requests_as_the_first_did(database: str) -> None:
    key = {"Idempotency-Key": "before-the-kill"}
    async with server(database) as first:
        before = await first.post("/v1/complaints", complaint(), **key)
        await first.stop(signal.SIGKILL)
    async with server(database) as second:
        after = await second.post("/v1/complaints", complaint(), **key)
        assert done(after, 201)["id"] == done(before, 201)["id"]
        assert after.content == before.content
        other = done(await second.post("/v1/complaints", complaint()), 201)
        assert other["position"] == 2
        assert await second.stop() == 0


async def test_two_processes_on_one_database_are_one_service(database: str) -> None:
    async with server(database) as one, server(database) as two:
        taken = [done(await each.post("/v1/complaints", complaint()), 201) for each in (one, two) * 5]
        assert [each["position"] for each in taken] == list(range(1, 11))
        assert len({each["number"] for each in taken}) == 10
        headers = {"Authorization": f"Bearer {ADMIN_KEY}"}
        for each in (one, two):
            page = done(await each.http.get("/v1/tracking?min_position=10", headers=headers))
            assert {row["id"] for row in page["items"]} == {each["id"] for each in taken}


async def test_a_body_beyond_the_limit_is_answered_and_does_not_disturb_the_next_request(database: str) -> None:
    async def endless() -> AsyncIterator[bytes]:
        for _ in range(300):
            yield b" " * 10_000

    async with server(database) as running:
        headers = {"Authorization": f"Bearer {ADMIN_KEY}", "Content-Type": "application/json"}
        for body in (b" " * (2 * BODY_LIMIT), endless()):
            problem(await running.http.post("/v1/complaints", content=body, headers=headers), 413, "too-large")
            done(await running.post("/v1/complaints", complaint()), 201)


async def test_a_caller_who_hangs_up_in_the_middle_of_a_body_leaves_nothing_behind(database: str) -> None:
    async with server(database) as running:
        place = urlsplit(running.address)
        _, writer = await asyncio.open_connection(place.hostname, place.port)
        head = f"POST /v1/complaints HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {await running.chief()}\r\n"
        writer.write(f"{head}Content-Type: application/json\r\nContent-Length: 1000\r\n\r\n{{".encode())
        await writer.drain()
        writer.close()
        await writer.wait_closed()
        done(await running.post("/v1/complaints", complaint()), 201)
        assert await running.stop() == 0
    assert b"Traceback" not in running.written
    assert b'"event":"unexpected"' not in running.written
    assert len(await recorded(database)) == 1


async def test_a_sandbox_is_not_served_as_real_nor_the_other_way_round(database: str, empty_database: str) -> None:
    async with server(database, "--sandbox") as running:
        assert await running.stop() == 0
    with pytest.raises(AssertionError, match="此数据库是沙箱：请加 --sandbox 启动"):
        async with server(database):
            pass
    with pytest.raises(AssertionError, match=r"请先运行 `.*migrate`"):
        async with server(empty_database):
            pass
