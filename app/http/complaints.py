"""`/v1/complaints`: taking complaints down, every step of the procedure, one complaint with its history and clocks."""

from typing import Annotated, Protocol
from uuid import UUID

from fastapi import Query, Request, Response

from app.commands.request_identity import CommandRequest
from app.commands.stream import CommandResult
from app.http.overriding import Override, as_command
from app.http.protocol.answers import Expansion, one_response, shown_response, with_steps
from app.http.protocol.caller import Caller
from app.http.protocol.chosen import chosen_fields
from app.http.protocol.language import LanguageOf, said_in
from app.http.protocol.list_parameters import FIELDS, Fields
from app.http.protocol.parameters import Instant, Round, Version, id_or, only_parameters
from app.http.protocol.routes import Routes
from app.http.protocol.steps import Door
from app.queries.complaint_view import ComplaintView
from app.queries.complaints import ComplaintQueries, History
from app.queries.explanation_view import ExplanationView
from domain.complaint.commands import Command, ReceiveComplaint
from domain.complaint.complaint import Complaint
from domain.complaint.intake import RECEIVE
from domain.complaint.steps import STEPS
from domain.errors import NotFound
from domain.values import Actor

PATH = "/v1/complaints"
ComplaintWithSteps = with_steps(ComplaintView)


class Takes(Protocol):
    """What is wanted of the complaints' door in."""

    async def receive(
        self, command: ReceiveComplaint, actor: Actor, request: CommandRequest, /
    ) -> CommandResult[Complaint]: ...

    async def execute(
        self, id: UUID, command: Command, actor: Actor, request: CommandRequest, /
    ) -> CommandResult[Complaint]: ...


def complaint_routes(commands: Takes, queries: ComplaintQueries, caller: Caller, language_of: LanguageOf) -> Routes:
    routes = Routes("complaints")
    door = Door(PATH, caller, commands.execute, queries.answer, ComplaintView, NotFound, language_of)
    door.add_intake(
        routes, ReceiveComplaint, commands.receive, step=RECEIVE, name="receive_complaint",
        summary="Take a complaint down", description="Answers 201 with the complaint and its `Location`. "
        "Late intake: give `occurred_at`, its clocks run from there.",
    )  # fmt: skip
    forms = door.add_steps(routes, STEPS, written={"override": (Override, as_command)})

    @routes.get(f"{PATH}/{{id}}", ComplaintView, or_else=ComplaintWithSteps, summary="One complaint")
    async def one_complaint(
        request: Request,
        id: str,
        as_of: Annotated[Instant | None, Query(description="As it stood at this time")] = None,
        version: Annotated[Version | None, Query(description="As it stood at this version")] = None,
        expand: Annotated[Expansion | None, Query(description="With what else")] = None,
        fields: Annotated[Fields | None, Query(description=FIELDS)] = None,
    ) -> Response:
        """Folded from its events, so never stale. `ETag` is its version. `expand=steps` adds the forms of its steps.

        An auditor outside the circle of a confidential matter gets a receipt: id, number, version, position and status.
        """
        actor = caller(request)
        only_parameters(request, "as_of", "version", "expand", "fields")
        chosen = chosen_fields(fields, ComplaintView)
        language = language_of(request)
        shown = await queries.one(id_or(NotFound, id), actor, language, as_of=as_of, version=version)
        return one_response(shown, said_in(language), chosen=chosen, forms=None if expand is None else forms)

    @routes.get(f"{PATH}/{{id}}/history", History, summary="Its history")
    async def history_of_complaint(request: Request, id: str) -> Response:
        """Every event in order: what happened, who did it, when it was recorded."""
        actor = caller(request)
        only_parameters(request)
        language = language_of(request)
        shown = await queries.history(id_or(NotFound, id), actor, language)
        return shown_response(shown, headers=said_in(language))

    @routes.get(
        f"{PATH}/{{id}}/clocks/{{clock}}/explanation", ExplanationView, summary="Why a clock is due when it is due"
    )
    async def explanation_of_clock(
        request: Request,
        id: str,
        clock: str,
        unit: Annotated[str | None, Query(description="Only this unit's")] = None,
        round: Annotated[Round | None, Query(description="Only this round's")] = None,
    ) -> Response:
        """Every stretch between start and due, counted or not and why, with sums that add up to the limit.

        Of the latest time it ran; `earlier` holds the others, for other units, rounds or revisions.
        """
        actor = caller(request)
        only_parameters(request, "unit", "round")
        language = language_of(request)
        shown = await queries.explanation(id_or(NotFound, id), clock, actor, language, unit=unit, round=round)
        return shown_response(shown, headers=said_in(language))

    return routes
