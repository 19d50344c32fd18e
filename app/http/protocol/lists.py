"""What all lists do alike: they wait for a position, and answer with a page, or whole as CSV, XLSX or NDJSON."""

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass, field, make_dataclass, replace
from functools import partial
from typing import Any, Final
from urllib.parse import quote, urlencode

from fastapi import Request, Response
from fastapi.responses import StreamingResponse
from msgspec import UNSET, UnsetType

from app.http.protocol.access_notes import note_of
from app.http.protocol.answers import json_response
from app.http.protocol.chosen import chosen_fields, columns_of, with_fields
from app.http.protocol.cursors import cursor_of, read_cursor
from app.http.protocol.language import LanguageOf, said_in
from app.http.protocol.list_parameters import Filter, Parameters
from app.http.protocol.not_modified import tag_of
from app.http.protocol.parameters import given_once
from app.http.protocol.problems import Problem, Wrong
from app.queries.cells import CellWords
from app.queries.files import csv_lines, ndjson_lines, sheet
from app.queries.known_codes import KnownCodes
from app.queries.paging import ReadModelBehind, Rows
from domain.values import Actor
from eventlog.sealing import MasterKey
from procedures.rules import Rules

CSV_TYPE: Final = "text/csv"
XLSX_TYPE: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
NDJSON_TYPE: Final = "application/x-ndjson"
TABLES: Final = (CSV_TYPE, XLSX_TYPE)
PAGES: Final = "`position` is how far the list has come in the log; `next_cursor` is null on the last page."


@dataclass(frozen=True)
class Page:
    """One page of a list, and how far the list has come in the log. `total` is there where it was asked for."""

    items: Sequence[Any]
    next_cursor: str | None
    position: int
    total: int | UnsetType | None = UNSET


def page_of(name: str, row: type[Any], doc: str = PAGES, **beside: type[Any]) -> type[Any]:
    """What a page of such rows is called in the description, with what else is on it."""
    rows: Any = list[row]  # type: ignore[valid-type]
    total: Any = field(default=None)
    own: list[Any] = [("items", rows), ("next_cursor", str | None), ("position", int), ("total", int | None, total)]
    return make_dataclass(name, [*beside.items(), *own], namespace={"__doc__": doc})


@dataclass(frozen=True)
class Lists:
    """The one endpoint of every list; the cursors are signed with the deployment's key, files are in words."""

    master: MasterKey
    rules: Rules
    language_of: LanguageOf
    known: KnownCodes

    async def wanted(self, request: Request, query: Parameters, shape: type[Filter], actor: Actor) -> Filter:
        """What is asked for. Raises 422 for a code that does not exist, and for two values of what takes one."""
        given_once(request, query.of_one_value())
        wrong = []
        for name, subject, code in query.codes():
            if not await self.known.knows(subject, code, actor):
                near = self.known.near(subject, code, actor)
                kind = "no-such-code-near" if near else "no-such-code"
                wrong.append(Wrong(f"?{name}", kind, {"code": code, "near": near}))
        if wrong:
            raise Problem(422, "invalid-parameters", wrong=wrong)
        return query.wanted(shape)

    async def answer(
        self,
        request: Request,
        query: Parameters,
        rows: Rows[Any],
        name: str,
        *,
        file: str | None = None,
        files: Sequence[str] = (),
        in_file: Rows[Any] | None = None,
        shown: Callable[[Page], Awaitable[Any]] | None = None,
    ) -> Response:
        """`name` tells the list from others; `file` is that of its files, and `in_file` their rows where they differ.

        Raises 422 for a cursor of another list, `Behind` and `StorageAway`.
        """
        paging, chosen = vars(query), chosen_fields(query.fields, rows.shape)
        listing, cursor, least = query.listing(name), paging.get("cursor"), paging.get("min_position")
        after = None if cursor is None else read_cursor(self.master, listing, cursor)
        if least is not None:
            await rows.source.must_reach(least)
        media_type = _wanted_type(request, files)
        if media_type is not None:
            file_rows = in_file or rows
            columns = columns_of(file_rows.shape, chosen, rows.shape)
            return await self._file(request, file or name, media_type, file_rows, columns)
        position = await rows.source.position()  # before the rows, which are then at least as new
        if least is not None and position < least:
            raise ReadModelBehind
        found = await rows.page(after, paging.get("limit", 0))
        next_cursor = None if found.after is None else cursor_of(self.master, listing, found.after)
        total = await rows.total() if paging.get("count") else UNSET
        page = Page([with_fields(item, chosen) for item in found.items], next_cursor, position, total)
        headers = said_in(self.language_of(request)) | _links(request, next_cursor)
        if shown is not None:
            return json_response(await shown(page), headers=headers)
        rest = json_response(replace(page, position=0), headers=headers)
        headers["ETag"] = tag_of(bytes(rest.body))
        return json_response(page, headers=headers)

    async def _file(
        self, request: Request, name: str, media_type: str, rows: Rows[Any], chosen: Sequence[str]
    ) -> Response:
        """The whole list, sent while it is read."""
        language, note = self.language_of(request), note_of(request)
        if note is not None:
            note.makes_file()
        if media_type == NDJSON_TYPE:
            content = await _begun(ndjson_lines(rows, partial(with_fields, chosen=chosen)))
        else:
            words = CellWords(self.rules, language, rows.procedure, chosen)
            content = await (_begun(csv_lines(rows, words)) if media_type == CSV_TYPE else sheet(rows, words))
        if note is not None:
            note.exports()
        if media_type == NDJSON_TYPE:
            return StreamingResponse(content, media_type=NDJSON_TYPE, headers=said_in(language))
        kind, charset = ("csv", "; charset=utf-8") if media_type == CSV_TYPE else ("xlsx", "")
        headers = {"Content-Disposition": f'attachment; filename="{name}.{kind}"', **said_in(language)}
        return StreamingResponse(content, media_type=media_type + charset, headers=headers)


def _links(request: Request, next_cursor: str | None) -> dict[str, str]:
    """The next page and the first one as RFC 8288 has them, relative: proxies give the service other names."""
    query = [(name, value) for name, value in request.query_params.multi_items() if name not in ("cursor", "after")]
    links = {"first": query}
    if next_cursor is not None:
        links["next"] = [*query, ("cursor", next_cursor)]
    path = quote(request.url.path)
    found = [f'<{path}{"?" if of else ""}{urlencode(of)}>; rel="{rel}"' for rel, of in links.items()]
    return {"Link": ", ".join(found)}


async def _begun(content: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    """The same, after its first part: what cannot be read at all is refused, and not broken off."""
    first = await anext(content, b"")

    async def whole() -> AsyncIterator[bytes]:
        yield first
        async for part in content:
            yield part

    return whole()


def _wanted_type(request: Request, types: Sequence[str]) -> str | None:
    """Which of these media types the caller asks for; None for JSON."""
    accepted = request.headers.get("accept", "").lower()
    asked = [part.partition(";")[0].strip() for part in accepted.split(",")]
    return next((one for one in asked if one in types), None)

