"""`/v1/tracking`, `/v1/sla`, `/v1/audit/events`: the read models and the log as pages, and whole as files."""

from dataclasses import replace
from typing import Annotated

from fastapi import Query, Request, Response

from app.http.protocol.caller import Caller
from app.http.protocol.list_parameters import AuditQuery, ObligationQuery, SlaQuery, SlaSummaryQuery, TrackingQuery
from app.http.protocol.lists import NDJSON_TYPE, TABLES, Lists, page_of
from app.http.protocol.routes import Routes
from app.queries.audit_events import AuditEvent, AuditFilter, AuditLog
from app.queries.customers import CustomerQueries
from app.queries.obligation_pages import ObligationRow, ObligationTable
from app.queries.paging import as_sort
from app.queries.sla_pages import ClockRow, ClockSums, ClockTable
from app.queries.tracking_pages import TrackingRow, TrackingTable
from projections.obligations_query import ObligationFilter
from projections.sla_query import SlaFilter
from projections.tracking_query import TrackingFilter

TrackingList = page_of("TrackingList", TrackingRow)
ClockList = page_of("ClockList", ClockRow)
ObligationList = page_of("ObligationList", ObligationRow)
ClockSummary = page_of("ClockSummary", ClockSums, "One item per procedure and unit; there is only one page.")
AuditList = page_of(
    "AuditList", AuditEvent,
    "`position` is how far the log had come; ask again with `after` = the last item's position for what is newer. "
    "Positions are those of the whole log: who sees a part of it finds gaps between them, and full pages all the same.",
)  # fmt: skip


def list_routes(
    tracking: TrackingTable,
    sla: ClockTable,
    obligations: ObligationTable,
    audit: AuditLog,
    customers: CustomerQueries,
    lists: Lists,
    caller: Caller,
) -> Routes:
    routes = Routes("lists", part="complaints")

    @routes.get("/v1/tracking", TrackingList, files=TABLES, summary="The tracking table")
    async def tracking_table(request: Request, query: Annotated[TrackingQuery, Query()]) -> Response:
        """One row per complaint. `Accept: text/csv` or XLSX gives the whole list; `as_of` gives it as it stood."""
        actor = caller(request)
        wanted = await lists.wanted(request, query, TrackingFilter, actor)
        asked = customers.answers(query.answers(customers.questions))
        asked += await customers.looked_up(query.customer, query.phone, actor)
        rows = tracking.rows(actor, replace(wanted, looked_up=tuple(asked)), as_sort(query.sort), query.as_of)
        return await lists.answer(request, query, rows, "tracking", files=TABLES)

    @routes.get("/v1/sla", ClockList, files=TABLES, summary="The clocks")
    async def clocks(request: Request, query: Annotated[SlaQuery, Query()]) -> Response:
        """One row per clock, the nearest due time first. `Accept: text/csv` or XLSX gives the whole list."""
        actor = caller(request)
        wanted = await lists.wanted(request, query, SlaFilter, actor)
        rows = sla.rows(actor, wanted, lists.language_of(request), query.sort)
        return await lists.answer(request, query, rows, "sla", files=TABLES)

    @routes.get("/v1/sla/summary", ClockSummary, summary="The clocks per procedure and unit")
    async def clock_summary(request: Request, query: Annotated[SlaSummaryQuery, Query()]) -> Response:
        """How many clocks of each procedure and unit run, were met, were missed."""
        actor = caller(request)
        sums = sla.sums(actor, await lists.wanted(request, query, SlaFilter, actor))
        return await lists.answer(request, query, sums, "sla summary")

    @routes.get("/v1/obligations", ObligationList, files=TABLES, summary="What is owed: the work list")
    async def list_obligations(request: Request, query: Annotated[ObligationQuery, Query()]) -> Response:
        """One row per thing that somebody owes, the nearest due time first, what has no limit last.

        `owed_by=me` is what the key's person, unit and roles owe. A CSV or XLSX file has the whole list.
        """
        actor = caller(request)
        rows = obligations.rows(actor, await lists.wanted(request, query, ObligationFilter, actor))
        return await lists.answer(request, query, rows, "obligations", files=TABLES)

    @routes.get("/v1/audit/events", AuditList, files=(*TABLES, NDJSON_TYPE), summary="The whole history")
    async def audit_events(request: Request, query: Annotated[AuditQuery, Query()]) -> Response:
        """Every event that the caller may see, in the order of the log; `Accept: application/x-ndjson` streams it.

        With `agent`: only the gradings of that agent's faults, for those who see them; others are refused.
        """
        actor = caller(request)
        rows = audit.rows(actor, await lists.wanted(request, query, AuditFilter, actor), lists.language_of(request))
        return await lists.answer(request, query, rows, "audit", file="events", files=(*TABLES, NDJSON_TYPE))

    return routes
