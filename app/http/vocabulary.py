"""`/v1/vocabulary`: what every code is called in Chinese and English, for whoever shows answers to people."""

from functools import lru_cache
from typing import Any, Final

from fastapi import Request, Response

from app.http.protocol.answers import json_response
from app.http.protocol.caller import Caller
from app.http.protocol.not_modified import tag_of
from app.http.protocol.parameters import only_parameters
from app.http.protocol.routes import Routes
from app.queries.vocabulary import Vocabulary, VocabularyQueries

KEPT: Final = "private, max-age=300"


def vocabulary_routes(queries: VocabularyQueries, caller: Caller) -> Routes:
    routes = Routes("rules")

    @lru_cache(maxsize=1)
    def current(_: tuple[Any, ...]) -> tuple[bytes, str]:
        body = bytes(json_response(queries.all()).body)
        return body, tag_of(body)

    @routes.get("/v1/vocabulary", Vocabulary, summary="What every code is called")
    async def vocabulary(request: Request) -> Response:
        """Both titles of each code, by subject: steps, states, events, requirements, refusals, channels and so on.

        Of each procedure in force: its kinds, severities, categories, roles, units, clocks and what else it names. It
        may be kept for five minutes; with `If-None-Match` the answer is 304 while nothing has changed.
        """
        caller(request)
        only_parameters(request)
        body, tag = current(queries.edition)
        return Response(body, headers={"ETag": tag, "Cache-Control": KEPT}, media_type="application/json")

    return routes
