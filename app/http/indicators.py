"""`/v1/indicators`: the figures, what each of them means, and the events that made it."""

from dataclasses import dataclass
from typing import Annotated, Any, Final

from fastapi import APIRouter, Query, Request, Response

from app.http.protocol.answers import json_response
from app.http.protocol.caller import authenticated
from app.http.protocol.files import csv_response, xlsx_response
from app.http.protocol.list_parameters import (
    CSV_TYPE,
    XLSX_TYPE,
    begin_at,
    end_at,
    one_page,
    position_of,
    wait_for,
    wanted_type,
    whole,
)
from app.http.protocol.parameters import only_parameters
from app.http.protocol.problems import Mistake, Problem
from app.queries.indicator_pages import (
    DrilledEvent,
    DrilledPages,
    DrillQuery,
    Indicator,
    IndicatorQuery,
    IndicatorRow,
    day_span,
    figures_of,
    filter_of,
    indicator_view,
    row_of,
)
from app.service import Service
from domain.reporting.indicators import INDICATORS

router = APIRouter(tags=["indicators"])
FILES: Final[dict[str, Any]] = {CSV_TYPE: {}, XLSX_TYPE: {}}
MODEL: Final = "indicators"


@dataclass(frozen=True)
class IndicatorList:
    """`position` is how far the figures have come in the log; there is only one page."""

    items: list[IndicatorRow]
    next_cursor: str | None
    position: int


@dataclass(frozen=True)
class DrilledList:
    """`position` is how far the figures have come in the log; `next_cursor` is null on the last page."""

    items: list[DrilledEvent]
    next_cursor: str | None
    position: int


@router.get("/v1/indicators", responses={200: {"model": IndicatorList, "content": FILES}}, summary="The figures")
async def indicators(request: Request, query: Annotated[IndicatorQuery, Query()]) -> Response:
    """Every indicator with its numerator and denominator. A unit's member gets the figures of that unit alone.

    By unit, a case counts for every unit that handled it; otherwise it counts once. `Accept: text/csv` or XLSX gives
    the list as a file.
    """
    actor = authenticated(request)
    service: Service = request.app.state.service
    scope = service.visibility.figures_scope(actor)
    _must_be_in_order(query)
    if query.indicator is not None:
        _known(query.indicator)
    await wait_for(service, query.min_position)
    position = await position_of(service, MODEL)
    rows = [row_of(one) for one in await figures_of(service, scope, filter_of(query))]
    match wanted_type(request, CSV_TYPE, XLSX_TYPE):
        case "text/csv":
            return csv_response("indicators", IndicatorRow, one_page(rows))
        case str():
            return await xlsx_response("indicators", IndicatorRow, one_page(rows))
    return json_response(IndicatorList(rows, None, position))


@router.get("/v1/indicators/{name}", responses={200: {"model": Indicator}}, summary="What an indicator means")
async def one_indicator(request: Request, name: str) -> Response:
    """Its definition, numerator, denominator, by which day it counts, and the sentence of the rules it comes from."""
    authenticated(request)
    only_parameters(request)
    return json_response(indicator_view(_known(name), "en"))


@router.get(
    "/v1/indicators/{name}/events", responses={200: {"model": DrilledList, "content": FILES}},
    summary="The events behind a figure",
)  # fmt: skip
async def events_of_indicator(request: Request, name: str, query: Annotated[DrillQuery, Query()]) -> Response:
    """Each event with whether it made the numerator, the denominator, or that it left something out of the scoring."""
    actor = authenticated(request)
    service: Service = request.app.state.service
    scope = service.visibility.figures_scope(actor)
    _must_be_in_order(query)
    wanted = filter_of(query).of_indicator(_known(name))
    listing = query.listing(f"indicator {name}")
    after = begin_at(service, listing, query.cursor)
    await wait_for(service, query.min_position)
    pages = DrilledPages(service, scope, wanted)
    match wanted_type(request, CSV_TYPE, XLSX_TYPE):
        case "text/csv":
            return csv_response(name, DrilledEvent, whole(pages.page))
        case str():
            return await xlsx_response(name, DrilledEvent, whole(pages.page))
    position = await position_of(service, MODEL)
    page = await pages.page(after, query.limit)
    return json_response(DrilledList(list(page.items), end_at(service, listing, page.after), position))


def _known(name: str) -> str:
    if name not in INDICATORS:
        detail = f"There is no such indicator; there are {', '.join(INDICATORS)}."
        raise Problem(404, "no-such-indicator", "Not found", detail)
    return name


def _must_be_in_order(query: IndicatorQuery | DrillQuery) -> None:
    if not day_span(query.first, query.last):
        detail = "The last day lies before the first."
        raise Problem(422, "invalid-parameters", "Not valid", detail, errors=[Mistake("?to", detail)])
