"""The server process of the embedded database: started, waited for, recognised, stopped."""

import os
import queue
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import BinaryIO

from app.embedded.account import Account, EmbeddedDatabaseError
from app.embedded.binaries import Binaries

LAUNCHER = Path(__file__).with_name("launch.py")
START_SECONDS = 60.0  # crash recovery after much writing takes its time
STOP_SECONDS = 30.0
# A server that has not stopped in this time stands still, and will not listen to the next request either.
STOPPING = ((signal.SIGINT, STOP_SECONDS), (signal.SIGQUIT, 5.0), (signal.SIGKILL, STOP_SECONDS))
POLL_SECONDS = 0.005
LOOK_SECONDS = 0.1  # while it runs

# Given on the command line, so that an older data folder gets them too.
SETTINGS = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    "max_connections": "100",
    "shared_buffers": "128MB",
    "wal_compression": "on",
    "jit": "off",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "lc_messages": "C",
    "cluster_name": "redress",
    # The log must not hold personal data: no statements, no parameters, no DETAIL lines with key values, and no
    # errors of statements, whose text quotes values; the service reports those itself.
    "log_statement": "none",
    "log_min_messages": "log",
    "log_min_error_statement": "panic",
    "log_min_duration_statement": "-1",
    "log_parameter_max_length": "0",
    "log_parameter_max_length_on_error": "0",
    "log_error_verbosity": "terse",
    "log_checkpoints": "off",
}
if sys.platform == "linux":
    # After a crash every file is made durable before anything else: one by one that takes seconds on a busy disk.
    SETTINGS["recovery_init_sync_method"] = "syncfs"


class DatabaseDidNotStart(EmbeddedDatabaseError):
    """The database server ended, or said nothing, while it was starting."""


class PortTaken(DatabaseDidNotStart):
    """Another program took the port between choosing and using it."""


class ChildrenStillRun(DatabaseDidNotStart):
    """The server was killed and its children have not noticed yet; they do within moments."""


def clean_environment() -> dict[str, str]:
    """This process's environment without what would steer PostgreSQL's programs (PGDATA, PGPORT, locale)."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("PG", "LC_", "LANG"))}
    return kept | {"LC_ALL": "C"}


class ServerProcess:
    """One running postmaster that this process started and that ends with this process."""

    def __init__(
        self,
        binaries: Binaries,
        cluster: Path,
        process: "subprocess.Popen[bytes]",
        watcher: "subprocess.Popen[bytes] | None",
    ) -> None:
        self.binaries = binaries
        self._process = process
        self._cluster = cluster
        self._watcher = watcher

    @classmethod
    def start(
        cls,
        binaries: Binaries,
        cluster: Path,
        port: int,
        log: Path,
        account: Account | None,
        *,
        by_pipe: bool = False,
        stopping: threading.Event | None = None,
    ) -> "ServerProcess":
        """Start the server and return when it accepts connections. Raises DatabaseDidNotStart or PortTaken.

        by_pipe: use the watcher of systems without a death signal (always so outside Linux). stopping: breaks the start
        off once it is set.
        """
        ids = (str(account.user), str(account.group)) if account else ("-1", "-1")
        server = [str(binaries.folder / "postgres"), "-D", str(cluster), "-p", str(port)]
        server += [part for name, value in SETTINGS.items() for part in ("-c", f"{name}={value}")]
        launcher = [sys.executable, "-I", "-S", str(LAUNCHER)]
        with log.open("ab") as output:
            begin = output.tell()
            process = _popen_in_lasting_thread([*launcher, "run", str(os.getpid()), *ids, *server], output)
        watcher = None
        if by_pipe or sys.platform != "linux":
            watcher = subprocess.Popen(
                [*launcher, "watch", str(process.pid)], stdin=subprocess.PIPE, start_new_session=True
            )
        started = cls(binaries, cluster, process, watcher)
        try:
            started._wait_until_ready(log, begin, stopping)
        except BaseException:
            started.stop()
            raise
        return started

    @property
    def pid(self) -> int:
        return self._process.pid

    def wait(self) -> int:
        """Until the server has ended; returns its exit code, negative for the signal that ended it.

        One that lets nobody in and waits for those who are there to leave, as a plain `kill` tells it to, is ended
        too: the service's sessions stay for good, and whoever comes anew would be turned away for as long.
        """
        while self._process.poll() is None:
            time.sleep(LOOK_SECONDS)
            if self._status == "stopping":
                self._process.send_signal(signal.SIGINT)
        return int(self._process.returncode)

    @property
    def _status(self) -> str:
        """What the server says of itself; empty where it says nothing."""
        lines = read_pid_file(self._cluster)
        return lines[7].strip() if len(lines) > 7 and lines[0] == str(self.pid) else ""

    def stop(self) -> None:
        """Fast shutdown: running transactions are rolled back, everything acknowledged is on disk. Idempotent."""
        for request, patience in STOPPING:
            if self._process.poll() is not None:
                break
            self._process.send_signal(request)
            try:
                self._process.wait(patience)
            except subprocess.TimeoutExpired:
                continue
        if self._watcher is not None:
            # Before its pipe closes: it must never look for a server that is already gone.
            self._watcher.kill()
            self._watcher.wait()
            if self._watcher.stdin is not None:
                self._watcher.stdin.close()
            self._watcher = None

    def _wait_until_ready(self, log: Path, begin: int, stopping: threading.Event | None) -> None:
        limit = time.monotonic() + START_SECONDS
        while time.monotonic() < limit:
            if stopping is not None and stopping.is_set():
                raise DatabaseDidNotStart("The database was told to stop while it was starting.")
            if self._process.poll() is not None:
                said = _tail(log, begin)
                raise _kind_of_failure(said)(f"The database did not start (log: {log}):\n{said}")
            if self._status == "ready":
                return
            time.sleep(POLL_SECONDS)
        raise DatabaseDidNotStart(f"The database was not ready after {START_SECONDS:.0f} s (log: {log}).")


def _kind_of_failure(said: str) -> type[DatabaseDidNotStart]:
    if "could not bind" in said or "could not create any TCP/IP" in said:
        return PortTaken
    return ChildrenStillRun if "pre-existing shared memory" in said else DatabaseDidNotStart


def _popen_in_lasting_thread(command: list[str], output: BinaryIO) -> "subprocess.Popen[bytes]":
    """Start `command` from a thread that lives as long as it does.

    Linux sends the death signal when the *thread* that forked ends, so the caller's, a pool's, would not do.
    """
    answer: queue.SimpleQueue[subprocess.Popen[bytes] | OSError] = queue.SimpleQueue()

    def start_and_wait() -> None:
        try:
            # A session of its own: Ctrl-C in the terminal is for the service, which stops the database last.
            process = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                env=clean_environment(),
                cwd="/",
                start_new_session=True,
            )
        except OSError as problem:
            answer.put(problem)
            return
        answer.put(process)
        process.wait()

    threading.Thread(target=start_and_wait, name="embedded-postgres", daemon=True).start()
    outcome = answer.get()
    if isinstance(outcome, OSError):
        raise outcome
    return outcome


def read_pid_file(cluster: Path) -> list[str]:
    """The lines of postmaster.pid: 1 pid, 2 data folder, 4 port, 8 "ready" or "stopping"; empty without a file."""
    try:
        return (cluster / "postmaster.pid").read_text(errors="replace").splitlines()
    except FileNotFoundError:
        return []


def _tail(log: Path, begin: int) -> str:
    with log.open("rb") as written:
        written.seek(begin)
        return "\n".join(written.read().decode(errors="replace").splitlines()[-12:])
