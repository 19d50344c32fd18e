"""呼叫中心工作流程: one centre for all calls of a company, played through the REST API.

The agent settles what lies within their duties. The rest goes up to the manager, who sends it to the departments, asks
upwards for authority, and answers the customer; afterwards the customer is asked how it was.
"""

from __future__ import annotations

from typing import Any

import pytest

from tests.http.desk import Desk, done
from tests.stories.phoning import called_back, phoned, taken_down
from tests.stories.staff import employ, escalated_to, look, told_at
from tests.stories.telling import at, due, state

MANAGER, LEADER, SENIOR, SALES, AFTER_SALES = "zhao-jing", "ye-qing", "cao-xin", "mo-fan", "shi-lei"
UP = {"to_role": "manager", "reason": "客户要求退货，超出座席权限"}
TOLD = {"means": "phone", "text": "已为您办理退货。"}
CLOSE = {"outcome": "已解决", "summary": "退货"}
INBOUND = ("complaint", "consultation", "rescue", "grievance", "suggestion", "praise", "enquiry", "other")
OUTBOUND = ("new-customer-callback", "sms-confirmation", "prospect")


async def received(desk: Desk, kind: str = "complaint", **facts: Any) -> str:
    """A call of Monday nine o'clock."""
    await at(desk, "03-02 09:00")
    if LEADER not in desk.keys:
        staff = {
            LEADER: ("team-leader", None), SENIOR: ("senior-management", None), SALES: ("unit", "sales"),
            AFTER_SALES: ("unit", "after-sales"),
        }  # fmt: skip
        await employ(desk, staff)
    facts = {"subject": "新车导航故障", "issue_point": "navigation", "force": True} | facts
    id: str = (await desk.receive("li-min", procedure="call-centre", kind=kind, **facts))["id"]
    return id


async def with_the_manager(desk: Desk) -> str:
    id = await received(desk)
    await desk.step("li-min", id, "classify", category="product.navigation")
    await at(desk, "03-02 10:00")
    await desk.step("li-min", id, "escalate", **UP)
    return id


async def executed(desk: Desk) -> str:
    id = await with_the_manager(desk)
    await desk.step(MANAGER, id, "dispatch", units=["after-sales"])
    await at(desk, "03-03 15:00")
    await desk.step(AFTER_SALES, id, "execute", measure="更换导航主机")
    return id


async def test_a_complaint_goes_from_the_agent_to_the_manager_the_department_and_the_survey(sandbox: Desk) -> None:
    id = await executed(sandbox)
    refusal = await sandbox.refused(409, "li-min", id, "close", **CLOSE)
    assert refusal["missing"] == ["word to the customer about the result"]
    await sandbox.step(MANAGER, id, "inform-customer", **TOLD)
    complaint = await sandbox.step(
        "li-min", id, "record-callback", reached=True, satisfied=True, means="phone", score=5
    )  # fmt: skip
    for clock in ("agent-level", "manager-level", "reply", "survey"):
        assert state(complaint, clock) == "met"
    assert state(complaint, "department", "after-sales") == "met"
    assert (await sandbox.step("li-min", id, "close", **CLOSE, justified=True))["status"] == "closed"


async def test_a_call_becomes_the_complaint_and_a_callback_by_phone_is_the_survey(sandbox: Desk) -> None:
    await employ(sandbox, {AFTER_SALES: ("unit", "after-sales")})
    await at(sandbox, "03-02 09:00")
    form = {
        "procedure": "call-centre", "kind": "complaint", "channel": "phone", "subject": "新车导航故障",
        "content": "导航反复重启。", "complainant": {"name": "郑十", "phone": "139 0013 8009"},
    }  # fmt: skip
    call = await phoned(sandbox, "c-1", *taken_down(form, "13900138009"))
    [id] = call["complaints"]
    complaint = await look(sandbox, id)
    assert (complaint["owner"]["actor"], complaint["calls"][0]["id"]) == ("li-min", "c-1")
    assert complaint["received_at"] == "2026-03-02T01:04:50Z", "the wrap-up, four minutes and fifty seconds after nine"
    await sandbox.step("li-min", id, "classify", category="product")
    await sandbox.step("li-min", id, "escalate", **UP)
    await sandbox.step(MANAGER, id, "dispatch", units=["after-sales"])
    await at(sandbox, "03-03 15:00")
    await sandbox.step(AFTER_SALES, id, "execute", measure="更换导航主机")
    await sandbox.step(MANAGER, id, "inform-customer", **TOLD)
    back = await phoned(sandbox, "c-2", *called_back(complaint["number"], score=5))
    assert (back["direction"], back["complaints"]) == ("outbound", [id])
    complaint = await look(sandbox, id)
    assert state(complaint, "survey") == "met"
    assert [one["id"] for one in complaint["calls"]] == ["c-1", "c-2"]
    assert (await sandbox.step("li-min", id, "close", **CLOSE, justified=True))["status"] == "closed"


@pytest.mark.parametrize("kind", [*INBOUND, *OUTBOUND])
async def test_every_kind_of_call_is_taken_and_settled_by_the_agent(sandbox: Desk, kind: str) -> None:
    id = await received(sandbox, kind)
    complaint = await sandbox.step("li-min", id, "settle", explanation="已解答，感谢来电", accepted=True)
    assert (complaint["kind"], complaint["status"]) == (kind, "closed")


async def test_a_kind_of_call_that_there_is_not_is_refused(sandbox: Desk) -> None:
    body = {"procedure": "call-centre", "kind": "fax", "channel": "phone", "subject": "a", "content": "b"}
    answer = await sandbox.post("li-min", "/v1/complaints", body)
    assert answer.json()["type"] == "/problems/unknown-kind"


async def test_the_agent_level_comes_first_and_only_the_manager_sends_it_to_a_department(sandbox: Desk) -> None:
    id = await received(sandbox)
    complaint = await sandbox.step("li-min", id, "classify", category="product")
    assert {"settle", "escalate"} <= set(complaint["allowed"])
    assert "dispatch" not in complaint["allowed"]
    refusal = await sandbox.refused(403, "li-min", id, "dispatch", units=["after-sales"])
    assert "manager" in refusal["detail"]
    await sandbox.refused(403, LEADER, id, "dispatch", units=["after-sales"])
    complaint = await sandbox.step("li-min", id, "settle", explanation="已说明保修政策", accepted=False)
    assert complaint["status"] == "classified"  # the customer does not accept it: up it goes
    await sandbox.step("li-min", id, "escalate", **UP)
    complaint = await sandbox.step(MANAGER, id, "dispatch", units=["after-sales"])
    assert complaint["status"] == "dispatched"


async def test_the_manager_coordinates_several_departments(sandbox: Desk) -> None:
    id = await with_the_manager(sandbox)
    await sandbox.step(MANAGER, id, "dispatch", units=["sales", "after-sales"])
    refusal = await sandbox.refused(422, MANAGER, id, "remind", text="请今日内给出处理结果")
    assert refusal["type"] == "/problems/unit-must-be-named"
    await sandbox.step(MANAGER, id, "remind", text="请今日内给出处理结果", unit="after-sales")
    complaint = await sandbox.step(SALES, id, "return", ground="非销售问题", legal_basis="部门职责第3条")
    assert [one["state"] for one in complaint["units"]] == ["returned", "asked"]
    complaint = await sandbox.step(AFTER_SALES, id, "execute", measure="更换导航主机")
    assert complaint["status"] == "executed"


async def test_it_stays_open_while_a_department_that_was_sent_it_has_done_nothing(sandbox: Desk) -> None:
    id = await with_the_manager(sandbox)
    await sandbox.step(MANAGER, id, "dispatch", units=["sales", "after-sales"])
    await sandbox.step(MANAGER, id, "inform-customer", **TOLD)
    await sandbox.step(AFTER_SALES, id, "execute", measure="更换导航主机")
    refusal = await sandbox.refused(409, "li-min", id, "close", **CLOSE)
    by_all, word = "the execution by every unit that it was sent to", "word to the customer about the result"
    assert refusal["missing"] == [by_all, word]  # what the customer was told before was no result
    await sandbox.step(SALES, id, "return", ground="非销售问题", legal_basis="部门职责第3条")
    await sandbox.step(MANAGER, id, "inform-customer", **TOLD)
    assert (await sandbox.step("li-min", id, "close", **CLOSE))["status"] == "closed"


async def test_what_no_department_was_sent_is_closed_with_word_to_the_customer(sandbox: Desk) -> None:
    id = await with_the_manager(sandbox)
    await sandbox.step(MANAGER, id, "agree-solution", text="退货", agreed=True)
    await sandbox.step(MANAGER, id, "inform-customer", **TOLD)
    assert (await sandbox.step("li-min", id, "close", **CLOSE))["status"] == "closed"


async def test_the_manager_asks_upwards_for_authority_and_nobody_goes_there_past_the_manager(sandbox: Desk) -> None:
    id = await received(sandbox)
    await sandbox.step("li-min", id, "classify", category="product")
    refusal = await sandbox.refused(
        409, "li-min", id, "escalate", to_role="senior-management", reason="客户一定要和高层管理者沟通"
    )
    assert refusal["type"] == "/problems/escalation-skips-rung"
    await sandbox.step("li-min", id, "escalate", **UP)
    await sandbox.step(MANAGER, id, "escalate", to_role="senior-management", reason="申请退车授权")
    assert await escalated_to(sandbox, id) == ["manager", "senior-management"]
    await sandbox.refused(403, MANAGER, id, "approve", subject="退车", form="oral", by=MANAGER)
    await sandbox.step(SENIOR, id, "approve", subject="退车", form="oral", by=SENIOR)


async def test_what_is_paid_above_a_level_s_authority_is_approved_further_up(sandbox: Desk) -> None:
    id = await executed(sandbox)
    await sandbox.step(MANAGER, id, "inform-customer", **TOLD)
    for amount, too_low, who in ((200, "li-min", LEADER), (1000, LEADER, SENIOR), (1001, LEADER, SENIOR)):
        await sandbox.step(MANAGER, id, "propose-compensation", amount=amount, basis="补偿", method="voucher")
        await sandbox.refused(403, too_low, id, "approve-compensation")
        await sandbox.step(who, id, "approve-compensation", amount=amount)
        refusal = await sandbox.refused(409, "li-min", id, "close", **CLOSE)
        assert "the approved compensation paid" in refusal["missing"]
        await sandbox.step(MANAGER, id, "pay-compensation")


@pytest.mark.parametrize("means", ["phone", "sms", "email"])
async def test_the_customer_is_asked_how_it_was_by_phone_sms_or_e_mail(sandbox: Desk, means: str) -> None:
    id = await executed(sandbox)
    await sandbox.step(MANAGER, id, "inform-customer", **TOLD)
    complaint = await sandbox.step(
        "li-min", id, "record-callback", reached=True, satisfied=True, means=means, score=4
    )  # fmt: skip
    assert state(complaint, "survey") == "met"


async def test_a_customer_who_is_not_satisfied_goes_to_the_manager_again(sandbox: Desk) -> None:
    id = await executed(sandbox)
    complaint = await sandbox.step("li-min", id, "record-callback", reached=True, satisfied=False, means="sms", score=1)
    assert (complaint["round"], complaint["status"]) == (2, "classified")
    assert await escalated_to(sandbox, id) == ["manager", "manager"]


async def test_each_level_has_its_limit(sandbox: Desk) -> None:
    id = await with_the_manager(sandbox)
    complaint = await look(sandbox, id)
    assert due(complaint, "agent-level") == "2026-03-02T16:00:00Z"
    assert due(complaint, "manager-level") == "2026-03-03T16:00:00Z"  # the end of Tuesday
    complaint = await sandbox.step(MANAGER, id, "dispatch", units=["after-sales"])
    assert due(complaint, "department", "after-sales") == "2026-03-05T16:00:00Z"
    await at(sandbox, "03-03 15:00")
    complaint = await sandbox.step(AFTER_SALES, id, "execute", measure="更换导航主机")
    assert due(complaint, "reply") == "2026-03-04T16:00:00Z"
    assert due(complaint, "survey") == "2026-03-06T16:00:00Z"
    await at(sandbox, "03-09 09:00")
    assert state(await look(sandbox, id), "survey") == "running"  # it only warns
    assert await told_at(sandbox, id, "DeadlineMissed") == [("reply", ["senior-management"])]


async def test_a_call_for_rescue_has_half_an_hour(sandbox: Desk) -> None:
    id = await received(sandbox, "rescue", facts={"location": "G25 高速 K1180"})
    complaint = await look(sandbox, id)
    assert [one["name"] for one in complaint["clocks"]] == ["rescue", "classify", "whole-case"]
    assert due(complaint, "rescue") == "2026-03-02T01:30:00Z"
    await at(sandbox, "03-02 09:30")
    assert await told_at(sandbox, id, "DeadlineMissed") == [("rescue", ["manager"])]


async def test_first_contact_resolution_counts_what_the_agent_settled(sandbox: Desk) -> None:
    settled, left = await received(sandbox), await received(sandbox)
    await sandbox.step("li-min", settled, "settle", explanation="已说明", accepted=True)
    await sandbox.step("li-min", left, "classify", category="product")
    await sandbox.caught_up()
    path = "/v1/indicators?procedure=call-centre&from=2026-03-01&to=2026-03-31&indicator=first-contact-resolution"
    answer = await sandbox.get(MANAGER, path)
    [figure] = done(answer)["items"]
    assert (figure["numerator"], figure["denominator"]) == (1, 2)
