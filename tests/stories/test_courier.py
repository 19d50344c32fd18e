"""物流快递服务站投诉受理办法: a courier's service stations, played through the REST API.

The intake agent explains; what that does not end goes to the responsible department within an hour, which calls the
customer within 24 hours and settles it within 3 working days; the dispatcher calls back. March 2, 2026 is a Monday.
"""

from __future__ import annotations

from typing import Any

import pytest

from tests.http.desk import Desk, complaint, done, problem
from tests.stories.staff import employ, escalated_to, look, told_at
from tests.stories.telling import at, due, state

DISPATCHER, STATION, LEADER, DEPUTY, HEAD = "luo-tao", "song-yan", "gao-feng", "tian-ye", "lei-ming"
SPARE = {"subject": "包裹破损", "content": "签收时外箱破损。", "facts": {"waybill_no": "SF-7781"}}


async def at_work(desk: Desk) -> None:
    if STATION not in desk.keys:
        staff = {
            DISPATCHER: ("dispatcher", None), STATION: ("unit", "station"), LEADER: ("supervisor", None),
            "yun-shan": ("operations", None), DEPUTY: ("deputy-general-manager", None),
            HEAD: ("general-manager", None),
        }  # fmt: skip
        await employ(desk, staff)


async def received(desk: Desk, severity: str = "general", category: str = "operation.mistake", **changes: Any) -> str:
    await at_work(desk)
    id: str = (await desk.receive("li-min", procedure="courier", **{**SPARE, **changes}))["id"]
    await desk.step("li-min", id, "classify", severity=severity, category=category)
    return id


async def with_the_station(desk: Desk, category: str = "operation.mistake", **changes: Any) -> str:
    """A complaint of Monday nine o'clock, forwarded to the station half an hour later."""
    await at(desk, "03-02 09:00")
    id = await received(desk, category=category, **changes)
    await at(desk, "03-02 09:30")
    await desk.step("li-min", id, "dispatch", units=["station"])
    return id


async def handled(desk: Desk, id: str) -> None:
    await desk.step(STATION, id, "execute", measure="按声明价值赔付")
    await desk.step(STATION, id, "inform-customer", means="phone", text="已按声明价值赔付。")
    await desk.step("li-min", id, "record-callback", reached=True, satisfied=True, means="phone")


async def archived(desk: Desk, id: str, *, justified: bool = True) -> dict[str, Any]:
    return await desk.step("li-min", id, "close", outcome="已解决", summary="已赔付", justified=justified)


async def not_archived(desk: Desk, id: str, *, justified: bool = True) -> list[str]:
    """What the refusal to archive names as missing."""
    answer = {"outcome": "已解决", "summary": "已赔付", "justified": justified}
    missing: list[str] = (await desk.refused(409, "li-min", id, "close", **answer))["missing"]
    return missing


async def test_a_complaint_goes_from_the_service_station_to_the_archive(sandbox: Desk) -> None:
    id = await with_the_station(sandbox)
    await sandbox.step(STATION, id, "accept")
    await sandbox.refused(403, "li-min", id, "execute", measure="赔付")  # the department settles it
    await at(sandbox, "03-02 15:00")
    complaint = await sandbox.step(STATION, id, "inform-customer", means="phone", text="正在核查破损环节。")
    assert state(complaint, "contact", "station") == "met"
    await at(sandbox, "03-04 10:00")
    complaint = await sandbox.step(STATION, id, "execute", measure="按声明价值赔付")
    assert (complaint["status"], state(complaint, "handle", "station")) == ("executed", "met")
    await sandbox.step(STATION, id, "inform-customer", means="phone", text="已按声明价值赔付。")
    await at(sandbox, "03-05 10:00")
    complaint = await sandbox.step(
        DISPATCHER, id, "record-callback", reached=True, satisfied=True, means="phone", score=5
    )
    assert state(complaint, "callback") == "met"
    assert (await archived(sandbox, id))["status"] == "closed"


@pytest.mark.parametrize("classified_first", [False, True])
async def test_what_is_explained_and_accepted_by_the_customer_is_archived_at_once(
    sandbox: Desk, classified_first: bool
) -> None:
    await at_work(sandbox)
    id = (await sandbox.receive("li-min", procedure="courier", **SPARE))["id"]
    if classified_first:
        await sandbox.step("li-min", id, "classify", severity="general", category="not-ours")
    complaint = await sandbox.step("li-min", id, "settle", explanation="天气原因停航，已说明。", accepted=True)
    assert (complaint["status"], state(complaint, "forward")) == ("closed", "cancelled")


async def test_what_the_explanation_does_not_end_is_forwarded(sandbox: Desk) -> None:
    id = await received(sandbox)
    complaint = await sandbox.step("li-min", id, "settle", explanation="已说明赔付规则。", accepted=False)
    assert complaint["status"] == "classified"
    complaint = await sandbox.step("li-min", id, "dispatch", units=["station"])
    assert complaint["status"] == "dispatched"


async def test_it_is_forwarded_within_one_hour_of_receipt(sandbox: Desk) -> None:
    id = await received(sandbox)
    assert due(await look(sandbox, id), "forward") == "2026-03-02T02:00:00Z"
    await at(sandbox, "03-02 10:00")
    assert await told_at(sandbox, id, "DeadlineMissed") == [("forward", ["dispatcher", "manager"])]


async def test_a_letter_s_hour_runs_from_the_day_on_which_it_came(sandbox: Desk) -> None:
    id = await received(sandbox, channel="letter", occurred_at="2026-02-27T16:00:00+08:00")
    complaint = await look(sandbox, id)
    assert (due(complaint, "forward"), state(complaint, "forward")) == ("2026-02-27T09:00:00Z", "missed")


async def test_the_department_contacts_the_customer_within_24_hours_of_receiving_the_order(sandbox: Desk) -> None:
    id = await with_the_station(sandbox)
    assert due(await look(sandbox, id), "contact", "station") == "2026-03-03T01:30:00Z"
    await at(sandbox, "03-03 09:30")
    assert ("contact", ["dispatcher", "manager"]) in await told_at(sandbox, id, "DeadlineMissed")


async def test_it_is_settled_within_three_working_days(sandbox: Desk) -> None:
    id = await with_the_station(sandbox)
    assert due(await look(sandbox, id), "handle", "station") == "2026-03-05T16:00:00Z"  # the end of Thursday
    await at(sandbox, "03-06 00:00")
    assert ("handle", ["dispatcher", "supervisor"]) in await told_at(sandbox, id, "DeadlineMissed")


async def test_sent_back_and_forwarded_anew_the_next_department_has_time_of_its_own(sandbox: Desk) -> None:
    id = await with_the_station(sandbox)
    await at(sandbox, "03-02 14:00")
    await sandbox.step(STATION, id, "return", ground="破损在分拨中心", legal_basis="交接扫描记录")
    complaint = await sandbox.step(DISPATCHER, id, "dispatch", units=["sorting"])
    assert state(complaint, "contact", "station") == "cancelled"
    assert due(complaint, "contact", "sorting") == "2026-03-03T06:00:00Z"
    assert due(complaint, "handle", "sorting") == "2026-03-05T16:00:00Z"


async def test_where_no_answer_is_possible_yet_the_customer_is_told_the_progress_before_the_limit(
    sandbox: Desk,
) -> None:
    id = await with_the_station(sandbox)
    later = {"clock": "handle", "until": "2026-03-10T23:00:00+08:00", "reason": "等待承运人证明"}
    refusal = await sandbox.refused(409, DISPATCHER, id, "extend", **later)
    assert refusal["type"] == "/problems/customer-not-told"
    await sandbox.step(STATION, id, "inform-customer", means="phone", text="承运人证明周二到，届时答复。")
    complaint = await sandbox.step(DISPATCHER, id, "extend", **later)
    assert due(complaint, "handle", "station") == "2026-03-10T15:00:00Z"

    await at(sandbox, "03-10 23:00")
    await sandbox.step(STATION, id, "inform-customer", means="phone", text="还要一天。")
    later["until"] = "2026-03-11T23:00:00+08:00"
    refusal = await sandbox.refused(409, DISPATCHER, id, "extend", **later)
    assert refusal["type"] == "/problems/clock-not-running"  # the limit is over


async def test_the_customer_is_called_back_one_to_three_working_days_after_handling(sandbox: Desk) -> None:
    id = await with_the_station(sandbox)
    refusal = await sandbox.refused(409, DISPATCHER, id, "record-callback", reached=True, means="phone")
    assert refusal["type"] == "/problems/not-yet-executed"
    await at(sandbox, "03-04 10:00")
    complaint = await sandbox.step(STATION, id, "execute", measure="按声明价值赔付")
    assert due(complaint, "callback") == "2026-03-09T16:00:00Z"  # Thursday, Friday, Monday
    await at(sandbox, "03-10 00:00")
    assert ("callback", ["manager"]) in await told_at(sandbox, id, "DeadlineMissed")


@pytest.mark.parametrize(
    "category",
    ["service", "operation.mistake", "operation.system", "operation.coordination", "not-ours", "service.courier"],
)
async def test_the_content_is_service_attitude_operation_or_not_our_liability(sandbox: Desk, category: str) -> None:
    complaint = await look(sandbox, await received(sandbox, category=category))
    assert (complaint["category"], complaint["status"]) == (category, "classified")


async def test_a_content_that_nobody_listed_is_refused(sandbox: Desk) -> None:
    id = await received(sandbox)
    refusal = await sandbox.refused(422, "li-min", id, "classify", severity="general", category="weather")
    assert "operation.coordination" in refusal["detail"]


async def test_the_dispatcher_owns_an_ordinary_complaint(sandbox: Desk) -> None:
    id = await received(sandbox)
    complaint = await sandbox.step("li-min", id, "dispatch", units=["station"], owner=DISPATCHER)
    assert complaint["owner"]["actor"] == DISPATCHER


async def test_damage_to_the_reputation_is_told_to_supervisor_operations_and_deputy_before_it_is_handled(
    sandbox: Desk,
) -> None:
    await at_work(sandbox)
    id = (await sandbox.receive("li-min", procedure="courier", **SPARE))["id"]
    refusal = await sandbox.refused(409, "li-min", id, "dispatch", units=["station"])
    assert refusal["type"] == "/problems/not-yet-classified"
    await sandbox.step("li-min", id, "classify", severity="major", category="service")
    assert await escalated_to(sandbox, id) == ["supervisor", "operations", "deputy-general-manager"]
    refusal = await sandbox.refused(409, "li-min", id, "settle", explanation="已说明", accepted=True)
    assert refusal["type"] == "/problems/not-for-front-line"
    complaint = await sandbox.step("li-min", id, "dispatch", units=["station"])
    assert complaint["status"] == "dispatched"


@pytest.mark.parametrize("category", ["violation", "litigation"])
async def test_violations_and_litigation_are_the_deputy_general_manager_s(sandbox: Desk, category: str) -> None:
    id = await received(sandbox, category=category)
    assert await escalated_to(sandbox, id) == ["deputy-general-manager"]
    for who in ("li-min", DISPATCHER):
        refusal = await sandbox.refused(409, who, id, "dispatch", units=["station"])
        assert refusal["type"] == "/problems/decided-further-up"
        assert "dispatch" not in (await look(sandbox, id, who))["allowed"]
    complaint = await sandbox.step(DEPUTY, id, "dispatch", units=["station"])
    assert complaint["status"] == "dispatched"


@pytest.mark.parametrize("category", ["violation", "litigation.insurance"])
async def test_nobody_else_settles_rejects_withdraws_or_closes_what_is_the_deputy_s_or_sorts_it_away(
    sandbox: Desk, category: str
) -> None:
    id = await received(sandbox, category=category)
    closing = {"outcome": "已解决", "summary": "已说明"}
    for who, step, fields in (
        ("li-min", "settle", {"explanation": "已说明", "accepted": True}),
        (DISPATCHER, "reject", {"reason": "不属实"}),
        ("li-min", "withdraw", {"reason": "客户撤回"}),
        (DISPATCHER, "classify", {"severity": "general", "category": "service"}),
        ("li-min", "classify", {"severity": "general", "category": category, "kind": "report"}),  # it is kept from them
        ("li-min", "close", closing),
    ):
        refusal = await sandbox.refused(409, who, id, step, **fields)
        assert refusal["type"] == "/problems/decided-further-up", step
    await sandbox.step(DEPUTY, id, "dispatch", units=["station"])
    await handled(sandbox, id)
    refusal = await sandbox.refused(409, "li-min", id, "close", **closing)
    assert refusal["type"] == "/problems/decided-further-up"
    assert (await sandbox.step(DEPUTY, id, "close", **closing))["status"] == "closed"


async def test_the_deputy_sorts_what_proves_to_be_no_violation(sandbox: Desk) -> None:
    id = await received(sandbox, category="violation")
    await sandbox.step(DEPUTY, id, "classify", severity="general", category="operation.mistake")
    complaint = await sandbox.step("li-min", id, "dispatch", units=["station"])
    assert complaint["status"] == "dispatched"


async def test_the_general_manager_is_the_last_instance(sandbox: Desk) -> None:
    id = await with_the_station(sandbox)
    for times in (1, 2, 3):
        await sandbox.step(STATION, id, "execute", measure=f"第{times}次赔付")
        await sandbox.step("li-min", id, "record-callback", reached=True, satisfied=False, means="phone")
        if times < 3:
            await sandbox.step("li-min", id, "dispatch", units=["station"])
    assert await escalated_to(sandbox, id) == ["general-manager"]
    refusal = await sandbox.refused(409, DEPUTY, id, "dispatch", units=["station"])
    assert refusal["type"] == "/problems/decided-further-up"
    refusal = await sandbox.refused(409, "li-min", id, "settle", explanation="已说明", accepted=True)
    assert refusal["type"] == "/problems/decided-further-up"  # nor is it explained away below him
    complaint = await sandbox.step(HEAD, id, "dispatch", units=["station"], note="全额赔付，到此为止。")
    assert (complaint["round"], complaint["status"]) == (4, "dispatched")


# 举报、检举


@pytest.mark.parametrize("kind", ["whistle-blowing", "report"])
async def test_whistle_blowing_is_confidential_and_visible_to_the_supervising_leader_only(
    sandbox: Desk, kind: str
) -> None:
    await at_work(sandbox)
    letter = complaint(
        procedure="courier", kind=kind, channel="letter", subject="站长私拆快件", content="多次私拆。", facts={}
    )
    receipt = done(await sandbox.post("li-min", "/v1/complaints", letter), 201)
    assert "content" not in receipt
    assert receipt["allowed"] == []
    id = receipt["id"]
    for who in ("li-min", DISPATCHER, DEPUTY, "yun-shan", "admin"):
        problem(await sandbox.get(who, f"/v1/complaints/{id}"), 403)
        listed = done(await sandbox.get(who, f"/v1/tracking?min_position={receipt['position']}"))
        assert [row["id"] for row in listed["items"]] == []
    await sandbox.refused(403, "li-min", id, "add-note", text="谁写的？")
    seen = await look(sandbox, id, LEADER)
    assert (seen["content"], seen["kind"]) == ("多次私拆。", kind)
    assert [row["id"] for row in done(await sandbox.get(LEADER, "/v1/tracking"))["items"]] == [id]
    assert await escalated_to(sandbox, id, LEADER) == ["supervisor"]  # who has to hear of it at once


async def test_the_supervising_leader_handles_whistle_blowing_to_its_end(sandbox: Desk) -> None:
    await at_work(sandbox)
    letter = complaint(
        procedure="courier", kind="whistle-blowing", channel="letter", subject="站长私拆快件",
        complainant={"anonymous": True}, facts={},
    )  # fmt: skip
    id = done(await sandbox.post("li-min", "/v1/complaints", letter), 201)["id"]
    await sandbox.step(LEADER, id, "classify", severity="general", category="service")
    await sandbox.step(LEADER, id, "dispatch", units=["station"])
    problem(await sandbox.get(STATION, f"/v1/complaints/{id}"), 403)  # it is about them
    await sandbox.step(LEADER, id, "execute", measure="查实，停职处理")
    closing = {"outcome": "查实", "summary": "停职", "justified": True}
    assert (await sandbox.step(LEADER, id, "close", **closing))["status"] == "closed"


async def test_letters_are_sorted_and_one_that_proves_to_be_whistle_blowing_leaves_the_agent_s_sight(
    sandbox: Desk,
) -> None:
    id = await received(sandbox, channel="letter")
    assert await escalated_to(sandbox, id) == []
    receipt = await sandbox.step("li-min", id, "classify", kind="whistle-blowing")
    assert "content" not in receipt
    problem(await sandbox.get("li-min", f"/v1/complaints/{id}"), 403)
    assert await escalated_to(sandbox, id, LEADER) == ["supervisor"]


# What comes before the archive


async def test_a_fault_of_staff_needs_the_apology_of_the_person_and_the_leader(sandbox: Desk) -> None:
    id = await with_the_station(sandbox, "service", accused=["courier-9"])
    await handled(sandbox, id)
    assert await not_archived(sandbox, id) == ["the apology of the person at fault and their leader"]
    await sandbox.refused(422, "li-min", id, "record-apology", by=["courier-9"], means="phone")  # without the leader
    refusal = await sandbox.refused(
        422, "li-min", id, "record-apology", by=[LEADER], leader=LEADER, means="in-person"
    )
    assert refusal["errors"][0]["pointer"] == "/leader"  # two people
    await sandbox.step("li-min", id, "record-apology", by=["courier-9"], leader=LEADER, means="in-person")
    assert (await archived(sandbox, id))["status"] == "closed"


async def test_a_justified_complaint_about_service_names_who_is_at_fault_though_the_customer_named_nobody(
    sandbox: Desk,
) -> None:
    id = await with_the_station(sandbox, "service.counter")
    await handled(sandbox, id)
    naming = "the person at fault, named in the complaint (name-accused)"
    apology = "the apology of the person at fault and their leader"
    assert await not_archived(sandbox, id) == [naming, apology]
    await sandbox.step("li-min", id, "record-apology", by=["courier-9"], leader=LEADER, means="in-person")
    assert await not_archived(sandbox, id) == [naming]
    await sandbox.step(DISPATCHER, id, "name-accused", people=["courier-9"])
    assert (await archived(sandbox, id))["status"] == "closed"


async def test_a_complaint_about_service_that_is_not_justified_needs_no_apology(sandbox: Desk) -> None:
    id = await with_the_station(sandbox, "service")
    await handled(sandbox, id)
    assert (await archived(sandbox, id, justified=False))["status"] == "closed"


async def test_staff_who_were_not_at_fault_owe_no_apology(sandbox: Desk) -> None:
    id = await with_the_station(sandbox, "service", accused=["courier-9"])
    await handled(sandbox, id)
    assert (await archived(sandbox, id, justified=False))["status"] == "closed"


async def test_in_a_fault_of_coordination_the_customer_s_business_is_done_first_and_the_cause_examined_after(
    sandbox: Desk,
) -> None:
    id = await with_the_station(sandbox, "operation.coordination")
    cause = {"unit": "station", "reason": "两站交接无人负责"}
    refusal = await sandbox.refused(409, DISPATCHER, id, "request-capa", **cause)
    assert refusal["missing"] == ["the execution by every unit that was asked"]
    await handled(sandbox, id)
    assert await not_archived(sandbox, id) == ["a CAPA report that was ordered"]  # then the cause is examined
    await sandbox.step(DISPATCHER, id, "request-capa", **cause)
    report = {"cause": "无交接单", "corrective": "补签", "preventive": "电子交接", "responsible": "宋岩"}
    await sandbox.step(STATION, id, "submit-capa", **report, complete_by="2026-03-20")
    await sandbox.step(DISPATCHER, id, "issue-capa")
    assert (await archived(sandbox, id))["status"] == "closed"


async def test_the_cause_of_another_fault_may_be_examined_at_once(sandbox: Desk) -> None:
    id = await with_the_station(sandbox, "operation.system")
    await sandbox.step(DISPATCHER, id, "request-capa", unit="station", reason="扫描系统重复计费")


async def test_it_is_archived_only_when_the_handling_form_is_complete_and_the_checklist_names_what_is_missing(
    sandbox: Desk,
) -> None:
    id = await with_the_station(sandbox, complainant={"customer_no": "C-7"})
    boxes = ["Customer's name (customer_name) in the form", "How to reach the customer (contact) in the form"]
    word, callback = "word to the customer about the result", "a callback that reached the customer"
    done_by_all = "the execution by every unit that was asked"
    assert await not_archived(sandbox, id) == [done_by_all, word, callback, *boxes]
    await handled(sandbox, id)
    assert await not_archived(sandbox, id) == boxes
    await sandbox.step("li-min", id, "complete-form", facts={"customer_name": "张三"})
    assert await not_archived(sandbox, id) == boxes[1:]
    await sandbox.step("li-min", id, "complete-form", facts={"contact": "+8613800138000"})
    assert (await archived(sandbox, id))["status"] == "closed"


async def test_the_records_of_a_month_go_to_operations_without_what_is_confidential(sandbox: Desk) -> None:
    id = await with_the_station(sandbox)
    letter = complaint(procedure="courier", kind="whistle-blowing", channel="letter", facts={})
    done(await sandbox.post("li-min", "/v1/complaints", letter), 201)
    await at(sandbox, "04-01 00:00")
    await sandbox.caught_up()
    [_, month] = done(await sandbox.get("yun-shan", "/v1/reports/courier"))["items"]
    assert (month["period"], month["state"], month["told"]) == ("2026-03", "reported", ["operations"])
    records = done(await sandbox.get("yun-shan", "/v1/reports/courier/monthly/2026-03"))["items"]
    assert [row["id"] for row in records] == [id]
