"""`/healthz`, `/readyz`, `/metrics`: is the process alive, is the service ready, and how is it doing."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from fastapi import Response
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Gauge, generate_latest

from app.http.protocol.answers import json_response
from app.http.protocol.problems import RETRY_SOON, Problem
from app.http.protocol.routes import Routes
from app.queries.operation import READY, Operation, Readiness

GAUGES: Final = {
    "queue": ("redress_append_queue", "Appends that wait for the writer"),
    "appends": ("redress_appends_done", "Appends this process has recorded"),
    "batches": ("redress_append_batches", "Transactions of this process's writer"),
    "conflicts": ("redress_append_conflicts", "Appends that lost a race for their version"),
    "lag_events": ("redress_projection_lag_events", "Events the read models are behind"),
    "lag_seconds": ("redress_projection_lag_seconds", "Seconds the read models are behind"),
    "stopped": ("redress_projection_stopped_complaints", "Complaints whose read model has failed"),
    "parked": ("redress_parked_streams", "Streams that a follower of the log has parked, once for each follower"),
    "unreadable": ("redress_unreadable_streams", "Streams with an event that this version cannot read"),
    "notifications_waiting": ("redress_notifications_waiting", "Notifications that wait to be sent"),
    "notifications_dead": ("redress_notifications_dead", "Notifications that were given up"),
    "clock_agrees": ("redress_clock_agrees", "1 while the database's clock goes on steadily, and clocks are judged"),
    "clock_leapt": ("redress_clock_leapt_seconds", "Seconds by which the database's clock has leapt"),
    "status_wrong": ("redress_status_wrong_tries", "Wrong tries at public status pages, of all processes and ever"),
    "status_numbers": ("redress_status_numbers_limited", "Numbers at whose public page too much was tried"),
    "status_callers": ("redress_status_callers_limited", "Callers who tried too much at public status pages"),
    "access_waiting": ("redress_access_log_waiting", "Rows of the access log that this process has not written yet"),
    "access_dropped": ("redress_access_log_dropped", "Rows of the access log that were lost: there was no room"),
    "locked_out": ("redress_callers_locked_out", "Callers who sent too many wrong keys"),
    "history_findings": ("redress_history_findings", "Positions of the log that are not what was sealed there"),
    "database_up": ("redress_database_up", "1 while the database answers"),
}


LAGS: Final = (
    ("redress_follower_lag_events", "Events that somebody who follows the log is behind"),
    ("redress_follower_lag_seconds", "Seconds that they are behind"),
)


@dataclass(frozen=True)
class Health:
    status: str


def health_routes(operation: Operation, registry: CollectorRegistry, can_recover: Callable[[], bool]) -> Routes:
    routes = Routes("operation", public=True)
    gauges = {name: Gauge(metric, text, registry=registry) for name, (metric, text) in GAUGES.items()}
    lags = [Gauge(metric, text, ["follower"], registry=registry) for metric, text in LAGS]

    @routes.get("/healthz", Health, summary="Is the process alive")
    async def healthz() -> Response:
        """200 while the process serves or waits for what comes back, such as a database that is started again.

        503 when it cannot recover by itself: end it and start it again.
        """
        if not can_recover():
            raise Problem(503, "cannot-recover")
        return json_response(Health("ok"))

    @routes.get("/readyz", Readiness, summary="Is it ready")
    async def readyz() -> Response:
        """503 while the database is away, migrations are pending, or read models lag more than ten seconds.

        The problem document of the 503 holds the same `checks`.

        Complaints whose read model failed are listed; they stop only themselves, so the service stays ready. So it does
        while streams hold events that only a newer version can read; `followers` counts those, and names the first, and
        says how far behind everybody is who follows the log. And while the database's clock has leapt (`clock`):
        complaints are handled, and nothing is judged by itself. And while the history is not what was sealed
        (`history`): how many positions are not, and the first of them.
        """
        found = await operation.readiness()
        if found.status == READY:
            return json_response(found)
        raise Problem(503, "not-ready", {found.status: True}, headers=RETRY_SOON, more={"checks": found.checks})

    @routes.get("/metrics", response_class=Response, summary="Prometheus metrics")
    async def metrics() -> Response:
        figures = await operation.figures()
        for name, figure in figures.plain.items():
            gauges[name].set(figure)
        for follower, lag in figures.lags.items():
            for gauge, late in zip(lags, lag, strict=True):
                gauge.labels(follower).set(late)
        return Response(generate_latest(registry), media_type=CONTENT_TYPE_LATEST)

    return routes
