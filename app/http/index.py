"""`/`: what this is and where to go next, for somebody who opens the address in a browser."""

from typing import Final

from fastapi import Response

from app.http.protocol.answers import json_response
from app.http.protocol.routes import Routes

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

    return routes
