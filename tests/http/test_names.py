"""Whoever is named to act is known, is there, and may do it; names and staff numbers mean the person they belong to."""

from __future__ import annotations

from typing import Any

import pytest

from tests.http.desk import Desk, complaint, done, pointers, problem

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
    id = (await house.receive(force=True))["id"]
    for said in ("K-2001", "ｋ－２００１", "何芳", "何　芳", "HE-1"):
        assert (await house.step("li-min", id, "assign", to=said))["owner"]["actor"] == "he-1"
        await house.step("li-min", id, "assign", to="li-min")


async def test_whoever_is_not_known_or_may_not_is_not_made_the_owner(house: Desk) -> None:
    await employed(house, "left-1", "刘洋")
    await gone(house, "left-1")
    await employed(house, "he-fang", "何芳芳")
    for who in ("softphone", "he-ping", "zhou-qi"):
        await house.key_of(who)
    id = (await house.receive(force=True))["id"]
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
    await house.step(
        "li-min", id, "classify", severity="general", category="process.deposit", issue_point="deposit-delay"
    )
    await house.step("li-min", id, "draft-opinion", text="查明")
    body = {"units": ["settlement"], "owner": "nobody-we-know"}
    assert pointers(problem(await house.post("li-min", f"/v1/complaints/{id}/dispatch", body), 422)) == ["/owner"]
    sent = await house.step("li-min", id, "dispatch", units=["settlement"], owner="zhou-qi")
    assert sent["owner"]["actor"] == "zhou-qi"


async def test_an_approval_is_that_of_a_known_person_who_may_approve(house: Desk) -> None:
    await house.key_of("sun-wei")
    await house.key_of("agent-7")
    id = (await house.dispatched("settlement", force=True))["id"]
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
    taken = await house.receive(accused=["ｋ 3007".replace(" ", "-")], force=True)
    assert (taken["accused"], taken["accused_unmatched"]) == (["k-3007", "lu-7"], [])
    problem(await house.get("lu-7", f"/v1/complaints/{taken['id']}"), 403, "recused")


# 认定被投诉人


async def listed(desk: Desk, who: str, **asked: Any) -> list[str]:
    """The numbers in the tracking table, when it has caught up."""
    await desk.caught_up()
    question = "&".join(f"{name}={value}" for name, value in asked.items())
    return [row["number"] for row in done(await desk.get(who, f"/v1/tracking?limit=200&{question}"))["items"]]


async def test_who_matches_nobody_or_several_is_kept_flagged_and_decided(house: Desk) -> None:
    for id in ("wang-1", "wang-2"):
        house.keys[id] = (await employed(house, id, "王伟"))["key"]
    taken = await house.receive(accused=["王 伟", "前台小刘"], force=True)
    id, number = taken["id"], taken["number"]
    assert taken["accused_unmatched"] == ["王 伟", "前台小刘"]
    assert "match-accused" in done(await house.get("zhao-jing", f"/v1/complaints/{id}"))["allowed"]
    assert number in await listed(house, "zhao-jing", accused_unmatched="true")
    assert number not in await listed(house, "zhao-jing", accused_unmatched="false")
    body = {"accused": "王 伟", "person": "wang-2", "reason": "录音"}
    problem(await house.post("li-min", f"/v1/complaints/{id}/match-accused", body), 403, "role-forbids")
    unknown = {**body, "person": "wang-3"}
    assert pointers(problem(await house.post("zhao-jing", f"/v1/complaints/{id}/match-accused", unknown), 422))
    decided = await house.step("zhao-jing", id, "match-accused", **body)
    assert decided["accused_unmatched"] == ["前台小刘"]
    assert "wang-2" in decided["accused"]
    problem(await house.get("wang-2", f"/v1/complaints/{id}"), 403, "recused")
    done(await house.get("wang-1", f"/v1/complaints/{id}"))
    decided = await house.step("zhao-jing", id, "match-accused", accused="前台小刘", person=None, reason="外包人员")
    assert decided["accused_unmatched"] == []
    assert number not in await listed(house, "zhao-jing", accused_unmatched="true")
    assert number not in await listed(house, "wang-2")
    assert number in await listed(house, "wang-1")


@pytest.mark.parametrize("stood", [{}, {"as_of": "2030-01-01T00:00:00Z"}], ids=["now", "as it stood"])
async def test_who_is_not_told_who_is_accused_is_not_told_by_a_filter_that_somebody_is(
    house: Desk, stood: dict[str, str]
) -> None:
    flagged = (await house.receive(accused=["前台小赵"], force=True))["number"]
    other = (await house.receive(force=True))["number"]
    for who in ("softphone", "partner-bank"):
        assert flagged not in await listed(house, who, accused_unmatched="true", **stood)
        assert {flagged, other} <= {*await listed(house, who, accused_unmatched="false", **stood)}
    assert flagged in await listed(house, "zhao-jing", accused_unmatched="true", **stood)


async def test_whoever_is_found_by_their_name_is_not_flagged(house: Desk) -> None:
    await employed(house, "xu-1", "许 诺")
    taken = await house.receive(accused=["许诺"], force=True)
    assert (taken["accused"], taken["accused_unmatched"]) == (["许 诺", "xu-1"], [])
    assert taken["number"] not in await listed(house, "zhao-jing", accused_unmatched="true")
    assert taken["number"] in await listed(house, "zhao-jing", accused_unmatched="false")


# 待领取、离岗


async def test_what_a_machine_took_down_waits_in_a_queue_and_is_taken_from_it(house: Desk) -> None:
    body = complaint(channel="voicemail", force=True)
    taken = done(await house.post("softphone", "/v1/complaints", body), 201)
    id, number = taken["id"], taken["number"]
    assert taken["owner"] == {"actor": None, "unit": None, "role": "agent"}
    assert taken["first_contact"] is None
    assert number in await listed(house, "li-min", owner="role:agent")
    assert number not in await listed(house, "li-min", owner="softphone")
    mine = await house.step("li-min", id, "accept-hand-over")
    assert mine["owner"] == {"actor": "li-min", "unit": None}
    assert number not in await listed(house, "li-min", owner="role:agent")
    assert number in await listed(house, "li-min", owner="li-min")


async def test_open_cases_of_people_who_left_are_listed_for_whoever_gives_them_to_another(house: Desk) -> None:
    house.keys["leaver"] = (await employed(house, "leaver", "离岗人"))["key"]
    open_one = await house.receive("leaver", force=True)
    ended = await house.receive("leaver", force=True)
    await house.step("leaver", ended["id"], "withdraw", reason="客户撤回")
    assert open_one["owner"] == {"actor": "leaver", "unit": None}
    assert open_one["number"] not in await listed(house, "zhao-jing", owner_left="true")
    await gone(house, "leaver")
    left = await listed(house, "zhao-jing", owner_left="true")
    assert open_one["number"] in left
    assert ended["number"] not in left
    assert open_one["number"] not in await listed(house, "zhao-jing", owner_left="false")
    now = house.service.now().isoformat().replace("+", "%2B")
    assert open_one["number"] in await listed(house, "zhao-jing", owner_left="true", as_of=now)
    seen = done(await house.get("zhao-jing", f"/v1/complaints/{open_one['id']}"))
    assert seen["owner"] == {"actor": "leaver", "unit": None, "left": True}
    given = await house.step("zhao-jing", open_one["id"], "assign", to="zhao-jing")
    assert given["owner"] == {"actor": "zhao-jing", "unit": None}
    assert open_one["number"] not in await listed(house, "zhao-jing", owner_left="true")


async def test_a_hand_over_that_nobody_accepts_is_on_the_list_of_whom_it_was_offered_to(house: Desk) -> None:
    await house.key_of("agent-7")
    id = (await house.receive(force=True))["id"]
    await house.step("li-min", id, "hand-over", to="agent-7")
    await house.caught_up()
    path = f"/v1/obligations?owed_by=me&state=open&complaint={id}"
    owed = [item["name"] for item in done(await house.get("agent-7", path))["items"]]
    assert "hand-over" in owed
    await house.step("agent-7", id, "hand-over", to="li-min", note="手头已满")
    await house.caught_up()
    assert "hand-over" not in [item["name"] for item in done(await house.get("agent-7", path))["items"]]
