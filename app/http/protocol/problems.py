"""Every refusal as `application/problem+json` (RFC 9457): the one table from errors to HTTP statuses.

`type` is `/problems/<slug>`; `title`, `detail` and those of `errors` are in the reader's language, and never repeat
personal data.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final
from uuid import UUID

import msgspec
import structlog
from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.routing import Match

from app.access.call_sources import NotSigned
from app.access.oidc.tokens import TokenRefused
from app.access.refusals import NoSuchPerson, NoSuchUnit, NotAuthenticated, RoleMisspelt
from app.access.tries import TooManyRequests
from app.commands.request_identity import StaleVersion
from app.http.protocol.language import LanguageOf, said_in
from app.imports.uploads import MappingWrong
from domain import errors
from domain.errors.families import slug_of
from domain.titles import Language, Title
from eventlog.database import is_storage_away
from eventlog.log import CommandIdReused, StorageAway
from procedures.publishing import FileWrong
from procedures.yaml_entry import Mistake as WrongLine
from wording.files import FILE, LINE_OF_FILE
from wording.mistakes import mistake_in_words
from wording.problems import PROBLEMS, heading_of, problem_in_words
from wording.refusals import REFUSALS, missing_in_words, refusal_text
from wording.refusals.sentence import RefusalWords
from wording.sentences import sentence

PROBLEM_JSON: Final = "application/problem+json"
RETRY_SOON: Final = {"Retry-After": "1"}
METHODS: Final = ("GET", "POST", "PUT", "PATCH", "DELETE")
PREDICATES: Final = (
    "is_filled_in", "is_one_line", "is_plain_text", "is_slug", "is_hex", "has_no_repeats", "is_file_name",
    "is_safe_address",
)  # fmt: skip
QUOTED: Final = re.compile(r"'([^']*)'")
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


@dataclass(frozen=True)
class Wrong:
    """One mistake before it is put into words: its kind is in wording/mistakes.py. None: the problem says it all."""

    pointer: str
    kind: str | None = None
    facts: Mapping[str, object] = field(default_factory=dict)


class Problem(Exception):
    """A refusal at the edge: something about the request itself, before any rule was asked.

    Its sentence is in wording/problems.py, by its slug, and may name the facts; `more` stands in the document besides.
    """

    def __init__(
        self,
        status: int,
        slug: str,
        facts: Mapping[str, object] | None = None,
        *,
        headers: Mapping[str, str] | None = None,
        wrong: Sequence[Wrong] = (),
        more: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(slug)
        self.status, self.slug, self.facts = status, slug, facts or {}
        self.headers, self.wrong, self.more = dict(headers or {}), list(wrong), dict(more or {})

    def within(self, pointer: str) -> "Problem":
        """The same of a part of the body, which is found there."""
        wrong = [replace(one, pointer=f"{pointer}{one.pointer}") for one in self.wrong]
        return Problem(self.status, self.slug, self.facts, headers=self.headers, wrong=wrong, more=self.more)


# From the most particular to the most general; the first that fits counts.
STATUS_OF: Final[tuple[tuple[type[errors.Declined], int], ...]] = (
    (NotAuthenticated, 401),
    (NotSigned, 401),
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


def problem_response(
    language: Language,
    status: int,
    slug: str,
    detail: str,
    *,
    headers: Mapping[str, str] | None = None,
    mistakes: Sequence[Mistake] = (),
    missing: Sequence[str] = (),
    more: Mapping[str, Any] | None = None,
) -> Response:
    document: dict[str, Any] = {
        "type": f"/problems/{slug}", "title": heading_of(status, slug, language), "status": status, "detail": detail,
        **(more or {}),
    }  # fmt: skip
    if mistakes:
        document["errors"] = list(mistakes)
    if missing:
        document["missing"] = list(missing)
    sent = {**(headers or {}), **said_in(language)}
    return Response(msgspec.json.encode(document), status, sent, media_type=PROBLEM_JSON)


def install(app: FastAPI, language_of: LanguageOf) -> None:
    """Make every error of the application a problem document."""
    in_words: dict[type[Exception], Callable[[Request, Any, Language], Response]] = {
        Problem: _edge_problem,
        **dict.fromkeys((error for error, _ in STATUS_OF), _refusal),
        HTTPException: _http_problem,
        RequestValidationError: _validation_problem,
        Exception: lambda _, error, language: unexpected(error, language),
    }
    for kind, answer in in_words.items():

        async def handler(
            request: Request, error: Exception, answer: Callable[[Request, Any, Language], Response] = answer
        ) -> Response:
            return answer(request, error, language_of(request))

        app.add_exception_handler(kind, handler)


def problem_of(request: Request, error: Exception, language: Language) -> tuple[int, bytes]:
    """Status and document of what is answered for one part of a request."""
    answer = _answer_to(request, error, language)
    return answer.status_code, bytes(answer.body)


def _answer_to(request: Request, error: Exception, language: Language) -> Response:
    match error:
        case Problem():
            return _edge_problem(request, error, language)
        case errors.Declined():
            return _refusal(request, error, language)
    return unexpected(error, language)


@dataclass(frozen=True)
class ProblemMeaning:
    """What a problem's `type` means. `titles`: its sentence; `more`: what else it may say, as the case is.

    What stands in braces is told by the problem itself.
    """

    type: str
    titles: Title
    more: list[Title]


def meanings() -> dict[str, ProblemMeaning]:
    """What every problem means, by its slug."""
    return {
        slug: ProblemMeaning(f"/problems/{slug}", words.sentence, list(words.more.values()))
        for slug, words in _words_of_problems().items()
    }


def refusal_titles() -> dict[str, Title]:
    """The sentence of every problem, by its slug."""
    return {slug: words.sentence for slug, words in _words_of_problems().items()}


def _words_of_problems() -> dict[str, RefusalWords]:
    found = dict(PROBLEMS)
    waiting: list[type[Exception]] = [errors.Refused, errors.TurnedAway]
    for error in waiting:  # grows while it is read: the refusals of every room
        waiting += error.__subclasses__()
        if error.__name__ in REFUSALS:
            found.setdefault(slug_of(error), REFUSALS[error.__name__])
    return dict(sorted(found.items()))


def _edge_problem(request: Request, problem: Problem, language: Language) -> Response:
    request.state.problem = problem.slug
    detail = problem_in_words(problem.slug, problem.facts, language)
    mistakes = [
        Mistake(one.pointer, detail if one.kind is None else mistake_in_words(one.kind, one.facts, language))
        for one in problem.wrong
    ]
    return problem_response(
        language, problem.status, problem.slug, detail, headers=problem.headers, mistakes=mistakes, more=problem.more
    )


def _refusal(request: Request, error: errors.Declined, language: Language) -> Response:
    request.state.problem = slug_of(type(error))
    status = next(status for kind, status in STATUS_OF if isinstance(error, kind))
    detail = refusal_text(error, language)
    mistakes = _mistakes_of(error, detail, language)
    missing = missing_in_words(error.missing, language) if isinstance(error, errors.Refused) else ()
    return problem_response(
        language, status, request.state.problem, detail, headers=_headers_of(error), mistakes=mistakes,
        missing=missing, more=_more_of(error),
    )  # fmt: skip


def _more_of(error: errors.Declined) -> dict[str, Any]:
    """What a program goes on with."""
    match error:
        case errors.DuplicateComplaint(id=UUID() as id):
            return {"complaint": {"id": id, "number": error.number, "remind": f"/v1/complaints/{id}/remind"}}
        case errors.UnknownIssuePoint() | errors.NotAnIssuePointCode():
            return {"near_misses": _near_misses(error.near)}
        case errors.UnknownUnit() | RoleMisspelt() | NoSuchUnit() | NoSuchPerson() | errors.UnknownPerson():
            return {"near_misses": _near_misses(error.facts.get("near") or ())}
    return {}


def _near_misses(near: Any) -> list[dict[str, Any]]:
    """Codes with their titles where they have some; the ids of people have none."""
    titles = near if isinstance(near, Mapping) else dict.fromkeys(near)
    return [{"code": code, "titles": title} for code, title in titles.items()]


def _mistakes_of(error: errors.Declined, detail: str, language: Language) -> list[Mistake]:
    match error:
        case FileWrong() | MappingWrong():
            return [Mistake(error.pointer, _line_of_file(one, language)) for one in error.mistakes]
        case errors.Invalid():
            return [Mistake(error.pointer, detail)]
    return []


def _line_of_file(wrong: WrongLine, language: Language) -> str:
    field, message = wrong.field or FILE, wrong.in_words(language)
    return sentence(LINE_OF_FILE, language, line=wrong.line, field=field, message=message)


def _headers_of(error: errors.Declined) -> dict[str, str]:
    match error:
        case TokenRefused():
            return {"WWW-Authenticate": 'Bearer error="invalid_token"'}
        case NotAuthenticated():
            return {"WWW-Authenticate": "Bearer"}
        case StaleVersion():
            return {"ETag": f'"{error.version}"'}
        case errors.TurnedAway(retry_after=int(seconds)):
            return {"Retry-After": str(seconds)}
    return {}


def _http_problem(request: Request, error: HTTPException, language: Language) -> Response:
    headers = dict(error.headers or {})
    if error.status_code == 405:
        headers["Allow"] = ", ".join(_allowed_methods(request))
        if request.method == "OPTIONS":
            return Response(status_code=204, headers={"Allow": headers["Allow"]})
    known = {404: "no-such-resource", 405: "method-not-allowed", 413: "too-large"}
    problem = Problem(error.status_code, known.get(error.status_code, "http-error"), headers=headers)
    return _edge_problem(request, problem, language)


def _allowed_methods(request: Request) -> list[str]:
    """Every method of the address: the router's own error names those of the first route that fits."""
    routes = request.app.router.routes
    scopes = {method: {**request.scope, "method": method} for method in METHODS}
    taken = [
        method for method, scope in scopes.items() if any(route.matches(scope)[0] is Match.FULL for route in routes)
    ]
    return [*taken, *(["HEAD"] if "GET" in taken else []), "OPTIONS"]


def _validation_problem(request: Request, error: RequestValidationError, language: Language) -> Response:
    wrong = [Wrong(f"?{_parameter(found['loc'])}"[:41], *what_is_wrong(found)) for found in error.errors()[:20]]
    return _edge_problem(request, Problem(422, "invalid-parameters", wrong=wrong), language)


def _parameter(place: Sequence[str | int]) -> str:
    """The name; one of several values of a parameter has its number behind it."""
    return str([part for part in place if isinstance(part, str)][-1])


def what_is_wrong(found: Mapping[str, Any]) -> tuple[str, dict[str, object]]:
    """The kind of a validator's finding, and its facts: bounds and choices, never the value, which may be personal."""
    kind, facts = str(found["type"]), dict(found.get("ctx", {}))
    if kind == "predicate_failed":
        return next((name for name in PREDICATES if name in found["msg"]), kind), {}
    if "expected" in facts:
        facts["expected"] = tuple(QUOTED.findall(facts["expected"]))
    return kind, facts


def unexpected(error: Exception, language: Language) -> Response:
    """The answer to an error that nobody foresaw, after logging where it is; 503 when the storage is behind it."""
    if is_storage_away(error):
        detail = refusal_text(StorageAway(), language)
        return problem_response(language, 503, slug_of(StorageAway), detail, headers=RETRY_SOON)
    # The message of an unexpected error may quote data, so only its kind and place are logged.
    logger.error("unexpected", error=type(error).__name__, where=_place_of(error))
    return problem_response(language, 500, "internal-error", problem_in_words("internal-error", {}, language))


def _place_of(error: BaseException) -> list[str]:
    places: list[str] = []
    trace = error.__traceback__
    while trace is not None:
        code = trace.tb_frame.f_code
        places.append(f"{code.co_filename.rpartition('/')[2]}:{trace.tb_lineno} {code.co_name}")
        trace = trace.tb_next
    return places[-6:]
