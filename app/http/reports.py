"""`/v1/reports`: weekly and monthly summaries of a procedure; `/v1/due-work`: what waits to be done periodically."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Annotated, Any, Final

from fastapi import APIRouter, Query, Request, Response

from app.http.protocol.answers import json_response
from app.http.protocol.caller import authenticated
from app.http.protocol.files import csv_response, xlsx_response
from app.http.protocol.list_parameters import (
    CSV_TYPE,
    XLSX_TYPE,
    ListQuery,
    begin_at,
    end_at,
    position_of,
    wait_for,
    wanted_type,
    whole,
)
from app.http.protocol.parameters import only_parameters
from app.http.protocol.problems import Problem
from app.queries.report_pages import Cause, Register, RegisterRow, file_shape
from app.queries.work_due import WorkDue, periods_of, work_due
from app.reports.period_counts import PeriodCounts
from app.service import Service
from domain import errors
from domain.limits.calendar import Calendar
from domain.procedure.procedure import Procedure
from domain.procedure.titles import Title
from domain.reporting.periods import KINDS, Period, PeriodKind
from domain.reporting.reports import PeriodReported, ReportedCount, ReportedFigure
from domain.values import Actor
from projections.scope import Scope

router = APIRouter(tags=["reports"])
FILES: Final[dict[str, Any]] = {CSV_TYPE: {}, XLSX_TYPE: {}}


class ReportQuery(ListQuery):
    """Pages are those of the register."""


@dataclass(frozen=True)
class PeriodSummary:
    """A period beside the one before: figures, complaints by category and unit, and the causes that units reported.

    `risen`: more complaints came in than in the period before. `reported_at` and `reported_position` are when and where
    the period was recorded as reported; what came in late since then is in these figures and not in those.
    """

    procedure: str
    title: Title | None
    kind: PeriodKind
    period: str
    first_day: date
    last_day: date
    ended: bool
    risen: bool
    figures: list[ReportedFigure]
    by_category: list[ReportedCount]
    by_unit: list[ReportedCount]
    causes: list[Cause]
    reported_at: datetime | None
    reported_position: int | None


@dataclass(frozen=True)
class PeriodReport:
    """`items` is the register (投诉统计表), one row per complaint; `next_cursor` is null on its last page."""

    summary: PeriodSummary
    items: list[RegisterRow]
    next_cursor: str | None
    position: int


@dataclass(frozen=True)
class PeriodRow:
    """One period that a procedure reports on. `state` is running, ended (not recorded yet) or reported."""

    kind: PeriodKind
    period: str
    title: Title
    first_day: date
    last_day: date
    ends_at: datetime
    state: str
    risen: bool | None
    told: list[str]
    rise_told: list[str]
    reported_at: datetime | None


@dataclass(frozen=True)
class PeriodList:
    """The newest period first; there is only one page."""

    items: list[PeriodRow]
    next_cursor: str | None
    position: int


@router.get("/v1/due-work", responses={200: {"model": WorkDue}}, summary="Periodic work that is due")
async def due_work(request: Request) -> Response:
    """Callbacks still to be made, bulletins and progress reports whose clock runs, reports for the caller's roles."""
    actor = authenticated(request)
    only_parameters(request)
    service: Service = request.app.state.service
    return json_response(await work_due(service, service.visibility.figures_scope(actor), actor))


@router.get("/v1/reports/{procedure}", responses={200: {"model": PeriodList}}, summary="The periods of a procedure")
async def periods(request: Request, procedure: str) -> Response:
    """Every week or month since the first complaint, with what was recorded of it and who was told."""
    actor = authenticated(request)
    only_parameters(request)
    service: Service = request.app.state.service
    rules, scope = _known(service, actor, procedure)
    position = await position_of(service, "indicators")
    rows: list[PeriodRow] = []
    for one in await periods_of(service, rules):
        fact, rule, period = one.fact, one.rule, one.period
        risen = fact.risen if fact is not None and procedure in scope.all_of else None  # it was counted of all
        rows.append(
            PeriodRow(
                period.kind, period.name, rule.title, period.first, period.last, one.ends_at, one.state,
                risen, list(rule.tell if fact is None else fact.told),
                list(() if fact is None else fact.rise_told), None if fact is None else fact.timestamp,
            )
        )  # fmt: skip
    return json_response(PeriodList(rows, None, position))


@router.get(
    "/v1/reports/{procedure}/{kind}/{period}", responses={200: {"model": PeriodReport, "content": FILES}},
    summary="A week or month of a procedure",
)  # fmt: skip
async def report_of_period(
    request: Request, procedure: str, kind: str, period: str, query: Annotated[ReportQuery, Query()]
) -> Response:
    """`kind` is weekly (2026-W10) or monthly (2026-03). `Accept: text/csv` or XLSX gives the register, whole."""
    actor = authenticated(request)
    service: Service = request.app.state.service
    rules, scope = _known(service, actor, procedure)
    calendar = service.library.calendar(rules.calendar)
    wanted = _period(kind, period)
    listing = query.listing(f"report {procedure} {kind} {period}")
    after = begin_at(service, listing, query.cursor)
    await wait_for(service, query.min_position)
    register = Register(service, scope, rules, calendar, wanted)
    match wanted_type(request, CSV_TYPE, XLSX_TYPE):
        case "text/csv":
            return csv_response(f"{procedure}-{period}", file_shape(rules), whole(register.page_of_file))
        case str():
            return await xlsx_response(f"{procedure}-{period}", file_shape(rules), whole(register.page_of_file))
    position = await position_of(service, "indicators")
    summary = await _summary(service, scope, rules, calendar, wanted, register)
    page = await register.page(after, query.limit)
    return json_response(PeriodReport(summary, list(page.items), end_at(service, listing, page.after), position))


async def _summary(
    service: Service, scope: Scope, procedure: Procedure, calendar: Calendar, period: Period, register: Register
) -> PeriodSummary:
    counted = await PeriodCounts(service.pool, procedure.code, scope).counted(period)
    fact = await _fact_of(service, procedure.code, period)
    title = next((rule.title for rule in procedure.reports if rule.period == period.kind), None)
    return PeriodSummary(
        procedure.code, title, period.kind, period.name, period.first, period.last,
        period.ends_at(calendar) <= service.now(), counted.has_risen, list(counted.figures), list(counted.by_category),
        list(counted.by_unit), await register.causes(), None if fact is None else fact.timestamp,
        None if fact is None else fact.position,
    )  # fmt: skip


async def _fact_of(service: Service, procedure: str, period: Period) -> PeriodReported | None:
    facts = await service.periods.reports_of(procedure)
    return next((fact for fact in facts if (fact.kind, fact.period) == (period.kind, period.name)), None)


def _known(service: Service, actor: Actor, procedure: str) -> tuple[Procedure, Scope]:
    """The procedure, and what of it the actor sees. Raises 404, and `RoleForbids` where that is nothing."""
    scope = service.visibility.figures_scope(actor)
    rules = service.library.procedures.get(procedure)
    if rules is None:
        raise Problem(404, "no-such-procedure", "Not found", "There is no procedure of this code.")
    if procedure not in scope.all_of + scope.unit_of:
        raise errors.RoleForbids
    return rules, scope


def _period(kind: str, name: str) -> Period:
    known = next((one for one in KINDS if one == kind), None)
    if known is None:
        raise Problem(404, "no-such-report", "Not found", f"There are {' and '.join(KINDS)} reports.")
    return Period.read(known, name)
