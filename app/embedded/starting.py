"""Starting the server on the port it had before, or on a free one, once whoever used its folder before has let go."""

import os
import random
import socket
import threading
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from app.embedded.account import Account
from app.embedded.binaries import Binaries
from app.embedded.files import give_to_owner_of, read, write_secret
from app.embedded.orphans import end_orphans
from app.embedded.process import STOP_SECONDS, ChildrenStillRun, PortTaken, ServerProcess

LOG_KEPT_BYTES = 8_000_000
PORT_ATTEMPTS = 5
# Below those that systems give to outgoing connections: while the server is away, nobody's may take its port, not even
# one of ours that looks for it there.
PORTS: Final = range(20_000, 32_000)
PATIENCE_WITH_CHILDREN = 1.0  # seconds: those that can notice the end of their server have noticed it by then
LOOK_AGAIN = 0.1


@dataclass(frozen=True, slots=True)
class Place:
    """What a start needs: the data folder, the cluster, the programs, and who runs them (None: this process's user)."""

    data: Path
    cluster: Path
    binaries: Binaries
    account: Account | None


def started(place: Place) -> tuple[ServerProcess, int]:
    """A server that accepts connections, and its port: the one it had last where that is free.

    Raises DatabaseDidNotStart.
    """
    kept = read(place.data / "postgres.port")
    port = int(kept) if kept.isdigit() and _is_free(int(kept)) else free_port()
    for _ in range(PORT_ATTEMPTS - 1):
        try:
            return _remembered(place, started_on(place, port), port)
        except PortTaken:
            port = free_port()
    return _remembered(place, started_on(place, port), port)


def started_on(place: Place, port: int, stopping: threading.Event | None = None) -> ServerProcess:
    """A server that accepts connections on exactly this port.

    Children of an earlier server that do not end by themselves are ended: without it they serve nobody. `stopping`
    breaks the start off once it is set. Raises DatabaseDidNotStart, OSError.
    """
    output = _log_of(place.data)
    begun = time.monotonic()
    while True:
        try:
            return ServerProcess.start(place.binaries, place.cluster, port, output, place.account, stopping=stopping)
        except ChildrenStillRun:
            waited = time.monotonic() - begun
            if waited > STOP_SECONDS or (stopping is not None and stopping.is_set()):
                raise
            if waited > PATIENCE_WITH_CHILDREN:
                end_orphans(place.cluster)
            time.sleep(LOOK_AGAIN)


def free_port() -> int:
    """A port on 127.0.0.1 that nobody listens on."""
    for _ in range(PORT_ATTEMPTS):
        port = random.choice(PORTS)
        if _is_free(port):
            return port
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        address: tuple[str, int] = probe.getsockname()
        return address[1]


def _remembered(place: Place, server: ServerProcess, port: int) -> tuple[ServerProcess, int]:
    try:
        write_secret(place.data / "postgres.port", str(port))
    except BaseException:
        server.stop()
        raise
    return server, port


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        # As PostgreSQL does: connections of an earlier server that are still closing do not matter.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except (OSError, OverflowError):
            return False
        return True


def _log_of(data: Path) -> Path:
    output = data / "postgres.log"
    if output.exists() and output.stat().st_size > LOG_KEPT_BYTES:
        output.replace(output.with_name("postgres.log.1"))
    give_to_owner_of(data, os.open(output, os.O_WRONLY | os.O_CREAT, 0o600), close=True)
    return output
