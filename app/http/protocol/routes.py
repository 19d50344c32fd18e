"""Routes that are quickly made: what FastAPI finds out about one is found out when somebody asks for it first."""

from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from http import HTTPStatus
from types import MappingProxyType
from typing import Any, Final, TypeVar

from fastapi import Request, Response
from fastapi.routing import APIRoute
from starlette.routing import BaseRoute, compile_path

from app.http.protocol.guard import Guard

Endpoint = TypeVar("Endpoint", bound=Callable[..., Awaitable[Response]])
IdEndpoint = Callable[[Request, str], Awaitable[Response]]
SAYS_WHAT_IT_READS: Final = {"list", "find", "get"}
SCHEMA: Final = "#/components/schemas/{model}"


class Route(APIRoute):
    """`answers` and `body` are the dataclasses of its answer and of its body, which protocol/body.py reads.

    `guard`: whom it lets in; None where it asks nobody for a key. `operation`: what it is called in the description.

    A route is found by its path and method alone. To read the parameters off the function takes FastAPI 0.3 ms for each
    route, which is waited for with the first request to it, or with the description, and not before the first answer.
    """

    def __init__(
        self,
        path: str,
        endpoint: Callable[..., Any],
        *,
        method: str,
        answers: Sequence[type[Any]],
        body: type[Any] | None,
        guard: Guard | None = None,
        **said: Any,
    ) -> None:
        self.path, self.endpoint, self.methods = path, endpoint, {method}
        self.path_regex, self.path_format, self.param_convertors = compile_path(path)
        self.answers, self.body, self.guard = answers, body, guard
        self.operation: str = said.get("summary", "")
        self._said: dict[str, Any] | None = said

    def __getattr__(self, name: str) -> Any:
        """Everything else, of which nothing is there before it is asked for."""
        said = self.__dict__.get("_said")
        if said is None:
            raise AttributeError(name)
        self._said = None
        super().__init__(self.path, self.endpoint, methods=self.methods, **said)
        return getattr(self, name)


class Routes(list[BaseRoute]):
    """The routes of one resource, in order."""

    def __init__(self, tag: str, *, part: str | None = None, public: bool = False) -> None:
        """`part`: to which part of the API they belong (app/access/scopes.py), where it is not called as the tag is.

        `public`: nobody is asked for a key.
        """
        super().__init__()
        self._tag, self._part = tag, None if public else part or tag

    def get(self, path: str, answers: type[Any] | None = None, **said: Any) -> Callable[[Endpoint], Endpoint]:
        """The decorated function answers GET; `said` as in `add`."""
        return self._decorator("GET", path, answers, **said)

    def post(self, path: str, answers: type[Any] | None = None, **said: Any) -> Callable[[Endpoint], Endpoint]:
        """The decorated function answers POST."""
        return self._decorator("POST", path, answers, **said)

    def patch(self, path: str, answers: type[Any] | None = None, **said: Any) -> Callable[[Endpoint], Endpoint]:
        """The decorated function answers PATCH."""
        return self._decorator("PATCH", path, answers, **said)

    def put(self, path: str, answers: type[Any] | None = None, **said: Any) -> Callable[[Endpoint], Endpoint]:
        """The decorated function answers PUT."""
        return self._decorator("PUT", path, answers, **said)

    def delete(self, path: str, answers: type[Any] | None = None, **said: Any) -> Callable[[Endpoint], Endpoint]:
        """The decorated function answers DELETE."""
        return self._decorator("DELETE", path, answers, **said)

    def _decorator(
        self, method: str, path: str, answers: type[Any] | None, **said: Any
    ) -> Callable[[Endpoint], Endpoint]:
        def add(endpoint: Endpoint) -> Endpoint:
            self.add(method, path, endpoint, answers, **said)
            return endpoint

        return add

    def add(
        self,
        method: str,
        path: str,
        endpoint: Callable[..., Awaitable[Response]],
        answers: type[Any] | None = None,
        *,
        body: type[Any] | None = None,
        sent_as: Mapping[str, int] = MappingProxyType({"application/json": 1}),
        status: int = 200,
        also: Sequence[int] = (),
        files: Iterable[str] = (),
        or_else: type[Any] | None = None,
        roles: tuple[str, ...] = (),
        step: str | None = None,
        **said: Any,
    ) -> None:
        """`also`: other statuses with the same answer; `files`: media types that the answer can have instead.

        `sent_as`: the media types of the body, and how many of its shape one holds at most: several are an array.
        `or_else`: another shape of it, where a parameter asks for more. `roles` and `step`: as in `Guard`.
        """
        shapes = [shape for shape in (answers, or_else) if shape is not None]
        content: dict[str, Any] = {"application/json": {"schema": _one_of(shapes)}} if shapes else {}
        content |= {media_type: {} for media_type in files}
        responses: dict[int | str, dict[str, Any]] = {
            code: {
                "description": HTTPStatus(code).phrase if code in also else "Successful Response",
                "content": content,
            }
            for code in (status, *also)
            if content
        }
        if body is not None:
            content = {media_type: {"schema": _several(body, most)} for media_type, most in sent_as.items()}
            said["openapi_extra"] = {"requestBody": {"required": True, "content": content}}
        said["operation_id"] = operation_id(method, said.get("operation_id") or endpoint.__name__)
        own_step = step and step_of(self._tag, step)
        route = Route(
            path, endpoint, method=method, answers=shapes, body=body, status_code=status, responses=responses,
            tags=[self._tag], guard=None if self._part is None else Guard(method, self._part, roles, own_step), **said,
        )  # fmt: skip
        self.append(route)


def step_of(tag: str, step: str) -> str:
    """A step among those of all resources: complaints and incidents are both closed."""
    return f"{tag}/{step}"


def operation_id(method: str, name: str) -> str:
    """What a generated client calls an operation, in plain words: `listCalls`, `getCall` of `one_call`."""
    first, *others = name.split("_")
    if first == "one":
        first = "get"
    elif method == "GET" and first not in SAYS_WHAT_IT_READS:
        first, others = "get", [first, *others]
    return first[:1].lower() + first[1:] + "".join(word[:1].upper() + word[1:] for word in others)


def _one_of(shapes: Sequence[type[Any]]) -> dict[str, Any]:
    references = [_reference(shape) for shape in shapes]
    return references[0] if len(references) == 1 else {"anyOf": references}


def _several(shape: type[Any], most: int) -> dict[str, Any]:
    return _reference(shape) if most == 1 else {"type": "array", "items": _reference(shape), "maxItems": most}


def _reference(shape: type[Any]) -> dict[str, str]:
    return {"$ref": SCHEMA.format(model=shape.__name__)}
