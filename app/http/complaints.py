"""`/v1/complaints`: taking complaints down, every step of the procedure, one complaint with its history and clocks."""

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
from app.http.protocol.idempotency import command_request
from app.http.protocol.parameters import Instant, only_parameters
from app.queries.complaint_view import ComplaintView, complaint_view
from app.queries.event_view import EventView, event_view, links_of
from app.queries.explanation_view import ExplanationView, explanation_view
from app.queries.visibility import Seen
from app.recurrence.raises import command_id_of_raise
from app.service import Service
from domain import errors
from domain.complaint.commands import ClassifyComplaint, Command, ReceiveComplaint
from domain.complaint.complaint import Complaint
from domain.complaint.events import Classified
from domain.complaint.steps import STEPS, AnyStep
from domain.values import Actor

router = APIRouter(tags=["complaints"])
RECEIVE: Final = adapter_of(ReceiveComplaint)
POLICY_SECONDS: Final = 2.0


@dataclass(frozen=True)
class History:
    """The events of one complaint, in order."""

    items: list[EventView]


def documented_body(shape: type[Command]) -> dict[str, Any]:
    """The request body in OpenAPI; the body itself is parsed by protocol/body.py, more strictly than FastAPI does."""
    schema = {"$ref": f"#/components/schemas/{shape.__name__}"}
    return {"requestBody": {"required": True, "content": {"application/json": {"schema": schema}}}}


@router.post(
    "/v1/complaints", status_code=201, responses={201: {"model": ComplaintView}},
    openapi_extra=documented_body(ReceiveComplaint), summary="Take a complaint down",
)  # fmt: skip
async def receive_complaint(request: Request) -> Response:
    """Answers 201 with the complaint and its `Location`. Late intake: give `occurred_at`, its clocks run from there."""
    actor = authenticated(request)
    service: Service = request.app.state.service
    body = await read_body(request)
    command = parse(body, RECEIVE)
    done = await service.complaints.receive(command, actor, command_request(request, actor, body))
    return await _answer(service, done, actor, 201, {"Location": f"/v1/complaints/{done.aggregate.id}"})


def _own_words(command: type[Command]) -> str:
    doc = command.__doc__ or ""
    return "" if doc.startswith(f"{command.__name__}(") else doc


def command_endpoint(step: AnyStep) -> Callable[[Request, str], Awaitable[Response]]:
    """The endpoint of one step. All of them are this one function; they differ in their command alone."""
    adapter: TypeAdapter[Any] = adapter_of(step.command)

    async def take_step(request: Request, id: str) -> Response:
        actor = authenticated(request)
        service: Service = request.app.state.service
        body = await read_body(request)
        command = parse(body, adapter)
        done = await service.complaints.execute(complaint_id(id), command, actor, command_request(request, actor, body))
        if isinstance(command, ClassifyComplaint):
            done = await _with_consequences(service, done)
        return await _answer(service, done, actor, 200)

    take_step.__name__ = step.name.replace("-", "_")
    take_step.__doc__ = inspect.cleandoc(f"Leads to the event {step.event.__name__}. {_own_words(step.command)}")
    return take_step


for _step in STEPS:
    router.add_api_route(
        f"/v1/complaints/{{id}}/{_step.name}", command_endpoint(_step), methods=["POST"],
        responses={200: {"model": ComplaintView}}, openapi_extra=documented_body(_step.command),
        summary=_step.name.replace("-", " ").capitalize(),
    )  # fmt: skip


@router.get("/v1/complaints/{id}", responses={200: {"model": ComplaintView}}, summary="One complaint")
async def one_complaint(
    request: Request,
    id: str,
    as_of: Annotated[Instant | None, Query(description="As it stood at this time")] = None,
    version: Annotated[int | None, Query(ge=1, le=2**31, description="As it stood at this version")] = None,
) -> Response:
    """Folded from its events, so never stale. `ETag` is its version.

    An auditor outside the circle of a confidential matter gets a receipt: id, number, version, position and status.
    """
    actor = authenticated(request)
    service: Service = request.app.state.service
    only_parameters(request, "as_of", "version")
    now = await service.complaints.load(complaint_id(id))
    seen, shown = Seen.of_complaint(now.aggregate, actor), now
    if as_of is not None or version is not None:
        shown = await service.complaints.load(complaint_id(id), as_of=as_of, version=version)
    if seen.withheld:
        return json_response(_receipt(shown.aggregate, shown.position), 200, _headers(shown.aggregate, shown.position))
    view = complaint_view(shown.aggregate, shown.position, actor, seen, await _links(service, shown.aggregate, actor))
    return json_response(view, 200, _headers(shown.aggregate, shown.position))


@router.get("/v1/complaints/{id}/history", responses={200: {"model": History}}, summary="Its history")
async def history_of_complaint(request: Request, id: str) -> Response:
    """Every event in order: what happened, who did it, when it was recorded."""
    actor = authenticated(request)
    only_parameters(request)
    service: Service = request.app.state.service
    standing, happened = await service.complaints.history(complaint_id(id))
    seen = Seen.of_complaint(standing.aggregate, actor)
    links = {other.id for _, event in happened for other in links_of(event)}
    visible = await service.visibility.visible(actor, links)
    items = [event_view(event, recorded, seen, visible) for recorded, event in happened]
    return json_response(History(items), 200, _headers(standing.aggregate, standing.position))


@router.get(
    "/v1/complaints/{id}/clocks/{clock}/explanation", responses={200: {"model": ExplanationView}},
    summary="Why a clock is due when it is due",
)  # fmt: skip
async def explanation_of_clock(
    request: Request,
    id: str,
    clock: str,
    unit: Annotated[str | None, Query(description="Only this unit's")] = None,
    round: Annotated[int | None, Query(ge=1, le=10_000, description="Only this round's")] = None,
) -> Response:
    """Every stretch between start and due, counted or not and why, with sums that add up to the limit.

    Of the latest time it ran; `earlier` holds the others, for other units, rounds or revisions.
    """
    actor = authenticated(request)
    only_parameters(request, "unit", "round")
    service: Service = request.app.state.service
    standing = await service.complaints.load(complaint_id(id))
    seen = Seen.of_complaint(standing.aggregate, actor)
    if seen.withheld:
        raise errors.Confidential
    view = explanation_view(standing.aggregate, clock, seen.sight, unit=unit, round=round)
    return json_response(view, 200, _headers(standing.aggregate, standing.position))


def complaint_id(text: str) -> UUID:
    """Raises `NotFound`: something that is no id names no complaint."""
    try:
        return UUID(text)
    except ValueError:
        raise errors.NotFound from None


async def _with_consequences(service: Service, done: CommandResult[Complaint]) -> CommandResult[Complaint]:
    """A classification may raise the severity by recurrence: wait for that, so that the answer shows it.

    A repeated request is answered with the same raise, whatever came after it.
    """
    complaint, recurrence = done.aggregate, done.aggregate.procedure.recurrence
    if done.unchanged:
        return done
    if recurrence is None or complaint.severity != recurrence.severity or complaint.issue_point is None:
        return done
    if not (done.replayed or (done.appended and await service.recurrence.reached(done.position, POLICY_SECONDS))):
        return done
    _, happened = await service.complaints.history(complaint.id)
    position = max(
        recorded.position for recorded, event in happened
        if isinstance(event, Classified) and recorded.originator_version <= complaint.version
    )  # fmt: skip
    return await service.complaints.after(done, command_id_of_raise(complaint.id, position))


async def _answer(
    service: Service, done: CommandResult[Complaint], actor: Actor, status: int, headers: dict[str, str] | None = None
) -> Response:
    complaint = done.aggregate
    all_headers = {**_headers(complaint, done.position), **(headers or {})}
    if done.replayed:
        all_headers["Idempotency-Replayed"] = "true"
    # They have just named themselves, or taken down what is confidential: done, and from now on out of their sight.
    if actor.id in complaint.accused or done.confidential or complaint.is_withheld_from(actor):
        return json_response(_receipt(complaint, done.position), status, all_headers)
    visible = await _links(service, complaint, actor)
    view = complaint_view(complaint, done.position, actor, Seen.of_complaint(complaint, actor), visible)
    return json_response(view, status, all_headers)


async def _links(service: Service, complaint: Complaint, actor: Actor) -> frozenset[UUID]:
    """Those of the linked complaints that the actor may see."""
    return await service.visibility.visible(actor, {other.id for other in complaint.linked})


def _receipt(complaint: Complaint, position: int) -> dict[str, Any]:
    """That there is a complaint and how far it has come, and nothing of what it says or whom it is about."""
    return {
        "id": complaint.id, "number": complaint.number, "version": complaint.version, "position": position,
        "status": complaint.status, "allowed": [],
    }  # fmt: skip


def _headers(complaint: Complaint, position: int) -> dict[str, str]:
    return {"ETag": f'"{complaint.version}"', "Redress-Position": str(position)}
