"""Who is calling: the actor behind a request's key."""

from collections.abc import Callable

from fastapi import Request

from app.access.admission import Admission
from domain.values import Actor

Caller = Callable[[Request], Actor]


def caller_of(access: Admission) -> Caller:
    """What tells a request's caller by these keys. It raises `NotAuthenticated`."""

    def caller(request: Request) -> Actor:
        scheme, _, secret = request.headers.get("authorization", "").partition(" ")
        secret = secret.strip()
        found = access.directory.caller_with(secret if scheme.lower() == "bearer" else None)
        access.last_use.note(found.key)
        request.state.actor, request.state.key, request.state.credential = found.actor, found.key, found.key.prefix
        return found.actor

    return caller
