"""`/` and `/problems`: what this is and where to go next, and what a refusal means, for whoever opens its address."""

from typing import Final

from fastapi import Request, Response

from app.http.protocol.answers import json_response
from app.http.protocol.parameters import only_parameters
from app.http.protocol.problems import ProblemMeaning, meanings
from app.http.protocol.routes import Routes
from domain.errors import NotFound

INDEX: Final = {
    "service": "Redress",
    "about": "Complaint handling as a stream of events: what happened, who did it, what is due next.",
    "api": "/v1/complaints",
    "description": "/openapi.json",
    "health": "/healthz",
    "ready": "/readyz",
    "metrics": "/metrics",
    "first_step": "Create keys at POST /v1/keys with the administrator's key; see README.md.",
}


def index_routes() -> Routes:
    routes = Routes("operation", public=True)

    @routes.get("/", include_in_schema=False)
    async def index() -> Response:
        return json_response(INDEX)

    meaning_of = meanings()

    @routes.get("/problems/{slug}", ProblemMeaning, summary="What a problem means")
    async def problem_meaning(request: Request, slug: str) -> Response:
        """Of the `type` of any refusal, which is an address: its sentence in both languages."""
        only_parameters(request)
        if slug not in meaning_of:
            raise NotFound
        return json_response(meaning_of[slug])

    return routes
