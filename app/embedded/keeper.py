"""Keeps the embedded database running as long as its service does: a server that ended is started again.

It is started at the same address, so whoever holds connections to it finds it again. Where that cannot be done, the
service is told why, once and for all.
"""

import threading
import time
from collections.abc import Callable, Sequence
from typing import Final

import structlog

from app.embedded.postgres import EmbeddedPostgres
from app.embedded.process import DatabaseDidNotStart

log = structlog.get_logger()

# Seconds before each attempt. A full disk or a taken port may pass; a person looks after what takes longer.
PAUSES: Final = (0.0, 0.2, 0.5, 1.0, 2.0, 4.0)
LOOK_AGAIN: Final = 0.2  # seconds between two looks whether another process still owns the server
SHORT_LIFE: Final = 5.0  # seconds; who ends sooner, again and again, is started after a pause that grows
LONGEST_PAUSE: Final = 1.0


class Keeper:
    """A thread that lives with the service."""

    def __init__(
        self,
        database: EmbeddedPostgres,
        lost: Callable[[Exception], None],
        pauses: Sequence[float] = PAUSES,
    ) -> None:
        """`lost` is called, in that thread, with what keeps the database from coming back. `pauses`: see PAUSES."""
        self._database, self._lost, self._pauses = database, lost, pauses
        self._thread = threading.Thread(target=self._run, name="database-keeper", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def _run(self) -> None:
        try:
            self._keep()
        except Exception as problem:
            # Whatever it was, nobody keeps the database from now on.
            log.error("embedded_database_lost", error=type(problem).__name__)
            self._database.stop()
            self._lost(problem)

    def _keep(self) -> None:
        database = self._database
        pause = 0.0
        while not database.stopping.is_set():
            if not database.owned:
                if self._patiently(database.take_over):
                    log.warning("embedded_database_taken_over", data=str(database.data))
                else:
                    database.stopping.wait(LOOK_AGAIN)
                continue
            begun = time.monotonic()
            code = database.wait_for_its_end()
            if database.stopping.is_set():
                return
            log.warning("embedded_database_ended", exit_code=code)
            pause = 0.0 if time.monotonic() - begun > SHORT_LIFE else min(2 * pause + 0.1, LONGEST_PAUSE)
            database.stopping.wait(pause)
            if self._patiently(database.start_again):
                log.warning("embedded_database_started_again")

    def _patiently(self, start: Callable[[], bool]) -> bool:
        """What `start` answers, False once the service ends. Raises what the last attempt raised."""
        problem: Exception = DatabaseDidNotStart()
        for number, pause in enumerate(self._pauses, 1):
            if self._database.stopping.wait(pause):
                return False
            try:
                return start()
            except (DatabaseDidNotStart, OSError) as error:
                log.warning(
                    "embedded_database_did_not_start", attempt=number, of=len(self._pauses),
                    error=type(error).__name__, reason=str(error),
                )  # fmt: skip
                problem = error
        raise problem
