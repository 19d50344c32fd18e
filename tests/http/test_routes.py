"""A route says the same as FastAPI's own, and is found before anything else is known about it."""

from __future__ import annotations

from typing import Any

import httpx
import pytest
from fastapi import FastAPI, Request, Response
from fastapi.routing import APIRoute

from app.http.protocol.routes import Route, Routes


async def one_thing(request: Request, id: str, version: int = 1) -> Response:
    """One thing."""
    return Response(f"{id} at {version}")


def one_route(**said: Any) -> Route:
    return Route("/things/{id}", one_thing, method="GET", answers=[], body=None, **said)


def test_it_says_what_fastapi_s_own_route_says() -> None:
    said: dict[str, Any] = {"tags": ["things"], "status_code": 203, "responses": {203: {"description": "Found"}}}
    route, own = one_route(**said), APIRoute("/things/{id}", one_thing, methods=["GET"], **said)
    different = {"app", "dependant", "_said", "answers", "body", "guard", "operation"}  # made anew for each, or ours

    assert route.name == own.name == "one_thing"
    assert {name: value for name, value in vars(route).items() if name not in different} == {
        name: value for name, value in vars(own).items() if name not in different
    }
    assert vars(route).keys() - vars(own).keys() == {"_said", "answers", "body", "guard", "operation"}
    assert [field.name for field in route.dependant.query_params] == ["version"]
    assert [field.name for field in route.dependant.path_params] == ["id"]


async def test_its_function_is_looked_at_with_the_first_request_to_it() -> None:
    routes = Routes("things", public=True)
    routes.get("/things/{id}")(one_thing)
    routes.get("/things/{id}/parts")(one_thing)
    app = FastAPI()
    app.router.routes.extend(routes)
    before = ["dependant" in vars(route) for route in routes]

    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://redress.test") as http:
        answers = [(await http.get("/things/7", params={"version": "3"})).text for _ in range(2)]
        refused = (await http.get("/things/7", params={"version": "x"})).status_code

    assert before == [False, False]
    assert ["dependant" in vars(route) for route in routes] == [True, False]
    assert answers == ["7 at 3", "7 at 3"]
    assert refused == 422


def test_it_has_no_more_than_fastapi_s_own_has() -> None:
    with pytest.raises(AttributeError, match="no_such_thing"):
        _ = one_route().no_such_thing
