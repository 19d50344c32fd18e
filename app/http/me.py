"""`/v1/me`: who I am, and what of the API I may use."""

from collections.abc import Callable, Sequence

from fastapi import Request, Response
from starlette.routing import BaseRoute

from app.http.protocol.answers import json_response
from app.http.protocol.caller import Caller
from app.http.protocol.guard import NO_PART
from app.http.protocol.language import LanguageOf, said_in
from app.http.protocol.parameters import only_parameters
from app.http.protocol.routes import Route, Routes, step_of
from app.queries.me import Me, MeQueries, Operation
from domain.values import Actor
from wording.operations import operation_title


def me_routes(
    queries: MeQueries, guarded: Callable[[], Sequence[BaseRoute]], caller: Caller, language_of: LanguageOf
) -> Routes:
    """`guarded`: every route of the service."""
    routes = Routes("me", part=NO_PART)

    def steps_of(actor: Actor) -> frozenset[str]:
        of_complaints = {step_of("complaints", step) for step in queries.complaint_steps(actor)}
        return frozenset(of_complaints.union(step_of("incidents", step) for step in queries.incident_steps(actor)))

    @routes.get("/v1/me", Me, summary="Who I am")
    async def me(request: Request) -> Response:
        """Of whoever calls: roles, unit, what the key is narrowed to, and which operations it may be used for.

        Every operation that is missing would be refused with 403. Of one that is there, the case decides.
        """
        actor, came = caller(request), request.state.came
        only_parameters(request)
        steps, language = steps_of(actor), language_of(request)
        operations = [
            Operation(method, route.path_format, operation_title(route.operation).in_(language))
            for route in guarded()
            if isinstance(route, Route) and route.guard is not None and route.guard.lets_in(actor, came.scopes, steps)
            for method in sorted(route.methods or ())
        ]
        return json_response(await queries.one(actor, came.key, operations), headers=said_in(language))

    return routes
