"""`GET /v1/complaints/by-number/{number}`: the complaint that people quote, and nothing for who may not see it."""

from __future__ import annotations

from urllib.parse import quote

import pytest

from tests.http.desk import Desk, done, problem

BY_NUMBER = "/v1/complaints/by-number/"


async def test_a_complaint_is_found_by_its_number_as_soon_as_it_was_taken_down(desk: Desk) -> None:
    taken = await desk.receive()
    answer = await desk.get("li-min", BY_NUMBER + taken["number"])
    by_id = await desk.get("li-min", f"/v1/complaints/{taken['id']}")
    assert (done(answer), answer.headers["etag"]) == (done(by_id), by_id.headers["etag"])


async def test_a_number_is_found_however_it_was_typed(desk: Desk) -> None:
    taken = await desk.receive()
    for written in (taken["number"].lower(), f" {taken['number']} ", taken["number"].replace("-", "－")):
        assert done(await desk.get("li-min", BY_NUMBER + quote(written)))["id"] == taken["id"]
    assert done(await desk.get("li-min", f"{BY_NUMBER}{taken['number']}?fields=id")) == {"id": taken["id"]}


@pytest.mark.parametrize("number", ["KF0001-20260302-999999", "%00", "'%20OR%201=1", "1" * 2000, "%20", "张三"])
async def test_a_number_that_is_nobodys_is_not_there(desk: Desk, number: str) -> None:
    problem(await desk.get("li-min", BY_NUMBER + number), 404, "not-found")


async def test_whoever_may_not_see_a_complaint_is_not_told_that_its_number_is_one(desk: Desk) -> None:
    about_them = await desk.receive(accused=["agent-7"])
    of_others = await desk.receive(complainant={"name": "李", "phone": "+8613900139000"})
    nobody = await desk.get("agent-7", f"{BY_NUMBER}KF0001-20260302-999999")
    problem(nobody, 404, "not-found")
    for who, number in (("agent-7", about_them["number"]), ("zhou-qi", of_others["number"])):
        answer = await desk.get(who, BY_NUMBER + number)
        assert (answer.status_code, answer.content) == (404, nobody.content)
