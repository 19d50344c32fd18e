"""用户投诉处理步骤和规范: a manufacturer's market department, played through the REST API.

The complaint is out to the region within half an hour, and the regional owner reports every half hour until it is
closed. March 2, 2026 is a Monday; due times are in UTC, so that the end of a Monday in Shanghai is 16:00 of that day.
"""

from __future__ import annotations

from typing import Any

from tests.http.desk import Desk, done
from tests.stories.staff import employ, escalated_to, look, told_at
from tests.stories.telling import at, clock, due, state

PRODUCT_FACTS = {
    "customer_code": "K-208", "order_date": "2026-01-12", "maker": "二厂", "shipping_date": "2026-02-20",
    "product": "水泵 P-40", "unit_price": 1280.5, "delivery_date": "2026-02-25", "quantity": 40, "amount": 51220,
    "defective_quantity": 3, "invoice_date": "2026-02-26", "invoice_no": "044001", "lot": "L-2601",
}  # fmt: skip
OWNER = "liu-yang"


async def received(desk: Desk, severity: str = "general") -> str:
    staff = {OWNER: ("unit", "east"), "ma-li": ("department-head", "east"), "gao-feng": ("manufacturing-manager", None)}
    await employ(desk, staff)
    await at(desk, "03-02 09:00")
    complaint = await desk.receive("li-min", procedure="market-30min", subject="三台水泵漏水", facts=PRODUCT_FACTS)
    assert due(complaint, "dispatch") == "2026-03-02T01:30:00Z"  # half an hour from the receipt
    id: str = complaint["id"]
    await desk.step("li-min", id, "classify", severity=severity, category="product.leak")
    return id


async def with_the_region(desk: Desk, severity: str = "general") -> str:
    id = await received(desk, severity)
    await at(desk, "03-02 09:20")
    await desk.step("zhao-jing", id, "dispatch", units=["east"], owner=OWNER)
    return id


async def agreed_and_executed(desk: Desk, id: str, owner: str = OWNER) -> dict[str, Any]:
    await desk.step(owner, id, "agree-solution", text="换货三台", agreed=True)
    return await desk.step(owner, id, "execute", measure="已换货三台")


async def effective(desk: Desk, id: str, *owners: str) -> None:
    """各责任部门对处理方法实施效果进行确定."""
    for owner in owners or (OWNER,):
        await desk.step(owner, id, "confirm-effect", effective=True, findings="运行正常。")


def beats(complaint: dict[str, Any]) -> list[str]:
    return [one["state"] for one in complaint["clocks"] if one["name"] == "progress"]


async def called(desk: Desk, id: str, *, satisfied: bool) -> dict[str, Any]:
    return await desk.step("li-min", id, "record-callback", reached=True, satisfied=satisfied, means="phone")


async def test_a_complaint_goes_from_the_register_to_a_satisfied_customer(sandbox: Desk) -> None:
    id = await received(sandbox)
    assert (await look(sandbox, id))["facts"] == PRODUCT_FACTS  # 投诉统计表, one row a complaint

    await at(sandbox, "03-02 09:20")
    await sandbox.refused(403, "li-min", id, "dispatch", units=["east"])  # the manager assigns the regional owner
    complaint = await sandbox.step("zhao-jing", id, "dispatch", units=["east"], owner=OWNER)
    assert complaint["owner"]["actor"] == OWNER
    assert state(complaint, "dispatch") == "met"
    assert due(complaint, "progress", "east") == "2026-03-02T01:50:00Z"
    assert due(complaint, "contact", "east") == "2026-03-05T16:00:00Z"  # three working days: Thursday

    await at(sandbox, "03-02 09:45")
    await sandbox.refused(403, "li-min", id, "inform-customer", means="phone", text="…")  # the owner's own contact
    complaint = await sandbox.step(OWNER, id, "inform-customer", means="phone", text="已联系，下午上门。")
    assert state(complaint, "contact", "east") == "met"
    assert complaint["status"] == "dispatched"  # a contact is not yet a result
    complaint = await sandbox.step(OWNER, id, "report-progress", text="已联系客户，约下午上门。")
    assert due(complaint, "progress", "east") == "2026-03-02T02:15:00Z"  # each report starts the next half hour

    await at(sandbox, "03-02 10:10")
    complaint = await agreed_and_executed(sandbox, id)
    assert (complaint["status"], state(complaint, "result-report", "east")) == ("executed", "met")
    assert due(complaint, "result-report", "east") == "2026-03-02T16:00:00Z"  # the day on which the customer agreed
    assert due(complaint, "callback") == "2026-03-04T16:00:00Z"  # two working days from the result

    refusal = await sandbox.refused(409, "li-min", id, "close", outcome="已解决", summary="换货")
    answer = "a callback in which the customer said whether they are content"
    assert refusal["missing"] == ["the effect confirmed", answer]
    await effective(sandbox, id)
    complaint = await called(sandbox, id, satisfied=True)
    assert state(complaint, "callback") == "met"
    assert state(complaint, "progress", "east") == "running"  # until the case is closed
    complaint = await sandbox.step("li-min", id, "close", outcome="已解决", summary="换货", justified=True)
    assert complaint["status"] == "closed"
    assert {one["state"] for one in complaint["clocks"]} == {"met"}


async def test_a_complaint_not_passed_on_in_half_an_hour_is_reported_to_the_manager(sandbox: Desk) -> None:
    id = await received(sandbox)
    await at(sandbox, "03-02 09:30")
    assert state(await look(sandbox, id), "dispatch") == "missed"
    assert await told_at(sandbox, id, "DeadlineWarned") == [("dispatch", ["manager"])]
    assert await told_at(sandbox, id, "DeadlineMissed") == [("dispatch", ["manager"])]


async def test_every_half_hour_without_a_report_is_a_miss_and_a_report_starts_the_next(sandbox: Desk) -> None:
    id = await with_the_region(sandbox)
    await sandbox.refused(403, "li-min", id, "report-progress", text="…")  # the regional owner reports
    await at(sandbox, "03-02 10:00")
    complaint = await sandbox.step(OWNER, id, "report-progress", text="在路上。")
    assert beats(complaint) == ["missed", "met", "running"]
    assert due(complaint, "progress", "east") == "2026-03-02T02:30:00Z"
    await at(sandbox, "03-02 10:29")
    complaint = await sandbox.step(OWNER, id, "report-progress", text="已到。")
    assert beats(complaint) == ["missed", "met", "met", "running"]
    assert await told_at(sandbox, id, "DeadlineMissed") == [("progress", ["manager"])]


async def test_the_beat_waits_while_a_dissatisfied_customer_s_case_is_with_the_market_department(sandbox: Desk) -> None:
    id = await with_the_region(sandbox)
    await at(sandbox, "03-02 09:40")
    await agreed_and_executed(sandbox, id)
    complaint = await called(sandbox, id, satisfied=False)
    assert state(complaint, "progress", "east") == "cancelled"
    assert due(complaint, "dispatch") == "2026-03-02T02:10:00Z"  # dispatched again, within half an hour again
    await at(sandbox, "03-02 10:00")
    complaint = await sandbox.step("zhao-jing", id, "dispatch", units=["east"], owner=OWNER)
    beat = clock(complaint, "progress", "east")
    assert (beat["round"], beat["due_at"]) == (2, "2026-03-02T02:30:00Z")


async def test_no_solution_is_executed_before_the_customer_agreed_to_it(sandbox: Desk) -> None:
    id = await with_the_region(sandbox)
    refusal = await sandbox.refused(409, OWNER, id, "execute", measure="维修")
    assert refusal["type"] == "/problems/solution-not-agreed"
    for plan in ("维修", "换一台", "换两台"):
        complaint = await sandbox.step(OWNER, id, "agree-solution", text=plan, agreed=False)
        assert all(one["name"] != "result-report" for one in complaint["clocks"])
        await sandbox.refused(409, OWNER, id, "execute", measure=plan)
    assert await escalated_to(sandbox, id) == ["manager"]  # a new plan each time, and the third refusal goes up

    await at(sandbox, "03-02 23:50")
    complaint = await sandbox.step(OWNER, id, "agree-solution", text="换三台", agreed=True)
    assert due(complaint, "result-report", "east") == "2026-03-02T16:00:00Z"
    await at(sandbox, "03-03 00:00")
    assert state(await look(sandbox, id), "result-report", "east") == "missed"  # the day is over
    complaint = await sandbox.step(OWNER, id, "execute", measure="已换三台")
    assert state(complaint, "result-report", "east") == "missed"


async def test_a_major_plan_waits_for_the_department_head_who_may_approve_it_orally(sandbox: Desk) -> None:
    id = await with_the_region(sandbox, "major")
    assert await escalated_to(sandbox, id) == ["manager", "department-head"]
    await sandbox.step(OWNER, id, "agree-solution", text="换货并赔付", agreed=True)
    refusal = await sandbox.refused(409, OWNER, id, "execute", measure="换货并赔付")
    assert refusal["type"] == "/problems/approval-missing"
    await sandbox.refused(403, OWNER, id, "approve", subject="换货并赔付", form="oral", by="ma-li")
    await sandbox.step("ma-li", id, "approve", subject="换货并赔付", form="oral", by="ma-li")
    items = done(await sandbox.get("li-min", f"/v1/complaints/{id}/history"))["items"]
    [approval] = [event["data"] for event in items if event["type"] == "Approved"]
    assert (approval["form"], approval["by"]) == ("oral", "ma-li")
    assert (await sandbox.step(OWNER, id, "execute", measure="已换货并赔付"))["status"] == "executed"


async def test_the_head_of_every_department_that_was_asked_approves_a_major_plan(sandbox: Desk) -> None:
    id = await received(sandbox, "major")
    await employ(sandbox, {"luo-yu": ("department-head", "quality")})
    await sandbox.step("zhao-jing", id, "dispatch", units=["east", "quality"], owner=OWNER)
    await sandbox.step(OWNER, id, "agree-solution", text="全批换货", agreed=True)
    await sandbox.step("luo-yu", id, "approve", subject="全批换货", form="written", by="luo-yu")
    await sandbox.step("luo-yu", id, "approve", subject="全批换货", form="oral", by="luo-yu")
    refusal = await sandbox.refused(409, OWNER, id, "execute", measure="全批换货")
    assert refusal["type"] == "/problems/approval-missing"  # that of the region's own head
    refusal = await sandbox.refused(
        422, "luo-yu", id, "approve", subject="全批换货", form="oral", by="luo-yu", unit="east"
    )
    assert refusal["type"] == "/problems/not-their-head"
    refusal = await sandbox.refused(422, "zhao-jing", id, "approve", subject="全批换货", form="oral", by="zhao-jing")
    assert refusal["type"] == "/problems/role-cannot-take-it"  # the market manager is the head of none of the two
    await sandbox.step("zhao-jing", id, "approve", subject="全批换货", form="oral", by="ma-li")  # who said so
    complaint = await sandbox.step(OWNER, id, "execute", measure="已全批换货")
    assert [one["state"] for one in complaint["units"]] == ["executed", "asked"]


async def test_an_approval_counts_only_for_the_plan_it_was_given_for(sandbox: Desk) -> None:
    id = await with_the_region(sandbox, "major")
    approval = {"form": "oral", "by": "ma-li"}
    await sandbox.step(OWNER, id, "agree-solution", text="换货", agreed=True)
    await sandbox.step("ma-li", id, "approve", subject="换货", **approval)
    await sandbox.step(OWNER, id, "agree-solution", text="全额退款", agreed=True)
    refusal = await sandbox.refused(409, OWNER, id, "execute", measure="全额退款")
    assert refusal["type"] == "/problems/approval-missing"
    await sandbox.step("ma-li", id, "approve", subject="全额退款", **approval)
    assert (await sandbox.step(OWNER, id, "execute", measure="已退款"))["status"] == "executed"


async def approvals_owed(desk: Desk, id: str) -> list[tuple[str, str]]:
    """Of which unit's plan the approval is owed, and by which role."""
    await desk.caught_up()
    items = done(await desk.get("zhao-jing", f"/v1/obligations?complaint={id}&state=open"))["items"]
    return [(one["unit"], one["owed_by"]["role"]) for one in items if one["step"] == "approve"]


async def test_each_department_has_a_plan_and_an_approval_of_its_own(sandbox: Desk) -> None:
    id = await received(sandbox, "major")
    await employ(sandbox, {"luo-yu": ("department-head", "quality"), "he-jun": ("unit", "quality")})
    await sandbox.step("zhao-jing", id, "dispatch", units=["east", "quality"], owner=OWNER)
    await sandbox.step(OWNER, id, "agree-solution", text="换货", agreed=True)
    assert await approvals_owed(sandbox, id) == [("east", "department-head")]
    await sandbox.step("ma-li", id, "approve", subject="换货", form="oral", by="ma-li")
    complaint = await sandbox.step("he-jun", id, "agree-solution", text="复检同批", agreed=True)
    assert complaint["plans"] == [
        {"unit": "east", "text": "换货", "approved_by": ["ma-li"]},
        {"unit": "quality", "text": "复检同批", "approved_by": []},
    ]
    assert await approvals_owed(sandbox, id) == [("quality", "department-head")]
    await sandbox.step(OWNER, id, "execute", measure="已换货")  # the plan of quality voids nothing of the region's
    refusal = await sandbox.refused(409, "he-jun", id, "execute", measure="已复检")
    assert refusal["type"] == "/problems/approval-missing"
    await sandbox.step("zhao-jing", id, "approve", subject="复检同批", form="oral", by="luo-yu")
    assert await approvals_owed(sandbox, id) == []
    assert (await sandbox.step("he-jun", id, "execute", measure="已复检"))["status"] == "executed"


async def test_a_head_s_work_list_has_the_plans_of_their_own_department_alone(sandbox: Desk) -> None:
    id = await received(sandbox, "major")
    await employ(sandbox, {"luo-yu": ("department-head", "quality")})
    await sandbox.step("zhao-jing", id, "dispatch", units=["east", "quality", "manufacturing"], owner=OWNER)
    for_all = {"text": "全批换货", "agreed": True}
    await sandbox.step("admin", id, "override", reason="三个部门均无人值守", step="agree-solution", body=for_all)
    await sandbox.caught_up()
    found: dict[str, list[str]] = {}
    for who in ("ma-li", "luo-yu", "gao-feng"):
        items = done(await sandbox.get(who, f"/v1/obligations?complaint={id}&owed_by=me"))["items"]
        found[who] = [one["unit"] for one in items if one["step"] == "approve"]
    assert found == {"ma-li": ["east"], "luo-yu": ["quality"], "gao-feng": ["manufacturing"]}
    items = done(await sandbox.get("ma-li", f"/v1/obligations?complaint={id}&owed_by=role:department-head"))["items"]
    approvals = [one for one in items if one["step"] == "approve"]
    assert [(one["owed_by"], one["unit"]) for one in approvals] == [
        ({"unit": None, "role": "department-head", "person": None}, unit) for unit in ("east", "quality")
    ]
    shown = done(await sandbox.get("ma-li", f"/v1/complaints/{id}"))["obligations"]
    assert {one["id"] for one in approvals} <= {one["id"] for one in shown}
    assert len({one["id"] for one in shown}) == len(shown)


async def test_a_callback_without_an_answer_about_satisfaction_closes_nothing(sandbox: Desk) -> None:
    id = await with_the_region(sandbox)
    await agreed_and_executed(sandbox, id)
    await effective(sandbox, id)
    await sandbox.step("li-min", id, "record-callback", reached=True, means="phone")
    refusal = await sandbox.refused(409, "li-min", id, "close", outcome="已解决", summary="换货")
    assert refusal["missing"] == ["a callback in which the customer said whether they are content"]
    await called(sandbox, id, satisfied=True)
    assert (await sandbox.step("li-min", id, "close", outcome="已解决", summary="换货"))["status"] == "closed"


async def test_the_effect_that_did_not_show_closes_nothing(sandbox: Desk) -> None:
    id = await with_the_region(sandbox)
    await agreed_and_executed(sandbox, id)
    await sandbox.step(OWNER, id, "confirm-effect", effective=False, findings="仍渗水。")
    await called(sandbox, id, satisfied=True)
    refusal = await sandbox.refused(409, "li-min", id, "close", outcome="已解决", summary="换货")
    assert refusal["missing"] == ["the effect confirmed"]


async def test_a_complaint_stays_open_while_a_department_that_was_asked_has_not_executed(sandbox: Desk) -> None:
    id = await received(sandbox)
    await employ(sandbox, {"luo-yu": ("unit", "quality")})
    await sandbox.step("zhao-jing", id, "dispatch", units=["east", "quality"], owner=OWNER)
    await agreed_and_executed(sandbox, id)
    await called(sandbox, id, satisfied=True)
    refusal = await sandbox.refused(409, "li-min", id, "close", outcome="已解决", summary="换货")
    assert "the execution by every unit that was asked" in refusal["missing"]
    await agreed_and_executed(sandbox, id, "luo-yu")  # its own plan
    await called(sandbox, id, satisfied=True)  # what was said before the last result was not said of it
    await effective(sandbox, id)
    refusal = await sandbox.refused(409, "li-min", id, "close", outcome="已解决", summary="换货")
    assert refusal["missing"] == ["the effect confirmed"]  # of the other department
    await effective(sandbox, id, "luo-yu")
    assert (await sandbox.step("li-min", id, "close", outcome="已解决", summary="换货"))["status"] == "closed"


async def test_the_register_takes_what_the_customer_did_not_know_at_once(sandbox: Desk) -> None:
    await employ(sandbox, {OWNER: ("unit", "east")})
    id = (await sandbox.receive("li-min", procedure="market-30min", facts={"product": "水泵 P-40"}))["id"]
    await sandbox.step("li-min", id, "classify", severity="general", category="product")
    await sandbox.step("zhao-jing", id, "dispatch", units=["east"], owner=OWNER)
    complaint = await sandbox.step(OWNER, id, "complete-form", facts={"lot": "L-2601", "defective_quantity": 3})
    assert complaint["facts"] == {"product": "水泵 P-40", "lot": "L-2601", "defective_quantity": 3}
    wrong = await sandbox.refused(422, OWNER, id, "complete-form", facts={"quantity": "四十"})
    assert wrong["errors"][0]["pointer"] == "/facts/quantity"


async def test_a_contact_after_three_working_days_and_a_callback_after_two_are_missed(sandbox: Desk) -> None:
    id = await with_the_region(sandbox)
    await at(sandbox, "03-06 00:00")
    complaint = await sandbox.step(OWNER, id, "inform-customer", means="phone", text="抱歉来迟。")
    assert state(complaint, "contact", "east") == "missed"
    await agreed_and_executed(sandbox, id)
    await at(sandbox, "03-11 00:00")  # Friday's result: Monday and Tuesday
    complaint = await called(sandbox, id, satisfied=True)
    assert state(complaint, "callback") == "missed"
    told = dict(await told_at(sandbox, id, "DeadlineMissed"))
    assert (told["contact"], told["callback"]) == (["manager"], ["manager"])


async def test_the_market_department_calls_back_and_the_owner_signs_for_the_effect(sandbox: Desk) -> None:
    id = await with_the_region(sandbox)
    await agreed_and_executed(sandbox, id)
    await sandbox.step(OWNER, id, "confirm-effect", effective=True, findings="换货后运行正常。")
    await sandbox.refused(403, OWNER, id, "record-callback", reached=True, satisfied=True, means="phone")
    assert (await called(sandbox, id, satisfied=True))["status"] == "executed"


async def test_the_approval_of_a_plan_the_customer_refuses_is_not_one_of_the_next_plan(sandbox: Desk) -> None:
    id = await with_the_region(sandbox, "major")
    await sandbox.step("ma-li", id, "approve", subject="换货", form="written", by="ma-li")
    await sandbox.step(OWNER, id, "agree-solution", text="换货", agreed=False)
    await sandbox.step(OWNER, id, "agree-solution", text="全额退款", agreed=True)
    refusal = await sandbox.refused(409, OWNER, id, "execute", measure="全额退款")
    assert refusal["type"] == "/problems/approval-missing"


async def test_a_customer_dissatisfied_twice_comes_before_the_market_manager_who_decides(sandbox: Desk) -> None:
    id = await with_the_region(sandbox)
    await agreed_and_executed(sandbox, id)
    complaint = await called(sandbox, id, satisfied=False)
    assert (complaint["status"], complaint["round"]) == ("classified", 2)
    assert await escalated_to(sandbox, id) == []
    await sandbox.refused(409, "li-min", id, "close", outcome="已解决", summary="换货")  # dispatched again, not closed
    await employ(sandbox, {"luo-yu": ("unit", "manufacturing")})
    await sandbox.step("zhao-jing", id, "dispatch", units=["east", "manufacturing"])
    await agreed_and_executed(sandbox, id)
    complaint = await called(sandbox, id, satisfied=False)  # before the last result: noted, and no round is opened
    assert (complaint["round"], len(complaint["units"])) == (2, 2)
    await agreed_and_executed(sandbox, id, "luo-yu")
    complaint = await called(sandbox, id, satisfied=False)
    assert await escalated_to(sandbox, id) == ["manager", "manufacturing-manager"]
    await sandbox.refused(403, "gao-feng", id, "dispatch", units=["manufacturing"])
    await sandbox.step("gao-feng", id, "add-note", text="制造部同意换新批次。")
    await sandbox.step("zhao-jing", id, "dispatch", units=["manufacturing", "east"])
    await agreed_and_executed(sandbox, id)
    await agreed_and_executed(sandbox, id, "luo-yu")
    await called(sandbox, id, satisfied=True)
    await effective(sandbox, id, OWNER, "luo-yu")
    complaint = await sandbox.step("li-min", id, "close", outcome="已解决", summary="换新批次")
    assert (complaint["status"], complaint["round"]) == ("closed", 3)


async def test_a_special_circumstance_is_the_manager_s_to_grant(sandbox: Desk) -> None:
    id = await with_the_region(sandbox)
    until = "2026-03-06T18:00:00+08:00"
    await sandbox.refused(403, OWNER, id, "extend", clock="contact", until=until, reason="客户出国")
    complaint = await sandbox.step("zhao-jing", id, "extend", clock="contact", until=until, reason="客户出国")
    assert due(complaint, "contact", "east") == "2026-03-06T10:00:00Z"


async def test_working_days_pass_over_the_qingming_festival(sandbox: Desk) -> None:
    await received(sandbox)
    await at(sandbox, "04-03 10:00")  # Friday; Saturday to Monday the 6th are off
    id = (await sandbox.receive("li-min", procedure="market-30min"))["id"]
    await sandbox.step("li-min", id, "classify", severity="general", category="delivery")
    complaint = await sandbox.step("zhao-jing", id, "dispatch", units=["east"])
    assert due(complaint, "contact", "east") == "2026-04-09T16:00:00Z"
    complaint = await agreed_and_executed(sandbox, id)
    assert due(complaint, "callback") == "2026-04-08T16:00:00Z"
