"""改派、撤回、增派、主办、协办 over the REST API: what was sent to the wrong unit reaches the right one."""

from __future__ import annotations

from typing import Any

from tests.http.desk import Desk, done, pointers, problem
from tests.stories.staff import employ, look
from tests.stories.telling import at, clock, state
from tests.stories.test_market_30min import OWNER, with_the_region

WRONG = "派错了部门"


async def history(desk: Desk, id: str) -> list[tuple[str, dict[str, Any]]]:
    items = done(await desk.get("li-min", f"/v1/complaints/{id}/history"))["items"]
    return [(event["type"], event["data"]) for event in items]


def rows(complaint: dict[str, Any]) -> dict[str, tuple[str, str | None]]:
    return {row["unit"]: (row["state"], row["role"]) for row in complaint["units"]}


async def test_a_p1_complaint_sent_to_the_wrong_region_reaches_the_right_one(sandbox: Desk) -> None:
    id = await with_the_region(sandbox)
    await employ(sandbox, {"zheng-xin": ("unit", "south")})
    await sandbox.refused(403, "li-min", id, "redirect", **{"from": "east", "to": "south", "reason": WRONG})
    await sandbox.refused(403, OWNER, id, "redirect", **{"from": "east", "to": "south", "reason": WRONG})

    await at(sandbox, "03-02 09:30")
    complaint = await sandbox.step("zhao-jing", id, "redirect", **{"from": "east", "to": "south", "reason": WRONG})
    assert rows(complaint) == {"east": ("recalled", None), "south": ("asked", "lead")}
    redirected, released = (await history(sandbox, id))[-2:]
    assert redirected == ("Redirected", {"from_unit": "east", "to_unit": "south", "reason": WRONG})
    assert released[0] == "OwnerReleased"  # who had it for the unit that lost it

    refusal = await sandbox.refused(409, OWNER, id, "execute", measure="换货")
    assert refusal["type"] == "/problems/taken-from-this-unit"
    seen = await look(sandbox, id, OWNER)
    assert seen["subject"] == "三台水泵漏水"
    await sandbox.step("zheng-xin", id, "report-progress", text="已联系用户")
    await sandbox.step("zheng-xin", id, "inform-customer", means="phone", text="今日换货")
    await sandbox.step("zheng-xin", id, "agree-solution", text="换货三台", agreed=True)
    complaint = await sandbox.step("zheng-xin", id, "execute", measure="已换货三台")
    assert complaint["status"] == "executed"
    assert [(one["unit"], one["measure"], one["at"]) for one in complaint["measures"]] == [
        ("south", "已换货三台", "2026-03-02T01:30:00Z")
    ]


async def test_a_redirected_opinion_is_answered_by_the_unit_that_has_it_now(sandbox: Desk) -> None:
    id = (await sandbox.dispatched("settlement"))["id"]
    await at(sandbox, "03-03 10:00")
    complaint = await sandbox.step(
        "zhao-jing", id, "redirect", **{"from": "settlement", "to": "risk-control", "reason": WRONG}
    )
    assert clock(complaint, "unit-answers", "settlement")["state"] == "cancelled"
    assert clock(complaint, "unit-answers", "risk-control")["started_at"] == "2026-03-03T02:00:00Z"
    refusal = await sandbox.refused(409, "zhou-qi", id, "confirm-opinion")
    assert refusal["type"] == "/problems/taken-from-this-unit"
    complaint = await sandbox.step("wu-hao", id, "confirm-opinion")
    assert complaint["status"] == "executing"
    await at(sandbox, "03-04 10:00")
    complaint = await look(sandbox, id)
    assert clock(complaint, "unit-answers", "settlement")["state"] == "cancelled"  # never missed
    assert state(complaint, "unit-answers", "risk-control") == "met"


async def test_what_was_recalled_waits_to_be_dispatched_again(sandbox: Desk) -> None:
    id = (await sandbox.dispatched("settlement"))["id"]
    complaint = await sandbox.step("li-min", id, "recall", unit="settlement", reason=WRONG)
    assert (complaint["status"], rows(complaint)) == ("classified", {"settlement": ("recalled", None)})
    assert "dispatch" in complaint["allowed"]
    refusal = await sandbox.refused(409, "li-min", id, "recall", unit="settlement", reason=WRONG)
    assert refusal["type"] == "/problems/not-yet-dispatched"
    complaint = await sandbox.step("li-min", id, "dispatch", units=["risk-control"])
    assert rows(complaint)["risk-control"] == ("asked", "lead")


async def test_a_second_unit_is_asked_and_one_of_them_leads(sandbox: Desk) -> None:
    id = (await sandbox.dispatched("settlement"))["id"]
    complaint = await sandbox.step("li-min", id, "add-unit", unit="risk-control", note="协助核查")
    assert rows(complaint) == {"settlement": ("asked", "lead"), "risk-control": ("asked", "support")}
    refusal = await sandbox.refused(409, "li-min", id, "add-unit", unit="risk-control")
    assert refusal["type"] == "/problems/unit-has-it-already"
    complaint = await sandbox.step("li-min", id, "add-unit", unit="trading", role="lead")
    assert [row["role"] for row in complaint["units"]] == ["support", "support", "lead"]
    await sandbox.step("feng-yu", id, "confirm-opinion")
    for body in ({"from": "settlement"}, {"from_": "settlement", "to": "trading", "reason": WRONG}):
        refused = problem(await sandbox.post("li-min", f"/v1/complaints/{id}/redirect", body), 422)
        assert "/from" in pointers(refused) or "/to" in pointers(refused)


async def test_the_dispatch_names_who_leads(sandbox: Desk) -> None:
    id = (await sandbox.receive())["id"]
    await sandbox.step(
        "li-min", id, "classify", severity="general", category="process.deposit", issue_point="deposit-delay"
    )
    await sandbox.step("li-min", id, "draft-opinion", text="结算部当日查明并入账。")
    refusal = await sandbox.refused(422, "li-min", id, "dispatch", units=["settlement", "trading"], lead="finance")
    assert pointers(refusal) == ["/lead"]
    complaint = await sandbox.step("li-min", id, "dispatch", units=["settlement", "trading"], lead="trading")
    assert rows(complaint) == {"settlement": ("asked", "support"), "trading": ("asked", "lead")}
