"""`/v1/procedures` and `/v1/calendars`: the rules in force, for people and programs to read."""

from dataclasses import asdict, dataclass, fields
from datetime import date, timedelta
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response

from app.http.protocol.answers import json_response
from app.http.protocol.caller import authenticated
from app.http.protocol.parameters import Day, only_parameters
from app.http.protocol.problems import Mistake, Problem
from app.service import Service
from domain.procedure.procedure import Procedure
from eventlog.database import StorageAway

router = APIRouter(tags=["rules"])
LONGEST_SPAN = timedelta(days=1100)


@dataclass(frozen=True)
class ProcedureSummary:
    code: str
    version: str
    title: dict[str, str]
    calendar: str
    source: str


@dataclass(frozen=True)
class ProcedureList:
    """All of them on one page; `position` is the newest one of the log, null while the storage is away."""

    items: list[ProcedureSummary]
    next_cursor: str | None
    position: int | None


@dataclass(frozen=True)
class DayView:
    """`kind` is workday, weekend, holiday or make-up; `provisional` until the notice of that year is out."""

    date: date
    kind: str
    name: str | None
    provisional: bool


@dataclass(frozen=True)
class DayList:
    calendar: str
    version: str
    zone: str
    items: list[DayView]


@router.get("/v1/procedures", responses={200: {"model": ProcedureList}}, summary="The procedures")
async def list_procedures(request: Request) -> Response:
    authenticated(request)
    only_parameters(request)
    service: Service = request.app.state.service
    items = [_summary(found) for found in service.library.procedures.values()]
    try:
        position = await service.log.head()
    except StorageAway:  # what is in memory is still answered
        position = None
    return json_response(ProcedureList(items, None, position))


@router.get("/v1/procedures/{code}", summary="One procedure, whole")
async def one_procedure(request: Request, code: str) -> Response:
    """Kinds, severities, categories, roles, units, who may take which step, and every clock with its source."""
    authenticated(request)
    only_parameters(request)
    service: Service = request.app.state.service
    procedure = service.library.procedures.get(code)
    if procedure is None:
        raise Problem(404, "no-such-procedure", "Not found", "There is no procedure of this code.")
    return json_response(procedure_view(procedure))


@router.get("/v1/calendars/{code}/days", responses={200: {"model": DayList}}, summary="The days of a calendar")
async def days_of_calendar(
    request: Request,
    code: str,
    first: Annotated[Day, Query(alias="from")],
    last: Annotated[Day, Query(alias="to")],
) -> Response:
    authenticated(request)
    only_parameters(request, "from", "to")
    service: Service = request.app.state.service
    try:
        calendar = service.library.calendar(code)
    except KeyError:
        raise Problem(404, "no-such-calendar", "Not found", "There is no calendar of this code.") from None
    if not 1970 <= first.year <= 9000 or not first <= last <= first + LONGEST_SPAN:
        detail = "Ask for a span of three years at most, from its first day to its last."
        raise Problem(422, "invalid-parameters", "Not valid", detail, errors=[Mistake("?to", detail)])
    days = (first + timedelta(days=index) for index in range((last - first).days + 1))
    items = [DayView(day, calendar.day_kind(day), calendar.day_name(day), calendar.provisional(day)) for day in days]
    return json_response(DayList(calendar.code, calendar.version, str(calendar.zone), items))


def procedure_view(procedure: Procedure) -> dict[str, Any]:
    """The procedure with its limits as they are written in the file."""
    whole = {field.name: getattr(procedure, field.name) for field in fields(procedure) if field.name != "clocks"}
    whole["clocks"] = [
        {
            **asdict(rule),
            "limit": str(rule.limit),
            "to_roles": sorted(rule.to_roles),
            **_sorted_sets(rule.starts, rule.stops, rule.severities),
        }
        for rule in procedure.clocks
    ]
    whole["longest_pause"] = str(procedure.longest_pause)
    return whole


def _sorted_sets(
    starts: frozenset[str], stops: frozenset[str], severities: frozenset[str] | None
) -> dict[str, list[str] | None]:
    return {
        "starts": sorted(starts),
        "stops": sorted(stops),
        "severities": None if severities is None else sorted(severities),
    }


def _summary(procedure: Procedure) -> ProcedureSummary:
    title = {"zh": procedure.title.zh, "en": procedure.title.en}
    return ProcedureSummary(procedure.code, procedure.version, title, procedure.calendar, procedure.source)
