"""`/v1/sandbox/clock`: reads and sets the time of a sandbox. The route exists only where `--sandbox` was given."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from fastapi import APIRouter, Request, Response

from app.access.keys import require_role
from app.http.protocol.answers import json_response
from app.http.protocol.body import adapter_of, parse, read_body
from app.http.protocol.caller import authenticated
from app.http.protocol.parameters import only_parameters
from app.http.protocol.problems import Problem
from app.reports.period_runner import ReadModelsBehind
from app.service import Service
from app.time import SandboxTime

router = APIRouter(tags=["sandbox"])
PATIENCE: Final = 30.0  # seconds for the read models to catch up with one due instant


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


SET_CLOCK = adapter_of(SetClock)


@router.get("/v1/sandbox/clock", responses={200: {"model": SandboxClock}}, summary="The sandbox's time")
async def sandbox_clock(request: Request) -> Response:
    authenticated(request)
    only_parameters(request)
    service: Service = request.app.state.service
    return json_response(SandboxClock(service.now(), await service.log.head()))


@router.put(
    "/v1/sandbox/clock", responses={200: {"model": SandboxClock}}, summary="Set the sandbox's time",
    openapi_extra={"requestBody": {"required": True, "content": {"application/json": {"schema": {
        "type": "object", "required": ["now"], "additionalProperties": False,
        "properties": {"now": {"type": "string", "format": "date-time"}}}}}}},
)  # fmt: skip
async def set_sandbox_clock(request: Request) -> Response:
    """Moves the time forward, never back, and answers when everything that falls due on the way is recorded and told.

    The time stops at each due instant, so what falls due is recorded at exactly that instant. The first setting of a
    sandbox in which nothing has been recorded yet may go to any time.
    """
    require_role(authenticated(request), "admin")
    service: Service = request.app.state.service
    command = parse(await read_body(request), SET_CLOCK)
    position = await advance(service, command.now)
    return json_response(SandboxClock(service.now(), position))


async def advance(service: Service, to: datetime) -> int:
    """Moves a sandbox's time through every due instant to `to`; returns the newest position of the log then.

    Settings at the same time wait for each other. Raises the refusal, `StorageAway`, or 503 when the read models do not
    catch up; the time has come as far as it came then, and the same setting can be asked for again.
    """
    time = service.time
    if not isinstance(time, SandboxTime):
        raise TypeError("only a sandbox's time can be set")
    async with time.moving:
        time.check(to, nothing_recorded=await service.log.head() == 0)
        await _caught_up(service)
        await _fall_due(service, time.now())
        while (instant := await _next_instant(service, time.now())) is not None and instant <= to:
            await time.set(instant)
            await _fall_due(service, instant)
        await time.set(to)
        await _fall_due(service, to)
        return await _caught_up(service)


async def _fall_due(service: Service, now: datetime) -> None:
    """Clocks first: what was missed by the end of a period belongs to its report."""
    await service.clock_runner.run_pass(now)
    await service.incident_clocks.run_pass(now)
    try:
        await service.periods.run_pass(now)
    except ReadModelsBehind:
        raise _behind() from None


async def _next_instant(service: Service, now: datetime) -> datetime | None:
    head = await service.log.head()
    await _must_reach(service, head)
    instants = [
        await service.clock_runner.next_instant(now),
        await service.incident_clocks.next_instant(now),
        service.periods.next_instant(now) if head else None,
    ]
    return min((instant.astimezone(UTC) for instant in instants if instant is not None), default=None)


async def _caught_up(service: Service) -> int:
    """Policies first, for what they do has clocks too; then who is told of it all."""
    head = await service.log.head()
    for policy in (service.recurrence, service.call_counts):
        if not await policy.reached(head, PATIENCE):
            raise _behind()
    await service.call_surges.look()
    head = await service.log.head()
    await _must_reach(service, head)
    if not await service.notifying.follower.reached(head, PATIENCE):
        raise _behind()
    return head


async def _must_reach(service: Service, position: int) -> None:
    if not await service.follower.reached(position, PATIENCE):
        raise _behind()


def _behind() -> Problem:
    detail = "The read models or the notifications have not caught up in time; set the same time again shortly."
    return Problem(503, "read-models-behind", "Temporarily unavailable", detail, headers={"Retry-After": "1"})
