"""The administrator administers and takes no step of a procedure, but in an emergency, in somebody's place."""

from __future__ import annotations

import pytest

from tests.http.desk import Desk, complaint, done, pointers, problem
from tests.http.samples import bodies

pytestmark = pytest.mark.asyncio(loop_scope="module")

RULING = {"outcome": "upheld", "text": "维持原意见", "liability": [{"unit": "settlement", "percent": 100}]}


async def disputed(desk: Desk) -> str:
    id: str = (await desk.dispatched("settlement"))["id"]
    await desk.step("zhou-qi", id, "dispute-opinion", reason="应由技术部负责")
    return id


async def test_no_step_of_the_procedure_is_an_administrator_s(house: Desk) -> None:
    refusal = problem(await house.post("admin", "/v1/complaints", complaint()), 403, "role-forbids")
    assert "POST /v1/keys" in refusal["detail"]
    id = (await house.dispatched("settlement"))["id"]
    for step in sorted(done(await house.get("admin", "/v1/procedures/kf0001"))["steps"].keys() - {"receive"}):
        refusal = problem(await house.post("admin", f"/v1/complaints/{id}/{step}", bodies()[step]), 403, "role-forbids")
        assert "administrator" in refusal["detail"]
    assert done(await house.get("admin", f"/v1/complaints/{id}"))["allowed"] == []


async def test_an_administrator_with_another_role_has_that_one_s_steps(house: Desk) -> None:
    key = {"id": "both-1", "name": "周全", "roles": ["admin", "agent"]}
    house.keys["both-1"] = done(await house.post("admin", "/v1/keys", key), 201)["key"]
    id = (await house.receive("both-1"))["id"]
    seen = done(await house.get("both-1", f"/v1/complaints/{id}"))
    assert "classify" in seen["allowed"]
    assert seen["complainant"]["name"] == "张三"
    problem(await house.post("both-1", f"/v1/complaints/{id}/confirm-effect", bodies()["confirm-effect"]), 403)


async def test_an_emergency_step_stands_in_the_history_and_in_the_list_with_its_reason(house: Desk) -> None:
    id = await disputed(house)
    body = {"reason": "董事办全体出差", "step": "issue-ruling", "body": RULING}
    answer = await house.post("admin", f"/v1/complaints/{id}/override", body)
    assert done(answer)["status"] == "executing"
    last = done(await house.get("he-ping", f"/v1/complaints/{id}/history"))["items"][-2:]
    assert [(event["type"], event["actor"]["id"], event["actor"]["role"]) for event in last] == [
        ("RulingIssued", "admin", "admin"), ("Overridden", "admin", "admin"),
    ]  # fmt: skip
    place = ["board-office", "general-manager"]
    assert last[-1]["data"] == {"step": "issue-ruling", "in_place_of": place, "reason": "董事办全体出差"}
    position = answer.headers["redress-position"]
    number = done(answer)["number"]
    rows = done(await house.get("li-min", f"/v1/tracking?q={number}&min_position={position}"))["items"]
    assert [row["last_event"] for row in rows] == ["Overridden"]
    found = done(await house.get("he-ping", f"/v1/audit/events?type=Overridden&complaint={id}"))["items"]
    assert [event["complaint_id"] for event in found] == [id]


async def test_the_auditor_and_those_in_whose_place_it_was_are_told(house: Desk) -> None:
    id = await disputed(house)
    await house.step("admin", id, "override", reason="董事办全体出差", step="issue-ruling", body=RULING)
    await house.service.notifying.follower.reached(await house.service.log.head(), 20)
    for who in ("he-ping", "qian-hui", "sun-wei"):
        items = done(await house.get(who, "/v1/notifications?mine=true&limit=200"))["items"]
        [told] = [one for one in items if (one["event"], one["complaint_id"]) == ("Overridden", id)]
        assert told["title"]["zh"].startswith("紧急代办：KF0001-")


async def test_what_the_state_asks_for_stays_asked_for(house: Desk) -> None:
    id = (await house.dispatched("settlement"))["id"]
    body = {"reason": "急", "step": "issue-ruling", "body": RULING}
    problem(await house.post("admin", f"/v1/complaints/{id}/override", body), 409, "nothing-disputed")
    close = {"outcome": "已解决", "summary": "小结"}
    body = {"reason": "急", "step": "close", "body": close}
    problem(await house.post("admin", f"/v1/complaints/{id}/override", body), 409, "not-ready-to-close")
    approval = {"subject": "赔偿", "form": "written", "by": "sun-wei"}
    body = {"reason": "急", "step": "approve", "body": approval}
    problem(await house.post("admin", f"/v1/complaints/{id}/override", body), 403, "not-in-an-emergency")


async def test_only_an_administrator_takes_a_step_in_an_emergency(house: Desk) -> None:
    id = await disputed(house)
    body = {"reason": "急", "step": "issue-ruling", "body": RULING}
    for who in ("li-min", "zhao-jing", "he-ping", "softphone"):
        problem(await house.post(who, f"/v1/complaints/{id}/override", body), 403, "role-forbids")


@pytest.mark.parametrize(
    ("body", "slug", "pointer"),
    [
        ({"reason": "急", "step": "issue-ruling", "body": {"outcome": "upheld"}}, "invalid-body", "/body/text"),
        ({"reason": "急", "step": "close", "body": {"outcome": "", "summary": "x"}}, "invalid-body", "/body/outcome"),
        ({"reason": "急", "step": "isue-ruling"}, "unknown-step", "/step"),
        ({"reason": "急", "step": "override", "body": {"reason": "急"}}, "need-or-step", "/step"),
        ({"reason": "急", "step": "add-note", "need": "callback"}, "need-or-step", "/need"),
        ({"reason": "急", "body": {"text": "x"}}, "need-or-step", "/body"),
        ({"step": "add-note", "body": {"text": "x"}}, "invalid-body", "/reason"),
    ],
)
async def test_what_is_wrong_of_it_is_named_with_its_place(
    house: Desk, body: dict[str, object], slug: str, pointer: str
) -> None:
    id = await disputed(house)
    refusal = problem(await house.post("admin", f"/v1/complaints/{id}/override", body), 422, slug)
    assert pointer in pointers(refusal)


async def test_the_same_emergency_step_asked_again_is_done_once(house: Desk) -> None:
    id = await disputed(house)
    key = {"Idempotency-Key": f"emergency-{id}"}
    body = {"reason": "急", "step": "issue-ruling", "body": RULING}
    first = await house.post("admin", f"/v1/complaints/{id}/override", body, headers=key)
    again = await house.post("admin", f"/v1/complaints/{id}/override", body, headers=key)
    assert done(first) == done(again)
    assert again.headers["idempotency-replayed"] == "true"


async def test_people_are_named_in_an_emergency_step_as_in_any_other(house: Desk) -> None:
    id = (await house.receive())["id"]
    await house.key_of("agent-7")
    body = {"to": "王静"}
    assigned = await house.step("admin", id, "override", reason="无人值班", step="assign", body=body)
    assert assigned["owner"]["actor"] == "agent-7"
