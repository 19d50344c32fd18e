"""`/v1/procedures` and `/v1/calendars`: the rules in force, every version there has been, and publishing the next."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Final
from urllib.parse import quote

from annotated_types import Len
from fastapi import Query, Request, Response

from app.access.privileges import ADMINISTERS
from app.http.protocol.answers import json_response
from app.http.protocol.body import adapter_of, parse, read_body
from app.http.protocol.caller import Caller
from app.http.protocol.idempotency import command_request
from app.http.protocol.parameters import Day, only_parameters
from app.http.protocol.routes import Routes
from app.queries.rules import (
    DayList,
    ProcedureList,
    PublishedVersion,
    RuleQueries,
    VersionList,
    WholeVersion,
    published_version,
)
from app.rules.rules_in_force import RulesInForce
from procedures.publishing import Kind, to_publish
from procedures.yaml_entry import MOST_CHARACTERS


@dataclass(frozen=True)
class NewVersion:
    """The whole YAML text of a calendar or procedure file, with a `version` of its own."""

    content: Annotated[str, Len(1, MOST_CHARACTERS)]


NEW_VERSION: Final = adapter_of(NewVersion)


def rule_routes(queries: RuleQueries, caller: Caller) -> Routes:
    routes = Routes("rules")

    @routes.get("/v1/procedures", ProcedureList, summary="The procedures")
    async def list_procedures(request: Request) -> Response:
        caller(request)
        only_parameters(request)
        return json_response(await queries.procedures())

    @routes.get("/v1/procedures/{code}", summary="One procedure, whole")
    async def one_procedure(request: Request, code: str) -> Response:
        """Kinds, severities, categories, roles, units, who may take which step, and every clock with its source."""
        caller(request)
        only_parameters(request)
        return json_response(queries.procedure(code))

    @routes.get("/v1/calendars/{code}/days", DayList, summary="The days of a calendar")
    async def days_of_calendar(
        request: Request,
        code: str,
        first: Annotated[Day, Query(alias="from")],
        last: Annotated[Day, Query(alias="to")],
    ) -> Response:
        caller(request)
        only_parameters(request, "from", "to")
        return json_response(queries.days(code, first, last))

    return routes


def version_routes(
    kind: Kind, rules: RulesInForce, queries: RuleQueries, caller: Caller, now: Callable[[], datetime]
) -> Routes:
    """The versions of one kind of file."""
    routes, path = Routes("rules"), f"/v1/{kind}s/{{code}}/versions"
    one_at_a_time = asyncio.Lock()  # several walks beside each other would leave the requests of others no processor

    @routes.post(
        path, PublishedVersion, body=NewVersion, status=201, summary=f"Publish a version of a {kind}",
        operation_id=f"publish_{kind}", roles=ADMINISTERS,
    )  # fmt: skip
    async def publish(request: Request, code: str) -> Response:
        """New complaints are received under the version published last; open ones keep theirs.

        Mistakes of the file are 422, one entry each, with line and field. Once published, a version never changes: the
        same content again is answered as before, another content is 409. Every process knows it when this is answered.
        """
        actor = caller(request)
        body = await read_body(request)
        new, repeat = parse(body, NEW_VERSION), command_request(request, actor, body)
        # A file of thousands of units takes seconds to read, and to walk: the others' requests go on meanwhile.
        async with one_at_a_time:
            published = await asyncio.to_thread(to_publish, kind, new.content, rules, by=actor.id, code=code)
        kept, replayed = await rules.publish(
            kind, published, now(),
            command_id=None if repeat.request_hash is None else repeat.command_id, request_hash=repeat.request_hash,
        )  # fmt: skip
        headers = {"Location": f"/v1/{kind}s/{code}/versions/{quote(kept.published.version, safe='')}"}
        return json_response(published_version(kept), 201, headers, replayed=replayed)

    @routes.get(path, VersionList, summary=f"The versions of a {kind}", operation_id=f"versions_of_{kind}")
    async def versions(request: Request, code: str) -> Response:
        """Who published which, and when; the last first."""
        caller(request)
        return json_response(await queries.versions(kind, code))

    @routes.get(
        f"{path}/{{version:path}}", WholeVersion, summary=f"One version of a {kind}", operation_id=f"version_of_{kind}"
    )
    async def one_version(request: Request, code: str, version: str) -> Response:
        """With its text, in which a calendar's days are written out."""
        caller(request)
        return json_response(await queries.version(kind, code, version))

    return routes
