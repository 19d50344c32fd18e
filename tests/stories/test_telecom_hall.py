"""营业厅投诉处理: the business halls of a telephone company, played through the REST API.

Whoever receives a complaint settles it on the spot or follows the case to its end, whoever else owns it on the way; a
grave one climbs rung by rung with its form; money goes back only for a charge that was verified as wrong.
"""

from __future__ import annotations

from typing import Any

import pytest

from tests.http.desk import Desk, complaint, done, problem
from tests.stories.staff import employ, escalated_to, look, told_at
from tests.stories.telling import at, due, state

SECOND, SHIFT, CENTRE, BILLING = "wei-na", "hao-jie", "qiu-yue", "dong-li"
SPARE = {"subject": "话费多收", "content": "二月账单多收了漫游费。", "facts": {"customer_number": "13800138000"}}
MAJOR_BOXES = {
    "major_course": "二月账单多收漫游费", "major_impact": "媒体关注", "major_measures": "已更正账单",
    "major_request": "双倍返还并致歉", "major_reported_by": "李敏",
}  # fmt: skip
MAJOR_FORM = {"name": "申报表.pdf", "kind": "form", "reference": "https://files.example.com/1",
              "evidence": "major-complaint-form"}  # fmt: skip


async def at_work(desk: Desk) -> None:
    if SECOND not in desk.keys:
        staff = {
            SECOND: ("agent", None), SHIFT: ("shift-manager", None), CENTRE: ("complaint-centre", None),
            BILLING: ("unit", "billing"),
        }  # fmt: skip
        await employ(desk, staff)


async def received(desk: Desk, severity: str = "general", **changes: Any) -> str:
    """A complaint of Monday nine o'clock that was taken down in the hall, and classified."""
    await at_work(desk)
    id: str = (await desk.receive("li-min", procedure="telecom-hall", channel="walk-in", **{**SPARE, **changes}))["id"]
    await desk.step("li-min", id, "classify", severity=severity, category="charges")
    return id


async def opened(desk: Desk, severity: str = "general", **changes: Any) -> str:
    """A case that the hall could not settle, with billing since Monday ten o'clock."""
    id = await received(desk, severity, **changes)
    await at(desk, "03-02 10:00")
    if severity == "general":
        await desk.step("li-min", id, "settle", explanation="已查询BOSS系统并解释账单", accepted=False)
    await desk.step("li-min", id, "dispatch", units=["billing"])
    return id


async def solved(desk: Desk, id: str) -> None:
    await desk.step(BILLING, id, "execute", measure="更正账单")
    await desk.step("li-min", id, "inform-customer", means="phone", text="账单已更正。")
    await desk.step("li-min", id, "record-callback", reached=True, satisfied=True, means="phone")


async def ended(desk: Desk, id: str, who: str = "li-min", *, justified: bool = True) -> dict[str, Any]:
    return await desk.step(who, id, "close", outcome="已解决", summary="更正账单", justified=justified)


async def verified(desk: Desk, id: str, charged: str = "50.00", due: str = "30.00", **found: Any) -> dict[str, Any]:
    body = {"charged": charged, "due": due, "wrong": True, "findings": "边界漫游误计", **found}
    return await desk.step(BILLING, id, "verify-charge", **body)


async def proposed(desk: Desk, id: str, **changes: Any) -> dict[str, Any]:
    return await desk.step(
        "li-min", id, "propose-compensation", **{"basis": "border-roaming", "method": "credit", **changes}
    )


async def not_proposed(desk: Desk, id: str, status: int = 409, **changes: Any) -> dict[str, Any]:
    body = {"basis": "border-roaming", "method": "credit", **changes}
    return await desk.refused(status, "li-min", id, "propose-compensation", **body)


async def test_a_complaint_goes_from_the_counter_to_a_satisfied_customer(sandbox: Desk) -> None:
    id = await opened(sandbox)
    complaint = await look(sandbox, id)
    assert state(complaint, "pre-handle") == "met"
    assert due(complaint, "pre-handle") == "2026-03-02T03:00:00Z"
    assert due(complaint, "progress") == "2026-03-03T02:00:00Z"
    assert due(complaint, "handle") == "2026-03-05T16:00:00Z"
    assert due(complaint, "whole-case") == "2026-03-09T16:00:00Z"
    complaint = await sandbox.step("li-min", id, "inform-customer", means="phone", text="正在核对漫游话单。")
    assert state(complaint, "progress") == "met"
    await at(sandbox, "03-03 10:00")
    complaint = await sandbox.step(BILLING, id, "execute", measure="更正账单")
    assert (complaint["status"], state(complaint, "handle")) == ("executed", "met")
    assert due(complaint, "callback") == "2026-03-04T16:00:00Z"
    refusal = await sandbox.refused(409, "li-min", id, "close", outcome="已解决", summary="更正账单")
    assert refusal["missing"] == ["word to the customer about the result", "a callback that reached the customer"]
    await sandbox.step("li-min", id, "inform-customer", means="phone", text="账单已更正。")
    complaint = await sandbox.step("li-min", id, "record-callback", reached=True, satisfied=True, means="phone")
    assert state(complaint, "callback") == "met"
    complaint = await ended(sandbox, id)
    assert (complaint["status"], state(complaint, "whole-case")) == ("closed", "met")


async def test_every_limit_that_passes_is_told_to_those_who_answer_for_it(sandbox: Desk) -> None:
    waiting, id = await received(sandbox), await opened(sandbox)
    await at(sandbox, "03-10 09:00")
    assert await told_at(sandbox, waiting, "DeadlineMissed") == [
        ("pre-handle", ["shift-manager"]), ("whole-case", ["manager", "complaint-centre"]),
    ]  # fmt: skip
    assert await told_at(sandbox, id, "DeadlineMissed") == [
        ("progress", ["shift-manager"]), ("handle", ["shift-manager", "manager"]),
        ("whole-case", ["manager", "complaint-centre"]),
    ]  # fmt: skip


# 首问负责制


async def test_the_first_to_receive_follows_the_case_to_its_end_also_when_it_is_passed_on(sandbox: Desk) -> None:
    id = await opened(sandbox)
    await sandbox.step("li-min", id, "hand-over", to=SECOND, note="等计费部核对")
    complaint = await sandbox.step(SECOND, id, "accept-hand-over")
    assert (complaint["owner"]["actor"], complaint["first_contact"]) == (SECOND, "li-min")
    await solved(sandbox, id)
    assert (await ended(sandbox, id, "li-min"))["status"] == "closed"


async def test_a_colleague_who_neither_received_nor_owns_it_does_not_end_it(sandbox: Desk) -> None:
    id = await opened(sandbox)
    asked: dict[str, dict[str, Any]] = {
        "inform-customer": {"means": "phone", "text": "已处理"},
        "record-callback": {"reached": True, "satisfied": True, "means": "phone"},
        "close": {"outcome": "已解决", "summary": "更正账单"},
    }
    for step, body in asked.items():
        if step == "record-callback":
            await solved(sandbox, id)
        refusal = await sandbox.refused(403, SECOND, id, step, **body)
        assert refusal["type"] == "/problems/not-the-first-contact"
    assert "close" not in (await look(sandbox, id, SECOND))["allowed"]
    assert (await ended(sandbox, id, SHIFT))["status"] == "closed"  # the shift manager gives out the work


# 预处理


async def test_what_can_be_explained_or_settled_on_the_spot_never_becomes_a_case(sandbox: Desk) -> None:
    await at_work(sandbox)
    unsorted = (await sandbox.receive("li-min", procedure="telecom-hall", channel="walk-in", **SPARE))["id"]
    for id in (unsorted, await received(sandbox)):
        complaint = await sandbox.step("li-min", id, "settle", explanation="已查询系统并解释", accepted=True)
        assert (complaint["status"], complaint["units"]) == ("closed", [])
        assert state(complaint, "pre-handle") == "met"


async def test_a_case_opens_only_after_the_pre_handling_on_the_spot(sandbox: Desk) -> None:
    id = await received(sandbox)
    refusal = await sandbox.refused(409, "li-min", id, "dispatch", units=["billing"])
    assert refusal["type"] == "/problems/not-yet-explained"
    assert "dispatch" not in (await look(sandbox, id))["allowed"]
    await sandbox.step("li-min", id, "settle", explanation="已查询系统并解释", accepted=False)
    assert (await sandbox.step("li-min", id, "dispatch", units=["billing"]))["status"] == "dispatched"


# 逐级处理、逐级上报


async def test_it_is_reported_upwards_step_by_step(sandbox: Desk) -> None:
    id = await opened(sandbox)
    for skipped in ("complaint-centre", "manager"):
        refusal = await sandbox.refused(409, "li-min", id, "escalate", to_role=skipped, reason="客户要求")
        assert refusal["type"] == "/problems/escalation-skips-rung"
        assert "shift-manager" in refusal["detail"]
    for rung in ("shift-manager", "manager", "complaint-centre"):
        await sandbox.step("li-min", id, "escalate", to_role=rung, reason="超出权限")
    assert await escalated_to(sandbox, id) == ["shift-manager", "manager", "complaint-centre"]


async def test_a_major_complaint_is_reported_at_once_and_not_settled_at_the_counter(sandbox: Desk) -> None:
    id = await received(sandbox, "major")
    assert await escalated_to(sandbox, id) == ["shift-manager"]
    refusal = await sandbox.refused(409, "li-min", id, "settle", explanation="已解释", accepted=True)
    assert refusal["type"] == "/problems/not-for-front-line"
    await sandbox.step("li-min", id, "escalate", to_role="manager", reason="媒体关注")


async def test_a_major_complaint_has_climbed_to_the_hall_manager_and_has_its_form_not_any_attachment(
    sandbox: Desk,
) -> None:
    id = await opened(sandbox, "major")
    await solved(sandbox, id)
    await sandbox.step("li-min", id, "attach", **MAJOR_FORM)
    refusal = await sandbox.refused(409, "li-min", id, "close", outcome="已解决", summary="更正账单")
    assert refusal["missing"] == [
        "word to Hall manager (escalate to manager)", "Course of events (major_course) in the form",
        "How far it reaches and how grave it is (major_impact) in the form",
        "Measures taken (major_measures) in the form", "What is proposed (major_request) in the form",
        "Reported by (major_reported_by) in the form",
    ]  # fmt: skip
    await sandbox.step("li-min", id, "complete-form", facts=MAJOR_BOXES)
    refusal = await sandbox.refused(409, "li-min", id, "close", outcome="已解决", summary="更正账单")
    assert refusal["missing"] == ["word to Hall manager (escalate to manager)"]
    await sandbox.step("li-min", id, "escalate", to_role="manager", reason="重大投诉")
    assert (await ended(sandbox, id))["status"] == "closed"


async def test_a_major_complaint_is_not_let_go_below_the_hall_manager(sandbox: Desk) -> None:
    id = await received(sandbox, "major")
    for step, body in (("withdraw", {"reason": "客户撤回"}), ("classify", {"severity": "general"})):
        refusal = await sandbox.refused(403, "li-min", id, step, **body)
        assert refusal["type"] == "/problems/ended-by-others"
    assert (await sandbox.step("zhao-jing", id, "withdraw", reason="客户撤回"))["status"] == "withdrawn"


# 当事人回避


async def test_nobody_named_in_the_complaint_may_handle_it(sandbox: Desk) -> None:
    id = await opened(sandbox, accused=[SECOND])
    problem(await sandbox.get(SECOND, f"/v1/complaints/{id}"), 403)
    refusal = await sandbox.refused(403, SECOND, id, "add-note", text="我来处理")
    assert refusal["type"] == "/problems/recused"
    for step in ("hand-over", "assign"):
        refusal = await sandbox.refused(409, SHIFT, id, step, to=SECOND)
        assert refusal["type"] == "/problems/owner-is-accused"
    own = complaint(procedure="telecom-hall", accused=["li-min"], **SPARE)
    problem(await sandbox.post("li-min", "/v1/complaints", own), 403, "recused")


async def test_whoever_is_named_later_loses_the_case_to_a_colleague(sandbox: Desk) -> None:
    id = await opened(sandbox)
    complaint = await sandbox.step(SHIFT, id, "name-accused", people=["li-min"])
    assert complaint["owner"]["actor"] is None
    await sandbox.refused(403, "li-min", id, "close", outcome="已解决", summary="更正账单")
    complaint = await sandbox.step(SHIFT, id, "assign", to=SECOND)
    assert complaint["owner"]["actor"] == SECOND


# 处理问题先于原因核实


async def test_the_problem_is_solved_first_and_its_cause_found_after(sandbox: Desk) -> None:
    id = await opened(sandbox)
    cause = {"unit": "billing", "reason": "核查漫游计费"}
    refusal = await sandbox.refused(409, "zhao-jing", id, "request-capa", **cause)
    assert refusal["missing"] == ["the execution by every unit that was asked"]
    await sandbox.step(BILLING, id, "execute", measure="更正账单")
    await sandbox.step("zhao-jing", id, "request-capa", **cause)


# 交接班


async def test_open_cases_are_handed_over_item_by_item_and_accepted_by_the_next_shift(sandbox: Desk) -> None:
    first, second = await opened(sandbox), await opened(sandbox)
    for id in (first, second):
        complaint = await sandbox.step("li-min", id, "hand-over", to=SECOND, note="待计费部答复")
        assert complaint["owner"]["actor"] == "li-min"  # until the next one has accepted
    assert await offered_to(sandbox, SECOND) == {first, second}
    complaint = await sandbox.step(SECOND, first, "accept-hand-over")
    assert complaint["owner"]["actor"] == SECOND
    assert await offered_to(sandbox, SECOND) == {second}
    assert (await look(sandbox, second))["owner"]["actor"] == "li-min"  # each case by itself
    refusal = await sandbox.refused(403, SHIFT, second, "accept-hand-over")
    assert refusal["type"] == "/problems/hand-over-not-to-you"


async def offered_to(desk: Desk, who: str) -> set[str]:
    """What the next shift finds in the tracking table."""
    await desk.caught_up()
    return {row["id"] for row in done(await desk.get(who, f"/v1/tracking?offered_to={who}"))["items"]}


async def test_the_owner_changes_in_no_other_way(sandbox: Desk) -> None:
    id = await opened(sandbox)
    refusal = await sandbox.refused(409, SHIFT, id, "assign", to=SECOND)
    assert refusal["type"] == "/problems/owner-changes-by-hand-over"
    refusal = await sandbox.refused(403, SECOND, id, "hand-over", to=SECOND)
    assert refusal["type"] == "/problems/not-the-owner"
    sent = await received(sandbox, "major")
    complaint = await sandbox.step("li-min", sent, "dispatch", units=["billing"], owner=SECOND)
    assert complaint["owner"]["actor"] == "li-min"
    assert (await sandbox.step(SECOND, sent, "accept-hand-over"))["owner"]["actor"] == SECOND


# 退费


async def test_a_refund_comes_only_after_the_charge_was_verified_as_wrong(sandbox: Desk) -> None:
    id = await opened(sandbox)
    refusal = await not_proposed(sandbox, id)
    assert refusal["type"] == "/problems/charge-not-verified"
    await verified(sandbox, id, wrong=False, findings="计费无误")
    assert (await not_proposed(sandbox, id))["type"] == "/problems/charge-not-verified"
    await verified(sandbox, id)
    complaint = await proposed(sandbox, id)
    assert [one["state"] for one in complaint["compensations"]] == ["proposed"]


@pytest.mark.parametrize(
    "basis",
    ["wrong-call-records", "short-call-records", "long-call-records", "voice-prompts", "inaccurate-rating",
     "border-roaming", "above-tariff", "information-services"],
)  # fmt: skip
async def test_a_billing_error_of_the_listed_kinds_is_refunded_at_twice_what_was_charged_above_what_was_due(
    sandbox: Desk, basis: str
) -> None:
    id = await opened(sandbox)
    await verified(sandbox, id, "50.05", "30.00")
    complaint = await proposed(sandbox, id, basis=basis)
    assert [one["amount"] for one in complaint["compensations"]] == ["40.10"]  # 2 x (50.05 - 30.00)


async def test_over_compensation_is_refused(sandbox: Desk) -> None:
    id = await opened(sandbox)
    await verified(sandbox, id)
    refusal = await not_proposed(sandbox, id, amount="40.01")
    assert refusal["type"] == "/problems/over-compensation"
    assert "40.00 CNY" in refusal["detail"]
    refusal = await not_proposed(sandbox, id, basis="误收费", amount="20.01")  # no listed kind: just the difference
    assert refusal["type"] == "/problems/over-compensation"
    await proposed(sandbox, id)
    refusal = await sandbox.refused(422, SHIFT, id, "approve-compensation")  # whoever approves says how much
    assert refusal["type"] == "/problems/amount-not-named"
    await sandbox.step(SHIFT, id, "approve-compensation", amount="40.00")
    await sandbox.step("li-min", id, "pay-compensation", reference="充值单 77")
    assert (await not_proposed(sandbox, id, amount="0.01"))["type"] == "/problems/over-compensation"  # never twice


async def test_a_refund_is_made_within_its_limit_of_three_working_days(sandbox: Desk) -> None:
    id = await opened(sandbox)
    await verified(sandbox, id, item="话单 1")
    await sandbox.set_clock("2026-03-04T10:00:00+08:00")
    await verified(sandbox, id, "8.00", "3.00", item="话单 2")
    clocks = {clock["name"]: clock for clock in (await look(sandbox, id))["clocks"]}
    assert (clocks["refund"]["state"], clocks["refund"]["due_at"]) == ("running", "2026-03-05T16:00:00Z")
    for amount in ("10.00", "40.00"):
        assert (await proposed(sandbox, id))["compensations"][-1]["amount"] == amount  # both, each once
        await sandbox.step(SHIFT, id, "approve-compensation", amount=amount)
        complaint = await sandbox.step("li-min", id, "pay-compensation")
        state = {clock["name"]: clock["state"] for clock in complaint["clocks"]}["refund"]
        assert state == ("met" if amount == "40.00" else "running")


async def test_account_credit_comes_before_cash(sandbox: Desk) -> None:
    id = await opened(sandbox)
    await verified(sandbox, id)
    refusal = await not_proposed(sandbox, id, method="cash")
    assert refusal["type"] == "/problems/credit-comes-first"
    complaint = await proposed(sandbox, id, method="cash", why_not_credit="号码已销户")
    assert [one["method"] for one in complaint["compensations"]] == ["cash"]


async def test_a_refund_is_approved_by_whoever_has_the_authority_for_its_amount(sandbox: Desk) -> None:
    id = await opened(sandbox)
    lines = [("100.00", SHIFT, None), ("500.00", "zhao-jing", SHIFT), ("500.01", CENTRE, "zhao-jing")]
    for charged, who, too_low in lines:
        await verified(sandbox, id, charged, "0.00")
        amount = (await proposed(sandbox, id))["compensations"][-1]["amount"]
        if too_low is not None:
            refusal = await sandbox.refused(403, too_low, id, "approve-compensation")
            assert refusal["type"] == "/problems/amount-above-authority"
        await sandbox.step(who, id, "approve-compensation", amount=amount)
        complaint = await sandbox.step("li-min", id, "pay-compensation")
    assert [one["state"] for one in complaint["compensations"]] == ["paid"] * 3
    await sandbox.refused(403, "li-min", id, "approve-compensation")


async def test_a_case_with_a_refund_is_closed_when_it_was_paid(sandbox: Desk) -> None:
    id = await opened(sandbox)
    await verified(sandbox, id)
    await solved(sandbox, id)
    refusal = await sandbox.refused(409, "li-min", id, "close", outcome="已退费", summary="双倍返还")
    assert refusal["missing"] == ["a compensation proposed for each charge verified as wrong"]
    await proposed(sandbox, id)
    refusal = await sandbox.refused(409, "li-min", id, "close", outcome="已退费", summary="双倍返还")
    assert refusal["missing"] == ["the proposed compensation approved or refused"]
    await sandbox.step(SHIFT, id, "approve-compensation", amount="40.00")
    refusal = await sandbox.refused(409, "li-min", id, "close", outcome="已退费", summary="双倍返还")
    assert refusal["missing"] == ["the approved compensation paid"]
    await sandbox.step("li-min", id, "pay-compensation", reference="充值单 78")
    refusal = await sandbox.refused(409, "li-min", id, "close", outcome="已退费", summary="双倍返还")
    assert refusal["missing"] == ["word to the customer about the result"]  # after the refund too
    await sandbox.step("li-min", id, "inform-customer", means="phone", text="已双倍返还 40 元。")
    assert (await ended(sandbox, id))["status"] == "closed"


# 有理由投诉量


async def test_justified_complaints_are_counted(sandbox: Desk) -> None:
    for justified in (True, True, False):
        id = await opened(sandbox)
        await solved(sandbox, id)
        last = await ended(sandbox, id, justified=justified)
    asked = f"/v1/indicators?procedure=telecom-hall&indicator=justified&min_position={last['position']}"
    [figure] = done(await sandbox.get("zhao-jing", asked))["items"]
    assert (figure["numerator"], figure["denominator"]) == (2, 3)
