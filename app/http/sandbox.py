"""`/v1/sandbox/clock`: reads and sets the time of a sandbox. The route exists only where `--sandbox` was given."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from fastapi import Request, Response

from app.access.privileges import ADMINISTERS
from app.http.protocol.answers import json_response
from app.http.protocol.body import adapter_of, parse, read_body
from app.http.protocol.caller import Caller
from app.http.protocol.parameters import only_parameters
from app.http.protocol.routes import Routes
from app.sandbox import Sandbox


@dataclass(frozen=True)
class SetClock:
    """`now`: the time to set, with its offset."""

    now: datetime


@dataclass(frozen=True)
class SandboxClock:
    """`now` is the sandbox's time in UTC; `position` the newest one of the log.

    After a setting, the read models have reached it and everybody has been told in the console of what came before it.
    """

    now: datetime
    position: int


SET_CLOCK: Final = adapter_of(SetClock)
BODY: Final[dict[str, Any]] = {"requestBody": {"required": True, "content": {"application/json": {"schema": {
    "type": "object", "required": ["now"], "additionalProperties": False,
    "properties": {"now": {"type": "string", "format": "date-time"}}}}}}}  # fmt: skip


def sandbox_routes(sandbox: Sandbox, caller: Caller) -> Routes:
    routes = Routes("sandbox")

    @routes.get("/v1/sandbox/clock", SandboxClock, summary="The sandbox's time")
    async def sandbox_clock(request: Request) -> Response:
        caller(request)
        only_parameters(request)
        return json_response(SandboxClock(sandbox.time.now(), await sandbox.log.head()))

    @routes.put(
        "/v1/sandbox/clock", SandboxClock, openapi_extra=BODY, roles=ADMINISTERS, summary="Set the sandbox's time"
    )
    async def set_sandbox_clock(request: Request) -> Response:
        """Moves the time forward, never back, and answers when all that falls due on the way is recorded and told.

        The time stops at each due instant, so what falls due is recorded at exactly that instant. The first setting of
        a sandbox in which nothing has been recorded yet may go to any time.
        """
        caller(request)
        command = parse(await read_body(request), SET_CLOCK)
        position = await sandbox.advance(command.now)
        return json_response(SandboxClock(sandbox.time.now(), position))

    return routes
