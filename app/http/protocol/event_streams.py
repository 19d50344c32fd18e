"""Answers that go on as server-sent events: what is common to all of them, above all that they end with the service."""

from collections.abc import AsyncIterator, Mapping
from typing import Final

from fastapi import Request
from fastapi.responses import StreamingResponse

from app.http.protocol.guarded_protocol import GOES_ON

EVENTS: Final = "text/event-stream"
BEAT: Final = 15.0  # seconds without a word, after which proxies would cut it off
LONGEST: Final = 900.0  # seconds, after which whoever listens comes in anew, with what they may see by then
GREETING: Final = b"retry: 1000\n\n"
UNBUFFERED: Final = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}


def event_stream(
    request: Request, content: AsyncIterator[bytes], headers: Mapping[str, str] | None = None
) -> StreamingResponse:
    """Told as it comes, kept by nobody on the way."""
    setattr(request.state, GOES_ON, True)
    return StreamingResponse(content, media_type=EVENTS, headers={**UNBUFFERED, **(headers or {})})
