"""Who is calling: the actor behind a request's key."""

from fastapi import Request

from domain.values import Actor


def authenticated(request: Request) -> Actor:
    """The actor behind the request's key. Raises 401."""
    scheme, _, key = request.headers.get("authorization", "").partition(" ")
    actor: Actor = request.app.state.service.keys.actor_of(key.strip() if scheme.lower() == "bearer" else None)
    request.state.actor = actor
    return actor
