"""`/v1/calendars/{code}/versions/{version}`: moving open complaints to a version of their calendar, previewed first."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal
from uuid import UUID, uuid5

from fastapi import APIRouter, Request, Response

from app.access.keys import require_role
from app.clocks.deadline_moves import MoveOrder
from app.http.protocol.answers import json_response
from app.http.protocol.body import adapter_of, parse, read_body
from app.http.protocol.caller import authenticated
from app.http.protocol.idempotency import command_request
from app.http.protocol.list_parameters import wait_for
from app.http.protocol.problems import Problem
from app.queries.move_preview import MovePreview, preview
from app.service import Service
from domain.limits.calendar import Calendar
from domain.values import ActorId, Text
from eventlog.log import CommandIdReused, CommandSeen

router = APIRouter(tags=["rules"])
ORDERS: Final = UUID("c0d6a1f2-7c1f-5d0b-9a61-0f3f5a7b3c55")  # the name space of the moves' ids
ANSWER_WITHIN: Final = 2.0  # seconds


@dataclass(frozen=True)
class ApplyVersion:
    """`reason` stands in the history of every complaint that moves, so name the notice and nobody's data."""

    reason: Text
    approved_by: ActorId


APPLY: Final = adapter_of(ApplyVersion)
BODY: Final = {"requestBody": {"required": True, "content": {
    "application/json": {"schema": {"$ref": "#/components/schemas/ApplyVersion"}}}}}  # fmt: skip


@dataclass(frozen=True)
class MoveView:
    """A move of open complaints: `looked_at` of `total` (null: not counted yet), `complaints` moved with `clocks`.

    `overdue` of them are past their due time by it; `failed` could not be decided: applying again tries them again.
    """

    id: UUID
    calendar: str
    version: str
    state: Literal["running", "finished"]
    reason: str
    approved_by: str
    asked_by: str
    asked_at: datetime
    finished_at: datetime | None
    total: int | None
    looked_at: int
    complaints: int
    clocks: int
    overdue: int
    failed: list[UUID]


@dataclass(frozen=True)
class MoveList:
    """The last one first."""

    items: list[MoveView]


@router.post(
    "/v1/calendars/{code}/versions/{version:path}/preview", responses={200: {"model": MovePreview}},
    summary="What would move if open complaints followed this version",
)  # fmt: skip
async def preview_version(request: Request, code: str, version: str) -> Response:
    """Nothing is recorded. Clocks that are stopped, judged or extended do not move."""
    actor = authenticated(request)
    require_role(actor, "admin")
    service: Service = request.app.state.service
    command_request(request, actor, await read_body(request))
    calendar = await _calendar(service, code, version)
    await wait_for(service, await service.log.head())
    return json_response(await preview(service, calendar, actor))


@router.post(
    "/v1/calendars/{code}/versions/{version:path}/apply", openapi_extra=BODY,
    responses={200: {"model": MoveView}, 202: {"model": MoveView}}, summary="Let open complaints follow this version",
)  # fmt: skip
async def apply_version(request: Request, code: str, version: str) -> Response:
    """Each complaint whose running clocks move gets `DeadlineMoved` events, once; judgements stay as they are.

    200 when it has finished, 202 while it goes on: `Location` tells how far it has come.
    """
    actor = authenticated(request)
    require_role(actor, "admin")
    service: Service = request.app.state.service
    body = await read_body(request)
    command, repeat = parse(body, APPLY), command_request(request, actor, body)
    calendar = await _calendar(service, code, version)
    id, replayed = uuid5(ORDERS, str(repeat.command_id)), False
    if repeat.request_hash is not None:
        this = CommandSeen(None, None, None, repeat.request_hash, left_events=False)
        seen = await service.log.remember(repeat.command_id, this, service.now())
        if seen is not None and seen.request_hash != repeat.request_hash:
            raise CommandIdReused(repeat.command_id)
        replayed = seen is not None
    await service.moves.ask(
        MoveOrder(id, code, calendar.version, command.reason, command.approved_by, actor.id, service.now())
    )
    order = await service.moves.finished(id, ANSWER_WITHIN)
    if order is None:
        raise AssertionError("a move that was asked for is there")
    headers = {"Location": f"/v1/calendars/{code}/moves/{id}", "Redress-Position": str(await service.log.head())}
    if replayed:
        headers["Idempotency-Replayed"] = "true"
    return json_response(_view(order), 202 if order.finished_at is None else 200, headers)


@router.get(
    "/v1/calendars/{code}/moves", responses={200: {"model": MoveList}}, summary="The moves to versions of a calendar"
)
async def list_moves(request: Request, code: str) -> Response:
    require_role(authenticated(request), "admin", "auditor")
    service: Service = request.app.state.service
    orders = await service.moves.of_calendar(code) if code.isprintable() else []
    return json_response(MoveList([_view(order) for order in orders]))


@router.get("/v1/calendars/{code}/moves/{id}", responses={200: {"model": MoveView}}, summary="How far a move has come")
async def one_move(request: Request, code: str, id: str) -> Response:
    require_role(authenticated(request), "admin", "auditor")
    service: Service = request.app.state.service
    try:
        order = await service.moves.progress(UUID(id))
    except ValueError:
        order = None
    if order is None or order.calendar != code:
        raise Problem(404, "no-such-move", "Not found", "There is no move of this id.")
    return json_response(_view(order))


async def _calendar(service: Service, code: str, version: str) -> Calendar:
    await service.library.learn()
    try:
        return service.library.calendar_at(code, version)
    except KeyError:
        detail = "There is no calendar of this code and version."
        raise Problem(404, "no-such-calendar", "Not found", detail) from None


def _view(order: MoveOrder) -> MoveView:
    return MoveView(
        id=order.id,
        calendar=order.calendar,
        version=order.version,
        state="running" if order.finished_at is None else "finished",
        reason=order.reason,
        approved_by=order.approved_by,
        asked_by=order.asked_by,
        asked_at=order.asked_at,
        finished_at=order.finished_at,
        total=order.total,
        looked_at=order.looked_at,
        complaints=order.complaints,
        clocks=order.clocks,
        overdue=order.overdue,
        failed=list(order.failed),
    )
