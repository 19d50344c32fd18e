"""Deployments to be drilled: `redress serve` as its users start it, on its own database or on one beside it."""

import asyncio
import base64
import os
import secrets
import signal
import socket
import subprocess
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from time import monotonic
from typing import Any, Final
from uuid import NAMESPACE_OID, UUID, uuid5

import httpx

from app.embedded.cluster import location
from app.embedded.process import read_pid_file
from drill.history import Entry

READY_SECONDS: Final = 40.0
STOP_SECONDS: Final = 40.0
MASTER_KEY: Final = base64.b64encode(secrets.token_bytes(32)).decode()
ADMIN_KEY: Final = f"rk_{secrets.token_hex(16)}"
PAGE: Final = 200


class NotReady(Exception):
    """A service ended, or was not ready again in time; what it wrote last is the message."""


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port


class Service:
    """`redress serve` as a process that can be killed and started again, on one port."""

    def __init__(self, folder: Path, *, workers: int = 1, environment: Mapping[str, str] | None = None) -> None:
        self.folder, self.port = folder, free_port()
        self.address = f"http://127.0.0.1:{self.port}"
        self._workers = workers
        kept = {name: value for name, value in os.environ.items() if not name.startswith("REDRESS_")}
        self._environment = {
            **kept, "REDRESS_ADMIN_KEY": ADMIN_KEY, "REDRESS_MASTER_KEY": MASTER_KEY, **(environment or {}),
        }  # fmt: skip
        self._written = folder / f"service-{self.port}.log"
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        data, port, workers = str(self.folder / "data"), str(self.port), str(self._workers)
        command = [sys.executable, "-m", "app", "serve", "--data", data, "--port", port, "--workers", workers]
        with self._written.open("ab") as output:
            self._process = subprocess.Popen(command, env=self._environment, stdout=output, stderr=output)

    @property
    def pid(self) -> int:
        """Raises NotReady before the start."""
        if self._process is None:
            raise NotReady("it was not started")
        return self._process.pid

    @property
    def postmaster(self) -> int:
        """The embedded database's first process. Raises NotReady while there is none."""
        cluster = location(self.folder / "data") or self.folder / "data" / "postgres"
        lines = read_pid_file(cluster)
        if not lines:
            raise NotReady("the database has no postmaster.pid")
        return int(lines[0])

    @property
    def has_ended(self) -> bool:
        return self._process is None or self._process.poll() is not None

    def kill(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.wait()

    async def ready(self) -> None:
        """Returns when it answers /readyz with 200. Raises NotReady."""
        limit, said = monotonic() + READY_SECONDS, "no answer"
        async with httpx.AsyncClient(base_url=self.address, timeout=5) as http:
            while monotonic() < limit:
                if self.has_ended:
                    raise NotReady(f"the service ended: {self.last_words()}")
                try:
                    answer = await http.get("/readyz")
                    if answer.status_code == 200:
                        return
                    said = answer.text
                except httpx.TransportError as error:
                    said = type(error).__name__
                await asyncio.sleep(0.05)
        raise NotReady(f"not ready after {READY_SECONDS:.0f} s: {said} / {self.last_words()}")

    async def metric(self, name: str) -> float:
        """What /metrics says under this name. Raises NotReady where it does not say it."""
        async with httpx.AsyncClient(base_url=self.address, timeout=5) as http:
            lines = (await http.get("/metrics")).text.splitlines()
        found = [line.split()[1] for line in lines if line.startswith(f"{name} ")]
        if not found:
            raise NotReady(f"there is no {name} in /metrics")
        return float(found[0])

    async def stop(self) -> None:
        """Ends it as an operator does."""
        if self._process is None or self.has_ended:
            return
        self._process.send_signal(signal.SIGTERM)
        try:
            await asyncio.to_thread(self._process.wait, STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self.kill()

    def last_words(self) -> str:
        return " / ".join(self._written.read_text(errors="replace").splitlines()[-3:])


@asynccontextmanager
async def running(*services: Service) -> AsyncIterator[None]:
    """Starts them, and stops whatever is still there afterwards."""
    try:
        for service in services:
            service.start()
            await service.ready()
        yield
    finally:
        for service in services:
            await service.stop()


async def make_key(service: Service, name: str, role: str) -> str:
    async with _administrator(service) as http:
        answer = await http.post("/v1/keys", json={"id": name, "name": name, "roles": [role]})
        answer.raise_for_status()
        key: str = answer.json()["key"]
        return key


async def whole_log(service: Service) -> list[Entry]:
    """The log as an administrator reads it, from the first event to the last."""
    entries: list[Entry] = []
    async with _administrator(service) as http:
        while True:
            after = entries[-1].position if entries else 0
            answer = await http.get("/v1/audit/events", params={"after": after, "limit": PAGE})
            answer.raise_for_status()
            page = answer.json()["items"]
            entries += [_entry(event) for event in page]
            if len(page) < PAGE:
                return entries


def _administrator(service: Service) -> httpx.AsyncClient:
    return httpx.AsyncClient(base_url=service.address, timeout=30, headers={"Authorization": f"Bearer {ADMIN_KEY}"})


def _entry(event: dict[str, Any]) -> Entry:
    said = {"Received": "subject", "NoteAdded": "text"}.get(event["type"])
    text = None if said is None else event["data"][said]
    stream = UUID(event["complaint_id"] or event["incident_id"] or str(uuid5(NAMESPACE_OID, event["number"])))
    return Entry(event["position"], stream, event["version"], event["type"], text)
