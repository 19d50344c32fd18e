"""Every answer of a sandbox says that it is one, by its time: nobody takes a rehearsed answer for a real one."""

from collections.abc import Callable
from datetime import datetime
from typing import Final

from starlette.types import ASGIApp, Message, Receive, Scope, Send

HEADER: Final = b"redress-sandbox-time"


class SandboxStamp:
    """ASGI middleware of a sandbox. `now`: its time, in UTC."""

    def __init__(self, app: ASGIApp, now: Callable[[], datetime]) -> None:
        self._app, self._now = app, now

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def stamped(message: Message) -> None:
            if message["type"] == "http.response.start":
                now = self._now().isoformat().replace("+00:00", "Z")
                message["headers"] = [*message.get("headers", ()), (HEADER, now.encode())]
            await send(message)

        await self._app(scope, receive, stamped if scope["type"] == "http" else send)
