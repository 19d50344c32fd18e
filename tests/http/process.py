"""A real server process: `python -m app serve` on a test's database, with all that it writes."""

from __future__ import annotations

import asyncio
import os
import re
import signal
import sys
from base64 import b64encode
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import httpx

from tests.http.desk import ADMIN_KEY, PEOPLE, done

MASTER: Final = b64encode(b"a master key for the tests only!").decode()
STARTED_WITHIN: Final = 90  # seconds, on a machine that has other things to do; a first start makes a database
ADDRESS: Final = re.compile(rb"http://[0-9.]+:[0-9]+")


@dataclass
class Server:
    """One running process. `written` is what it wrote so far, standard output and error together."""

    process: asyncio.subprocess.Process
    http: httpx.AsyncClient
    address: str
    written: bytearray = field(default_factory=bytearray)
    _chief: str | None = None
    _asking: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def post(self, path: str, body: Any, *, key: str | None = None, **headers: str) -> httpx.Response:
        """As the administrator, who takes no steps of a complaint; so there as the chief of the people of the tests."""
        taker = await self.chief() if path.startswith("/v1/complaints") else ADMIN_KEY
        return await self.http.post(path, json=body, headers={"Authorization": f"Bearer {key or taker}", **headers})

    async def chief(self) -> str:
        """Their key, asked for once; every process on one database gives it again."""
        async with self._asking:
            if self._chief is None:
                headers = {"Authorization": f"Bearer {ADMIN_KEY}", "Idempotency-Key": "chief"}
                answer = await self.http.post("/v1/keys", json={"id": "chief", **PEOPLE["chief"]}, headers=headers)
                self._chief = str(done(answer, 201)["key"])
        return self._chief

    async def stop(self, how: signal.Signals = signal.SIGTERM) -> int:
        """Ends it and waits; returns its exit code."""
        if self.process.returncode is None:
            self.process.send_signal(how)
        return await asyncio.wait_for(self.process.wait(), 30)


def server(database: str, *arguments: str) -> AbstractAsyncContextManager[Server]:
    """A process that accepts requests, on a free port; ended when it is still there afterwards."""
    return serving({"REDRESS_DATABASE_URL": database, "REDRESS_MASTER_KEY": MASTER}, "--port", "0", *arguments)


def server_of_its_own(
    data: Path, *arguments: str, port: int = 0, language: str = "en"
) -> AbstractAsyncContextManager[Server]:
    """The same on an embedded database in `data`."""
    return serving({"REDRESS_DATA": str(data), "REDRESS_LANGUAGE": language}, "--port", str(port), *arguments)


@asynccontextmanager
async def serving(settings: dict[str, str], *arguments: str) -> AsyncIterator[Server]:
    """`redress serve` with these settings and the administrator's key of the tests."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("REDRESS_")}
    environment |= {"REDRESS_ADMIN_KEY": ADMIN_KEY, **settings}
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "app", "serve", *arguments,
        env=environment | {"PYTHONUNBUFFERED": "1"},
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT,
    )  # fmt: skip
    assert process.stdout is not None
    written = bytearray()
    try:
        address = await asyncio.wait_for(_address(process.stdout, written), STARTED_WITHIN)
        reading = asyncio.create_task(_read_on(process.stdout, written))
        async with httpx.AsyncClient(base_url=address, timeout=30) as http:
            yield Server(process, http, address, written)
        await _ended(process)
        await reading
    finally:
        await _ended(process)


async def _ended(process: asyncio.subprocess.Process) -> None:
    if process.returncode is None:
        process.kill()
        await process.wait()


async def _address(stream: asyncio.StreamReader, written: bytearray) -> str:
    while line := await stream.readline():
        written += line
        if found := ADDRESS.search(line):
            return found[0].decode()
    raise AssertionError(f"the server did not start: {written.decode()}")


async def _read_on(stream: asyncio.StreamReader, written: bytearray) -> None:
    while data := await stream.read(1 << 16):
        written += data
