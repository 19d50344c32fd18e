"""`/v1/reports`: a procedure's days, weeks and months; `/v1/due-work`: what waits to be done periodically."""

from dataclasses import dataclass
from typing import Annotated

from fastapi import Query, Request, Response

from app.http.protocol.answers import json_response
from app.http.protocol.caller import Caller
from app.http.protocol.language import said_in
from app.http.protocol.list_parameters import ListQuery
from app.http.protocol.lists import TABLES, Lists, Page, page_of
from app.http.protocol.parameters import only_parameters
from app.http.protocol.routes import Routes
from app.queries.report_pages import PeriodReports, PeriodSummary, RegisterRow
from app.queries.report_periods import PeriodRow
from app.queries.work_due import DueWork, WorkDue

PeriodList = page_of("PeriodList", PeriodRow, "The newest period first; there is only one page.")


class ReportQuery(ListQuery):
    """Pages are those of the register."""


PeriodReport = page_of(
    "PeriodReport", RegisterRow,
    "`items` is the register, one row per complaint; `next_cursor` is null on its last page.",
    summary=PeriodSummary,
)  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class PageOfReport(Page):
    """A page of the register, with what the period comes to."""

    summary: PeriodSummary


def report_routes(reports: PeriodReports, due: DueWork, lists: Lists, caller: Caller) -> Routes:
    routes = Routes("reports")

    @routes.get("/v1/due-work", WorkDue, summary="Periodic work that is due")
    async def due_work(request: Request) -> Response:
        """Callbacks to be made, bulletins and progress reports whose clock runs, reports for the caller's roles."""
        actor = caller(request)
        only_parameters(request)
        language = lists.language_of(request)
        return json_response(await due.of(actor, language), headers=said_in(language))

    @routes.get("/v1/reports/{procedure}", PeriodList, summary="The periods of a procedure")
    async def periods(request: Request, procedure: str) -> Response:
        """Every week or month since the first complaint, and the last days, with what was recorded and who was told."""
        actor = caller(request)
        only_parameters(request)
        position = await reports.source.position()
        return json_response(Page(await reports.periods.rows(procedure, actor), None, position))

    @routes.get(
        "/v1/reports/{procedure}/{kind}/{period}", PeriodReport, files=TABLES,
        summary="A day, week or month of a procedure",
    )
    async def report_of_period(
        request: Request, procedure: str, kind: str, period: str, query: Annotated[ReportQuery, Query()]
    ) -> Response:
        """`kind` is daily (2026-03-02), weekly (2026-W10) or monthly (2026-03).

        `Accept: text/csv` or XLSX gives the register, whole.
        """
        report = reports.report(procedure, kind, period, caller(request))

        async def with_summary(page: Page) -> PageOfReport:
            return PageOfReport(**vars(page), summary=await report.summary())

        return await lists.answer(
            request, query, report.register(), f"report {procedure} {kind} {period}", file=f"{procedure}-{period}",
            files=TABLES, in_file=report.register_in_columns(), shown=with_summary,
        )  # fmt: skip

    return routes
