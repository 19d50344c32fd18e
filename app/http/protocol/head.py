"""`HEAD`: what `GET` would answer, without its body."""

from starlette.types import ASGIApp, Message, Receive, Scope, Send


class HeadAsGet:
    """ASGI middleware: the routes know `GET` alone."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] != "HEAD":
            await self._app(scope, receive, send)
            return

        async def send_without_body(message: Message) -> None:
            await send({**message, "body": b""} if message["type"] == "http.response.body" else message)

        # The server's own scope stays a HEAD, so that it expects no body either.
        inner = {**scope, "method": "GET", "state": scope.setdefault("state", {})}
        await self._app(inner, receive, send_without_body)
        scope.update({found: inner[found] for found in ("route", "path_params") if found in inner})
