"""`/v1/incidents`: what goes wrong in the centre itself, from the alarm to the record, with its history and clocks."""

from typing import Annotated

from fastapi import Query, Request, Response

from app.commands.incidents import Incidents
from app.http.protocol.answers import Expansion, one_response, shown_response, with_steps
from app.http.protocol.caller import Caller
from app.http.protocol.chosen import chosen_fields
from app.http.protocol.language import said_in
from app.http.protocol.list_parameters import FIELDS, Fields, IncidentQuery, ListQuery
from app.http.protocol.lists import TABLES, Lists, page_of
from app.http.protocol.parameters import Instant, Version, id_or, only_parameters
from app.http.protocol.routes import Routes
from app.http.protocol.steps import Door
from app.queries.incident_pages import IncidentRow, LateIntake
from app.queries.incident_view import IncidentView
from app.queries.incidents import IncidentHistory, IncidentQueries
from app.queries.paging import as_sort
from domain.incident.commands import OpenIncident
from domain.incident.errors import NoSuchIncident
from domain.incident.steps import INCIDENT_STEPS, OPEN
from projections.incidents_query import IncidentFilter

PATH = "/v1/incidents"
IncidentList = page_of("IncidentList", IncidentRow)
LateIntakeList = page_of("LateIntakeList", LateIntake)
IncidentWithSteps = with_steps(IncidentView)


def incident_routes(commands: Incidents, queries: IncidentQueries, lists: Lists, caller: Caller) -> Routes:
    routes, language_of = Routes("incidents"), lists.language_of
    door = Door(PATH, caller, commands.execute, queries.answer, IncidentView, NoSuchIncident, language_of)
    door.add_intake(
        routes, OpenIncident, commands.open, step=OPEN, name="open_incident", summary="Open an incident",
        description="Answers 201 with the incident and its `Location`. "
        "Late entry: give `occurred_at`, its clocks run from there.",
    )  # fmt: skip
    forms = door.add_steps(routes, INCIDENT_STEPS, of="incident")

    @routes.get(PATH, IncidentList, files=TABLES, summary="The incidents")
    async def list_incidents(request: Request, query: Annotated[IncidentQuery, Query()]) -> Response:
        """One row per incident. `Accept: text/csv` or XLSX gives the whole list."""
        actor = caller(request)
        wanted = await lists.wanted(request, query, IncidentFilter, actor)
        rows = queries.table.rows(actor, wanted, language_of(request), as_sort(query.sort))
        return await lists.answer(request, query, rows, "incidents", files=TABLES)

    @routes.get(f"{PATH}/{{id}}", IncidentView, or_else=IncidentWithSteps, summary="One incident")
    async def one_incident(
        request: Request,
        id: str,
        as_of: Annotated[Instant | None, Query(description="As it stood at this time")] = None,
        version: Annotated[Version | None, Query(description="As it stood at this version")] = None,
        expand: Annotated[Expansion | None, Query(description="With what else")] = None,
        fields: Annotated[Fields | None, Query(description=FIELDS)] = None,
    ) -> Response:
        """Folded from its events, so never stale. `ETag` is its version. `expand=steps` adds the forms of its steps."""
        actor = caller(request)
        only_parameters(request, "as_of", "version", "expand", "fields")
        chosen = chosen_fields(fields, IncidentView)
        language = language_of(request)
        shown = await queries.one(id_or(NoSuchIncident, id), actor, language, as_of=as_of, version=version)
        return one_response(shown, said_in(language), chosen=chosen, forms=None if expand is None else forms)

    @routes.get(f"{PATH}/{{id}}/history", IncidentHistory, summary="Its history (incident)")
    async def history_of_incident(request: Request, id: str) -> Response:
        """Every event in order: what happened, who did it, when it was recorded."""
        actor = caller(request)
        only_parameters(request)
        language = language_of(request)
        shown = await queries.history(id_or(NoSuchIncident, id), actor, language)
        return shown_response(shown, headers=said_in(language))

    @routes.get(
        f"{PATH}/{{id}}/late-intakes", LateIntakeList, files=TABLES, summary="Complaints entered after it was over"
    )
    async def late_intakes_of_incident(request: Request, id: str, query: Annotated[ListQuery, Query()]) -> Response:
        """The complaints that occurred while it lasted and were taken down after it, and who is owed a callback."""
        actor = caller(request)
        rows = await queries.late_intakes(id_or(NoSuchIncident, id), actor)
        return await lists.answer(request, query, rows, f"late intakes {id}", file="late-intakes", files=TABLES)

    return routes
