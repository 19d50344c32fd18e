"""Who is calling: the actor behind a request's key."""

from fastapi import Request

from app.http.protocol.problems import Problem
from domain.values import Actor


def authenticated(request: Request) -> Actor:
    """The actor behind the request's key. Raises 401."""
    header = request.headers.get("authorization", "")
    scheme, _, key = header.partition(" ")
    actor = request.app.state.service.keys.actor_of(key.strip()) if scheme.lower() == "bearer" else None
    if not isinstance(actor, Actor):
        detail = "Send a valid key as 'Authorization: Bearer <key>'; an administrator creates keys at POST /v1/keys."
        headers = {"WWW-Authenticate": "Bearer"}
        raise Problem(401, "not-authenticated", "Not authenticated", detail, headers=headers)
    request.state.actor = actor
    return actor
