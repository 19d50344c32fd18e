"""`/v1/incidents`: what goes wrong in the centre itself, from the alarm to the record, with its history and clocks."""

import inspect
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Annotated, Any, Final
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response
from pydantic import TypeAdapter

from app.commands.stream import CommandResult
from app.http.protocol.answers import json_response
from app.http.protocol.body import adapter_of, parse, read_body
from app.http.protocol.caller import authenticated
from app.http.protocol.files import csv_response, xlsx_response
from app.http.protocol.idempotency import command_request
from app.http.protocol.list_parameters import (
    CSV_TYPE,
    XLSX_TYPE,
    ListQuery,
    begin_at,
    end_at,
    position_of,
    wait_for,
    wanted_type,
    whole,
)
from app.http.protocol.parameters import Instant, only_parameters
from app.queries.event_view import EventView, incident_event_view
from app.queries.incident_pages import IncidentPages, IncidentQuery, IncidentRow, LateIntake, LateIntakePages
from app.queries.incident_view import IncidentView, incident_view
from app.queries.visibility import Seen
from app.service import Service
from domain.errors import RoleForbids
from domain.incident.commands import IncidentCommand, OpenIncident
from domain.incident.errors import NoSuchIncident
from domain.incident.incident import Incident
from domain.incident.steps import INCIDENT_STEPS, AnyIncidentStep
from domain.values import Actor
from projections.scope import Scope

router = APIRouter(tags=["incidents"])
OPEN: Final = adapter_of(OpenIncident)
FILES: Final[dict[str, Any]] = {CSV_TYPE: {}, XLSX_TYPE: {}}


@dataclass(frozen=True)
class IncidentHistory:
    """The events of one incident, in order."""

    items: list[EventView]


@dataclass(frozen=True)
class IncidentList:
    """`position` is how far the list has come in the log; `next_cursor` is null on the last page."""

    items: list[IncidentRow]
    next_cursor: str | None
    position: int


@dataclass(frozen=True)
class LateIntakeList:
    """`position` is how far the list has come in the log; `next_cursor` is null on the last page."""

    items: list[LateIntake]
    next_cursor: str | None
    position: int


def documented_body(shape: type[IncidentCommand]) -> dict[str, Any]:
    """The request body in OpenAPI; the body itself is parsed by app/http/protocol/body.py."""
    schema = {"$ref": f"#/components/schemas/{shape.__name__}"}
    return {"requestBody": {"required": True, "content": {"application/json": {"schema": schema}}}}


@router.post(
    "/v1/incidents", status_code=201, responses={201: {"model": IncidentView}},
    openapi_extra=documented_body(OpenIncident), summary="Open an incident",
)  # fmt: skip
async def open_incident(request: Request) -> Response:
    """Answers 201 with the incident and its `Location`. Late entry: give `occurred_at`, its clocks run from there."""
    actor = authenticated(request)
    service: Service = request.app.state.service
    body = await read_body(request)
    done = await service.incidents.open(parse(body, OPEN), actor, command_request(request, actor, body))
    return _answer(done, actor, 201, {"Location": f"/v1/incidents/{done.aggregate.id}"})


def step_endpoint(step: AnyIncidentStep) -> Callable[[Request, str], Awaitable[Response]]:
    """The endpoint of one step. All of them are this one function; they differ in their command alone."""
    adapter: TypeAdapter[Any] = adapter_of(step.command)

    async def take_step(request: Request, id: str) -> Response:
        actor = authenticated(request)
        service: Service = request.app.state.service
        body = await read_body(request)
        command = parse(body, adapter)
        done = await service.incidents.execute(_incident_id(id), command, actor, command_request(request, actor, body))
        return _answer(done, actor, 200)

    take_step.__name__ = f"{step.name}_incident"
    take_step.__doc__ = inspect.cleandoc(f"Leads to the event {step.event.__name__}. {step.command.__doc__ or ''}")
    return take_step


for _step in INCIDENT_STEPS:
    router.add_api_route(
        f"/v1/incidents/{{id}}/{_step.name}", step_endpoint(_step), methods=["POST"],
        responses={200: {"model": IncidentView}}, openapi_extra=documented_body(_step.command),
        summary=f"{_step.name.capitalize()} (incident)",
    )  # fmt: skip


@router.get("/v1/incidents", responses={200: {"model": IncidentList, "content": FILES}}, summary="The incidents")
async def list_incidents(request: Request, query: Annotated[IncidentQuery, Query()]) -> Response:
    """One row per incident. `Accept: text/csv` or XLSX gives the whole list."""
    actor = authenticated(request)
    service: Service = request.app.state.service
    scope = _scope(service, actor)
    listing = query.listing("incidents")
    after = begin_at(service, listing, query.cursor)
    await wait_for(service, query.min_position)
    pages = IncidentPages(service, scope, query)
    match wanted_type(request, CSV_TYPE, XLSX_TYPE):
        case "text/csv":
            return csv_response("incidents", IncidentRow, whole(pages.page))
        case str():
            return await xlsx_response("incidents", IncidentRow, whole(pages.page))
    position = await position_of(service, "incidents")
    page = await pages.page(after, query.limit)
    return json_response(IncidentList(list(page.items), end_at(service, listing, page.after), position))


@router.get("/v1/incidents/{id}", responses={200: {"model": IncidentView}}, summary="One incident")
async def one_incident(
    request: Request,
    id: str,
    as_of: Annotated[Instant | None, Query(description="As it stood at this time")] = None,
    version: Annotated[int | None, Query(ge=1, le=2**31, description="As it stood at this version")] = None,
) -> Response:
    """Folded from its events, so never stale. `ETag` is its version."""
    actor = authenticated(request)
    service: Service = request.app.state.service
    only_parameters(request, "as_of", "version")
    shown = await service.incidents.load(_incident_id(id))
    seen = Seen.of_incident(shown.aggregate, actor)
    if as_of is not None or version is not None:
        shown = await service.incidents.load(_incident_id(id), as_of=as_of, version=version)
    view = incident_view(shown.aggregate, shown.position, actor, seen)
    return json_response(view, 200, _headers(shown.aggregate, shown.position))


@router.get("/v1/incidents/{id}/history", responses={200: {"model": IncidentHistory}}, summary="Its history (incident)")
async def history_of_incident(request: Request, id: str) -> Response:
    """Every event in order: what happened, who did it, when it was recorded."""
    actor = authenticated(request)
    only_parameters(request)
    service: Service = request.app.state.service
    standing, happened = await service.incidents.history(_incident_id(id))
    seen = Seen.of_incident(standing.aggregate, actor)
    items = [incident_event_view(event, recorded, seen) for recorded, event in happened]
    return json_response(IncidentHistory(items), 200, _headers(standing.aggregate, standing.position))


@router.get(
    "/v1/incidents/{id}/late-intakes", responses={200: {"model": LateIntakeList, "content": FILES}},
    summary="Complaints entered after it was over",
)  # fmt: skip
async def late_intakes_of_incident(request: Request, id: str, query: Annotated[ListQuery, Query()]) -> Response:
    """The complaints that occurred while it lasted and were taken down after its end, and who is owed a callback."""
    actor = authenticated(request)
    service: Service = request.app.state.service
    incident = (await service.incidents.load(_incident_id(id))).aggregate
    Seen.of_incident(incident, actor)
    listing = query.listing(f"late intakes {incident.id}")
    after = begin_at(service, listing, query.cursor)
    await wait_for(service, query.min_position)
    pages = LateIntakePages(service, service.visibility.scope(actor), incident)
    match wanted_type(request, CSV_TYPE, XLSX_TYPE):
        case "text/csv":
            return csv_response("late-intakes", LateIntake, whole(pages.page))
        case str():
            return await xlsx_response("late-intakes", LateIntake, whole(pages.page))
    position = await position_of(service, "tracking")
    page = await pages.page(after, query.limit)
    return json_response(LateIntakeList(list(page.items), end_at(service, listing, page.after), position))


def _incident_id(text: str) -> UUID:
    """Raises `NoSuchIncident`: something that is no id names no incident."""
    try:
        return UUID(text)
    except ValueError:
        raise NoSuchIncident from None


def _answer(
    done: CommandResult[Incident], actor: Actor, status: int, headers: dict[str, str] | None = None
) -> Response:
    incident = done.aggregate
    all_headers = {**_headers(incident, done.position), **(headers or {})}
    if done.replayed:
        all_headers["Idempotency-Replayed"] = "true"
    view = incident_view(incident, done.position, actor, Seen.of_incident(incident, actor))
    return json_response(view, status, all_headers)


def _headers(incident: Incident, position: int) -> dict[str, str]:
    return {"ETag": f'"{incident.version}"', "Redress-Position": str(position)}


def _scope(service: Service, actor: Actor) -> Scope:
    """Raises `RoleForbids` for one who may see no incident at all."""
    scope = service.visibility.scope(actor)
    procedures = service.library.procedures
    if not any(code in scope.all_of and one.incidents is not None for code, one in procedures.items()):
        raise RoleForbids
    return scope
