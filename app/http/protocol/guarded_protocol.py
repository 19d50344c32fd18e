"""What a client without a key can make the server hold or wait for: the server's own protocol, with bounds.

Bodies are bounded where they are read, after the key was seen (body.py); here it is all the rest: a head that
is too large or never ends, endless framing of a body, and trailers, which nothing here reads.
"""

import asyncio
from typing import Any, Final

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from app.http.protocol.problems import problem_response
from domain.titles import Language
from wording.problems import problem_in_words

HEAD_LIMIT: Final = 64 * 1024  # bytes, beyond the first piece that arrives
FRAMING_LIMIT: Final = 8 * 1024 * 1024  # bytes: the largest body, sent byte by byte, needs six times its size
LEFT_UNREAD: Final = 1024 * 1024  # bytes that are thrown away after a refusal
HEAD_SECONDS: Final = 20.0
GOES_ON: Final = "goes_on"  # in the state of a request whose answer ends when the service does, and not before
HEAD_TOO_LARGE: Final = (
    b"HTTP/1.1 431 Request Header Fields Too Large\r\ncontent-type: application/problem+json\r\n"
    b"content-language: %s\r\ncontent-length: %d\r\nconnection: close\r\n\r\n%s"
)


class GuardedProtocol(HttpToolsProtocol):
    """One connection. What arrives whole, as nearly everything does, costs two comparisons more.

    `head_seconds`: how long a new connection may be silent, and a head that has begun may take. `language` is the
    deployment's: of a head that was not read, nobody knows what it asks for.
    """

    head_seconds = HEAD_SECONDS
    language: Language = "zh"

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self._in_message = self._in_head = self._refused = False
        self._besides_body = 0
        self._patience: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._lose_patience_later()

    def connection_lost(self, exc: Exception | None) -> None:
        self._be_patient()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        if self._refused:
            self._besides_body += len(data)
            if self._besides_body > LEFT_UNREAD:
                self.transport.close()
            return
        went_on = self._in_message
        super().data_received(data)
        if not self._in_message or self.transport.is_closing():
            return
        if went_on:
            self._besides_body += len(data)
        if self._besides_body > (HEAD_LIMIT if self._in_head else FRAMING_LIMIT):
            self._refuse()
        elif self._in_head and self._patience is None:
            self._lose_patience_later()

    def on_message_begin(self) -> None:
        self._in_message = self._in_head = True
        self._besides_body = 0
        super().on_message_begin()

    def on_header(self, name: bytes, value: bytes) -> None:
        if self._in_head:
            super().on_header(name, value)

    def on_headers_complete(self) -> None:
        self._in_head = False
        self._be_patient()
        super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        self._besides_body -= len(body)
        super().on_body(body)

    def on_message_complete(self) -> None:
        self._in_message = False
        super().on_message_complete()

    def shutdown(self) -> None:
        """As every connection, finish what is under way; but what would go on for ever ends now."""
        cycle = self.cycle
        if cycle is not None and not cycle.response_complete and cycle.scope.get("state", {}).get(GOES_ON):
            cycle.disconnected = True
            cycle.message_event.set()
            self.transport.close()
        super().shutdown()

    def _refuse(self) -> None:
        self._refused = True
        if not self._in_head or (self.cycle is not None and not self.cycle.response_complete):
            self.transport.close()
            return
        # Closed at once with something unread, the connection would be reset, and the answer lost.
        self.transport.write(_head_too_large(self.language))
        self.transport.write_eof()
        self._be_patient()
        self._lose_patience_later()

    def _lose_patience_later(self) -> None:
        self._patience = self.loop.call_later(self.head_seconds, self._lose_patience)

    def _lose_patience(self) -> None:
        self._patience = None
        if not self.transport.is_closing():
            self.transport.close()

    def _be_patient(self) -> None:
        if self._patience is not None:
            self._patience.cancel()
            self._patience = None


def _head_too_large(language: Language) -> bytes:
    answer = problem_response(language, 431, "head-too-large", problem_in_words("head-too-large", {}, language))
    body = bytes(answer.body)
    return HEAD_TOO_LARGE % (language.encode(), len(body), body)
