"""`/v1/call-sources`: which telephone systems may post, each with a secret of its own."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from fastapi import Request, Response

from app.access.call_sources import CallSource, CallSources, CreatedCallSource, NewCallSource
from app.access.privileges import ADMINISTERS, READS_CALL_SOURCES
from app.calls.unattended import must_be_known
from app.http.protocol.answers import json_response
from app.http.protocol.body import adapter_of, parse, read_body
from app.http.protocol.caller import Caller
from app.http.protocol.idempotency import command_request
from app.http.protocol.parameters import only_parameters
from app.http.protocol.routes import Routes
from app.queries.calls import CallQueries
from domain.call.sequences import Gap
from procedures.rules import Rules

NEW_SOURCE: Final = adapter_of(NewCallSource)


@dataclass(frozen=True)
class SourceList:
    items: list[CallSource]


@dataclass(frozen=True)
class GapList:
    """Numbers that are missing among those of a source's events, and how many in all."""

    items: list[Gap]
    missing: int


def call_source_routes(
    sources: CallSources, queries: CallQueries, rules: Rules, caller: Caller, now: Callable[[], datetime]
) -> Routes:
    routes = Routes("calls")

    @routes.post(
        "/v1/call-sources", CreatedCallSource, body=NewCallSource, status=201, roles=ADMINISTERS,
        summary="Let a telephone system post",
    )  # fmt: skip
    async def create_call_source(request: Request) -> Response:
        """The secret that it signs with is shown once; only the same request is answered with it again."""
        actor = caller(request)
        body = await read_body(request)
        new, repeat = parse(body, NEW_SOURCE), command_request(request, actor, body)
        if new.unattended is not None:
            must_be_known(new.unattended, rules)
        known = None if repeat.request_hash is None else repeat.command_id
        created, replayed = await sources.create(new, at=now(), command_id=known, request_hash=repeat.request_hash)
        return json_response(created, 201, replayed=replayed)

    @routes.get("/v1/call-sources", SourceList, roles=READS_CALL_SOURCES, summary="Who may post")
    async def list_call_sources(request: Request) -> Response:
        caller(request)
        only_parameters(request)
        return json_response(SourceList(sources.all()))

    @routes.post("/v1/call-sources/{id}/rotate", CreatedCallSource, roles=ADMINISTERS, summary="Another secret")
    async def rotate_call_source(request: Request, id: str) -> Response:
        """The secret before holds for another 24 hours."""
        actor = caller(request)
        repeat = command_request(request, actor, await read_body(request))
        known = None if repeat.request_hash is None else repeat.command_id
        created, replayed = await sources.rotate(id, at=now(), command_id=known, request_hash=repeat.request_hash)
        return json_response(created, replayed=replayed)

    @routes.delete("/v1/call-sources/{id}", status=204, roles=ADMINISTERS, summary="Let a source post no more")
    async def remove_call_source(request: Request, id: str) -> Response:
        """Its secrets hold no more; its calls stay."""
        caller(request)
        await sources.remove(id, at=now())
        return Response(status_code=204)

    @routes.get("/v1/call-sources/{id}/gaps", GapList, roles=READS_CALL_SOURCES, summary="What a source never told of")
    async def gaps_of_call_source(request: Request, id: str) -> Response:
        """By the numbers (`sequence`) that it gives its events; a number that comes late closes its gap."""
        caller(request)
        only_parameters(request)
        gaps = await queries.gaps(id)
        if gaps is None:  # whoever posts with a key of an integration is not registered here
            gaps = []
            sources.one(id)
        return json_response(GapList(gaps, sum(gap.missing for gap in gaps)))

    return routes
