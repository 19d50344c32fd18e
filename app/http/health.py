"""`/healthz`, `/readyz`, `/metrics`: is the process alive, is the service ready, and how is it doing."""

from dataclasses import dataclass
from typing import Any

from fastapi import APIRouter, Request, Response
from prometheus_client import CONTENT_TYPE_LATEST, Gauge, generate_latest

from app.http.protocol.answers import json_response
from app.http.protocol.problems import RETRY_SOON, problem_response
from app.service import Service
from eventlog.database import is_storage_away

router = APIRouter(tags=["operation"])
LAG_SECONDS_ALLOWED = 10.0


@dataclass(frozen=True)
class Health:
    status: str


@dataclass(frozen=True)
class Readiness:
    """`status` is ready; `checks` has one entry each for database, migrations, projections."""

    status: str
    checks: dict[str, Any]


@router.get("/healthz", responses={200: {"model": Health}}, summary="Is the process alive")
async def healthz() -> Response:
    return json_response(Health("ok"))


@router.get("/readyz", responses={200: {"model": Readiness}}, summary="Is it ready")
async def readyz(request: Request) -> Response:
    """503 while the database is away, migrations are pending, or read models lag more than ten seconds.

    The problem document of the 503 holds the same `checks`.

    Complaints whose read model failed are listed; they stop only themselves, so the service stays ready.
    """
    service: Service = request.app.state.service
    checks: dict[str, Any] = {}
    try:
        checks["database"] = await service.pool.fetchval("SELECT 'ok'")
        pending = await service.pending_migrations()
        checks["migrations"] = "ok" if not pending else {"pending": pending}
        behind, seconds = await service.follower.lag()
        parked = await service.follower.parked()
        checks["projections"] = {
            "events_behind": behind, "seconds_behind": round(seconds, 3),
            "stopped_complaints": [
                {"projection": one.follower, "complaint_id": one.stream, "error": one.error} for one in parked[:20]
            ],
        }  # fmt: skip
        ready = not pending and seconds < LAG_SECONDS_ALLOWED
    except Exception as error:  # asyncpg's, SQLAlchemy's around it, or the log's own
        if not is_storage_away(error):
            raise
        checks["database"] = "away"
        ready = False
    if ready:
        return json_response(Readiness("ready", checks))
    return problem_response(503, "not-ready", _why_not(checks), headers=RETRY_SOON, more={"checks": checks})


@router.get("/metrics", response_class=Response, summary="Prometheus metrics")
async def metrics(request: Request) -> Response:
    service: Service = request.app.state.service
    gauges: dict[str, Gauge] = request.app.state.gauges
    log = service.log
    gauges["queue"].set(log.queued)
    gauges["appends"].set(log.appended)
    gauges["batches"].set(log.batches)
    gauges["conflicts"].set(log.conflicts)
    try:
        behind, seconds = await service.follower.lag()
        gauges["lag_events"].set(behind)
        gauges["lag_seconds"].set(seconds)
        waiting, dead = await service.notifying.outbox.counts()
        gauges["notifications_waiting"].set(waiting)
        gauges["notifications_dead"].set(dead)
        gauges["stopped"].set(len(await service.follower.parked()))
        gauges["database_up"].set(1)
    except Exception as error:
        if not is_storage_away(error):
            raise
        gauges["database_up"].set(0)
    return Response(generate_latest(request.app.state.registry), media_type=CONTENT_TYPE_LATEST)


def _why_not(checks: dict[str, Any]) -> str:
    if checks["database"] != "ok":
        return "The database cannot be reached."
    if checks["migrations"] != "ok":
        return "The database's schema is not up to date: run `redress migrate`."
    return "The read models lag behind the log."


GAUGES = {
    "queue": ("redress_append_queue", "Appends that wait for the writer"),
    "appends": ("redress_appends_done", "Appends this process has recorded"),
    "batches": ("redress_append_batches", "Transactions of this process's writer"),
    "conflicts": ("redress_append_conflicts", "Appends that lost a race for their version"),
    "lag_events": ("redress_projection_lag_events", "Events the read models are behind"),
    "lag_seconds": ("redress_projection_lag_seconds", "Seconds the read models are behind"),
    "stopped": ("redress_projection_stopped_complaints", "Complaints whose read model has failed"),
    "notifications_waiting": ("redress_notifications_waiting", "Notifications that wait to be sent"),
    "notifications_dead": ("redress_notifications_dead", "Notifications that were given up"),
    "database_up": ("redress_database_up", "1 while the database answers"),
}
