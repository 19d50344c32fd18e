"""Who is calling: the actor whom the door let in."""

from collections.abc import Callable

from fastapi import Request

from app.access.entrance import Entered
from domain.errors import Declined
from domain.values import Actor

Caller = Callable[[Request], Actor]


def caller_of(request: Request) -> Actor:
    """Lets them in where the route does (guard.py). Raises what `Entrance.enter` does, `ScopeNeeded`, `RoleNeeded`."""
    came: Entered | Declined = request.state.came
    if isinstance(came, Declined):
        raise came
    request.state.actor, request.state.key, request.state.credential = came.actor, came.key, came.credential
    request.scope["route"].guard.check(came.actor, came.scopes)
    return came.actor
