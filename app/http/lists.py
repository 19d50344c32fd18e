"""`/v1/tracking`, `/v1/sla`, `/v1/audit/events`: the read models as pages, and whole as CSV, XLSX and NDJSON."""

from dataclasses import dataclass
from typing import Annotated, Any, Final
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response

from app.http.protocol.answers import json_response
from app.http.protocol.caller import authenticated
from app.http.protocol.cursors import After
from app.http.protocol.files import csv_response, ndjson_response, xlsx_response
from app.http.protocol.list_parameters import (
    CSV_TYPE,
    NDJSON_TYPE,
    XLSX_TYPE,
    AuditQuery,
    SlaQuery,
    SlaSummaryQuery,
    TrackingQuery,
    begin_at,
    end_at,
    position_of,
    wait_for,
    wanted_type,
    whole,
)
from app.queries.audit_events import AuditEvent, AuditEvents
from app.queries.sla_pages import ClockRow, ClockSums, SlaPages, clock_sums
from app.queries.tracking_pages import TrackingPages, TrackingRow
from app.service import Service

router = APIRouter(tags=["lists"])

NO_ID: Final = UUID(int=0)
FILES: Final[dict[str, Any]] = {CSV_TYPE: {}, XLSX_TYPE: {}}


@dataclass(frozen=True)
class TrackingList:
    """`position` is how far the list has come in the log; `next_cursor` is null on the last page."""

    items: list[TrackingRow]
    next_cursor: str | None
    position: int


@dataclass(frozen=True)
class ClockList:
    """`position` is how far the list has come in the log; `next_cursor` is null on the last page."""

    items: list[ClockRow]
    next_cursor: str | None
    position: int


@dataclass(frozen=True)
class ClockSummary:
    """One item per procedure and unit; there is only one page."""

    items: list[ClockSums]
    next_cursor: str | None
    position: int


@dataclass(frozen=True)
class AuditList:
    """`position` is how far the log had come; ask again with `after` = the last item's position for what is newer."""

    items: list[AuditEvent]
    next_cursor: str | None
    position: int


@router.get("/v1/tracking", responses={200: {"model": TrackingList, "content": FILES}}, summary="The tracking table")
async def tracking_table(request: Request, query: Annotated[TrackingQuery, Query()]) -> Response:
    """One row per complaint. `Accept: text/csv` or XLSX gives the whole list; `as_of` gives it as it stood."""
    actor = authenticated(request)
    service: Service = request.app.state.service
    scope = service.visibility.scope(actor)
    listing = query.listing("tracking")
    after = begin_at(service, listing, query.cursor)
    await wait_for(service, query.min_position)
    pages = TrackingPages(service, scope, query)
    match wanted_type(request, CSV_TYPE, XLSX_TYPE):
        case "text/csv":
            return csv_response("tracking", TrackingRow, whole(pages.page))
        case str():
            return await xlsx_response("tracking", TrackingRow, whole(pages.page))
    position = await position_of(service, "tracking")
    page = await pages.page(after, query.limit)
    return json_response(TrackingList(list(page.items), end_at(service, listing, page.after), position))


@router.get("/v1/sla", responses={200: {"model": ClockList, "content": FILES}}, summary="The clocks")
async def clocks(request: Request, query: Annotated[SlaQuery, Query()]) -> Response:
    """One row per clock, the nearest due time first. `Accept: text/csv` or XLSX gives the whole list."""
    actor = authenticated(request)
    service: Service = request.app.state.service
    scope = service.visibility.scope(actor)
    listing = query.listing("sla")
    after = begin_at(service, listing, query.cursor)
    await wait_for(service, query.min_position)
    pages = SlaPages(service, scope, query)
    match wanted_type(request, CSV_TYPE, XLSX_TYPE):
        case "text/csv":
            return csv_response("sla", ClockRow, whole(pages.page))
        case str():
            return await xlsx_response("sla", ClockRow, whole(pages.page))
    position = await position_of(service, "sla")
    page = await pages.page(after, query.limit)
    return json_response(ClockList(list(page.items), end_at(service, listing, page.after), position))


@router.get("/v1/sla/summary", responses={200: {"model": ClockSummary}}, summary="The clocks per procedure and unit")
async def clock_summary(request: Request, query: Annotated[SlaSummaryQuery, Query()]) -> Response:
    """How many clocks of each procedure and unit run, were met, were missed."""
    actor = authenticated(request)
    service: Service = request.app.state.service
    scope = service.visibility.scope(actor)
    await wait_for(service, query.min_position)
    position = await position_of(service, "sla")
    return json_response(ClockSummary(await clock_sums(service, scope, query), None, position))


@router.get(
    "/v1/audit/events", responses={200: {"model": AuditList, "content": FILES | {NDJSON_TYPE: {}}}},
    summary="The whole history",
)  # fmt: skip
async def audit_events(request: Request, query: Annotated[AuditQuery, Query()]) -> Response:
    """Every event in the order of the log, without a gap. `Accept: application/x-ndjson` streams it to the end.

    With `agent`: only the gradings of that agent's faults, for those who see them; others are refused.
    """
    actor = authenticated(request)
    service: Service = request.app.state.service
    scope = service.visibility.scope(actor)
    listing = (
        f"audit {query.type} {query.actor} {query.complaint} {query.incident} {query.agent} {query.from_} {query.to}"
    )
    begin = begin_at(service, listing, query.cursor)
    await wait_for(service, query.min_position)
    events = AuditEvents(service, actor, scope, query)
    events.must_be_answered()
    head = await service.log.head()
    after = query.after if begin is None else begin.ordinal
    match wanted_type(request, NDJSON_TYPE, CSV_TYPE, XLSX_TYPE):
        case "application/x-ndjson":
            return ndjson_response(events.to_the_end(after, head))
        case "text/csv":
            return csv_response("events", AuditEvent, events.to_the_end(after, head))
        case str():
            return await xlsx_response("events", AuditEvent, events.to_the_end(after, head))
    page = await events.page(after, query.limit, head)
    more = After(None, NO_ID, page.read_to) if page.more else None
    return json_response(AuditList(page.items, end_at(service, listing, more), head))
