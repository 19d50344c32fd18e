"""The API's description: what FastAPI finds out by itself, with bodies, answers, refusals, keys and headers added."""

from collections.abc import Callable, Iterable
from typing import Any, Final, Literal

from fastapi import FastAPI
from fastapi.openapi.models import Schema
from pydantic import TypeAdapter

from app.access.entrance import ACTING_FOR
from app.http.protocol.problems import PROBLEM_JSON, ProblemDocument
from app.http.protocol.routes import SCHEMA, Route

WITHOUT_A_KEY: Final = frozenset({"/healthz", "/readyz", "/metrics", "/v1/status/{number}", "/problems/{slug}"})

SCHEMES: Final[dict[str, dict[str, str]]] = {
    "key": {"type": "http", "scheme": "bearer", "description": "A key of the service's own: rk_…"},
    "token": {
        "type": "http", "scheme": "bearer", "bearerFormat": "JWT",
        "description": "A token of the OpenID Connect issuer that the deployment trusts, where it trusts one",
    },
}  # fmt: skip
LICENSE: Final = {"name": "Apache-2.0", "identifier": "Apache-2.0"}
SERVERS: Final = [{"url": "/", "description": "Where this description was read"}]
SIGNED: Final = "/v1/calls/events"
SIGNATURE: Final[dict[str, str]] = {
    "type": "apiKey", "in": "header", "name": "webhook-signature",
    "description": "Of a call source, as in Standard Webhooks: `v1,` and the base64 of the HMAC-SHA256, under its "
    "secret, of `<webhook-id>.<webhook-timestamp>.<body>`; with the headers webhook-id and webhook-timestamp (seconds "
    "since 1970)",
}  # fmt: skip
CONTENT_LANGUAGE: Final[dict[str, Any]] = {
    "description": "In which language the words of this answer are",
    "schema": {"type": "string", "enum": ["zh", "en"]},
}
PROBLEM: Final[dict[str, Any]] = {
    "description": "Refused: `type` names the rule, `detail` says what to do next",
    "content": {PROBLEM_JSON: {"schema": {"$ref": SCHEMA.format(model="ProblemDocument")}}},
    "headers": {"Content-Language": CONTENT_LANGUAGE},
}
AWAY: Final[dict[str, Any]] = {
    **PROBLEM,
    "description": "The storage is away or too busy; try again after `Retry-After` seconds",
    "headers": {"Retry-After": {"schema": {"type": "integer"}}, "Content-Language": CONTENT_LANGUAGE},
}
ACCEPT_LANGUAGE: Final[dict[str, Any]] = {
    "name": "Accept-Language",
    "in": "header",
    "required": False,
    "description": "zh or en: of problems, explanations, definitions and files. Codes are the same in both",
    "schema": {"type": "string"},
}
IDEMPOTENCY_KEY: Final[dict[str, Any]] = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": False,
    "description": "Sent again with the same body: the first answer again, marked `Idempotency-Replayed: true`",
    "schema": {"type": "string", "pattern": "^[!-~]{1,128}$"},
}
ACTING_FOR_HEADER: Final[dict[str, Any]] = {
    "name": ACTING_FOR,
    "in": "header",
    "required": False,
    "description": "The id of a person whom a system acts for, percent-encoded; its key has the scope act-for",
    "schema": {"type": "string", "maxLength": 600},
}
IF_MATCH: Final[dict[str, Any]] = {
    "name": "If-Match",
    "in": "header",
    "required": False,
    "description": "The version that the step is based on, as in the `ETag`; 412 when the complaint has moved on",
    "schema": {"type": "string", "pattern": '^("[0-9]{1,9}"|\\*)$'},
}


def description_of(app: FastAPI) -> Callable[[], dict[str, Any]]:
    """What completes the OpenAPI document: bodies and answers are none of FastAPI's business (protocol/routes.py)."""
    found = app.openapi

    def openapi() -> dict[str, Any]:
        if app.openapi_schema is not None:
            return app.openapi_schema
        document = found()  # kept by FastAPI, and completed in place
        components = document.setdefault("components", {})
        routes = [route for route in app.routes if isinstance(route, Route)]
        answers = _schemas([shape for route in routes for shape in route.answers], "serialization")
        # As FastAPI writes what it describes itself: its fields in one order, and nothing that is null.
        schemas = {
            name: Schema.model_validate(schema).model_dump(mode="json", by_alias=True, exclude_none=True)
            for name, schema in answers.items()
        }
        for shape in (ProblemDocument, *dict.fromkeys(route.body for route in routes)):
            for name, schema in _schemas([shape], "validation").items():
                schemas.setdefault(name, schema)
        components["schemas"] = schemas
        document["info"]["license"] = LICENSE
        document["servers"] = SERVERS
        components["securitySchemes"] = SCHEMES | {"signature": SIGNATURE}
        components["responses"] = {"Problem": PROBLEM, "Away": AWAY}
        components["parameters"] = {
            "AcceptLanguage": ACCEPT_LANGUAGE, "ActingFor": ACTING_FOR_HEADER, "IdempotencyKey": IDEMPOTENCY_KEY,
            "IfMatch": IF_MATCH,
        }  # fmt: skip
        for path, operations in document["paths"].items():
            for method, operation in operations.items():
                _complete(path, method, operation)
        return document

    return openapi


def _schemas(shapes: Iterable[type[Any] | None], mode: Literal["validation", "serialization"]) -> dict[str, Any]:
    """By name, with those that they consist of."""
    inputs: list[Any] = [(shape, mode, TypeAdapter(shape)) for shape in dict.fromkeys(shapes) if shape is not None]
    _, found = TypeAdapter.json_schemas(inputs, ref_template=SCHEMA)
    schemas: dict[str, Any] = found.get("$defs", {})
    return dict(sorted(schemas.items()))


def _complete(path: str, method: str, operation: dict[str, Any]) -> None:
    responses = operation["responses"]
    responses.pop("422", None)
    responses.update(
        {"4XX": {"$ref": "#/components/responses/Problem"}, "503": {"$ref": "#/components/responses/Away"}}
    )
    operation["security"] = []  # open to everybody
    if path not in WITHOUT_A_KEY:
        operation["security"] = [{name: []} for name in (*SCHEMES, *(["signature"] if path == SIGNED else []))]
    headers = ["AcceptLanguage"] if path in WITHOUT_A_KEY else ["AcceptLanguage", "ActingFor"]
    if method == "post":
        takes_steps = path.startswith(("/v1/complaints/{id}/", "/v1/incidents/{id}/"))
        headers += ["IdempotencyKey", "IfMatch"] if takes_steps else ["IdempotencyKey"]
    references = [{"$ref": f"#/components/parameters/{header}"} for header in headers]
    operation["parameters"] = [*operation.get("parameters", []), *references]
