"""`GET /v1/complaints/by-number/{number}`: the complaint that people quote, and nothing for who may not see it."""

from __future__ import annotations

from typing import Final
from urllib.parse import quote

import pytest

from tests.http.desk import Desk, done, problem
from tests.http.test_imports import example, imported, letters

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


OLD: Final = """留言编号,留言用户,联系电话,留言主题,留言时间,留言详情,一级分类,承办单位,答复意见,答复时间,评价
臺-81001,高女士,,路灯不亮,2025-03-03 09:15,路灯坏了。,城乡建设,城管局,已安排人员修复。,2025/03/20 10:00:00,满意
"""


async def test_a_complaint_that_was_taken_over_is_found_by_its_old_number_however_it_was_typed(desk: Desk) -> None:
    one = await letters(desk, OLD)
    [taken] = one["report"]["items"]
    for written in ("臺-81001", "台-81001", " 台－81001 ", taken["number"]):
        assert done(await desk.get("li-min", BY_NUMBER + quote(written)))["id"] == taken["complaint_id"], written
    problem(await desk.get("li-min", BY_NUMBER + quote("臺-8100")), 404, "not-found")
    for who in ("partner-bank", "softphone"):  # who reads no texts does not know what it was called
        problem(await desk.get(who, BY_NUMBER + quote("臺-81001")), 404, "not-found")


async def test_of_an_old_number_that_several_systems_gave_the_complaints_are_named(desk: Desk) -> None:
    other = example("letters").replace("system: 留言板", "system: 另一个热线")
    imports = [await letters(desk, OLD), await imported(desk, OLD.encode("gb18030"), other)]
    numbers = sorted(one["report"]["items"][0]["number"] for one in imports)
    refused = problem(await desk.get("li-min", BY_NUMBER + quote("臺-81001")), 409, "several-have-that-number")
    assert all(number in refused["detail"] for number in numbers)
    assert done(await desk.get("li-min", BY_NUMBER + numbers[0]))["number"] == numbers[0]
