"""Who comes: every request's key is looked at once, before its route; the route asks who it is, and refuses."""

from collections.abc import Callable
from typing import Final
from urllib.parse import unquote

from starlette.types import ASGIApp, Receive, Scope, Send

from app.access.entrance import ACTING_FOR, Entered, Entrance
from app.access.rates import Rate, RateExceeded
from app.http.protocol.proxies import counted_as
from domain.errors import Declined

HEADER: Final = ACTING_FOR.lower().encode()
POLICY = b"ratelimit-policy"
LIMIT = b"ratelimit"


class AtTheDoor:
    """ASGI middleware: `came` of the request's state is who was let in, or why nobody was."""

    def __init__(self, app: ASGIApp, entrance: Callable[[], Entrance]) -> None:
        self._app, self._entrance = app, entrance

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            state, client = scope.setdefault("state", {}), scope.get("client")
            came: Entered | Declined
            try:
                key, caller = _key_of(scope), counted_as(None if client is None else client[0])
                came = await self._entrance().enter(key, caller, _acted_for(scope))
                state["rate"] = came.rate
            except Declined as refusal:
                came = refusal
                if isinstance(refusal, RateExceeded):
                    state["rate"] = refusal.rate
            state["came"] = came
        await self._app(scope, receive, send)


def _key_of(scope: Scope) -> str | None:
    """What stands behind Bearer, where it is sent once."""
    sent = [value for name, value in scope["headers"] if name == b"authorization"]
    if not sent:
        return None
    scheme, _, key = sent[0].decode("latin-1").partition(" ")
    return key.strip() or None if scheme.lower() == "bearer" else None


def _acted_for(scope: Scope) -> str | None:
    """Whom the caller acts for; an id of other letters than ASCII is percent-encoded."""
    for name, value in scope["headers"]:
        if name == HEADER:
            return unquote(value.decode("utf-8", "replace").strip())
    return None


def rate_headers(rate: Rate) -> list[tuple[bytes, bytes]]:
    """`RateLimit-Policy` and `RateLimit`, as draft-ietf-httpapi-ratelimit-headers has them."""
    policy = rate.policy
    return [
        (POLICY, f'"{policy}";q={rate.quota};w={rate.window}'.encode()),
        (LIMIT, f'"{policy}";r={rate.left};t={rate.resets}'.encode()),
    ]
