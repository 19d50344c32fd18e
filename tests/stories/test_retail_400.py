"""400客服投诉处理方案: the 400-line of a chain of stores, played through the REST API.

The agent calms and explains first; what is left goes to the store, which names who is responsible in 12 hours, gives
its result in 48 and may appeal within a working day; customer service calls back within 72 hours of the complaint.
"""

from __future__ import annotations

from typing import Any

from tests.http.desk import Desk, done
from tests.stories.staff import employ, escalated_to, look, told_at
from tests.stories.telling import at, due, state

STORE, SPECIALIST = "qin-lan", "tang-yi"


async def received(
    desk: Desk, severity: str = "class-two", *, issue_point: str = "screen-lines", **changes: Any
) -> str:
    if STORE not in desk.keys:
        staff = {
            STORE: ("unit", "store"), "luo-jie": ("unit", "franchise"), SPECIALIST: ("specialist", None),
            "bai-xue": ("quality-safety", None), "hu-bin": ("regional-manager", None),
        }  # fmt: skip
        await employ(desk, staff)
    complaint = await desk.receive(
        "li-min", procedure="retail-400", subject="换屏后有划痕", issue_point=issue_point, **changes
    )
    id: str = complaint["id"]
    await desk.step("li-min", id, "classify", severity=severity, category="repair.screen")
    return id


async def with_the_store(desk: Desk, severity: str = "class-two", *units: str, **facts: Any) -> str:
    """A complaint of Monday nine o'clock that was explained where it has to be, and sent to the store an hour later."""
    await at(desk, "03-02 09:00")
    id = await received(desk, severity, **facts)
    await at(desk, "03-02 10:00")
    if severity != "class-one":
        await desk.step("li-min", id, "settle", explanation="已致歉并说明保修政策", accepted=False)
    await desk.step("li-min", id, "dispatch", units=list(units or ("store",)))
    return id


async def called(desk: Desk, id: str, *, satisfied: bool) -> dict[str, Any]:
    return await desk.step("li-min", id, "record-callback", reached=True, satisfied=satisfied, means="phone")


async def test_a_complaint_goes_from_the_400_line_to_a_satisfied_customer(sandbox: Desk) -> None:
    id = await with_the_store(sandbox)
    complaint = await look(sandbox, id)
    assert due(complaint, "shop-contact", "store") == "2026-03-02T13:00:00Z"  # 12, 48 and 72 hours from Monday 09:00
    assert due(complaint, "result", "store") == "2026-03-04T01:00:00Z"
    assert due(complaint, "callback") == "2026-03-05T01:00:00Z"

    await at(sandbox, "03-02 11:00")
    complaint = await sandbox.step(STORE, id, "accept")
    assert state(complaint, "shop-contact", "store") == "met"
    await at(sandbox, "03-03 15:00")
    await sandbox.refused(403, "li-min", id, "execute", measure="换屏")  # the result is the store's to give
    complaint = await sandbox.step(STORE, id, "execute", measure="免费换屏并致歉")
    assert (complaint["status"], state(complaint, "result", "store")) == ("executed", "met")
    refusal = await sandbox.refused(409, "li-min", id, "close", outcome="已解决", summary="换屏")
    assert refusal["missing"] == ["a callback that reached the customer"]

    await at(sandbox, "03-04 10:00")
    complaint = await called(sandbox, id, satisfied=True)
    assert state(complaint, "callback") == "met"
    complaint = await sandbox.step("li-min", id, "close", outcome="已解决", summary="换屏", justified=True)
    assert complaint["status"] == "closed"


async def test_a_complaint_stays_open_while_a_store_that_was_asked_has_given_no_result(sandbox: Desk) -> None:
    id = await with_the_store(sandbox, "class-two", "store", "franchise")
    await sandbox.step(STORE, id, "execute", measure="免费换屏并致歉")
    await called(sandbox, id, satisfied=True)
    refusal = await sandbox.refused(409, "li-min", id, "close", outcome="已解决", summary="换屏")
    by_all, callback = "the execution by every unit that was asked", "a callback that reached the customer"
    assert refusal["missing"] == [by_all, callback]  # a callback before the last result is none of it
    await sandbox.step("luo-jie", id, "execute", measure="退还检测费")
    await called(sandbox, id, satisfied=True)
    assert (await sandbox.step("li-min", id, "close", outcome="已解决", summary="换屏"))["status"] == "closed"


async def test_the_agent_explains_first_and_passes_on_only_what_is_left(sandbox: Desk) -> None:
    for severity in ("grievance", "class-two"):
        id = await received(sandbox, severity, issue_point=f"of-a-{severity}")
        refusal = await sandbox.refused(409, "li-min", id, "dispatch", units=["store"])
        assert refusal["type"] == "/problems/not-yet-explained"
        complaint = await sandbox.step("li-min", id, "settle", explanation="已安抚并说明", accepted=False)
        assert complaint["status"] == "classified"
        assert "dispatch" in complaint["allowed"]
        await sandbox.step("li-min", id, "dispatch", units=["store"])

    soothed = await received(sandbox, "grievance")
    complaint = await sandbox.step("li-min", soothed, "settle", explanation="已安抚并说明", accepted=True)
    assert complaint["status"] == "closed"
    met = {one["name"] for one in complaint["clocks"] if one["state"] == "met"}
    assert met == {"classify", "whole-case"}
    assert {one["state"] for one in complaint["clocks"] if one["name"] not in met} == {"cancelled"}


async def test_a_class_one_complaint_is_never_ended_by_an_explanation(sandbox: Desk) -> None:
    id = await received(sandbox, "class-one")
    refusal = await sandbox.refused(409, "li-min", id, "settle", explanation="已说明", accepted=True)
    assert refusal["type"] == "/problems/not-for-front-line"
    unsorted = (await sandbox.receive("li-min", procedure="retail-400"))["id"]
    refusal = await sandbox.refused(409, "li-min", unsorted, "settle", explanation="已说明", accepted=True)
    assert refusal["type"] == "/problems/not-yet-classified"


async def test_each_of_the_three_limits_that_passes_is_told_to_those_who_answer_for_it(sandbox: Desk) -> None:
    id = await with_the_store(sandbox)
    await at(sandbox, "03-05 09:00")
    complaint = await look(sandbox, id)
    assert [state(complaint, name, "store") for name in ("shop-contact", "result")] == ["missed"] * 2
    assert state(complaint, "callback") == "missed"
    assert await told_at(sandbox, id, "DeadlineMissed") == [
        ("shop-contact", ["specialist", "manager"]),
        ("result", ["specialist", "manager"]),
        ("callback", ["manager"]),
    ]


async def test_an_extension_needs_word_to_the_customer_and_comes_inside_the_limit(sandbox: Desk) -> None:
    id = await with_the_store(sandbox)
    asked = {"clock": "result", "until": "2026-03-06T09:00:00+08:00", "reason": "配件缺货"}
    refusal = await sandbox.refused(409, STORE, id, "extend", **asked)
    assert refusal["type"] == "/problems/customer-not-told"
    await sandbox.step(STORE, id, "inform-customer", means="phone", text="配件周五到，届时更换。")
    await sandbox.refused(422, STORE, id, "extend", clock="result", until=asked["until"])  # without its reason
    complaint = await sandbox.step(STORE, id, "extend", **asked)
    assert due(complaint, "result", "store") == "2026-03-06T01:00:00Z"
    again = asked | {"until": "2026-03-07T09:00:00+08:00"}
    refusal = await sandbox.refused(409, STORE, id, "extend", **again)
    assert refusal["type"] == "/problems/customer-not-told"  # the customer knows of Friday only

    await at(sandbox, "03-06 09:00")
    await sandbox.step(STORE, id, "inform-customer", means="phone", text="周六到。")
    refusal = await sandbox.refused(409, STORE, id, "extend", **again)
    assert refusal["type"] == "/problems/clock-not-running"  # the limit is over


async def test_a_store_returns_what_is_not_its_own_within_a_working_day_and_the_clocks_run_on(sandbox: Desk) -> None:
    id = await with_the_store(sandbox)
    assert due(await look(sandbox, id), "appeal", "store") == "2026-03-03T16:00:00Z"  # the end of Tuesday
    await at(sandbox, "03-03 23:59")
    complaint = await sandbox.step(STORE, id, "return", ground="非本店维修", legal_basis="维修单属加盟店")
    assert (complaint["status"], state(complaint, "result", "store")) == ("classified", "cancelled")
    assert state(complaint, "callback") == "running"
    assert await escalated_to(sandbox, id) == []
    complaint = await sandbox.step("li-min", id, "dispatch", units=["franchise"])
    assert due(complaint, "result", "franchise") == "2026-03-04T01:00:00Z"
    assert due(complaint, "appeal", "franchise") == "2026-03-04T16:00:00Z"  # the franchise has its own working day


async def test_an_appeal_after_its_working_day_is_refused(sandbox: Desk) -> None:
    id = await with_the_store(sandbox)
    await at(sandbox, "03-04 00:00")
    refusal = await sandbox.refused(409, STORE, id, "return", ground="非本店维修", legal_basis="维修单属加盟店")
    assert refusal["type"] == "/problems/return-window-over"


async def test_an_appeal_with_clause_and_evidence_goes_to_quality_and_safety(sandbox: Desk) -> None:
    appeal = {"ground": "与事实不符", "legal_basis": "三包规定第9条", "evidence": "交机视频"}
    id = await with_the_store(sandbox)
    await sandbox.refused(422, STORE, id, "return", ground="与事实不符", evidence="交机视频")  # without its clause
    await sandbox.step(STORE, id, "return", **appeal)
    assert await escalated_to(sandbox, id) == ["quality-safety"]
    complaint = await look(sandbox, id)
    assert due(complaint, "examine-appeal") == "2026-03-03T16:00:00Z"  # a working day, on the list of who examines it
    owed = [(one["name"], one["owed_by"].get("role")) for one in complaint["obligations"] if one["state"] == "open"]
    assert ("examine-appeal", "quality-safety") in owed
    assert not any(clock["name"] == "send-on" for clock in complaint["clocks"]), "nobody else is late meanwhile"
    complaint = await sandbox.step("bai-xue", id, "reject", reason="交机时无划痕，客户签字确认。")
    assert complaint["status"] == "rejected"


async def test_an_appeal_that_is_not_upheld_goes_back_to_the_store_for_good(sandbox: Desk) -> None:
    appeal = {"ground": "与事实不符", "legal_basis": "三包规定第9条", "evidence": "交机视频"}
    id = await with_the_store(sandbox)
    await sandbox.step(STORE, id, "return", **appeal)
    await sandbox.step("bai-xue", id, "dispatch", units=["store"], note="视频看不清屏幕，申诉不成立。")
    refusal = await sandbox.refused(409, STORE, id, "return", **appeal)
    assert refusal["type"] == "/problems/returned-before"
    assert (await sandbox.step(STORE, id, "accept"))["status"] == "executing"


async def test_one_store_s_appeal_leaves_the_other_store_its_own(sandbox: Desk) -> None:
    id = await with_the_store(sandbox, "class-two", "store", "franchise")
    await sandbox.step(STORE, id, "return", ground="非本店维修", legal_basis="维修单属加盟店")
    complaint = await sandbox.step("luo-jie", id, "return", ground="非本店销售", legal_basis="销售单属直营店")
    assert complaint["status"] == "classified"


async def test_after_a_dissatisfied_customer_the_specialist_and_the_manager_judge_again(sandbox: Desk) -> None:
    id = await with_the_store(sandbox)
    await sandbox.step(STORE, id, "execute", measure="换屏")
    await at(sandbox, "03-03 09:00")
    complaint = await called(sandbox, id, satisfied=False)
    assert (complaint["round"], complaint["status"]) == (2, "classified")
    assert await escalated_to(sandbox, id) == ["specialist", "manager"]
    assert due(complaint, "result") == "2026-03-05T01:00:00Z"  # the second round has its own 48 hours
    assert {"dispatch", "settle"}.isdisjoint(complaint["allowed"])
    refusal = await sandbox.refused(409, "li-min", id, "settle", explanation="已说明", accepted=True)
    assert refusal["type"] == "/problems/decided-further-up"
    refusal = await sandbox.refused(409, "li-min", id, "dispatch", units=["store"])
    assert refusal["type"] == "/problems/decided-further-up"
    await sandbox.step(SPECIALIST, id, "dispatch", units=["store"], note="重新处理。")


async def judged_again(desk: Desk) -> str:
    """A complaint whose dissatisfied customer was contented by a second round."""
    id = await with_the_store(desk)
    await desk.step(STORE, id, "execute", measure="换屏")
    await called(desk, id, satisfied=False)
    await desk.step(SPECIALIST, id, "dispatch", units=["store"])
    await desk.step(STORE, id, "execute", measure="换新机")
    await called(desk, id, satisfied=True)
    return id


async def test_whose_liability_is_proven_when_it_is_judged_again_gets_a_named_notice_and_a_penalty(
    sandbox: Desk,
) -> None:
    id = await judged_again(sandbox)
    unsaid = {"outcome": "已解决", "summary": "换新机"}
    refusal = await sandbox.refused(409, "li-min", id, "close", **unsaid)
    assert refusal["missing"] == ["whether it was justified (justified: true or false)"]
    proven = {"outcome": "已解决", "summary": "换新机，责任属实", "justified": True}
    refusal = await sandbox.refused(409, "li-min", id, "close", **proven)
    assert refusal["missing"] == ["the named notice and penalty"]
    notice: dict[str, Any] = {"text": "换屏工艺不合格，邮件通报。", "people": [STORE], "unit": "store"}
    await sandbox.refused(422, SPECIALIST, id, "issue-notice", **notice)  # a notice has its penalty
    await sandbox.refused(403, STORE, id, "issue-notice", **notice, penalty="扣罚当月绩效")
    await sandbox.step(SPECIALIST, id, "issue-notice", **notice, penalty="扣罚当月绩效")
    assert (await sandbox.step("li-min", id, "close", **proven))["status"] == "closed"


async def test_whose_liability_is_not_proven_gets_none(sandbox: Desk) -> None:
    id = await judged_again(sandbox)
    complaint = await sandbox.step("li-min", id, "close", outcome="已解决", summary="并非门店责任", justified=False)
    assert complaint["status"] == "closed"


async def test_a_store_extends_its_own_clocks_and_not_customer_service_s_callback(sandbox: Desk) -> None:
    id = await with_the_store(sandbox)
    await sandbox.step(STORE, id, "inform-customer", means="phone", text="配件周五到。")
    later = {"until": "2026-03-08T09:00:00+08:00", "reason": "配件缺货"}
    refusal = await sandbox.refused(403, STORE, id, "extend", clock="callback", **later)
    assert "shop-contact, result" in refusal["detail"]
    complaint = await sandbox.step("li-min", id, "extend", clock="callback", **later)
    assert due(complaint, "callback") == "2026-03-08T01:00:00Z"
    await sandbox.step(STORE, id, "extend", clock="result", **later)


async def test_a_class_one_complaint_is_the_regional_manager_s_and_needs_a_rectification_order(sandbox: Desk) -> None:
    id = await with_the_store(sandbox, "class-one")
    assert await escalated_to(sandbox, id) == ["specialist", "manager", "regional-manager"]
    await sandbox.step(STORE, id, "execute", measure="退款")
    await called(sandbox, id, satisfied=True)
    refusal = await sandbox.refused(409, "li-min", id, "close", outcome="已解决", summary="退款")
    assert refusal["missing"] == ["a CAPA report that was ordered"]
    await sandbox.step("hu-bin", id, "request-capa", unit="store", reason="换屏工艺不合格，限期整改。")
    refusal = await sandbox.refused(409, "li-min", id, "close", outcome="已解决", summary="退款")
    assert len(refusal["missing"]) == 1
    report = {"cause": "工具老化", "corrective": "更换夹具", "preventive": "月检", "responsible": "秦岚"}
    await sandbox.step(STORE, id, "submit-capa", **report, complete_by="2026-03-20")
    await sandbox.step("hu-bin", id, "issue-capa")
    complaint = await sandbox.step("li-min", id, "close", outcome="已解决", summary="退款", justified=True)
    assert complaint["status"] == "closed"


async def test_an_issue_that_comes_a_second_time_within_a_month_is_raised_to_class_one(sandbox: Desk) -> None:
    first = await with_the_store(sandbox)
    await at(sandbox, "03-20 09:00")
    again = await received(sandbox, complainant={"name": "李四", "phone": "+8613900139000"})
    await at(sandbox, "03-20 09:01")  # answers when recurrence has been looked into
    complaint = await look(sandbox, again)
    assert complaint["severity"] == "class-one"
    assert await escalated_to(sandbox, again) == ["specialist", "manager", "regional-manager"]
    items = done(await sandbox.get("li-min", f"/v1/complaints/{again}/history"))["items"]
    [raised] = [event["data"] for event in items if event["type"] == "SeverityRaised"]
    assert [other["id"] for other in raised["others"]] == [first]
