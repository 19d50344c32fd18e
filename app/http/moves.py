"""`/v1/calendars/{code}/versions/{version}`: moving open complaints to a version of their calendar, previewed first."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID, uuid5

from fastapi import Request, Response

from app.access.privileges import ADMINISTERS, READS_MOVES
from app.clocks.deadline_moves import DeadlineMoves, MoveOrder
from app.commands.remembered import RememberedRequests
from app.http.protocol.answers import json_response
from app.http.protocol.body import adapter_of, parse, read_body
from app.http.protocol.caller import Caller
from app.http.protocol.idempotency import command_request
from app.http.protocol.language import LanguageOf, said_in
from app.http.protocol.routes import Routes
from app.queries.moves import MoveList, MovePreview, MoveQueries, MoveView, move_view
from domain.values import ActorId, Text

ORDERS: Final = UUID("c0d6a1f2-7c1f-5d0b-9a61-0f3f5a7b3c55")  # the name space of the moves' ids
ANSWER_WITHIN: Final = 2.0  # seconds
VERSION: Final = "/v1/calendars/{code}/versions/{version:path}"


@dataclass(frozen=True)
class ApplyVersion:
    """`reason` stands in the history of every complaint that moves, so name the notice and nobody's data."""

    reason: Text
    approved_by: ActorId


APPLY: Final = adapter_of(ApplyVersion)


def move_routes(
    moves: DeadlineMoves,
    queries: MoveQueries,
    remembered: RememberedRequests,
    caller: Caller,
    now: Callable[[], datetime],
    language_of: LanguageOf,
) -> Routes:
    routes = Routes("rules")

    @routes.post(
        f"{VERSION}/preview", MovePreview, roles=ADMINISTERS,
        summary="What would move if open complaints followed this version",
    )  # fmt: skip
    async def preview_version(request: Request, code: str, version: str) -> Response:
        """Nothing is recorded. Clocks that are stopped, judged or extended do not move."""
        actor = caller(request)
        command_request(request, actor, await read_body(request))
        language = language_of(request)
        return json_response(await queries.preview(code, version, actor, language), headers=said_in(language))

    @routes.post(
        f"{VERSION}/apply", MoveView, body=ApplyVersion, also=[202], roles=ADMINISTERS,
        summary="Let open complaints follow this version",
    )  # fmt: skip
    async def apply_version(request: Request, code: str, version: str) -> Response:
        """Each complaint whose running clocks move gets `DeadlineMoved` events, once; judgements stay as they are.

        200 when it has finished, 202 while it goes on: `Location` tells how far it has come.
        """
        actor = caller(request)
        body = await read_body(request)
        command, repeat = parse(body, APPLY), command_request(request, actor, body)
        calendar = await queries.rules.calendar_at(code, version)
        id, replayed = uuid5(ORDERS, str(repeat.command_id)), await remembered.remember(repeat)
        await moves.ask(MoveOrder(id, code, calendar.version, command.reason, command.approved_by, actor.id, now()))
        order = await moves.finished(id, ANSWER_WITHIN)
        if order is None:
            raise AssertionError("a move that was asked for is there")
        headers = {
            "Location": f"/v1/calendars/{code}/moves/{id}", "Redress-Position": str(await queries.log.head()),
        }  # fmt: skip
        return json_response(move_view(order), 202 if order.finished_at is None else 200, headers, replayed=replayed)

    @routes.get("/v1/calendars/{code}/moves", MoveList, roles=READS_MOVES, summary="Moves to versions of a calendar")
    async def list_moves(request: Request, code: str) -> Response:
        return json_response(await queries.of_calendar(code, caller(request)))

    @routes.get("/v1/calendars/{code}/moves/{id}", MoveView, roles=READS_MOVES, summary="How far a move has come")
    async def one_move(request: Request, code: str, id: str) -> Response:
        return json_response(await queries.one(code, id, caller(request)))

    return routes
