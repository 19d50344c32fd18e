"""投诉处理程序: the general procedure, for a company without one of its own, played through the REST API.

Receive, record, investigate with the evidence listed, a solution with the customer's consent, follow up. A simple
complaint is answered within 24 hours, a complex one done within five working days.
"""

from __future__ import annotations

from typing import Any

from tests.http.desk import Desk, done
from tests.stories.telling import at, due, state


async def taken_down(desk: Desk, severity: str) -> str:
    await at(desk, "03-02 09:00")
    complaint = await desk.receive("li-min", procedure="general", subject="收到的商品破损", facts={"order_no": "A-17"})
    id: str = complaint["id"]
    await desk.key_of("zhou-qi")  # a unit is known as soon as somebody belongs to it
    await desk.step("li-min", id, "classify", severity=severity, category="product.damage")
    return id


async def look(desk: Desk, id: str) -> dict[str, Any]:
    found: dict[str, Any] = done(await desk.get("li-min", f"/v1/complaints/{id}"))
    return found


async def test_a_complex_complaint_from_the_record_to_the_close(sandbox: Desk) -> None:
    id = await taken_down(sandbox, "complex")
    assert due(await look(sandbox, id), "answer") == "2026-03-09T16:00:00Z"  # five working days: Monday, end of day

    await sandbox.step("li-min", id, "dispatch", units=["settlement"])
    await sandbox.step("zhou-qi", id, "accept")
    evidence = {"name": "破损照片", "kind": "picture", "reference": "store://17/1.jpg"}
    await sandbox.step("zhou-qi", id, "attach", **evidence)
    refusal = await sandbox.refused(409, "zhou-qi", id, "execute", measure="换货")
    assert refusal["type"] == "/problems/solution-not-agreed"

    await sandbox.step("li-min", id, "agree-solution", text="换货", agreed=False)
    await sandbox.refused(409, "zhou-qi", id, "execute", measure="换货")
    await sandbox.step("li-min", id, "agree-solution", text="全额退款并致歉", agreed=True)
    complaint = await sandbox.step("zhou-qi", id, "execute", measure="已全额退款")
    assert complaint["status"] == "executed"

    refusal = await sandbox.refused(409, "li-min", id, "close", outcome="已解决", summary="退款")
    assert len(refusal["missing"]) == 2  # word to the customer, and the callback
    complaint = await sandbox.step("li-min", id, "inform-customer", means="email", text="退款已发出。")
    assert state(complaint, "answer") == "met"
    await sandbox.step("li-min", id, "record-callback", reached=True, satisfied=True, means="phone")
    complaint = await sandbox.step("li-min", id, "close", outcome="已解决", summary="退款", justified=True)
    assert complaint["status"] == "closed"


async def test_a_simple_complaint_is_answered_within_24_hours(sandbox: Desk) -> None:
    id = await taken_down(sandbox, "simple")
    assert due(await look(sandbox, id), "answer") == "2026-03-03T01:00:00Z"
    await at(sandbox, "03-03 09:00")
    assert state(await look(sandbox, id), "answer") == "missed"
    complaint = await sandbox.step("li-min", id, "inform-customer", means="phone", text="已说明。")
    assert state(complaint, "answer") == "missed"  # late is late, whatever comes after
    complaint = await sandbox.step("li-min", id, "close", outcome="已解释", summary="说明后客户接受")
    assert complaint["status"] == "closed"


async def test_a_customer_dissatisfied_for_the_second_time_comes_before_the_supervisor(sandbox: Desk) -> None:
    id = await taken_down(sandbox, "complex")
    for round in (1, 2):
        await sandbox.step("li-min", id, "dispatch", units=["settlement"])
        await sandbox.step("li-min", id, "agree-solution", text="换货", agreed=True)
        await sandbox.step("zhou-qi", id, "execute", measure=f"第{round}次换货")
        complaint = await sandbox.step("li-min", id, "record-callback", reached=True, satisfied=False, means="phone")
        assert complaint["round"] == round + 1
    events = done(await sandbox.get("zhao-jing", f"/v1/complaints/{id}/history"))["items"]
    told = [event["data"]["to_role"] for event in events if event["type"] == "Escalated"]
    assert told == ["manager", "manager"]  # as a complex one, and for the second dissatisfaction
