"""`/problems/…`: the type of every refusal is an address that says what it means."""

from __future__ import annotations

from app.http.protocol.problems import meanings
from tests.http.desk import Desk, done, problem


async def test_the_type_of_a_refusal_is_an_address_that_says_what_it_means(desk: Desk) -> None:
    id = (await desk.receive())["id"]
    for answer in (
        await desk.post("li-min", f"/v1/complaints/{id}/close", {"outcome": "resolved", "summary": "…"}),
        await desk.get("li-min", "/v1/people"), await desk.get(None, "/v1/tracking"),
        await desk.get("li-min", "/v1/tracking?unit=nobody"), await desk.get("li-min", "/v1/none"),
    ):  # fmt: skip
        refusal = answer.json()
        meaning = done(await desk.get(None, refusal["type"]))
        assert meaning["type"] == refusal["type"]
        assert meaning["titles"].keys() == {"zh", "en"}


async def test_every_problem_has_its_page_and_what_is_none_has_not(desk: Desk) -> None:
    assert len(meanings()) > 150
    for slug, meaning in meanings().items():
        shown = done(await desk.get(None, f"/problems/{slug}"))
        assert shown["titles"] == {"zh": meaning.titles.zh, "en": meaning.titles.en}
    problem(await desk.get(None, "/problems/none"), 404)
    problem(await desk.get(None, "/problems/not-found?x=1"), 422)
