"""售后服务工作流程: the after-sales cases of a systems integrator, played through the REST API.

What the call centre cannot answer at once becomes a Case, which has one owner at any time and climbs from the engineer
up to the vice president; the project office watches it, and calls the customer back after it was closed.
"""

from __future__ import annotations

from typing import Any

import pytest

from tests.http.desk import Desk, done
from tests.stories.staff import employ, escalated_to, look, told_at
from tests.stories.telling import at, due, state

ENGINEER, PROGRAMMER, SPECIALIST, OFFICE, CENTRE = "hou-jun", "ma-teng", "shi-lei", "ou-yang", "zhao-jing"
SPARE = {"subject": "阵列掉盘", "content": "存储阵列掉盘，业务中断。", "facts": {"contract_no": "HT-2026-8"}}


async def received(desk: Desk, **changes: Any) -> str:
    """What the call centre took down on Monday at nine."""
    if ENGINEER not in desk.keys:
        staff = {
            ENGINEER: ("unit", "integration"), PROGRAMMER: ("unit", "software"), SPECIALIST: ("specialist", None),
            OFFICE: ("project-office", None), "han-mei": ("department-manager", None),
            "bo-wen": ("vice-president", None),
        }  # fmt: skip
        await employ(desk, staff)
    id: str = (await desk.receive("li-min", procedure="after-sales", **{"kind": "request", **SPARE, **changes}))["id"]
    return id


async def opened(desk: Desk, severity: str = "general", category: str = "integration", **changes: Any) -> str:
    """A Case that was opened at half past nine and given to the engineers of integration."""
    id = await received(desk, **changes)
    await at(desk, "03-02 09:30")
    await desk.step("li-min", id, "classify", severity=severity, category=category)
    await desk.step("li-min", id, "dispatch", units=["integration"])
    return id


async def closed(desk: Desk, id: str) -> dict[str, Any]:
    await desk.step(ENGINEER, id, "execute", measure="更换硬盘并重建阵列")
    return await desk.step("li-min", id, "close", outcome="已修复", summary="更换硬盘", justified=True)


async def test_a_case_goes_from_the_call_centre_to_the_callback(sandbox: Desk) -> None:
    id = await opened(sandbox)
    complaint = await look(sandbox, id)
    assert due(complaint, "response") == "2026-03-02T02:00:00Z"
    assert due(complaint, "handle") == "2026-03-05T16:00:00Z"
    await sandbox.step(ENGINEER, id, "accept")
    await sandbox.refused(403, "li-min", id, "execute", measure="换盘")  # the engineers handle it
    await at(sandbox, "03-03 10:00")
    complaint = await sandbox.step(ENGINEER, id, "execute", measure="更换硬盘并重建阵列")
    assert (complaint["status"], state(complaint, "handle")) == ("executed", "met")
    complaint = await sandbox.step("li-min", id, "close", outcome="已修复", summary="更换硬盘", justified=True)
    assert (complaint["status"], due(complaint, "callback")) == ("closed", "2026-03-06T16:00:00Z")
    complaint = await sandbox.step(OFFICE, id, "record-callback", reached=True, satisfied=True, means="phone")
    assert (complaint["status"], state(complaint, "callback")) == ("closed", "met")


@pytest.mark.parametrize("classified_first", [False, True])
async def test_a_consultation_is_answered_on_the_spot(sandbox: Desk, classified_first: bool) -> None:
    id = await received(sandbox, kind="consultation")
    if classified_first:
        await sandbox.step("li-min", id, "classify", severity="general", category="software")
    complaint = await sandbox.step("li-min", id, "settle", explanation="已说明升级步骤", accepted=True)
    assert (complaint["status"], complaint["units"]) == ("closed", [])
    assert state(complaint, "response") == "met"


async def test_else_a_case_opens_and_its_opening_time_is_the_response_time(sandbox: Desk) -> None:
    id = await received(sandbox, kind="consultation")
    complaint = await sandbox.step("li-min", id, "settle", explanation="已说明升级步骤", accepted=False)
    assert (complaint["status"], state(complaint, "response")) == ("received", "running")
    await at(sandbox, "03-02 09:45")
    complaint = await sandbox.step("li-min", id, "classify", severity="general", category="software")
    [response] = [one for one in complaint["clocks"] if one["name"] == "response"]
    assert (response["stopped_at"], response["state"]) == ("2026-03-02T01:45:00Z", "met")
    assert "dispatch" in complaint["allowed"]


async def test_nobody_answering_within_the_hour_is_told_to_the_response_centre(sandbox: Desk) -> None:
    id = await received(sandbox)
    await at(sandbox, "03-02 10:00")
    assert await told_at(sandbox, id, "DeadlineMissed") == [("response", ["manager"])]


async def test_a_major_case_notifies_the_delivery_lead_at_once(sandbox: Desk) -> None:
    id = await received(sandbox)
    await sandbox.step("li-min", id, "classify", severity="major", category="integration")
    assert await escalated_to(sandbox, id) == ["delivery-lead"]
    refusal = await sandbox.refused(409, "li-min", id, "settle", explanation="已说明", accepted=True)
    assert refusal["type"] == "/problems/not-for-front-line"
    complaint = await sandbox.step("li-min", id, "dispatch", units=["integration"])
    assert due(complaint, "handle") == "2026-03-03T16:00:00Z"


async def test_a_case_that_turns_out_to_be_major_notifies_the_delivery_lead_while_it_is_handled(
    sandbox: Desk,
) -> None:
    id = await opened(sandbox)
    complaint = await sandbox.step("li-min", id, "classify", severity="major")
    assert await escalated_to(sandbox, id) == ["delivery-lead"]
    assert due(complaint, "handle") == "2026-03-03T16:00:00Z"


# 防止Case处理中间地带的产生


async def test_a_case_has_exactly_one_owner_and_a_transfer_is_open_until_the_receiver_accepts(sandbox: Desk) -> None:
    id = await opened(sandbox)
    assert (await look(sandbox, id))["owner"]["actor"] == "li-min"
    complaint = await sandbox.step("li-min", id, "hand-over", to=ENGINEER, note="阵列问题")
    assert complaint["owner"]["actor"] == "li-min"
    refusal = await sandbox.refused(403, SPECIALIST, id, "accept-hand-over")
    assert refusal["type"] == "/problems/hand-over-not-to-you"
    complaint = await sandbox.step(ENGINEER, id, "accept-hand-over")
    assert (complaint["owner"]["actor"], complaint["owner"]["unit"]) == (ENGINEER, "integration")


async def test_a_transfer_that_nobody_accepts_leaves_the_case_with_its_owner(sandbox: Desk) -> None:
    id = await opened(sandbox)
    await sandbox.step("li-min", id, "hand-over", to=ENGINEER)
    complaint = await sandbox.step("li-min", id, "hand-over", to=SPECIALIST)  # another is asked instead
    assert complaint["owner"]["actor"] == "li-min"
    await sandbox.refused(403, ENGINEER, id, "accept-hand-over")
    refusal = await sandbox.refused(409, OFFICE, id, "assign", to=ENGINEER)
    assert refusal["type"] == "/problems/owner-changes-by-hand-over"
    assert (await sandbox.step(SPECIALIST, id, "accept-hand-over"))["owner"]["actor"] == SPECIALIST


async def test_the_owner_whom_a_dispatch_names_accepts_first_too(sandbox: Desk) -> None:
    id = await received(sandbox)
    await sandbox.step("li-min", id, "classify", severity="general", category="integration")
    complaint = await sandbox.step("li-min", id, "dispatch", units=["integration"], owner=ENGINEER)
    assert (complaint["owner"]["actor"], complaint["status"]) == ("li-min", "dispatched")
    assert (await sandbox.step(ENGINEER, id, "accept-hand-over"))["owner"]["actor"] == ENGINEER


async def test_a_transfer_to_another_department_does_not_stop_the_clock(sandbox: Desk) -> None:
    id = await opened(sandbox)
    await at(sandbox, "03-03 09:00")
    await sandbox.step(ENGINEER, id, "return", ground="硬件正常，是软件故障", legal_basis="诊断日志")
    complaint = await sandbox.step("li-min", id, "dispatch", units=["software"])
    assert due(complaint, "handle") == "2026-03-05T16:00:00Z"
    assert (await sandbox.step(PROGRAMMER, id, "execute", measure="打补丁"))["status"] == "executed"


# 监控


@pytest.mark.parametrize(
    ("severity", "late", "told"),
    [("general", "03-06 00:00", ["department-manager"]),
     ("major", "03-04 00:00", ["department-manager", "delivery-lead"])],
)  # fmt: skip
async def test_what_is_not_done_in_time_goes_to_the_owner_s_manager(
    sandbox: Desk, severity: str, late: str, told: list[str]
) -> None:
    id = await opened(sandbox, severity)
    await at(sandbox, late)
    assert await told_at(sandbox, id, "DeadlineMissed") == [("handle", told)]


async def test_the_technical_ladder_is_climbed_from_the_engineer_to_the_specialist_the_manager_and_the_vice_president(
    sandbox: Desk,
) -> None:
    id = await opened(sandbox)
    for skipped, next_rung in (("vice-president", "specialist"), ("department-manager", "specialist")):
        refusal = await sandbox.refused(409, ENGINEER, id, "escalate", to_role=skipped, reason="无法解决")
        assert refusal["type"] == "/problems/escalation-skips-rung"
        assert next_rung in refusal["detail"]
    await sandbox.step(ENGINEER, id, "escalate", to_role="specialist", reason="限于技术水平")
    await sandbox.refused(409, SPECIALIST, id, "escalate", to_role="vice-president", reason="仍无法解决")
    await sandbox.step(SPECIALIST, id, "escalate", to_role="department-manager", reason="仍无法解决")
    await sandbox.step("han-mei", id, "escalate", to_role="vice-president", reason="需原厂支持")
    assert await escalated_to(sandbox, id) == ["specialist", "department-manager", "vice-president"]


async def test_what_is_outside_the_contract_is_coordinated_by_the_response_centre(sandbox: Desk) -> None:
    id = await received(sandbox)
    await sandbox.step("li-min", id, "classify", severity="general", category="out-of-contract")
    assert await escalated_to(sandbox, id) == ["manager"]
    for who in ("li-min", OFFICE):
        refusal = await sandbox.refused(409, who, id, "dispatch", units=["integration"])
        assert refusal["type"] == "/problems/decided-further-up"
    complaint = await sandbox.step(CENTRE, id, "dispatch", units=["integration", "software"])
    assert [unit["unit"] for unit in complaint["units"]] == ["integration", "software"]
    await sandbox.step(ENGINEER, id, "execute", measure="提供硬件清单")
    closing = {"outcome": "已完成", "summary": "合同外支持", "justified": None}
    await sandbox.refused(409, "li-min", id, "close", **closing)  # the other department is still at it
    complaint = await sandbox.step(PROGRAMMER, id, "execute", measure="提供补丁")
    assert state(complaint, "handle") == "met"
    assert (await sandbox.step("li-min", id, "close", **closing))["status"] == "closed"


# 回访


async def test_a_case_is_closed_only_when_it_was_handled(sandbox: Desk) -> None:
    id = await opened(sandbox)
    refusal = await sandbox.refused(409, "li-min", id, "close", outcome="已修复", summary="更换硬盘")
    assert refusal["missing"] == ["the execution by every unit that was asked"]


async def test_the_customer_is_called_back_after_the_close(sandbox: Desk) -> None:
    id = await opened(sandbox)
    complaint = await closed(sandbox, id)
    assert (due(complaint, "callback"), state(complaint, "callback")) == ("2026-03-05T16:00:00Z", "running")
    await at(sandbox, "03-06 00:00")
    assert await told_at(sandbox, id, "DeadlineMissed") == [("callback", ["manager"])]
    complaint = await sandbox.step(OFFICE, id, "record-callback", reached=True, satisfied=True, means="phone")
    assert (complaint["status"], state(complaint, "callback")) == ("closed", "missed")


async def test_a_limit_of_a_former_severity_and_that_of_the_present_one_are_two_rows_of_what_is_owed(
    sandbox: Desk,
) -> None:
    id = await opened(sandbox)
    complaint = await sandbox.step("li-min", id, "classify", severity="major", category="integration")
    rows = [one for one in complaint["obligations"] if one["name"] == "handle"]
    assert sorted(one["state"] for one in rows) == ["open", "waived"]
    ids = [one["id"] for one in complaint["obligations"]]
    assert len(set(ids)) == len(ids)


async def test_a_callback_after_the_close_is_due_and_overdue_in_the_tracking_table_like_any_other(
    sandbox: Desk,
) -> None:
    id = await opened(sandbox)
    await closed(sandbox, id)

    async def tracked(wanted: str = "") -> list[tuple[str, str | None, bool]]:
        rows = done(await sandbox.get("li-min", f"/v1/tracking{wanted}"))["items"]
        return [(row["id"], row["due_at"], row["overdue"]) for row in rows]

    await at(sandbox, "03-03 09:00")
    assert await tracked() == [(id, "2026-03-05T16:00:00Z", False)]
    await at(sandbox, "03-06 00:01")
    assert await tracked("?overdue=true") == [(id, "2026-03-05T16:00:00Z", True)]
    await sandbox.step(OFFICE, id, "record-callback", reached=True, satisfied=True, means="phone")
    await at(sandbox, "03-06 09:00")
    assert await tracked() == [(id, None, False)]


async def test_a_customer_who_is_dissatisfied_then_gets_a_new_round(sandbox: Desk) -> None:
    id = await opened(sandbox)
    await closed(sandbox, id)
    complaint = await sandbox.step(OFFICE, id, "record-callback", reached=True, satisfied=False, means="phone")
    assert (complaint["round"], complaint["status"]) == (2, "classified")
    await sandbox.step("li-min", id, "dispatch", units=["integration"])
    complaint = await closed(sandbox, id)
    assert (complaint["status"], state(complaint, "callback")) == ("closed", "running")


async def test_what_was_settled_on_the_spot_waits_for_no_callback(sandbox: Desk) -> None:
    id = await received(sandbox, kind="consultation")
    complaint = await sandbox.step("li-min", id, "settle", explanation="已说明", accepted=True)
    assert {one["name"]: one["state"] for one in complaint["clocks"]} == {
        "response": "met", "dispatch": "met", "whole-case": "met"
    }  # fmt: skip
    rows = done(await sandbox.get("li-min", "/v1/sla?clock=callback"))["items"]
    assert rows == []


# 每月投诉数量不断上升的情况


async def test_a_month_on_month_rise_of_complaints_is_reported_to_the_vice_president(sandbox: Desk) -> None:
    for moment, cases in (("03-02 09:00", 1), ("04-02 09:00", 2), ("05-06 09:00", 2), ("06-01 00:00", 0)):
        await at(sandbox, moment)
        for _ in range(cases):
            await received(sandbox)
    await sandbox.caught_up()
    months = done(await sandbox.get("bo-wen", "/v1/reports/after-sales"))["items"]
    told = {one["period"]: one["rise_told"] for one in months if one["state"] == "reported"}
    assert {period: told[period] for period in ("2026-04", "2026-05")} == {
        "2026-04": ["vice-president"], "2026-05": [],
    }  # fmt: skip
