"""The bridge between a telephone system that says what the samples say and a real service: nothing lost, nothing twice.

The telephone system is a socket that speaks; the service and the bridge are processes of their own, and are killed.
"""

import asyncio
import json
import os
import signal
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import httpx
import pytest

from softphone.baresip import netstring
from tests.http.desk import ADMIN_KEY, done
from tests.http.process import Server, server

SOURCE: Final = "desk-7"
PATIENCE_SECONDS: Final = 60


@dataclass
class Phone:
    """A telephone system at its socket; it tells whoever listens, and keeps nothing."""

    port: int = 0
    listening: list[asyncio.StreamWriter] = field(default_factory=list)
    heard: bytearray = field(default_factory=bytearray)

    async def _taken(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.listening.append(writer)
        while received := await reader.read(4096):
            self.heard += received
        self.listening.remove(writer)
        writer.close()

    @asynccontextmanager
    async def open(self) -> AsyncIterator["Phone"]:
        listening = await asyncio.start_server(self._taken, "127.0.0.1", 0)
        self.port = listening.sockets[0].getsockname()[1]
        try:
            yield self
        finally:
            for writer in self.listening:
                writer.close()
            listening.close()

    def says(self, kind: str, call: str, **more: str) -> None:
        told = {
            "event": True, "class": "call", "type": f"CALL_{kind}", "accountaor": "sip:agent-7@127.0.0.1",
            "direction": "incoming", "peeruri": "sip:13800001234@127.0.0.1", "id": call, **more,
        }  # fmt: skip
        for writer in self.listening:
            writer.write(netstring(told))

    def calls(self, call: str) -> None:
        for kind in ("INCOMING", "ESTABLISHED", "CLOSED"):
            self.says(kind, call, param="bye")


@dataclass
class Bridge:
    """A bridge as its user runs it."""

    process: asyncio.subprocess.Process
    written: bytearray = field(default_factory=bytearray)

    async def kill(self) -> None:
        self.process.send_signal(signal.SIGKILL)
        await self.process.wait()

    async def stop(self) -> int:
        self.process.send_signal(signal.SIGTERM)
        return await asyncio.wait_for(self.process.wait(), 30)


@asynccontextmanager
async def bridge(address: str, secret: str, spool: Path, *phone: str) -> AsyncIterator[Bridge]:
    environment = {**os.environ, "REDRESS_CALL_SECRET": secret, "REDRESS_LANGUAGE": "en", "PYTHONUNBUFFERED": "1"}
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "app", "softphone", "run", "--to", address, "--source", SOURCE, "--spool", str(spool),
        *phone, env=environment, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT,
    )  # fmt: skip
    running = Bridge(process)
    reading = asyncio.create_task(_read(process, running.written))
    try:
        yield running
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
        await reading


async def _read(process: asyncio.subprocess.Process, written: bytearray) -> None:
    assert process.stdout is not None
    while data := await process.stdout.read(4096):
        written += data


async def until(true: Callable[[], object]) -> None:
    async with asyncio.timeout(PATIENCE_SECONDS):
        while not true():  # noqa: ASYNC110 - other processes have no events to wait for
            await asyncio.sleep(0.05)


async def source_at(running: Server) -> str:
    body = {"id": SOURCE, "name": "7号座席"}
    return str(done(await running.post("/v1/call-sources", body), 201)["secret"])


async def calls_at(running: Server) -> list[dict[str, Any]]:
    header = {"Authorization": f"Bearer {ADMIN_KEY}"}
    items: list[dict[str, Any]] = done(await running.http.get("/v1/calls?limit=200", headers=header))["items"]
    return items


async def until_there_are(running: Server, count: int) -> list[dict[str, Any]]:
    """So many calls that have ended."""
    async with asyncio.timeout(PATIENCE_SECONDS):
        while True:
            found = [call for call in await calls_at(running) if call["state"] in ("ended", "missed")]
            if len(found) >= count:
                return found
            await asyncio.sleep(0.1)


async def events_of(running: Server, call: str) -> list[str]:
    header = {"Authorization": f"Bearer {ADMIN_KEY}"}
    shown = done(await running.http.get(f"/v1/calls/{SOURCE}/{call}", headers=header))
    return [event["type"] for event in shown["events"]]


async def test_what_a_softphone_does_is_a_call_of_the_service(database: str, tmp_path: Path) -> None:
    async with Phone().open() as phone, server(database) as running:
        secret = await source_at(running)
        listens_to = ("--baresip", f"127.0.0.1:{phone.port}")
        async with bridge(running.address, secret, tmp_path / "s.db", *listens_to) as bridging:
            await until(lambda: phone.listening)
            phone.calls("c-1")
            [call] = await until_there_are(running, 1)
            assert (call["id"], call["state"], call["agent"]) == ("c-1", "ended", "agent-7")
            assert await bridging.stop() == 0
        assert b"listcalls" in phone.heard


async def test_nothing_is_lost_or_doubled_whoever_is_killed(database: str, tmp_path: Path) -> None:
    spool, told = tmp_path / "s.db", 0
    async with Phone().open() as phone:
        listens_to = ("--baresip", f"127.0.0.1:{phone.port}")
        async with server(database) as running:
            secret, port = await source_at(running), running.address.rpartition(":")[2]
            async with bridge(running.address, secret, spool, *listens_to) as bridging:
                await until(lambda: phone.listening)
                for told in range(40):
                    phone.calls(f"c-{told}")
                await until_there_are(running, 1)
                await running.stop(signal.SIGKILL)
                for told in range(40, 80):  # nobody is there to take them
                    phone.calls(f"c-{told}")
                await until(lambda: b"cannot be reached" in bridging.written)
                phone.says("INCOMING", "open-1")
                await asyncio.sleep(1)
                await bridging.kill()
        await until(lambda: not phone.listening)
        async with server(database, "--port", port) as running:
            async with bridge(running.address, secret, spool, *listens_to) as bridging:
                await until(lambda: phone.listening)
                for told in range(80, 100):
                    phone.calls(f"c-{told}")
                phone.says("CLOSED", "open-1", param="bye")
                await until_there_are(running, 101)
                assert await bridging.stop() == 0
            for call in ("c-0", "c-39", "c-41", "c-79", "c-99"):
                assert await events_of(running, call) == ["call.offered", "call.answered", "call.ended"]
            assert await events_of(running, "open-1") == ["call.offered", "call.missed"], "it remembered the call"
            header = {"Authorization": f"Bearer {ADMIN_KEY}"}
            gaps = done(await running.http.get(f"/v1/call-sources/{SOURCE}/gaps", headers=header))
            assert gaps["items"] == []
            assert len(await calls_at(running)) == 101


async def test_webhooks_are_answered_once_they_are_kept_and_count_once(database: str, tmp_path: Path) -> None:
    async with server(database) as running:
        secret = await source_at(running)
        listens_at = ("--webhooks", "127.0.0.1:18766")
        async with bridge(running.address, secret, tmp_path / "s.db", *listens_at) as bridging:
            await until(lambda: b"Posting" in bridging.written)
            async with httpx.AsyncClient(base_url="http://127.0.0.1:18766") as exchange:
                new = {"event": "newCall", "callId": "w-1", "direction": "in", "from": "13800001234", "to": "400"}
                answer = await _posted(exchange, new)
                assert 'onHangup="http://127.0.0.1:18766/' in answer.text
                for form in (new, {"event": "answer", "callId": "w-1", "user": "agent-7"}, new):
                    assert (await _posted(exchange, form)).status_code == 200
                assert (await _posted(exchange, {"event": "newCall"})).status_code == 422
                await _posted(exchange, {"event": "hangup", "callId": "w-1", "cause": "normalClearing"})
            await until_there_are(running, 1)
            assert await events_of(running, "w-1") == ["call.offered", "call.answered", "call.ended"]
            assert await bridging.stop() == 0


async def _posted(exchange: httpx.AsyncClient, form: dict[str, str]) -> httpx.Response:
    async with asyncio.timeout(PATIENCE_SECONDS):
        while True:
            try:
                return await exchange.post("/hooks", data=form)
            except httpx.ConnectError:
                await asyncio.sleep(0.1)


async def test_what_the_service_will_not_take_is_kept_and_said_and_posted_when_its_cause_is_gone(
    database: str, tmp_path: Path
) -> None:
    spool = tmp_path / "s.db"
    async with Phone().open() as phone, server(database) as running:
        secret = await source_at(running)
        wrong = tmp_path / "score.json"
        wrong.write_text(json.dumps({"score": 99}))
        said = await _typed("say", "call.satisfaction_keyed", "--source", SOURCE, "--call", "c-1", "--data", str(wrong),
                            "--spool", str(spool))  # fmt: skip
        assert "Kept as" in said
        listens_to = ("--baresip", f"127.0.0.1:{phone.port}")
        async with bridge(running.address, secret, spool, *listens_to) as bridging:
            await until(lambda: phone.listening)
            phone.calls("c-1")
            await until_there_are(running, 1)
            await until(lambda: b"were refused" in bridging.written)
        shown = await _typed("status", "--spool", str(spool))
        assert "1 were refused" in shown
        assert "call.satisfaction_keyed" in shown
        assert "1 refused events are posted again" in await _typed("retry", "--spool", str(spool))


async def test_a_wrong_secret_loses_nothing_and_is_said(database: str, tmp_path: Path) -> None:
    spool = tmp_path / "s.db"
    async with Phone().open() as phone, server(database) as running:
        secret = await source_at(running)
        listens_to = ("--baresip", f"127.0.0.1:{phone.port}")
        async with bridge(running.address, f"whsec_{'A' * 32}", spool, *listens_to) as bridging:
            await until(lambda: phone.listening)
            phone.calls("c-1")
            await until(lambda: b"does not accept this source" in bridging.written)
        assert await calls_at(running) == []
        async with bridge(running.address, secret, spool, *listens_to):
            await until_there_are(running, 1)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["run", "--to", "http://x", "--source", "a"], "Name one telephone system"),
        (["run", "--to", "http://x", "--source", "a", "--baresip", "x"], "x is not HOST:PORT"),
        (["run", "--to", "http://x", "--source", "a", "--baresip", "h:1"], "secret is missing"),
        (["run", "--to", "http://x", "--source", "a", "--webhooks", "0.0.0.0:1"], "listens on this machine alone"),
        (["say", "call.wrap_up", "--source", "a"], "call.wrap_up needs the call"),
        (["status", "--spool", "missing.db"], "There is no spool missing.db"),
    ],
)
async def test_what_is_missing_or_misspelt_is_one_sentence(arguments: list[str], said: str, tmp_path: Path) -> None:
    assert said in await _typed(*arguments, at=tmp_path, code=1)


async def _typed(*arguments: str, at: Path | None = None, code: int = 0) -> str:
    names = {name: value for name, value in os.environ.items() if not name.startswith("REDRESS_")}
    environment = {**names, "REDRESS_LANGUAGE": "en", "COLUMNS": "300", "PYTHONPATH": os.getcwd()}
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "app", "softphone", *arguments, cwd=at, env=environment,
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT,
    )  # fmt: skip
    written, _ = await process.communicate()
    assert process.returncode == code, written.decode()
    return written.decode()
