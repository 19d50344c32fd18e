"""The application in one process, and how this process ends: when it is told to, and when nobody is left to tell it."""

import os
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from multiprocessing import connection, parent_process
from pathlib import Path
from threading import Event, Thread
from typing import Any, Final

import structlog
from fastapi import FastAPI
from starlette.types import Lifespan

from app.cli.refusals import sentence_for
from app.embedded.ownership import has_owner
from app.main import application

log = structlog.get_logger()

GRACE_SECONDS: Final = 20  # for requests that are under way
# Where `serve` tells its processes which embedded database it looks after.
EMBEDDED_IN: Final = "REDRESS_EMBEDDED_IN"
STOP_SECONDS: Final = GRACE_SECONDS + 15  # and for everything else that is closed after them


def worker_application() -> FastAPI:
    """The application. In one of several processes, it stops when the process that started it is gone.

    Otherwise the workers of a killed service would keep its port, and nobody would be there to stop them.
    """
    serving = Event()
    parent = parent_process()
    if parent is not None:
        signal.signal(signal.SIGHUP, signal.SIG_IGN)  # of a terminal that closes: who started it ends it
        Thread(target=_end_after, args=(parent.sentinel, serving), name="parent-watch", daemon=True).start()
    app = application(_database_is_kept)
    app.router.lifespan_context = _telling(app.router.lifespan_context, serving)
    return app


def _database_is_kept() -> bool:
    embedded_in = os.environ.get(EMBEDDED_IN)
    return embedded_in is None or has_owner(Path(embedded_in))


def _telling(lifespan: Lifespan[Any], serving: Event) -> Lifespan[Any]:
    """uvicorn says that the application did not start as a text, which the logs leave out: it may quote data."""

    @asynccontextmanager
    async def telling(app: Any) -> AsyncIterator[Any]:
        try:
            async with lifespan(app) as state:
                serving.set()
                yield state
        except Exception as error:
            log.error("did_not_start_or_stop", error=type(error).__name__, reason=sentence_for(error))
            raise

    return telling


def _end_after(parent: int, serving: Event) -> None:
    connection.wait([parent])
    if serving.is_set():
        os.kill(os.getpid(), signal.SIGTERM)
        Event().wait(STOP_SECONDS)
    # Nothing was promised by a process that was still starting; it must not take the port from the next service.
    os._exit(1)
