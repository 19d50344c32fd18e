"""Servers under measurement: started on a free port, their memory and metrics read, ended by their own process id."""

import os
import re
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx

START_SECONDS = 30


@dataclass(frozen=True)
class Server:
    """A running server process on 127.0.0.1."""

    process: "subprocess.Popen[bytes]"
    port: int

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def peak_mib(self) -> float:
        """The largest resident size it has had, in MiB; of the server process alone, without PostgreSQL."""
        status = Path(f"/proc/{self.process.pid}/status").read_text()
        found = re.search(r"VmHWM:\s+(\d+) kB", status)
        return int(found[1]) / 1024 if found else 0.0

    def metric(self, name: str) -> float:
        text = httpx.get(f"{self.address}/metrics", timeout=5).text
        found = re.search(rf"^{name} (\S+)$", text, re.MULTILINE)
        return float(found[1]) if found else float("nan")


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port


@contextmanager
def running(command: list[str], *, ready: str, environment: Mapping[str, str] | None = None) -> Iterator[Server]:
    """`python -m …` with `{port}` filled in, ready when `ready` answers at all; terminated at the end."""
    port = free_port()
    arguments = [sys.executable, "-m", *(part.replace("{port}", str(port)) for part in command)]
    process = subprocess.Popen(
        arguments, env={**os.environ, **(environment or {})}, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    server = Server(process, port)
    try:
        _wait_until_ready(server, ready)
        yield server
    finally:
        process.terminate()
        process.wait(30)


def _wait_until_ready(server: Server, path: str) -> None:
    until = time.monotonic() + START_SECONDS
    while time.monotonic() < until and server.process.poll() is None:
        try:
            httpx.get(f"{server.address}{path}", timeout=2)
        except httpx.TransportError:
            time.sleep(0.05)
        else:
            return
    raise RuntimeError(f"{server.process.args!r} did not start")


@contextmanager
def lag_samples(server: Server) -> Iterator[list[float]]:
    """How many seconds read models were behind, looked at five times a second."""
    samples = [0.0]
    done = threading.Event()

    def watch() -> None:
        while not done.wait(0.2):
            samples.append(server.metric("redress_projection_lag_seconds"))

    thread = threading.Thread(target=watch)
    thread.start()
    try:
        yield samples
    finally:
        done.set()
        thread.join()


def percentile(samples: Sequence[float], share: float) -> float:
    return sorted(samples)[min(len(samples) - 1, int(share * len(samples)))]
