"""Those at the other end: a real mail server and a real HTTP server on the loopback, which do as a test tells them."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any, cast

from aiosmtpd.smtp import SMTP, Envelope

OK = "250 OK"


@dataclass
class MailRoom:
    """A mail server. `answer` is what it says to a message; None hangs up without a word."""

    port: int = 0
    answer: str | None = OK
    arrived: list[EmailMessage] = field(default_factory=list)
    tried: int = 0
    when_arrived: Callable[[], None] = lambda: None

    @property
    def url(self) -> str:
        return f"smtp://127.0.0.1:{self.port}"

    @property
    def read(self) -> list[str]:
        """Subject and text of all that arrived, in order."""
        return [f"{mail['Subject']}\n{mail.get_content()}".replace("\r\n", "\n") for mail in self.arrived]

    async def handle_DATA(self, server: SMTP, _session: Any, envelope: Envelope) -> str:
        self.tried += 1
        if self.answer is None:
            cast(asyncio.WriteTransport, server.transport).abort()
            return OK
        if self.answer == OK:
            content = cast(bytes, envelope.content)
            self.arrived.append(message_from_bytes(content, policy=policy.default))
            self.when_arrived()
        return self.answer


@asynccontextmanager
async def mail_room() -> AsyncIterator[MailRoom]:
    """Accepts mail for everybody as long as it lasts."""
    room = MailRoom()
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: SMTP(room, enable_SMTPUTF8=True, loop=loop), "127.0.0.1", 0)
    room.port = server.sockets[0].getsockname()[1]
    try:
        yield room
    finally:
        server.close()
        await server.wait_closed()


@dataclass(frozen=True)
class Posted:
    """One request that arrived, its headers in lower case."""

    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


@dataclass
class WebServer:
    """An HTTP server. `status` and `body` are its answer; `silent`: it takes the request and never answers."""

    port: int = 0
    status: int = 200
    body: bytes = b"{}"
    more_headers: str = ""
    silent: bool = False
    posted: list[Posted] = field(default_factory=list)

    def url(self, path: str = "/hook") -> str:
        return f"http://127.0.0.1:{self.port}{path}"

    async def answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
            headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in head[1:])}
            body = await reader.readexactly(int(headers.get("content-length", 0)))
            self.posted.append(Posted(head[0].split()[1], headers, body))
            if self.silent:
                await reader.read()  # until the other side gives up
                return
            writer.write(
                f"HTTP/1.1 {self.status} Told\r\ncontent-length: {len(self.body)}\r\nconnection: close\r\n"
                f"{self.more_headers}\r\n".encode()
                + self.body
            )
            await writer.drain()
        except (OSError, asyncio.IncompleteReadError):
            pass  # they hung up
        finally:
            writer.close()


@asynccontextmanager
async def web_server() -> AsyncIterator[WebServer]:
    """Answers requests as long as it lasts."""
    web = WebServer()
    server = await asyncio.start_server(web.answer, "127.0.0.1")
    web.port = server.sockets[0].getsockname()[1]
    try:
        yield web
    finally:
        server.close()
