"""`/v1/callers`: what is known of whoever calls, asked for by number, or pushed to the desk whose phone rings."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress
from time import monotonic
from typing import Annotated, Final

from fastapi import Query, Request, Response

from app.http.protocol.access_notes import note_of
from app.http.protocol.answers import json_response
from app.http.protocol.caller import Caller
from app.http.protocol.event_streams import BEAT, EVENTS, GREETING, LONGEST, event_stream
from app.http.protocol.parameters import only_parameters
from app.http.protocol.routes import Routes
from app.queries.callers import CallerQueries, CallerSummary, Offered, OfferedCalls
from domain.call.call import Call
from domain.values import Actor
from eventlog.database import StorageAway
from eventlog.patience import in_batches

ALIVE: Final = b":\n\n"


def caller_routes(queries: CallerQueries, offered: OfferedCalls, caller: Caller) -> Routes:
    routes = Routes("calls")

    @routes.get(
        "/v1/callers/stream", Offered, files=(EVENTS,), summary="The calls that are offered to a desk, as they come"
    )  # fmt: skip
    async def stream_of_callers(
        request: Request, agent: Annotated[str | None, Query(description="Whose desk; your own by default")] = None
    ) -> Response:
        """Server-sent events: `call.offered`, with what is known of whoever calls. Its id is a position of the log.

        What was offered before somebody listened is not told: `GET /v1/calls?state=offered` lists it.
        """
        actor = caller(request)
        only_parameters(request, "agent")
        desk = agent or actor.id
        queries.check_desk(desk, actor)
        return event_stream(request, _pushed(request, desk, actor))

    async def _pushed(request: Request, desk: str, actor: Actor) -> AsyncIterator[bytes]:
        note = note_of(request)
        async with offered.listening(desk) as calls:
            yield GREETING
            until = monotonic() + LONGEST
            while monotonic() < until:
                try:
                    async with asyncio.timeout(BEAT):
                        position, source, call, id = await calls.get()
                except TimeoutError:
                    yield ALIVE
                    continue
                in_batches()
                content = bytes(json_response(await _told(source, call, id, desk, actor)).body)
                if note is not None:
                    note.shows()
                yield b"id: %d\nevent: call.offered\ndata: %b\n\n" % (position, content)

    async def _told(source: str, call: Call, id: str, desk: str, actor: Actor) -> Offered:
        number, summary = call.caller, None
        if number is not None:
            with suppress(StorageAway):  # that it rings is told all the same
                summary = await queries.summary_unless_kept(number, actor)
        return Offered(source, id, desk, call.queue, None if summary is None else number, summary)

    @routes.get("/v1/callers/{phone}/summary", CallerSummary, summary="What is known of a number")
    async def summary_of_caller(request: Request, phone: str) -> Response:
        """The number in any writing, with its extension where it has one. For those who see complainants."""
        actor = caller(request)
        only_parameters(request)
        return json_response(await queries.summary(phone, actor))

    return routes
