"""Around every request: a request id, headers that keep answers to themselves, one log line, metrics, the access log.

Nothing personal, no query strings; of who has no key the address, as it is counted against guessing.
"""

import re
import time
from functools import lru_cache
from secrets import token_hex
from typing import Any, Final

import structlog
from fastapi import Request
from prometheus_client import CollectorRegistry, Counter, Histogram
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.http.protocol.access_notes import AccessNotes
from app.http.protocol.door import rate_headers
from app.http.protocol.language import LanguageOf
from app.http.protocol.problems import unexpected
from app.http.protocol.proxies import counted_as

_REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{1,64}", re.ASCII)
BUCKETS: Final = (0.002, 0.005, 0.01, 0.015, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5)
METHODS: Final = frozenset({"GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "PATCH"})
QUIET: Final = frozenset({"/healthz", "/readyz", "/metrics"})
# For every answer that does not say otherwise: nothing is kept by others, guessed to be a page, framed or passed on.
SAFE: Final = (
    (b"cache-control", b"no-store"),
    (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'"),
    (b"referrer-policy", b"no-referrer"),
    (b"x-content-type-options", b"nosniff"),
)
logger = structlog.get_logger()


class RequestLog:
    """ASGI middleware; the outermost, so that it sees the final status."""

    def __init__(
        self, app: ASGIApp, registry: CollectorRegistry, language_of: LanguageOf, accesses: AccessNotes | None = None
    ) -> None:
        self._app, self._language_of, self._accesses = app, language_of, accesses
        self._requests = Counter(
            "redress_requests", "Requests answered", ("method", "route", "status"), registry=registry
        )
        self._seconds = Histogram(
            "redress_request_seconds", "Time to answer", ("route",), buckets=BUCKETS, registry=registry
        )
        self._series = lru_cache(maxsize=2048)(self._labelled)

    def _labelled(self, method: str, route: str, status: int) -> tuple[Counter, Histogram]:
        """The series of one kind of request: finding them by their labels costs more than counting."""
        return self._requests.labels(method, route, str(status)), self._seconds.labels(route)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request_id = _given_id(scope) or token_hex(16)
        structlog.contextvars.bind_contextvars(request_id=request_id)
        access = None if self._accesses is None else self._accesses.begin(scope)
        started = time.perf_counter()
        status, answering = 500, False

        async def send_with_id(message: Message) -> None:
            nonlocal status, answering
            if message["type"] == "http.response.start":
                status, answering = message["status"], True
                headers = message.get("headers", ())
                given = {name for name, _ in headers}
                safe = [header for header in SAFE if header[0] not in given]
                rate = scope.get("state", {}).get("rate")
                limited = () if rate is None else rate_headers(rate)
                message["headers"] = [*headers, *safe, *limited, (b"x-request-id", request_id.encode())]
            await send(message)

        try:
            await self._app(scope, receive, send_with_id)
        except Exception as error:
            answer = unexpected(error, self._language_of(Request(scope)))
            if answering:
                raise
            # Not raised again: the server would print its message, which may quote what somebody wrote.
            await answer(scope, receive, send_with_id)
        finally:
            self._record(scope, status, time.perf_counter() - started)
            if access is not None:
                access.end(status)
            structlog.contextvars.unbind_contextvars("request_id")

    def _record(self, scope: Scope, status: int, seconds: float) -> None:
        route = getattr(scope.get("route"), "path", "(none)")
        method = scope["method"] if scope["method"] in METHODS else "other"
        count, seconds_of = self._series(method, route, status)
        count.inc()
        seconds_of.observe(seconds)
        if route in QUIET:
            return
        actor = scope.get("state", {}).get("actor")
        facts: dict[str, Any] = {"method": method, "route": route, "status": status}
        facts["ms"] = round(seconds * 1000, 1)
        if actor is not None:
            facts["actor"] = actor.id
            if actor.via is not None:
                facts["via"] = actor.via
        elif scope.get("client") is not None:  # of strangers alone: from where somebody guesses
            facts["caller"] = counted_as(scope["client"][0])
        logger.info("request", **facts)


def _given_id(scope: Scope) -> str | None:
    """The caller's X-Request-Id, when it is harmless to repeat."""
    for name, value in scope["headers"]:
        if name == b"x-request-id":
            text = value.decode("latin-1")
            return text if _REQUEST_ID.fullmatch(text) else None
    return None
