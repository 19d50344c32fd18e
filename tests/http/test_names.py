"""Whoever is named to act is known, is there, and may do it; names and staff numbers mean the person they belong to."""

from __future__ import annotations

from typing import Any

import pytest

from tests.http.desk import Desk, done, pointers, problem

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def employed(desk: Desk, id: str, name: str, role: str = "agent", **more: Any) -> dict[str, Any]:
    return done(await desk.post("admin", "/v1/keys", {"id": id, "name": name, "roles": [role], **more}), 201)


async def gone(desk: Desk, id: str) -> None:
    assert (await desk.ask("admin", "DELETE", f"/v1/keys/{id}")).status_code == 204


async def test_a_key_has_a_staff_number_where_one_is_given(house: Desk) -> None:
    created = await employed(house, "zhang-1", "张敏", staff_no="K-1007")
    assert created["staff_no"] == "K-1007"
    listed = {key["id"]: key["staff_no"] for key in done(await house.get("admin", "/v1/keys"))["items"]}
    assert (listed["zhang-1"], listed["admin"]) == ("K-1007", None)


async def test_an_owner_is_named_by_id_staff_number_or_name(house: Desk) -> None:
    await employed(house, "he-1", "何 芳", staff_no="K-2001")
    id = (await house.receive(issue_point="owners"))["id"]
    for said in ("K-2001", "ｋ－２００１", "何芳", "何　芳", "HE-1"):
        assert (await house.step("li-min", id, "assign", to=said))["owner"]["actor"] == "he-1"
        await house.step("li-min", id, "assign", to="li-min")


async def test_whoever_is_not_known_or_may_not_is_not_made_the_owner(house: Desk) -> None:
    await employed(house, "left-1", "刘洋")
    await gone(house, "left-1")
    await employed(house, "he-fang", "何芳芳")
    for who in ("softphone", "he-ping", "zhou-qi"):
        await house.key_of(who)
    id = (await house.receive(issue_point="not-owners"))["id"]
    refusals = {
        "he-fan": "unknown-person", "left-1": "person-has-left", "softphone": "role-cannot-take-it",
        "he-ping": "role-cannot-take-it", "zhou-qi": "not-in-their-reach",
    }  # fmt: skip
    for to, slug in refusals.items():
        answer = await house.post("li-min", f"/v1/complaints/{id}/assign", {"to": to})
        assert pointers(document := problem(answer, 422, slug)) == ["/to"]
        assert ("he-fang" in document["detail"]) == (to == "he-fan")
    answer = await house.post("li-min", f"/v1/complaints/{id}/hand-over", {"to": "softphone"})
    problem(answer, 422, "role-cannot-take-it")
    await house.step("li-min", id, "classify", severity="general", category="process.deposit")
    await house.step("li-min", id, "draft-opinion", text="查明")
    body = {"units": ["settlement"], "owner": "nobody-we-know"}
    assert pointers(problem(await house.post("li-min", f"/v1/complaints/{id}/dispatch", body), 422)) == ["/owner"]
    sent = await house.step("li-min", id, "dispatch", units=["settlement"], owner="zhou-qi")
    assert sent["owner"]["actor"] == "zhou-qi"


async def test_an_approval_is_that_of_a_known_person_who_may_approve(house: Desk) -> None:
    await house.key_of("sun-wei")
    await house.key_of("agent-7")
    id = (await house.dispatched("settlement", issue_point="approvals"))["id"]
    for by, slug in (("王总", "unknown-person"), ("agent-7", "role-cannot-take-it")):
        body = {"subject": "赔付", "form": "oral", "by": by}
        answer = await house.post("zhao-jing", f"/v1/complaints/{id}/approve", body)
        assert pointers(problem(answer, 422, slug)) == ["/by"]
    await house.step("zhao-jing", id, "approve", subject="赔付", form="oral", by="孙伟")
    items = done(await house.get("li-min", f"/v1/complaints/{id}/history"))["items"]
    assert [item["data"]["by"] for item in items if item["type"] == "Approved"] == ["sun-wei"]


async def test_whoever_is_accused_by_staff_number_is_kept_out(house: Desk) -> None:
    created = await employed(house, "lu-7", "陆七", staff_no="K-3007")
    house.keys["lu-7"] = created["key"]
    taken = await house.receive(accused=["ｋ 3007".replace(" ", "-")], issue_point="by-number")
    assert (taken["accused"], taken["accused_unmatched"]) == (["k-3007", "lu-7"], [])
    problem(await house.get("lu-7", f"/v1/complaints/{taken['id']}"), 403, "recused")
