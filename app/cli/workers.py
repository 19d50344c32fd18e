"""The processes that answer requests: started together, watched, replaced when they end, and ended within bounds.

uvicorn's own supervisor takes a worker that has not answered within seconds for dead, also one that is still being
loaded on a busy machine, and starts it anew for ever.
"""

import pickle
import socket
import time
from collections.abc import Sequence
from multiprocessing import connection
from threading import Event
from typing import Final

import structlog
from uvicorn import Config
from uvicorn.config import STARTUP_FAILURE
from uvicorn.supervisors.multiprocess import Process

log = structlog.get_logger()

LOOK_SECONDS: Final = 0.5
# Counted in looks, not in seconds: a machine that stood still is no fault of its workers.
LOOKS_UNTIL_LOADED: Final = 600  # five minutes: programs, libraries and procedures may come off a slow disk
LOOKS_UNANSWERED: Final = 120
LONGEST_PAUSE: Final = 2.0  # seconds before a worker is replaced that ended before it was ready


class Worker(Process):
    """One of them. Its answers come from a thread of its own, so it is silent only while it is loaded, or frozen."""

    def __init__(self, config: Config, sockets: list[socket.socket]) -> None:
        super().__init__(config, sockets)
        self.ready = False
        self._loaded = self._asked = False
        self._unanswered = 0

    def look(self, *, counts: bool = True) -> None:
        """Takes what it has answered and asks again; never waits. `counts`: it had a while to answer since the last."""
        try:
            while self.parent_conn.poll():
                self.ready = bool(self.parent_conn.recv()) or self.ready
                self._loaded, self._asked, self._unanswered = True, False, 0
            if not self._asked:
                self.parent_conn.send(b"ping")
                self._asked = True
        except (OSError, EOFError, pickle.UnpicklingError):
            pass  # it is ending, which its process will say
        self._unanswered += counts

    @property
    def is_frozen(self) -> bool:
        """Whether it has been silent for so long that it is better replaced."""
        return self._unanswered > (LOOKS_UNANSWERED if self._loaded else LOOKS_UNTIL_LOADED)


class Workers:
    """`end` is set by whoever wants them to end; `failed`: they ended because none of them could be started."""

    def __init__(self, config: Config, sockets: list[socket.socket], end: Event) -> None:
        self.failed = False
        self._config, self._sockets, self._end = config, sockets, end
        self._workers: list[Worker] = []
        self._any_was_ready = False
        self._pause = 0.0

    def run(self, stop_seconds: float) -> None:
        """Until `end` is set or they failed; those that have not ended `stop_seconds` later are killed."""
        try:
            for _ in range(self._config.workers):
                self._workers.append(self._started())
            waited = True
            while not self._end.is_set():
                self._look_after_them(waited)
                waited = self._wait()
        finally:
            _end_all(self._workers, stop_seconds)

    def _started(self) -> Worker:
        worker = Worker(self._config, self._sockets)
        worker.start()
        return worker

    def _wait(self) -> bool:
        """Until the next look is due or some worker has ended; whether the others had their time to answer."""
        ending = connection.wait([worker.process.sentinel for worker in self._workers], LOOK_SECONDS)
        if not ending:
            return True
        # It says so a moment before it has ended, on a busy machine a long one: looks must not run on meanwhile.
        still_there = any(one.process.is_alive() for one in self._workers if one.process.sentinel in ending)
        return still_there and not self._end.wait(LOOK_SECONDS)

    def _look_after_them(self, waited: bool) -> None:
        for index, worker in enumerate(self._workers):
            worker.look(counts=waited)
            if worker.ready:
                self._any_was_ready, self._pause = True, 0.0
            if not worker.process.is_alive() or worker.is_frozen:
                self._replace(index, worker)

    def _replace(self, index: int, worker: Worker) -> None:
        frozen = worker.process.is_alive()
        worker.kill()
        worker.join()
        if self._end.is_set():
            return
        if worker.exitcode == STARTUP_FAILURE and not self._any_was_ready:
            # What kept it from starting will keep the others. Later on it may be the database, which comes back.
            self.failed = True
            self._end.set()
            return
        log.warning("worker_replaced", pid=worker.pid, exit_code=worker.exitcode, frozen=frozen)
        if not worker.ready:
            self._pause = min(2 * self._pause + 0.1, LONGEST_PAUSE)
            self._end.wait(self._pause)
        self._workers[index] = self._started()


def _end_all(workers: Sequence[Worker], stop_seconds: float) -> None:
    for worker in workers:
        if worker.process.is_alive():
            worker.terminate()
    limit = time.monotonic() + stop_seconds
    for worker in workers:
        worker.process.join(max(0.0, limit - time.monotonic()))
        if worker.process.is_alive():
            log.error("worker_killed", pid=worker.pid, seconds=stop_seconds)
            worker.process.kill()
            worker.process.join()
