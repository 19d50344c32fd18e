"""`/v1/agents`: the seats of a call centre, and `/v1/calls/figures`: what came in, beside the figures of complaints."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Annotated, Final

from fastapi import Query, Request, Response

from app.http.protocol.answers import json_response
from app.http.protocol.caller import Caller
from app.http.protocol.parameters import InDigits, Instant, only_parameters
from app.http.protocol.routes import Routes
from app.queries.agents import AgentQueries, CallFigures, GroupCallsBy, SeatNow, SeatStates

DAY: Final = timedelta(days=1)
FROM: Final = "Begins at this time; by default a day before it ends"
TO: Final = "Ends before this time; by default now"
Begins = Annotated[Instant | None, Query(alias="from", description=FROM)]
Ends = Annotated[Instant | None, Query(description=TO)]
Seconds = Annotated[int, Query(ge=1, le=3600, description="In so many seconds a call is answered in time"), InDigits]


@dataclass(frozen=True)
class SeatList:
    items: list[SeatNow]


@dataclass(frozen=True)
class CallFigureList:
    """One item for each queue, agent, day or hour in which a call came in; days and hours are those of `zone`."""

    items: list[CallFigures]
    zone: str


def agent_routes(queries: AgentQueries, caller: Caller, now: Callable[[], datetime]) -> Routes:
    routes = Routes("calls")

    def span(begins: datetime | None, ends: datetime | None) -> tuple[datetime, datetime]:
        until = ends or now()
        return begins or until - DAY, until

    @routes.get("/v1/agents", SeatList, summary="Who is ready, at a call or away")
    async def list_agents(request: Request) -> Response:
        """As their telephone systems said last.

        That is ready, ringing, talking, held, conference, transfer, after-call-work or away; a state that we have no
        word for is told as it was said.
        """
        actor = caller(request)
        only_parameters(request)
        return json_response(SeatList(await queries.all(actor)))

    @routes.get("/v1/agents/{id}/states", SeatStates, summary="The states of a seat over a span")
    async def states_of_agent(request: Request, id: str, begins: Begins = None, to: Ends = None) -> Response:
        """Each state from when to when, and for how many seconds of the span; the same for every order of arrival."""
        actor = caller(request)
        only_parameters(request, "from", "to")
        return json_response(await queries.states(id, *span(begins, to), actor))

    @routes.get("/v1/calls/figures", CallFigureList, summary="What came in, by queue, agent, day or hour")
    async def figures_of_calls(
        request: Request,
        begins: Begins = None,
        to: Ends = None,
        by: Annotated[GroupCallsBy, Query(description="For each of these a row")] = "queue",
        within: Seconds = 20,
    ) -> Response:
        """Answered, given up, waiting time, talk, after-call work, service level, occupancy; of calls that came in."""
        actor = caller(request)
        only_parameters(request, "from", "to", "by", "within")
        items = await queries.figures(*span(begins, to), by, within, actor)
        return json_response(CallFigureList(items, queries.zone))

    return routes
