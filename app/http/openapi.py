"""The API's description: what FastAPI finds out by itself, with bodies, refusals, keys and headers added.

`python -m app.http.openapi` writes openapi.yaml from the code; with --check it says whether the file still agrees.
"""

import sys
from pathlib import Path
from typing import Any, Final

import yaml
from fastapi import FastAPI
from pydantic import TypeAdapter

from app.access.keys import NewKey
from app.http.moves import ApplyVersion
from app.http.protocol.problems import PROBLEM_JSON, ProblemDocument
from app.http.versions import NewVersion
from app.notifications.recipients import RecipientSettings
from app.service import Service
from app.surges.call_volumes import ReportCallVolume
from domain.complaint.commands import ReceiveComplaint
from domain.complaint.steps import STEPS
from domain.incident.commands import OpenIncident
from domain.incident.steps import INCIDENT_STEPS
from eventlog.sealing import MasterKey

FILE: Final = Path(__file__).parents[2] / "openapi.yaml"
HEADER: Final = "# Generated from the code by `python -m app.http.openapi`; a test fails when the two differ.\n"
WITHOUT_A_KEY: Final = frozenset({"/healthz", "/readyz", "/metrics", "/v1/status/{number}"})
SCHEMA: Final = "#/components/schemas/{model}"

PROBLEM: Final[dict[str, Any]] = {
    "description": "Refused: `type` names the rule, `detail` says what to do next",
    "content": {PROBLEM_JSON: {"schema": {"$ref": SCHEMA.format(model="ProblemDocument")}}},
}
AWAY: Final[dict[str, Any]] = {
    **PROBLEM,
    "description": "The storage is away or too busy; try again after `Retry-After` seconds",
    "headers": {"Retry-After": {"schema": {"type": "integer"}}},
}
IDEMPOTENCY_KEY: Final[dict[str, Any]] = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": False,
    "description": "Sent again with the same body: the first answer again, marked `Idempotency-Replayed: true`",
    "schema": {"type": "string", "pattern": "^[!-~]{1,128}$"},
}
IF_MATCH: Final[dict[str, Any]] = {
    "name": "If-Match",
    "in": "header",
    "required": False,
    "description": "The version that the step is based on, as in the `ETag`; 412 when the complaint has moved on",
    "schema": {"type": "string", "pattern": '^("[0-9]{1,9}"|\\*)$'},
}


def describe(app: FastAPI) -> None:
    """Complete the OpenAPI document: bodies are parsed by app/http/protocol/body.py, so FastAPI does not see them."""
    found = app.openapi

    def openapi() -> dict[str, Any]:
        if app.openapi_schema is not None:
            return app.openapi_schema
        document = found()  # kept by FastAPI, and completed in place
        components = document.setdefault("components", {})
        schemas = components.setdefault("schemas", {})
        for shape in (
            ProblemDocument,
            ReceiveComplaint,
            NewKey,
            NewVersion,
            ApplyVersion,
            RecipientSettings,
            *(step.command for step in STEPS),
            OpenIncident,
            *(step.command for step in INCIDENT_STEPS),
            ReportCallVolume,
        ):
            own = TypeAdapter(shape).json_schema(ref_template=SCHEMA)
            for name, definition in own.pop("$defs", {}).items():
                schemas.setdefault(name, definition)
            schemas[shape.__name__] = own
        for name in ("HTTPValidationError", "ValidationError"):
            schemas.pop(name, None)
        components["securitySchemes"] = {"key": {"type": "http", "scheme": "bearer"}}
        components["responses"] = {"Problem": PROBLEM, "Away": AWAY}
        components["parameters"] = {"IdempotencyKey": IDEMPOTENCY_KEY, "IfMatch": IF_MATCH}
        for path, operations in document["paths"].items():
            for method, operation in operations.items():
                _complete(path, method, operation)
        return document

    app.openapi = openapi  # type: ignore[method-assign]


def _complete(path: str, method: str, operation: dict[str, Any]) -> None:
    responses = operation["responses"]
    responses.pop("422", None)
    responses.update(
        {"4XX": {"$ref": "#/components/responses/Problem"}, "503": {"$ref": "#/components/responses/Away"}}
    )
    if path not in WITHOUT_A_KEY:
        operation["security"] = [{"key": []}]
    if method != "post":
        return
    takes_steps = path.startswith(("/v1/complaints/{id}/", "/v1/incidents/{id}/"))
    headers = ["IdempotencyKey", "IfMatch"] if takes_steps else ["IdempotencyKey"]
    references = [{"$ref": f"#/components/parameters/{header}"} for header in headers]
    operation["parameters"] = [*operation.get("parameters", []), *references]


def generated() -> str:
    """The description of every path the service answers to, sandbox included, as YAML."""
    from app.main import build  # it imports this module

    app = build(Service("postgresql://", MasterKey(bytes(32)), sandbox=True))
    return HEADER + yaml.dump(app.openapi(), Dumper=_Plain, sort_keys=False, allow_unicode=True, width=120)


class _Plain(yaml.SafeDumper):
    """Writes everything out: what several places share is not an anchor to a reader of this file."""

    def ignore_aliases(self, data: Any) -> bool:
        return True


def main() -> int:
    text = generated()
    if "--check" not in sys.argv:
        FILE.write_text(text, encoding="utf-8")
        return 0
    return 0 if FILE.exists() and FILE.read_text(encoding="utf-8") == text else 1


if __name__ == "__main__":
    sys.exit(main())
