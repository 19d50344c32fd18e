"""`redress serve`: uvicorn around the application, from the first check to the last acknowledged request."""

import asyncio
import os
import signal
import socket
from collections.abc import Callable
from pathlib import Path
from threading import Event, Thread
from typing import Any, Final, NoReturn

import structlog
import uvicorn
from uvicorn.config import STARTUP_FAILURE

from app.cli.first_start import CannotStart, EndedByItself, Prepared, prepare
from app.cli.language import said, spoken_language
from app.cli.listening import bound_socket, wait_until_accepting
from app.cli.worker import EMBEDDED_IN, GRACE_SECONDS, STOP_SECONDS
from app.cli.workers import Workers
from app.embedded.keeper import Keeper
from app.main import PROTOCOL
from app.settings import Settings
from wording import serving
from wording.command_line import ONE_PROCESS
from wording.sentences import joined, sentence

log = structlog.get_logger()

ENDING: Final = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)


class SingleServer(uvicorn.Server):
    """A server that says so once it accepts requests, and ends, within bounds, when `end` is set."""

    def __init__(self, config: uvicorn.Config, end: Event, announce: Callable[[], None]) -> None:
        super().__init__(config)
        self._end, self._announce = end, announce

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started:
            self._announce()

    async def on_tick(self, counter: int) -> bool:
        return await super().on_tick(counter) or self._end.is_set()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        try:
            async with asyncio.timeout(STOP_SECONDS):
                await super().shutdown(sockets)
        except TimeoutError:
            log.error("closing_given_up", seconds=STOP_SECONDS)


def serve(settings: Settings, *, host: str, port: int, workers: int, announce: Callable[[Prepared, str], None]) -> None:
    """Serve until it is told to stop, finish what was acknowledged, then stop the embedded database.

    `announce` is told the address once requests are accepted. Raises `CannotStart`, and `EndedByItself` when the
    embedded database is gone for good.
    """
    if settings.sandbox and workers > 1:
        raise CannotStart(said(ONE_PROCESS))
    _when_told_to_end(_stop)
    # Before the first administrator's key is made: a port that is taken must not cost it.
    bound = bound_socket(host, port)
    prepared = prepare(settings)
    end = Event()
    lost: list[Exception] = []

    def give_up(problem: Exception) -> None:
        lost.append(problem)
        end.set()

    try:
        if prepared.embedded is not None:
            Keeper(prepared.embedded, give_up).start()
        os.environ.update(_for_the_application(prepared, settings))
        started = _run(bound, workers, end, lambda address: announce(prepared, address))
    finally:
        _when_told_to_end(signal.SIG_IGN)  # it ends already
        if prepared.embedded is not None:
            prepared.embedded.stop()
    if lost:
        raise EndedByItself(_why_lost(lost[0], settings.data)) from lost[0]
    if not started:
        raise CannotStart(sentence(serving.NOT_STARTED, spoken_language()))


def _why_lost(problem: Exception, data: Path) -> str:
    language = spoken_language()
    why = serving.WHY_LOST.get(type(problem).__name__, serving.WHY_ELSE)
    parts = (serving.DATABASE_LOST, why)
    return joined((sentence(part, language, data=data) for part in parts), language)


def _for_the_application(prepared: Prepared, settings: Settings) -> dict[str, str]:
    found = {
        "REDRESS_DATABASE_URL": prepared.database_url,
        "REDRESS_MASTER_KEY": prepared.master_key,
        "REDRESS_SANDBOX": str(settings.sandbox),
    }
    if prepared.embedded is not None:
        found[EMBEDDED_IN] = str(prepared.embedded.data)
    return found


def _run(bound: socket.socket, workers: int, end: Event, announce: Callable[[str], None]) -> bool:
    """Until it is told to end; False when the application could not be started."""
    name = bound.getsockname()
    config = uvicorn.Config(
        "app.cli.worker:worker_application", factory=True, host=name[0], port=name[1], workers=workers,
        loop="uvloop", http=PROTOCOL, ws="none", access_log=False, log_config=None, server_header=False,
        proxy_headers=False,  # whom to believe is ours to say: app/http/protocol/proxies.py
        date_header=True, timeout_graceful_shutdown=GRACE_SECONDS,
    )  # fmt: skip
    address = f"http://{'[' + name[0] + ']' if ':' in name[0] else name[0]}:{name[1]}"
    if workers == 1:
        _when_told_to_end(lambda *_: end.set(), signal.SIGHUP)
        return _ran_alone(SingleServer(config, end, lambda: announce(address)), bound)
    _when_told_to_end(lambda *_: end.set())
    Thread(target=_announce_once_accepted, args=(name[:2], lambda: announce(address)), daemon=True).start()
    several = Workers(config, [bound], end)
    several.run(STOP_SECONDS)
    return not several.failed


def _announce_once_accepted(at: tuple[str, int], announce: Callable[[], None]) -> None:
    wait_until_accepting(at)
    announce()


def _ran_alone(server: SingleServer, bound: socket.socket) -> bool:
    try:
        server.run(sockets=[bound])
    except SystemExit as ended:
        if ended.code != STARTUP_FAILURE:
            raise
        return False
    return True


def _when_told_to_end(handler: Any, *numbers: signal.Signals) -> None:
    for number in numbers or ENDING:
        # Who started it with nohup wants it to outlive the terminal.
        if not (number == signal.SIGHUP and signal.getsignal(number) is signal.SIG_IGN):
            signal.signal(number, handler)


def _stop(*_: object) -> NoReturn:
    raise SystemExit(0)
