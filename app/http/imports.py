"""`/v1/imports`: a file of another system's complaints, taken over with their steps; nobody is told of any of them."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from datetime import datetime
from typing import Annotated, Any, Final
from uuid import uuid4

from fastapi import Query, Request, Response
from starlette.datastructures import UploadFile
from starlette.formparsers import MultiPartException, MultiPartParser

from app.access.privileges import ADMINISTERS, READS_IMPORTS
from app.commands.remembered import RememberedRequests
from app.http.protocol.answers import json_response
from app.http.protocol.caller import Caller
from app.http.protocol.idempotency import command_request
from app.http.protocol.language import LanguageOf, said_in
from app.http.protocol.list_parameters import ImportRowsQuery
from app.http.protocol.lists import TABLES, Lists, page_of
from app.http.protocol.parameters import id_or, only_parameters
from app.http.protocol.problems import Problem, Wrong
from app.http.protocol.routes import Routes
from app.imports.jobs import Described, ImportJobs, NoSuchImport, Outcome
from app.imports.runner import ImportRunner
from app.imports.uploads import checked
from app.queries.imports import ImportList, ImportQueries, ImportView, RowFilter, RowView, import_view
from domain.values import as_one_line
from procedures.rules import Rules

PATH: Final = "/v1/imports"
ReportList = page_of("ImportReport", RowView, "`next_cursor` is null on the last page of what there is by now.")
READ_AT_ONCE: Final = 256 * 1024
AROUND_THE_FILE: Final = 2**20  # bytes for the mapping and the parts' headings
BODY: Final[dict[str, Any]] = {
    "requestBody": {
        "required": True,
        "content": {
            "multipart/form-data": {
                "schema": {
                    "type": "object",
                    "required": ["file", "mapping"],
                    "properties": {
                        "file": {"type": "string", "format": "binary", "description": "CSV, XLSX or NDJSON"},
                        "mapping": {"type": "string", "description": "The mapping, YAML: a field, or a file"},
                        "dry_run": {"type": "boolean", "description": "Report only; take nothing"},
                    },
                }
            }
        },
    }
}


def import_routes(
    jobs: ImportJobs,
    runner: ImportRunner,
    queries: ImportQueries,
    rules: Rules,
    remembered: RememberedRequests,
    lists: Lists,
    caller: Caller,
    language_of: LanguageOf,
    now: Callable[[], datetime],
    most_megabytes: int,
) -> Routes:
    routes = Routes("imports")

    @routes.post(
        PATH, ImportView, status=202, roles=ADMINISTERS, summary="Take complaints of another system over",
        openapi_extra=BODY,
    )  # fmt: skip
    async def import_complaints(
        request: Request,
        dry_run: Annotated[bool | None, Query(description="As the field of this name")] = None,
    ) -> Response:
        """For administrators. Answers 202 with the import, whose `id` is asked about at `GET /v1/imports/{id}`.

        A wrong mapping, or a file that is none of the three, is refused at once. Try it with `dry_run` first: what was
        taken over stays.
        """
        actor = caller(request)
        only_parameters(request, "dry_run")
        most = most_megabytes * 2**20
        form = await _form(request, most)
        try:
            file, mapping, dry = form.get("file"), await _mapping(form.get("mapping")), _flag(form.get("dry_run"))
            if not isinstance(file, UploadFile):
                raise Problem(422, "invalid-body", wrong=[Wrong("/file", "missing")])
            name = as_one_line(file.filename or "")[:200] or "import"
            found = await asyncio.to_thread(checked, file.file, mapping, rules)
            dry = dry or bool(dry_run)
            repeat = command_request(request, actor, f"{found.sha256}\0{mapping}\0{dry}".encode())
            id = uuid4() if repeat.request_hash is None else repeat.command_id
            if await remembered.was_done(repeat):
                return json_response(import_view(await jobs.one(id)), 202, replayed=True)
            one, replayed = await jobs.new(
                id, Described(name, mapping), actor.id, _content(file), dry_run=dry, at=now(), most=most,
                request_hash=repeat.request_hash,
            )  # fmt: skip
            if replayed:  # it came twice at once, or another one under its key
                await remembered.was_done(repeat)
        finally:
            await form.close()
        runner.look()
        return json_response(import_view(one), 202, {"Location": f"{PATH}/{one.id}"}, replayed=replayed)

    @routes.get(PATH, ImportList, roles=READS_IMPORTS, summary="The newest imports")
    async def list_imports(request: Request) -> Response:
        """For administrators and auditors."""
        actor = caller(request)
        only_parameters(request)
        return json_response(await queries.newest(actor))

    @routes.get(
        f"{PATH}/{{id}}", ImportView, roles=READS_IMPORTS, summary="How far an import has come, and its report by row"
    )
    async def one_import(
        request: Request,
        id: str,
        outcome: Annotated[tuple[Outcome, ...], Query(description="Only the rows of any of these outcomes")] = (),
        limit: Annotated[int, Query(ge=1, le=200)] = 50,
        cursor: Annotated[int | None, Query(ge=0, le=2**31 - 1, description="Where the page before ended")] = None,
    ) -> Response:
        """For administrators and auditors. The report grows while the import runs."""
        actor = caller(request)
        only_parameters(request, "limit", "cursor", of_several=("outcome",))
        language = language_of(request)
        found = await queries.one(
            id_or(NoSuchImport, id), actor, language, after=cursor or 0, limit=limit, outcomes=outcome
        )
        return json_response(found, headers=said_in(language))

    @routes.get(
        f"{PATH}/{{id}}/report", ReportList, files=TABLES, roles=READS_IMPORTS, summary="What became of every row"
    )
    async def import_report(request: Request, query: Annotated[ImportRowsQuery, Query()], id: str) -> Response:
        """For administrators and auditors: a row of the file each. `Accept: text/csv` or XLSX gives the whole report.

        It grows while the import runs.
        """
        actor = caller(request)
        wanted = await lists.wanted(request, query, RowFilter, actor)
        rows, lines = await queries.report(id_or(NoSuchImport, id), actor, language_of(request), wanted)
        return await lists.answer(
            request, query, rows, f"imports/{id}/report", file="import-report", files=TABLES, in_file=lines
        )

    @routes.delete(f"{PATH}/{{id}}", ImportView, roles=ADMINISTERS, summary="Cancel an import")
    async def cancel_import(request: Request, id: str) -> Response:
        """It ends after the rows it is at. What was taken over by then stays: a history is not undone."""
        caller(request)
        only_parameters(request)
        return json_response(import_view(await jobs.cancel(id_or(NoSuchImport, id), now())))

    return routes


async def _form(request: Request, most: int) -> Any:
    """The parts of the body, the file on disk. Raises 413 where it is too large, 415 and 400."""
    if not request.headers.get("content-type", "").lower().startswith("multipart/form-data"):
        raise Problem(415, "not-a-form")
    try:
        return await MultiPartParser(
            request.headers, _bounded(request, most + AROUND_THE_FILE), max_files=2, max_fields=5
        ).parse()
    except MultiPartException:
        raise Problem(400, "malformed-form") from None


async def _bounded(request: Request, most: int) -> AsyncGenerator[bytes, None]:
    size = 0
    async for chunk in request.stream():
        size += len(chunk)
        if size > most:
            raise Problem(413, "too-large", {"bytes": most - AROUND_THE_FILE})
        yield chunk


async def _mapping(given: Any) -> str:
    content = await given.read() if isinstance(given, UploadFile) else given
    if not content:
        raise Problem(422, "invalid-body", wrong=[Wrong("/mapping", "missing")])
    try:
        text: str = content.decode("utf-8-sig") if isinstance(content, bytes) else content
    except UnicodeDecodeError:
        raise Problem(422, "invalid-body", wrong=[Wrong("/mapping", "string_unicode")]) from None
    return text


def _flag(given: Any) -> bool:
    if given in (None, "", "false", "0"):
        return False
    if given in ("true", "1"):
        return True
    raise Problem(422, "invalid-body", wrong=[Wrong("/dry_run", "bool_parsing")])


async def _content(file: UploadFile) -> AsyncIterator[bytes]:
    await file.seek(0)
    while part := await file.read(READ_AT_ONCE):
        yield part


