"""Pages of other origins: those that are named call the API from a browser, and no others."""

from __future__ import annotations

import httpx
import pytest
from pydantic import ValidationError

from app.main import build
from app.service import Service
from app.settings import Settings
from tests.http.desk import MASTER

PAGE = "https://desk.example.com"


async def answered_to(origins: tuple[str, ...], origin: str, method: str = "GET") -> httpx.Response:
    """What a page of `origin` is answered, by a service that names `origins`; its database need not be there."""
    app = build(Service("postgresql://nobody@127.0.0.1:1/none", MASTER), origins=origins)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://redress.test") as http:
        asks = {"Origin": origin, "Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "if-match"}
        return await http.request(method, "/v1/complaints", headers=asks if method == "OPTIONS" else {"Origin": origin})


async def test_pages_of_the_origins_that_are_named_may_call_and_read_what_it_says_in_headers() -> None:
    allowed = await answered_to((PAGE,), PAGE, "OPTIONS")
    assert allowed.status_code == 200
    assert allowed.headers["access-control-allow-origin"] == PAGE
    assert "credentials" not in str(allowed.headers)
    answer = await answered_to((PAGE,), PAGE)
    assert answer.headers["access-control-allow-origin"] == PAGE
    assert {"ETag", "Redress-Position", "Link"} <= set(answer.headers["access-control-expose-headers"].split(", "))


@pytest.mark.parametrize("origin", ["https://evil.example.com", "http://desk.example.com", "null"])
async def test_pages_of_other_origins_may_not(origin: str) -> None:
    for method in ("OPTIONS", "GET"):
        assert "access-control-allow-origin" not in (await answered_to((PAGE,), origin, method)).headers
    assert "access-control-allow-origin" not in (await answered_to((), PAGE)).headers


@pytest.mark.parametrize(
    "said", ["*", "desk.example.com", "https://desk.example.com/", "https://a:b@desk.example.com", "ftp://desk", "null"]
)
def test_what_is_no_origin_is_refused_at_the_start(monkeypatch: pytest.MonkeyPatch, said: str) -> None:
    monkeypatch.setenv("REDRESS_CORS_ORIGINS", said)
    with pytest.raises(ValidationError, match="cors_origins"):
        Settings()


def test_several_origins_are_separated_by_commas(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REDRESS_CORS_ORIGINS", f"{PAGE}, http://127.0.0.1:5173")
    assert Settings().cors_origins == (PAGE, "http://127.0.0.1:5173")
