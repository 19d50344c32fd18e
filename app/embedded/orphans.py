"""What an earlier server of a cluster left: itself, still shutting down, its children, its pid file."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import structlog

from app.embedded.account import EmbeddedDatabaseError
from app.embedded.process import POLL_SECONDS, STOP_SECONDS, read_pid_file

log = structlog.get_logger()

SAY_AFTER = 0.5  # seconds of waiting, after which a person who watches the start is told why


class DatabaseStillRuns(EmbeddedDatabaseError):
    """Another server uses the data folder and does not end."""


def clear_away_earlier_server(cluster: Path) -> None:
    """Make sure that no server runs on `cluster`, after its owner died. Only call as the owner of the lock.

    A server of ours that is still shutting down is waited for, and asked once more after a while; a process that
    merely has the number in postmaster.pid is left alone. Raises DatabaseStillRuns.
    """
    lines = read_pid_file(cluster)
    if not lines or not lines[0].lstrip("-").isdigit():
        _clear_unreadable_pid_file(cluster)
        return
    pid = abs(int(lines[0]))
    _wait_for(pid, cluster)
    if runs_on(pid, cluster):
        raise DatabaseStillRuns(f"Process {pid} uses the database in {cluster} and does not end: stop it first.")
    remaining = read_pid_file(cluster)
    if remaining and _is_used(pid):
        # The stale file would keep PostgreSQL from starting, for some other program has that number by now. Not
        # deleted: its line 7 lets PostgreSQL notice server children that survived. PostgreSQL reads the number of
        # its own parent, which is this process, as stale.
        (cluster / "postmaster.pid").write_text("\n".join([str(os.getpid()), *remaining[1:]]) + "\n")


def end_orphans(cluster: Path) -> None:
    """Kill children of a server that is dead itself: a busy one notices that only once it is done.

    Only call as the owner of the lock, and on Linux: elsewhere nothing happens, and they are waited for.
    """
    for pid in _orphans(cluster):
        log.warning("embedded_database_child_killed", pid=pid)
        try:
            os.kill(pid, signal.SIGKILL)
        except ProcessLookupError:
            continue


def runs_on(pid: int, cluster: Path) -> bool:
    """Whether process `pid` is a PostgreSQL server, or a child of one, whose data folder is `cluster`."""
    if sys.platform == "linux":
        try:
            program = os.readlink(f"/proc/{pid}/exe").removesuffix(" (deleted)")
            return Path(program).name == "postgres" and os.path.samefile(f"/proc/{pid}/cwd", cluster)
        except OSError:
            # Gone, or of a user whose processes we may not look into: then it is not the server of our cluster.
            return False
    shown = subprocess.run(["ps", "-ww", "-o", "command=", "-p", str(pid)], capture_output=True, text=True, check=False)
    return "postgres" in shown.stdout and f"-D {cluster}" in shown.stdout


def _wait_for(pid: int, cluster: Path) -> None:
    begun = time.monotonic()
    told = asked = False
    while runs_on(pid, cluster) and (waited := time.monotonic() - begun) < STOP_SECONDS:
        if waited > SAY_AFTER and not told:
            log.warning("waiting_for_earlier_database", pid=pid, at_most_seconds=STOP_SECONDS)
            told = True
        if waited > STOP_SECONDS / 2 and not asked:
            os.kill(pid, signal.SIGINT)
            asked = True
        time.sleep(POLL_SECONDS)


def _clear_unreadable_pid_file(cluster: Path) -> None:
    """A disk that was full leaves an empty one, with which PostgreSQL would never start again.

    It says of no children to PostgreSQL either, so none may be left.
    """
    if (cluster / "postmaster.pid").exists():
        end_orphans(cluster)
        (cluster / "postmaster.pid").unlink(missing_ok=True)


def _is_used(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        pass  # by somebody else's process
    return True


def _orphans(cluster: Path) -> Iterator[int]:
    if sys.platform != "linux":
        return
    for entry in os.listdir("/proc"):
        if entry.isdigit() and runs_on(int(entry), cluster) and not runs_on(_parent(int(entry)), cluster):
            yield int(entry)


def _parent(pid: int) -> int:
    try:
        # After the program's name, which may hold anything: state, then the parent.
        return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])
    except OSError:
        return 0
