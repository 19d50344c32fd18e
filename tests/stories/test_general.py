"""投诉处理程序: the general procedure, for a company without one of its own, played through the REST API.

Receive, record, investigate with the evidence listed, a solution with the customer's consent, follow up. A simple
complaint is answered within 24 hours, a complex one done within five working days.
"""

from __future__ import annotations

from typing import Any

import pytest

from tests.http.desk import Desk, done
from tests.stories.staff import escalated_to, told_at
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
    evidence = {"name": "破损照片", "kind": "picture", "reference": "https://store.example.com/17/1.jpg"}
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
    await sandbox.step("li-min", id, "agree-solution", text="补发说明书", agreed=True)
    complaint = await sandbox.step("li-min", id, "inform-customer", means="phone", text="说明书已补发。")
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


@pytest.mark.parametrize("channel", ["phone", "email", "web", "chat"])
async def test_a_complaint_comes_by_any_channel_and_gets_a_number_and_a_time_at_once(
    sandbox: Desk, channel: str
) -> None:
    await at(sandbox, "03-02 09:00")
    complaint = await sandbox.receive("li-min", procedure="general", channel=channel, facts={})
    assert complaint["number"].startswith("GENERAL-20260302-")
    assert complaint["received_at"] == "2026-03-02T01:00:00Z"
    assert complaint["complainant"]["name"] == "张三"


async def test_the_evidence_of_the_investigation_is_listed(sandbox: Desk) -> None:
    id = await taken_down(sandbox, "complex")
    await sandbox.step("li-min", id, "dispatch", units=["settlement"])
    picture = {"name": "破损照片", "kind": "picture", "reference": "https://store.example.com/17/1.jpg"}
    await sandbox.step("zhou-qi", id, "attach", **picture, evidence="picture")
    account = {"name": "仓库说明", "kind": "report", "reference": "https://store.example.com/2",
               "evidence": "report"}  # fmt: skip
    complaint = await sandbox.step("zhou-qi", id, "attach", **account)
    assert complaint["evidence"] == ["picture", "report"]
    refusal = await sandbox.refused(422, "zhou-qi", id, "attach", **picture, evidence="oath")
    assert refusal["errors"][0]["pointer"] == "/evidence"


@pytest.mark.parametrize("remedy", ["refund", "exchange", "redo", "apology", "compensation"])
async def test_the_solution_is_of_a_kind_that_is_offered_and_executed_with_consent_only(
    sandbox: Desk, remedy: str
) -> None:
    id = await taken_down(sandbox, "complex")
    await sandbox.step("li-min", id, "dispatch", units=["settlement"])
    plan: dict[str, Any] = {"text": "按约处理", "remedies": [remedy]}
    await sandbox.step("li-min", id, "agree-solution", **plan, agreed=False)
    refusal = await sandbox.refused(409, "zhou-qi", id, "execute", measure="按约处理")
    assert refusal["type"] == "/problems/solution-not-agreed"
    await sandbox.step("li-min", id, "agree-solution", **plan, agreed=True)
    await sandbox.step("zhou-qi", id, "execute", measure="按约处理")
    history = done(await sandbox.get("li-min", f"/v1/complaints/{id}/history"))["items"]
    assert [one["data"]["remedies"] for one in history if one["type"] == "SolutionAgreed"] == [[remedy], [remedy]]
    unknown = await sandbox.refused(422, "li-min", id, "agree-solution", text="抽奖", agreed=True, remedies=["lottery"])
    assert unknown["errors"][0]["pointer"] == "/remedies/0"


async def test_a_plan_refused_three_times_comes_before_the_supervisor(sandbox: Desk) -> None:
    id = await taken_down(sandbox, "simple")
    for plan in ("换货", "换货并送券", "退一半"):
        await sandbox.step("li-min", id, "agree-solution", text=plan, agreed=False)
    assert await escalated_to(sandbox, id) == ["manager"]


async def test_compensation_is_approved_by_whoever_has_the_authority_for_its_amount(sandbox: Desk) -> None:
    id = await taken_down(sandbox, "complex")
    asked = {"currency": "CNY", "basis": "商品破损", "method": "transfer"}
    await sandbox.step("li-min", id, "propose-compensation", amount="200.01", **asked)
    refusal = await sandbox.refused(403, "agent-7", id, "approve-compensation", amount="200.01")
    assert refusal["type"] == "/problems/amount-above-authority"
    await sandbox.step("li-min", id, "propose-compensation", amount="200", **asked)
    await sandbox.refused(403, "li-min", id, "approve-compensation")  # nobody approves what they proposed
    await sandbox.step("agent-7", id, "approve-compensation", amount="200")
    await sandbox.step("li-min", id, "pay-compensation", reference="V-88")
    await sandbox.step("li-min", id, "propose-compensation", amount="1500", **asked)
    await sandbox.step("zhao-jing", id, "approve-compensation", amount="1500")
    complaint = await sandbox.step("li-min", id, "pay-compensation")
    assert [(one["amount"], one["state"]) for one in complaint["compensations"]] == [
        ("200.01", "withdrawn"),  # a new proposal takes the place of one that nobody decided
        ("200.00", "paid"),
        ("1500.00", "paid"),
    ]


async def test_what_was_learned_stands_with_the_close(sandbox: Desk) -> None:
    id = await taken_down(sandbox, "simple")
    await sandbox.step("li-min", id, "agree-solution", text="补发", agreed=True)
    await sandbox.step("li-min", id, "inform-customer", means="phone", text="已补发。")
    lessons = "易碎品改用加厚包装。"
    await sandbox.step("li-min", id, "close", outcome="已解决", summary="说明", justified=True, lessons=lessons)
    history = done(await sandbox.get("li-min", f"/v1/complaints/{id}/history"))["items"]
    assert (history[-1]["type"], history[-1]["data"]["lessons"]) == ("Closed", lessons)


async def test_a_complex_complaint_is_warned_of_after_three_days_and_missed_after_five(sandbox: Desk) -> None:
    id = await taken_down(sandbox, "complex")
    await at(sandbox, "03-05 09:00")
    assert await told_at(sandbox, id, "DeadlineWarned") == []
    await at(sandbox, "03-06 00:00")
    assert await told_at(sandbox, id, "DeadlineWarned") == [("answer", ["manager"])]
    await at(sandbox, "03-10 00:00")
    assert await told_at(sandbox, id, "DeadlineMissed") == [("answer", ["manager"])]


async def test_a_simple_complaint_may_be_settled_on_the_spot_and_a_complex_one_not(sandbox: Desk) -> None:
    simple = await taken_down(sandbox, "simple")
    complaint = await sandbox.step("li-min", simple, "settle", explanation="已补发说明书。", accepted=True)
    assert complaint["status"] == "closed"
    complex_one = await taken_down(sandbox, "complex")
    refusal = await sandbox.refused(409, "li-min", complex_one, "settle", explanation="已说明。", accepted=True)
    assert refusal["type"] == "/problems/not-for-front-line"


async def test_a_simple_complaint_stays_open_while_a_department_that_was_sent_it_has_done_nothing(
    sandbox: Desk,
) -> None:
    id = await taken_down(sandbox, "simple")
    await sandbox.step("li-min", id, "dispatch", units=["settlement"])
    await sandbox.step("li-min", id, "inform-customer", means="phone", text="已转产品部处理。")
    closing = {"outcome": "已解决", "summary": "换货"}
    refusal = await sandbox.refused(409, "li-min", id, "close", **closing)
    by_all, word = "the execution by every unit that it was sent to", "word to the customer about the result"
    assert refusal["missing"] == [by_all, word]  # a receipt is no result
    await sandbox.step("li-min", id, "agree-solution", text="换货", agreed=True)
    await sandbox.step("li-min", id, "execute", unit="settlement", measure="已换货")
    await sandbox.step("li-min", id, "inform-customer", means="phone", text="新货已寄出。")
    assert (await sandbox.step("li-min", id, "close", **closing))["status"] == "closed"


async def test_a_complaint_of_two_departments_is_executed_when_both_have_done_their_part(sandbox: Desk) -> None:
    id = await taken_down(sandbox, "complex")
    await sandbox.key_of("wu-hao")
    await sandbox.step("li-min", id, "dispatch", units=["settlement", "risk-control"])
    await sandbox.step("li-min", id, "agree-solution", text="退款并解冻", agreed=True)
    await sandbox.step("zhou-qi", id, "execute", measure="已退款")
    await sandbox.step("li-min", id, "inform-customer", means="phone", text="已退款。")
    await sandbox.step("li-min", id, "record-callback", reached=True, satisfied=True, means="phone")
    refusal = await sandbox.refused(409, "li-min", id, "close", outcome="已解决", summary="退款")
    assert len(refusal["missing"]) == 3  # what was said before the last result was not said of it
    await sandbox.step("wu-hao", id, "execute", measure="已解冻")
    await sandbox.step("li-min", id, "inform-customer", means="phone", text="已退款并解冻。")
    await sandbox.step("li-min", id, "record-callback", reached=True, satisfied=True, means="phone")
    assert (await sandbox.step("li-min", id, "close", outcome="已解决", summary="退款"))["status"] == "closed"


async def test_a_department_sends_back_what_is_not_its_own_and_the_second_return_goes_up(sandbox: Desk) -> None:
    id = await taken_down(sandbox, "simple")
    await sandbox.key_of("wu-hao")
    back = {"ground": "非本部门职责", "legal_basis": "部门职责表"}
    await sandbox.step("li-min", id, "dispatch", units=["settlement"])
    await sandbox.step("zhou-qi", id, "return", **back)
    await sandbox.step("li-min", id, "dispatch", units=["risk-control"])
    await sandbox.step("wu-hao", id, "return", **back)
    assert await escalated_to(sandbox, id) == ["manager"]
