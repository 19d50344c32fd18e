"""`/v1/audit/access`: who was shown whose data, who was refused, who signed in and who took lists away."""

from collections.abc import Iterable
from difflib import get_close_matches
from typing import Annotated, Final

from fastapi import Query, Request, Response

from app.access.privileges import READS_ACCESS_LOG
from app.http.protocol.caller import Caller
from app.http.protocol.list_parameters import AccessQuery
from app.http.protocol.lists import TABLES, Lists, page_of
from app.http.protocol.problems import Problem, Wrong
from app.http.protocol.routes import Route, Routes
from app.queries.access_pages import AccessFilter, AccessRow, AccessTable

AccessList = page_of("AccessList", AccessRow, "`position` is the id of the newest row there is.")
MOST_NEAR: Final = 3


def access_routes(accesses: AccessTable, lists: Lists, caller: Caller) -> Routes:
    routes = Routes("lists", part="audit")

    @routes.get("/v1/audit/access", AccessList, files=TABLES, roles=READS_ACCESS_LOG, summary="The access log")
    async def access_log(request: Request, query: Annotated[AccessQuery, Query()]) -> Response:
        """For auditors: every sign-in, refused access, answer with personal data in clear, and export; newest first.

        `complaint` finds also the lists and files that named its complainant. `path` is an address as this description
        writes it, with `{id}`. Who is named in a complaint finds nothing about it.
        """
        actor = caller(request)
        wanted = await lists.wanted(request, query, AccessFilter, actor)
        rows = accesses.rows(actor, wanted, query.sort)
        _check_paths(query.path, _paths(request))
        return await lists.answer(request, query, rows, "access", files=TABLES)

    return routes


def _paths(request: Request) -> list[str]:
    return [route.path_format for route in request.app.router.routes if isinstance(route, Route)]


def _check_paths(asked: Iterable[str], known: list[str]) -> None:
    """Raises 422 for an address that there is not, with those written almost so."""
    wrong = []
    for path in asked:
        if path not in known:
            near = get_close_matches(path, sorted(set(known)), MOST_NEAR)
            kind = "no-such-code-near" if near else "no-such-code"
            wrong.append(Wrong("?path", kind, {"code": path[:200], "near": near}))
    if wrong:
        raise Problem(422, "invalid-parameters", wrong=wrong)
