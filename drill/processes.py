"""The processes of a deployment under drill, found in /proc: its workers, its database, the database's sessions."""

import os
import re
import signal
from pathlib import Path
from typing import Final

SESSION: Final = re.compile(rb"^postgres: .*\d+\.\d+\.\d+\.\d+\(\d+\)")


def children(pid: int) -> list[int]:
    """The direct children of a process; none of one that has ended."""
    try:
        return [
            int(child)
            for thread in Path(f"/proc/{pid}/task").iterdir()
            for child in (thread / "children").read_text().split()
        ]
    except FileNotFoundError:
        return []


def called(pid: int) -> bytes:
    """The command line of a process; empty of one that has ended."""
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ")
    except FileNotFoundError:
        return b""


def workers(service: int) -> list[int]:
    """The worker processes of a service that has several."""
    return [pid for pid in children(service) if b"spawn_main" in called(pid)]


def sessions(postmaster: int) -> list[int]:
    """The server processes of a database that serve somebody."""
    return [pid for pid in children(postmaster) if SESSION.match(called(pid))]


def send(pids: list[int], signal_: signal.Signals) -> None:
    """Sends a signal to those that are still there."""
    for pid in pids:
        try:
            os.kill(pid, signal_)
        except ProcessLookupError:
            pass
