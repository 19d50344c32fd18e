"""`/v1/indicators`: the figures, what each of them means, and the events that made it."""

from typing import Annotated

from fastapi import Query, Request, Response

from app.http.protocol.answers import json_response
from app.http.protocol.caller import Caller
from app.http.protocol.language import LanguageOf, said_in
from app.http.protocol.list_parameters import DrillQuery, IndicatorQuery
from app.http.protocol.lists import TABLES, Lists, page_of
from app.http.protocol.parameters import only_parameters
from app.http.protocol.routes import Routes
from app.queries.indicator_pages import DrilledEvent, Figures, Indicator, IndicatorRow, indicator_view
from projections.indicators_query import IndicatorFilter

COME = "`position` is how far the figures have come in the log; "
IndicatorList = page_of("IndicatorList", IndicatorRow, f"{COME}there is only one page.")
DrilledList = page_of("DrilledList", DrilledEvent, f"{COME}`next_cursor` is null on the last page.")


def indicator_routes(figures: Figures, lists: Lists, caller: Caller, language_of: LanguageOf) -> Routes:
    routes = Routes("indicators", part="reports")

    @routes.get("/v1/indicators", IndicatorList, files=TABLES, summary="The figures")
    async def indicators(request: Request, query: Annotated[IndicatorQuery, Query()]) -> Response:
        """Every indicator with its numerator and denominator. A unit's member gets the figures of that unit alone.

        By unit, a case counts for every unit that handled it; otherwise it counts once. `Accept: text/csv` or XLSX
        gives the list as a file.
        """
        actor = caller(request)
        rows = figures.rows(actor, await lists.wanted(request, query, IndicatorFilter, actor))
        return await lists.answer(request, query, rows, "indicators", files=TABLES)

    @routes.get("/v1/indicators/{name}", Indicator, summary="What an indicator means")
    async def one_indicator(request: Request, name: str) -> Response:
        """Its definition, numerator, denominator, by which day it counts, and the sentence of the rules behind it."""
        caller(request)
        only_parameters(request)
        language = language_of(request)
        return json_response(indicator_view(name, language), headers=said_in(language))

    @routes.get("/v1/indicators/{name}/events", DrilledList, files=TABLES, summary="The events behind a figure")
    async def events_of_indicator(request: Request, name: str, query: Annotated[DrillQuery, Query()]) -> Response:
        """Each event: whether it made the numerator, the denominator, or left something out of the scoring."""
        actor = caller(request)
        rows = figures.events(actor, name, await lists.wanted(request, query, IndicatorFilter, actor))
        return await lists.answer(request, query, rows, f"indicator {name}", file=name, files=TABLES)

    return routes
