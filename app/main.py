"""The application: the only place that knows what is real. `application()` is what uvicorn runs."""

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Final

from fastapi import FastAPI
from prometheus_client import CollectorRegistry
from starlette.routing import BaseRoute
from starlette.types import Lifespan

from app import logs
from app.access.entrance import Entrance
from app.access.oidc.sign_in import Configured
from app.commands.customer_system import customers_of
from app.http.access_log import access_routes
from app.http.agents import agent_routes
from app.http.call_sources import call_source_routes
from app.http.call_volume import call_volume_routes
from app.http.callers import caller_routes
from app.http.calls import call_routes
from app.http.complaint_numbers import number_routes
from app.http.complaints import complaint_routes
from app.http.customers import customer_routes
from app.http.events import event_routes
from app.http.health import health_routes
from app.http.imports import import_routes
from app.http.incidents import incident_routes
from app.http.index import index_routes
from app.http.indicators import indicator_routes
from app.http.keys import key_routes
from app.http.lists import list_routes
from app.http.me import me_routes
from app.http.moves import move_routes
from app.http.notifications import notification_routes, recipient_routes
from app.http.people import people_routes
from app.http.proof import proof_routes
from app.http.protocol import problems
from app.http.protocol.access_notes import AccessNotes
from app.http.protocol.caller import caller_of
from app.http.protocol.compressed import Compressed
from app.http.protocol.cross_origin import CrossOrigin
from app.http.protocol.deadline import Deadlines, StorageDeadline
from app.http.protocol.description import description_of
from app.http.protocol.door import AtTheDoor
from app.http.protocol.guarded_protocol import GuardedProtocol
from app.http.protocol.head import HeadAsGet
from app.http.protocol.language import LanguageOf, language_of
from app.http.protocol.lists import Lists
from app.http.protocol.not_modified import NotModified
from app.http.protocol.problems import refusal_titles
from app.http.protocol.proxies import BehindProxies, Network
from app.http.protocol.request_log import RequestLog
from app.http.protocol.sandbox_time import SandboxStamp
from app.http.reports import report_routes
from app.http.rules import rule_routes, version_routes
from app.http.sandbox import sandbox_routes
from app.http.status import status_routes
from app.http.units import unit_routes
from app.http.vocabulary import vocabulary_routes
from app.notifications.channels import channels_of
from app.queries.known_codes import KnownCodes
from app.queries.vocabulary import VocabularyQueries
from app.service import Service
from app.settings import Settings
from app.spared import spare_the_collector
from eventlog.sealing import MasterKey

AS_BY_DEFAULT: Final = Deadlines()
PROTOCOL: Final = GuardedProtocol  # how a server reads what comes in
DESCRIPTION = (
    "Complaint handling as a stream of events: what happened, who did it, what is due next, and proof of it. "
    "Errors are application/problem+json (RFC 9457). Send every POST with an Idempotency-Key."
)


def application(database_is_kept: Callable[[], bool] = lambda: True) -> FastAPI:
    """The service as the environment configures it (REDRESS_DATABASE_URL, REDRESS_MASTER_KEY, …).

    `database_is_kept`: whether somebody brings the database back when it ends.
    """
    settings = Settings()
    logs.configure(settings.log_level)
    GuardedProtocol.language = settings.language
    if settings.database_url is None or settings.master_key is None:
        raise SystemExit("Start the service with `redress serve`: it finds the database and the master key.")
    service = Service(
        settings.database_url,
        MasterKey.from_base64(settings.master_key),
        sandbox=settings.sandbox,
        pool_size=settings.pool_size,
        channels=channels_of(settings),
        customers=customers_of(settings),
        language=settings.language,
        database_is_kept=database_is_kept,
        import_megabytes=settings.import_megabytes,
        clock_bound=settings.clock_bound,
        clock_settles=settings.clock_settles,
        rates=(settings.rate_person, settings.rate_machine),
        tokens=_tokens_of(settings),
    )
    deadlines = Deadlines(settings.storage_seconds, settings.ready_seconds, settings.waiting_requests)
    return build(service, deadlines, settings.trusted_proxies, settings.cors_origins)


def _tokens_of(settings: Settings) -> Configured | None:
    """The issuer of tokens, where one is set."""
    if settings.oidc_issuer is None or settings.oidc_audience is None or settings.oidc_rules is None:
        return None
    rules = settings.oidc_rules.read_text("utf-8")
    return Configured(settings.oidc_issuer, settings.oidc_audience, rules, settings.oidc_keys_seconds)


def build(
    service: Service,
    deadlines: Deadlines = AS_BY_DEFAULT,
    trusted: Sequence[Network] = (),
    origins: Sequence[str] = (),
) -> FastAPI:
    """The application around a service that is opened when it starts and closed when it stops.

    `trusted` are the networks of the proxies before it, `origins` those whose pages may call it.
    """
    registry = CollectorRegistry()

    @asynccontextmanager
    async def opened() -> AsyncIterator[list[BaseRoute]]:
        async with service:
            yield routes_of(service, registry)

    accesses = AccessNotes(service.trail, service.master)
    language, entrance = language_of(service.language), lambda: service.entrance
    app = serving(opened, registry, language, deadlines, trusted, origins, accesses, entrance)
    if service.sandbox:
        app.add_middleware(SandboxStamp, now=lambda: service.now())
    return app


def serving(
    opened: Callable[[], AbstractAsyncContextManager[list[BaseRoute]]],
    registry: CollectorRegistry,
    language_of: LanguageOf,
    deadlines: Deadlines = AS_BY_DEFAULT,
    trusted: Sequence[Network] = (),
    origins: Sequence[str] = (),
    accesses: AccessNotes | None = None,
    entrance: Callable[[], Entrance] | None = None,
) -> FastAPI:
    """The application of these routes, which are there once what they need is open.

    `accesses`: what writes requests into the access log. `entrance`: what their keys are shown at.
    """

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        async with opened() as routes:
            # As they are: include_router makes each anew for the app.
            app.router.routes = [*own, *routes]
            spare_the_collector()
            yield

    app = described(lifespan=lifespan)
    own = app.router.routes
    if entrance is not None:
        app.add_middleware(AtTheDoor, entrance=entrance)
    app.add_middleware(NotModified)
    app.add_middleware(Compressed)
    app.add_middleware(StorageDeadline, deadlines=deadlines)
    app.add_middleware(HeadAsGet)
    app.add_middleware(RequestLog, registry=registry, language_of=language_of, accesses=accesses)
    if origins:
        app.add_middleware(CrossOrigin, allow_origins=origins)
    app.add_middleware(BehindProxies, trusted=trusted)  # the outermost: all the others agree on the caller
    problems.install(app, language_of)
    return app


def described(routes: Sequence[BaseRoute] = (), lifespan: Lifespan[FastAPI] | None = None) -> FastAPI:
    """An application that can say what these routes are."""
    # FastAPI's own pages at /docs load their scripts from somebody else's servers; the description stays.
    app = FastAPI(
        title="Redress", version="0.1.0", description=DESCRIPTION, lifespan=lifespan,
        redirect_slashes=False, docs_url=None, redoc_url=None,
    )  # fmt: skip
    app.router.routes.extend(routes)
    app.openapi = description_of(app)  # type: ignore[method-assign]
    return app


def routes_of(service: Service, registry: CollectorRegistry) -> list[BaseRoute]:
    """Every route, made of what it needs of an open service."""
    queries, now, caller = service.queries, service.now, caller_of
    language = language_of(service.language)
    lists = Lists(service.master, service.library, language, KnownCodes(service.pool, service.library, service.access))
    notifying, remembered = service.notifying, service.remembered
    routes: list[BaseRoute] = [
        *complaint_routes(service.answered, queries.complaints, caller, language),
        *event_routes(queries.feed, lists, caller),
        *number_routes(queries.numbers, caller, language),
        *list_routes(
            queries.tracking, queries.clocks, queries.obligations, queries.audit, queries.customers, lists, caller
        ),
        *customer_routes(queries.customers, lists, caller),
        *access_routes(queries.accesses, lists, caller),
        *proof_routes(queries.proofs, lists, caller),
        *rule_routes(queries.rules, caller),
        *vocabulary_routes(VocabularyQueries(service.library, refusal_titles()), caller),
        *version_routes("calendar", service.library, queries.rules, caller, now),
        *version_routes("procedure", service.library, queries.rules, caller, now),
        *move_routes(service.moves, queries.moves, remembered, caller, now, language),
        *key_routes(service.keys, queries.keys, service.master, caller, now),
        *people_routes(service.access, queries.people, lists, caller, now),
        *unit_routes(service.access, queries.units, service.master, caller, now),
        *notification_routes(queries.notifications, notifying.outbox, notifying.sender, remembered, lists, caller, now),
        *recipient_routes(notifying.recipients, queries.recipients, caller),
        *status_routes(queries.status, service.tries),
        *indicator_routes(queries.figures, lists, caller, language),
        *report_routes(queries.reports, queries.due_work, lists, caller),
        *health_routes(queries.operation, registry, service.can_recover),
        *index_routes(),
        *incident_routes(service.incidents, queries.incidents, lists, caller),
        *call_volume_routes(service.call_volumes, caller),
        *call_routes(service.calls, service.call_sources, queries.calls, lists, caller, now),
        *agent_routes(queries.agents, caller, now),
        *caller_routes(queries.callers, queries.offered, caller),
        *call_source_routes(service.call_sources, queries.calls, service.library, caller, now),
        *import_routes(
            service.imports, service.import_runner, queries.imports, service.library, remembered, lists, caller,
            language, now, service.import_megabytes,
        ),
    ]
    if service.rehearsal is not None:
        routes += sandbox_routes(service.rehearsal, caller)
    routes += me_routes(queries.me, lambda: routes, caller, language)
    return routes
