"""`redress serve`: uvicorn around the application, from the first check to the last acknowledged request."""

import os
import signal
import socket
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from multiprocessing import connection, parent_process
from threading import Thread
from typing import Any, NoReturn

import structlog
import uvicorn
from fastapi import FastAPI
from starlette.types import Lifespan
from uvicorn.supervisors import Multiprocess

from app.cli.first_start import CannotStart, Prepared, prepare
from app.cli.refusals import sentence_for
from app.main import PROTOCOL, application
from app.settings import Settings

log = structlog.get_logger()

GRACE_SECONDS = 20
LOOK_AGAIN_SECONDS = 0.05


class AnnouncingServer(uvicorn.Server):
    """A server that says so once it accepts requests."""

    def __init__(self, config: uvicorn.Config, announce: Callable[[], None]) -> None:
        super().__init__(config)
        self._announce = announce

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started:
            self._announce()


def serve(settings: Settings, *, host: str, port: int, workers: int, announce: Callable[[Prepared, str], None]) -> None:
    """Serve until SIGINT or SIGTERM, finish what was acknowledged, then stop the embedded database.

    Raises `CannotStart`. `announce` is told the address once requests are accepted.
    """
    if settings.sandbox and workers > 1:
        raise CannotStart("A sandbox has one clock and so one process: leave --workers at 1.")
    signal.signal(signal.SIGTERM, _stop)  # uvicorn raises it again after its shutdown; the database stops after that
    # Before the first administrator's key is made: a port that is taken must not cost it.
    bound = _bound_socket(host, port)
    prepared = prepare(settings)
    try:
        os.environ.update(
            REDRESS_DATABASE_URL=prepared.database_url,
            REDRESS_MASTER_KEY=prepared.master_key,
            REDRESS_SANDBOX=str(settings.sandbox),
        )
        _run(bound, workers, lambda address: announce(prepared, address))
    except KeyboardInterrupt:
        pass
    finally:
        if prepared.embedded is not None:
            prepared.embedded.stop()


def worker_application() -> FastAPI:
    """The application in one of several processes. It stops when the process that started it is gone.

    Otherwise the workers of a killed service would keep its port, and nobody would be there to stop them.
    """
    parent = parent_process()
    if parent is not None:
        Thread(target=_stop_after, args=(parent.sentinel,), name="parent-watch", daemon=True).start()
    app = application()
    app.router.lifespan_context = _telling_why(app.router.lifespan_context)
    return app


def _telling_why(lifespan: Lifespan[Any]) -> Lifespan[Any]:
    """uvicorn says that the application did not start as a text, which the logs leave out: it may quote data."""

    @asynccontextmanager
    async def telling(app: Any) -> AsyncIterator[Any]:
        try:
            async with lifespan(app) as state:
                yield state
        except Exception as error:
            log.error("did_not_start_or_stop", error=type(error).__name__, reason=sentence_for(error))
            raise

    return telling


def _stop_after(parent: int) -> None:
    connection.wait([parent])
    os.kill(os.getpid(), signal.SIGTERM)


def _run(bound: socket.socket, workers: int, announce: Callable[[str], None]) -> None:
    name = bound.getsockname()
    config = uvicorn.Config(
        "app.cli.serving:worker_application", factory=True, host=name[0], port=name[1], workers=workers,
        loop="uvloop", http=PROTOCOL, ws="none", access_log=False, log_config=None, server_header=False,
        date_header=True, timeout_graceful_shutdown=GRACE_SECONDS,
    )  # fmt: skip
    address = f"http://{'[' + name[0] + ']' if ':' in name[0] else name[0]}:{name[1]}"
    if workers == 1:
        AnnouncingServer(config, lambda: announce(address)).run(sockets=[bound])
    else:
        Thread(target=_announce_once_accepted, args=(name[:2], lambda: announce(address)), daemon=True).start()
        Multiprocess(config, sockets=[bound]).run()


def _announce_once_accepted(at: tuple[str, int], announce: Callable[[], None]) -> None:
    """The socket is bound already, but refuses until the first worker is ready and listens."""
    while True:
        try:
            socket.create_connection(at).close()
        except OSError:
            time.sleep(LOOK_AGAIN_SECONDS)
        else:
            announce()
            return


def _bound_socket(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    bound = socket.socket(family, socket.SOCK_STREAM)
    bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        bound.bind((host, port))
    except OSError as error:
        bound.close()
        raise CannotStart(f"Cannot listen on {host}:{port} ({error.strerror}); choose another with --port.") from None
    bound.set_inheritable(True)
    return bound


def _stop(*_: object) -> NoReturn:
    raise SystemExit(0)
