"""The application: the only place that knows what is real. `application()` is what uvicorn runs."""

import gc
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI
from prometheus_client import CollectorRegistry, Gauge

from app import logs
from app.commands.customer_system import customers_of
from app.http import (
    call_volume as routes_call_volume,
)
from app.http import (
    complaints as routes_complaints,
)
from app.http import (
    health as routes_health,
)
from app.http import (
    incidents as routes_incidents,
)
from app.http import (
    index as routes_index,
)
from app.http import (
    indicators as routes_indicators,
)
from app.http import (
    keys as routes_keys,
)
from app.http import (
    lists as routes_lists,
)
from app.http import (
    moves as routes_moves,
)
from app.http import (
    notifications as routes_notifications,
)
from app.http import (
    openapi,
)
from app.http import (
    reports as routes_reports,
)
from app.http import (
    rules as routes_rules,
)
from app.http import (
    sandbox as routes_sandbox,
)
from app.http import (
    status as routes_status,
)
from app.http import (
    versions as routes_versions,
)
from app.http.protocol import problems
from app.http.protocol.head import HeadAsGet
from app.http.protocol.request_log import RequestLog
from app.notifications.channels import outside_of
from app.service import Service
from app.settings import Settings
from eventlog.sealing import MasterKey

ROUTES = (
    routes_complaints, routes_lists, routes_rules, routes_versions, routes_moves, routes_keys, routes_notifications,
    routes_status, routes_indicators, routes_reports, routes_health, routes_index,
    routes_incidents, routes_call_volume,
)  # fmt: skip
DESCRIPTION = (
    "Complaint handling as a stream of events: what happened, who did it, what is due next, and proof of it. "
    "Errors are application/problem+json (RFC 9457). Send every POST with an Idempotency-Key."
)


def application() -> FastAPI:
    """The service as the environment configures it (REDRESS_DATABASE_URL, REDRESS_MASTER_KEY, …)."""
    settings = Settings()
    logs.configure(settings.log_level)
    if settings.database_url is None or settings.master_key is None:
        raise SystemExit("Start the service with `redress serve`: it finds the database and the master key.")
    service = Service(
        settings.database_url,
        MasterKey.from_base64(settings.master_key),
        sandbox=settings.sandbox,
        pool_size=settings.pool_size,
        outside=outside_of(settings),
        customers=customers_of(settings),
    )
    return build(service)


def build(service: Service) -> FastAPI:
    """The application around a service that is opened when it starts and closed when it stops."""

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        async with service:
            app.state.service = service
            _spare_the_collector()
            yield

    # FastAPI's own pages at /docs load their scripts from somebody else's servers; the description stays.
    app = FastAPI(
        title="Redress", version="0.1.0", description=DESCRIPTION, lifespan=lifespan,
        redirect_slashes=False, docs_url=None, redoc_url=None,
    )  # fmt: skip
    app.state.status_tries = routes_status.StatusTries()
    _install_metrics(app)
    problems.install(app)
    for routes in (*ROUTES, *((routes_sandbox,) if service.sandbox else ())):
        # As they are: include_router makes each anew for the app, which took the first request half a second.
        app.router.routes.extend(routes.router.routes)
    openapi.describe(app)
    return app


def _spare_the_collector() -> None:
    """What is loaded by now stays: without it in every full collection, no request waits for one."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 100)


def _install_metrics(app: FastAPI) -> None:
    registry = CollectorRegistry()
    app.state.registry = registry
    app.state.gauges = {
        name: Gauge(metric, text, registry=registry) for name, (metric, text) in routes_health.GAUGES.items()
    }
    app.add_middleware(HeadAsGet)
    app.add_middleware(RequestLog, registry=registry)
