"""How long a request waits for the storage, and how many of them do: said once, around every request."""

from dataclasses import dataclass
from typing import Final

from starlette.types import ASGIApp, Receive, Scope, Send

from eventlog.patience import Patience, Room

OPERATION: Final = frozenset({"/readyz", "/metrics"})  # asked by machines, which ask again


@dataclass
class Deadlines:
    """`request`: seconds of commands and reads, and of each batch of what is longer; `operation`: of /readyz.

    `waiting`: how many requests of this process wait at once.
    """

    request: float = 3.0
    operation: float = 1.0
    waiting: int = 1000


class StorageDeadline:
    """ASGI middleware."""

    def __init__(self, app: ASGIApp, deadlines: Deadlines) -> None:
        self._app, self._deadlines, self._room = app, deadlines, Room(deadlines.waiting)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        if scope["path"] in OPERATION:  # there is always a place for these
            patience = Patience(self._deadlines.operation)
        else:
            patience = Patience(self._deadlines.request, self._room)
        with patience:
            await self._app(scope, receive, send)
