"""`/v1/calendars/{code}/versions` and `/v1/procedures/{code}/versions`: publishing rules, and which there have been."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Final
from urllib.parse import quote

from annotated_types import Len
from fastapi import APIRouter, Request, Response

from app.access.keys import require_role
from app.http.protocol.answers import json_response
from app.http.protocol.body import adapter_of, parse, read_body
from app.http.protocol.caller import authenticated
from app.http.protocol.idempotency import command_request
from app.http.protocol.problems import Mistake, Problem
from app.rules.published_rules import KeptVersion
from app.service import Service
from procedures.publishing import FileWrong, Kind, to_publish
from procedures.rules import Rules
from procedures.yaml_entry import MOST_CHARACTERS

router = APIRouter(tags=["rules"])


@dataclass(frozen=True)
class NewVersion:
    """The whole YAML text of a calendar or procedure file, with a `version` of its own."""

    content: Annotated[str, Len(1, MOST_CHARACTERS)]


@dataclass(frozen=True)
class PublishedVersion:
    """`published_by` is null for a file that came with a release of the product."""

    code: str
    version: str
    published_at: datetime
    published_by: str | None


@dataclass(frozen=True)
class ListedVersion(PublishedVersion):
    """`current`: the one that new complaints are received under."""

    current: bool


@dataclass(frozen=True)
class WholeVersion(ListedVersion):
    content: str


@dataclass(frozen=True)
class VersionList:
    """The last published first."""

    items: list[ListedVersion]


NEW_VERSION: Final = adapter_of(NewVersion)
BODY: Final = {"requestBody": {"required": True, "content": {
    "application/json": {"schema": {"$ref": "#/components/schemas/NewVersion"}}}}}  # fmt: skip

Endpoint = Callable[[Request, str], Awaitable[Response]]


def publish_endpoint(kind: Kind) -> Endpoint:
    """The endpoint that publishes a version of one kind of file."""

    async def publish(request: Request, code: str) -> Response:
        """New complaints are received under the version published last; open ones keep theirs.

        Mistakes of the file are 422, one entry each, with line and field. Once published, a version never changes: the
        same content again is answered as before, another content is 409. Every process knows it within a second.
        """
        actor = authenticated(request)
        require_role(actor, "admin")
        service: Service = request.app.state.service
        body = await read_body(request)
        new, repeat = parse(body, NEW_VERSION), command_request(request, actor, body)
        try:
            published = to_publish(kind, new.content, service.library, by=actor.id, code=code)
        except FileWrong as wrong:
            raise _not_publishable(wrong) from None
        kept, replayed = await service.library.publish(
            kind, published, service.now(),
            command_id=None if repeat.request_hash is None else repeat.command_id, request_hash=repeat.request_hash,
        )  # fmt: skip
        headers = {"Location": f"/v1/{kind}s/{code}/versions/{quote(kept.published.version, safe='')}"}
        if replayed:
            headers["Idempotency-Replayed"] = "true"
        return json_response(PublishedVersion(*_told(kept)), 201, headers)

    return publish


def list_endpoint(kind: Kind) -> Endpoint:
    """The endpoint that lists the versions of one kind of file."""

    async def versions(request: Request, code: str) -> Response:
        """Who published which, and when; the last first."""
        authenticated(request)
        service: Service = request.app.state.service
        kept = await service.library.versions(kind, code) if code.isprintable() else []
        if not kept:
            raise _unknown(kind)
        items = [ListedVersion(*_told(one), current=_is_current(one, service.library)) for one in kept]
        return json_response(VersionList(items))

    return versions


def version_endpoint(kind: Kind) -> Callable[[Request, str, str], Awaitable[Response]]:
    """The endpoint that gives one version with its text."""

    async def one_version(request: Request, code: str, version: str) -> Response:
        """With its text, in which a calendar's days are written out."""
        authenticated(request)
        service: Service = request.app.state.service
        readable = (code + version).isprintable()  # PostgreSQL could not even be asked for the others
        kept = await service.library.version(kind, code, version) if readable else None
        if kept is None:
            raise _unknown(kind)
        current = _is_current(kept, service.library)
        return json_response(WholeVersion(*_told(kept), current=current, content=kept.published.text))

    return one_version


def _add(kind: Kind) -> None:
    path = f"/v1/{kind}s/{{code}}/versions"
    router.add_api_route(
        path, publish_endpoint(kind), methods=["POST"], status_code=201, openapi_extra=BODY,
        responses={201: {"model": PublishedVersion}}, summary=f"Publish a version of a {kind}",
        operation_id=f"publish_{kind}",
    )  # fmt: skip
    router.add_api_route(
        path, list_endpoint(kind), methods=["GET"], responses={200: {"model": VersionList}},
        summary=f"The versions of a {kind}", operation_id=f"versions_of_{kind}",
    )  # fmt: skip
    router.add_api_route(
        f"{path}/{{version:path}}", version_endpoint(kind), methods=["GET"], responses={200: {"model": WholeVersion}},
        summary=f"One version of a {kind}", operation_id=f"version_of_{kind}",
    )  # fmt: skip


def _told(kept: KeptVersion) -> tuple[str, str, datetime, str | None]:
    published = kept.published
    return published.code, published.version, kept.published_at, published.by


def _is_current(kept: KeptVersion, rules: Rules) -> bool:
    current = (rules.calendars if kept.kind == "calendar" else rules.procedures).get(kept.published.code)
    return current is not None and current.version == kept.published.version


def _not_publishable(wrong: FileWrong) -> Problem:
    mistakes = [
        Mistake("/content", f"line {mistake.line}, {mistake.field or 'file'}: {mistake.message}")
        for mistake in wrong.mistakes
    ]
    return Problem(422, "file-wrong", "Not valid", "The file cannot be published; see errors.", errors=mistakes)


def _unknown(kind: Kind) -> Problem:
    return Problem(404, f"no-such-{kind}", "Not found", f"There is no {kind} of this code and version.")


_add("calendar")
_add("procedure")
