"""The socket that a service listens on, once whoever listened there before has let go of it."""

import errno
import socket
import time
from typing import Final

import structlog

from app.cli.first_start import CannotStart
from app.cli.language import said
from wording.command_line import CANNOT_LISTEN

log = structlog.get_logger()

# Workers of a service that was killed notice it at once and stop listening; one that is being loaded a little later.
PATIENCE_SECONDS: Final = 10.0
LOOK_AGAIN_SECONDS: Final = 0.05


def bound_socket(host: str, port: int) -> socket.socket:
    """Bound to the address and not listening yet. Waits for a port that is in use, and says so.

    Raises `CannotStart`.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    limit = time.monotonic() + PATIENCE_SECONDS
    told = False
    while True:
        bound = socket.socket(family, socket.SOCK_STREAM)
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            bound.bind((host, port))
        except OSError as error:
            bound.close()
            if error.errno != errno.EADDRINUSE or time.monotonic() > limit:
                raise CannotStart(said(CANNOT_LISTEN, host=host, port=port, message=error.strerror)) from None
        else:
            bound.set_inheritable(True)
            return bound
        if not told:
            log.warning("waiting_for_port", host=host, port=port, at_most_seconds=PATIENCE_SECONDS)
            told = True
        time.sleep(LOOK_AGAIN_SECONDS)


def wait_until_accepting(address: tuple[str, int]) -> None:
    """A bound socket refuses until its first process is ready and listens."""
    while True:
        try:
            socket.create_connection(address).close()
        except OSError:
            time.sleep(LOOK_AGAIN_SECONDS)
        else:
            return
