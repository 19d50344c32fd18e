"""Who is calling: the actor behind a request's key."""

from collections.abc import Callable

from fastapi import Request

from app.access.keys import PREFIX, ApiKeys
from domain.values import Actor

Caller = Callable[[Request], Actor]


def caller_of(keys: ApiKeys) -> Caller:
    """What tells a request's caller by these keys. It raises `NotAuthenticated`."""

    def caller(request: Request) -> Actor:
        scheme, _, key = request.headers.get("authorization", "").partition(" ")
        key = key.strip()
        actor = keys.actor_of(key if scheme.lower() == "bearer" else None)
        request.state.actor, request.state.credential = actor, key[:PREFIX]
        return actor

    return caller
