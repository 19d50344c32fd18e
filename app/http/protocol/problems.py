"""Every refusal as `application/problem+json` (RFC 9457): the one table from errors to HTTP statuses.

`type` is `/problems/<slug>`; `detail` is the sentence of the error, which never repeats personal data.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import msgspec
import structlog
from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.routing import Match

from app.access.keys import NotAuthenticated
from app.commands.request_identity import StaleVersion, StillInFlight
from app.http.protocol.rate_limit import TooManyRequests
from domain import errors
from eventlog.database import is_storage_away
from eventlog.log import CommandIdReused, StorageAway

PROBLEM_JSON: Final = "application/problem+json"
RETRY_SOON: Final = {"Retry-After": "1"}
METHODS: Final = ("GET", "POST", "PUT", "PATCH", "DELETE")
logger = structlog.get_logger()


@dataclass(frozen=True)
class Mistake:
    """One thing that is wrong with a request: a JSON pointer into the body, or `?name` for a query parameter."""

    pointer: str
    detail: str


@dataclass(frozen=True)
class ProblemDocument:
    """The body of every refusal."""

    type: str
    title: str
    status: int
    detail: str
    errors: list[Mistake] | None = None
    missing: list[str] | None = None


class Problem(Exception):
    """A refusal at the edge: something about the request itself, before any rule was asked."""

    def __init__(
        self,
        status: int,
        slug: str,
        title: str,
        detail: str,
        *,
        headers: Mapping[str, str] | None = None,
        errors: Sequence[Mistake] = (),
    ) -> None:
        super().__init__(title)
        self.status, self.slug, self.title, self.detail = status, slug, title, detail
        self.headers, self.errors = dict(headers or {}), list(errors)


# From the most particular to the most general; the first that fits counts.
STATUS_OF: Final[tuple[tuple[type[errors.Refused | errors.TurnedAway], int], ...]] = (
    (NotAuthenticated, 401),
    (errors.Forbidden, 403),
    (errors.NotFound, 404),
    (errors.Busy, 409),
    (StaleVersion, 412),
    (errors.Invalid, 422),
    (CommandIdReused, 422),
    (TooManyRequests, 429),
    (errors.Unavailable, 503),
    (errors.Refused, 409),
)
TITLES: Final = {
    400: "Bad request", 401: "Not authenticated", 403: "Not permitted", 404: "Not found", 405: "Method not allowed",
    409: "Refused by the rules", 412: "Changed meanwhile", 413: "Too large", 415: "Unsupported media type",
    422: "Not valid", 429: "Too many requests", 500: "Internal error", 503: "Temporarily unavailable",
}  # fmt: skip


OWN_TITLES: Final[dict[type[Exception], str]] = {StillInFlight: "Still in flight"}


def problem_response(
    status: int,
    slug: str,
    detail: str,
    *,
    title: str | None = None,
    headers: Mapping[str, str] | None = None,
    mistakes: Sequence[Mistake] = (),
    missing: Sequence[str] = (),
    more: Mapping[str, Any] | None = None,
) -> Response:
    document: dict[str, Any] = {
        "type": f"/problems/{slug}", "title": title or TITLES.get(status, "Error"), "status": status, "detail": detail,
        **(more or {}),
    }  # fmt: skip
    if mistakes:
        document["errors"] = list(mistakes)
    if missing:
        document["missing"] = list(missing)
    return Response(msgspec.json.encode(document), status, dict(headers or {}), media_type=PROBLEM_JSON)


def install(app: FastAPI) -> None:
    """Make every error of the application a problem document."""
    app.add_exception_handler(Problem, _edge_problem)
    for error, _ in STATUS_OF:
        app.add_exception_handler(error, _refusal)
    app.add_exception_handler(HTTPException, _http_problem)
    app.add_exception_handler(RequestValidationError, _validation_problem)
    app.add_exception_handler(Exception, _unexpected)


def slug_of(error: type[Exception]) -> str:
    """`NotYetClassified` -> `not-yet-classified`, `NotAPhoneNumber` -> `not-a-phone-number`; or its own `slug`."""
    own: str | None = getattr(error, "slug", None)
    return (
        own
        or re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])|(?<=[a-z])(?=[0-9])", "-", error.__name__).lower()
    )


async def _edge_problem(_: Request, error: Exception) -> Response:
    assert isinstance(error, Problem)
    return problem_response(
        error.status, error.slug, error.detail, title=error.title, headers=error.headers, mistakes=error.errors
    )


async def _refusal(_: Request, error: Exception) -> Response:
    assert isinstance(error, errors.Refused | errors.TurnedAway)
    status = next(status for kind, status in STATUS_OF if isinstance(error, kind))
    mistakes = [Mistake(error.pointer, error.detail)] if isinstance(error, errors.Invalid) else []
    missing = error.missing if isinstance(error, errors.Refused) else ()
    more: dict[str, Any] = {}
    if isinstance(error, errors.DuplicateComplaint):
        more["complaint"] = {
            "id": error.id, "number": error.number, "remind": f"/v1/complaints/{error.id}/remind",
        }  # fmt: skip
    return problem_response(
        status, slug_of(type(error)), error.detail,
        title=OWN_TITLES.get(type(error)), headers=_headers_of(error), mistakes=mistakes, missing=missing, more=more,
    )  # fmt: skip


def _headers_of(error: errors.Refused | errors.TurnedAway) -> dict[str, str]:
    match error:
        case NotAuthenticated():
            return {"WWW-Authenticate": "Bearer"}
        case StaleVersion():
            return {"ETag": f'"{error.version}"'}
        case errors.TurnedAway(retry_after=int(seconds)):
            return {"Retry-After": str(seconds)}
    return {}


async def _http_problem(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    headers = dict(error.headers or {})
    if error.status_code == 405:
        headers["Allow"] = ", ".join(_allowed_methods(request))
        if request.method == "OPTIONS":
            return Response(status_code=204, headers={"Allow": headers["Allow"]})
    known = {
        404: ("no-such-resource", "There is nothing at this address."),
        405: ("method-not-allowed", "This address does not answer to that method; see the Allow header."),
        413: ("too-large", "The request is larger than this service takes."),
    }
    slug, detail = known.get(error.status_code, ("http-error", "The request could not be handled."))
    return problem_response(error.status_code, slug, detail, headers=headers)


def _allowed_methods(request: Request) -> list[str]:
    """Every method of the address: the router's own error names those of the first route that fits."""
    routes = request.app.router.routes
    scopes = {method: {**request.scope, "method": method} for method in METHODS}
    taken = [
        method for method, scope in scopes.items() if any(route.matches(scope)[0] is Match.FULL for route in routes)
    ]
    return [*taken, *(["HEAD"] if "GET" in taken else []), "OPTIONS"]


async def _validation_problem(_: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    mistakes = [
        Mistake(f"?{mistake['loc'][-1]}"[:41], mistake["msg"].removeprefix("Value error, "))
        for mistake in error.errors()[:20]
    ]
    return problem_response(422, "invalid-parameters", "A parameter is not valid.", mistakes=mistakes)


async def _unexpected(_: Request, error: Exception) -> Response:
    return unexpected(error)


def unexpected(error: Exception) -> Response:
    """The answer to an error that nobody foresaw, after logging where it is; 503 when the storage is behind it."""
    if is_storage_away(error):
        return problem_response(503, slug_of(StorageAway), StorageAway().detail, headers=RETRY_SOON)
    # The message of an unexpected error may quote data, so only its kind and place are logged.
    logger.error("unexpected", error=type(error).__name__, where=_place_of(error))
    return problem_response(500, "internal-error", "Something unexpected happened; it has been logged.")


def _place_of(error: BaseException) -> list[str]:
    places: list[str] = []
    trace = error.__traceback__
    while trace is not None:
        code = trace.tb_frame.f_code
        places.append(f"{code.co_filename.rpartition('/')[2]}:{trace.tb_lineno} {code.co_name}")
        trace = trace.tb_next
    return places[-6:]
