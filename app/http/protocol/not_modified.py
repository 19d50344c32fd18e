"""`ETag` and `If-None-Match`: what the caller has already is not sent once more.

One complaint and one incident have their version as tag. Every other answer in JSON has one of its content; that of a
list leaves out how far the log has come, for a list in which nothing changed is the same list.
"""

import re
from collections.abc import Iterable
from hashlib import blake2b
from typing import Final

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

_TAG: Final = re.compile(rb'(?:W/)?"([^"]*)"')
_OF_THE_BODY: Final = ("content-length", "content-type")
JSON: Final = b"application/json"


def tag_of(content: bytes) -> str:
    """Weak: that of the same content, whatever an answer says beside it."""
    return f'W/"{blake2b(content, digest_size=12).hexdigest()}"'


class NotModified:
    """ASGI middleware: an answer whose tag the caller names is answered by 304 alone."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] != "GET":
            await self._app(scope, receive, send)
            return
        known = [value for name, value in scope["headers"] if name == b"if-none-match"]
        held: Message | None = None

        async def send_or_spare(message: Message) -> None:
            nonlocal held
            if message["type"] == "http.response.start" and message["status"] == 200 and _is_json(message):
                held = message
                return
            if held is not None:
                start, held = held, None
                await send(start if message.get("more_body") else _tagged(start, message, known))
            await send(message)

        await self._app(scope, receive, send_or_spare)


def _is_json(start: Message) -> bool:
    return any(name == b"content-type" and value.startswith(JSON) for name, value in start.get("headers", ()))


def _tagged(start: Message, body: Message, known: Iterable[bytes]) -> Message:
    """The head of the answer with its tag; where the caller has it, that of 304, and the body is emptied."""
    headers = MutableHeaders(raw=list(start["headers"]))
    tag = headers.setdefault("etag", tag_of(body["body"]))
    if not _is_known(tag.encode(), known):
        return {**start, "headers": headers.raw}
    for name in _OF_THE_BODY:
        del headers[name]
    body["body"] = b""
    return {**start, "status": 304, "headers": headers.raw}


def _is_known(tag: bytes, known: Iterable[bytes]) -> bool:
    """Whether one of the headers names the tag, weak or not, or any there is."""
    own = _TAG.fullmatch(tag)
    return any(line.strip() == b"*" or (own is not None and own[1] in _TAG.findall(line)) for line in known)
