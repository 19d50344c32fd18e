"""What people find in the console without asking anybody: incidents, reports, money to approve, notices and pauses.

Setting a sandbox's time answers when all that fell due on the way has been told, so nothing here waits.
"""

from __future__ import annotations

from typing import Any

from tests.http.desk import Desk, complaint, done, problem
from tests.stories import test_call_centre as call_centre
from tests.stories import test_courier as courier
from tests.stories import test_market_30min as market
from tests.stories import test_pauses as pauses
from tests.stories import test_retail_400 as retail
from tests.stories.emergency import inform, on_duty, opened, step
from tests.stories.staff import employ, look
from tests.stories.telling import at


async def inbox(desk: Desk, who: str) -> list[dict[str, Any]]:
    """What somebody was told so far, oldest first. It does not wait for anything to be told."""
    items: list[dict[str, Any]] = done(await desk.get(who, "/v1/notifications?mine=true&limit=200"))["items"]
    return items[::-1]


async def told(desk: Desk, who: str) -> list[str]:
    await desk.service.notifying.follower.reached(await desk.service.log.head(), 20)
    return [item["event"] for item in await inbox(desk, who)]


async def test_an_incident_that_nobody_reports_upwards_is_told_to_those_the_plan_names(sandbox: Desk) -> None:
    await on_duty(sandbox)
    await at(sandbox, "03-02 09:00")
    incident = await opened(sandbox)
    await at(sandbox, "03-02 09:06")
    assert [item["event"] for item in await inbox(sandbox, "ma-chao")] == ["IncidentOpened"]
    assert [item["event"] for item in await inbox(sandbox, "gu-fang")] == [
        "IncidentOpened", "DeadlineWarned", "DeadlineMissed",
    ]  # fmt: skip
    miss = (await inbox(sandbox, "zhao-jing"))[-1]
    assert (miss["about"], miss["incident_id"], miss["complaint_id"], miss["report"]) == (
        "incident", incident["id"], None, None,
    )  # fmt: skip
    assert (miss["number"], miss["clock"], miss["due_at"], miss["urgent"]) == (
        incident["number"], "inform-manager", "2026-03-02T01:05:00Z", True,
    )  # fmt: skip
    assert miss["title"] == {
        "zh": f"突发事件已超时：{incident['number']} 上报客服部经理",
        "en": f"Incident, overdue: {incident['number']} Customer service manager informed",
    }
    assert await inbox(sandbox, "shen-lan") == []
    await at(sandbox, "03-02 09:10")
    assert [item["clock"] for item in await inbox(sandbox, "shen-lan")] == ["inform-vp"]


async def test_who_is_informed_of_an_incident_and_of_its_end_finds_both_in_the_console(sandbox: Desk) -> None:
    await on_duty(sandbox)
    id = (await opened(sandbox))["id"]
    await inform(sandbox, "gu-fang", id, "vp-operations")
    await step(sandbox, "ma-chao", id, "restore", text="供应商更换了板卡。")
    await inform(sandbox, "gu-fang", id, "vp-operations")
    assert await told(sandbox, "shen-lan") == ["RoleInformed", "RoleInformed"]
    titles = [item["title"]["zh"].partition("：")[0] for item in await inbox(sandbox, "shen-lan")]
    assert titles == ["突发事件上报", "突发事件恢复通报"]


async def test_an_incident_of_which_the_plan_says_nothing_is_told_to_those_who_bring_it_to_its_end(
    sandbox: Desk,
) -> None:
    await on_duty(sandbox)
    await opened(sandbox, "gu-fang", kind="fire", title="火警")
    assert await told(sandbox, "zhao-jing") == ["IncidentOpened"]
    assert await told(sandbox, "gu-fang") == []  # she opened it
    assert await told(sandbox, "ma-chao") == []


async def reports_in(desk: Desk, who: str) -> list[dict[str, Any]]:
    """The messages of an inbox that are about a report, and not about a complaint that lies too long."""
    return [item for item in await inbox(desk, who) if item["about"] == "report"]


async def test_a_report_is_told_to_its_roles_and_a_rise_once_to_the_vice_president(sandbox: Desk) -> None:
    await employ(sandbox, {"xu-yan": ("project-office", None), "bai-lu": ("vice-president", None)})
    await at(sandbox, "03-02 09:00")
    await sandbox.receive("li-min", procedure="after-sales", kind="request", facts={"contract_no": "HT-2026-8"})
    await at(sandbox, "04-01 08:00")
    (report,) = await reports_in(sandbox, "xu-yan")
    assert (report["event"], report["about"], report["report"], report["number"]) == (
        "PeriodReported", "report", "after-sales/monthly/2026-03", "AFTER-SALES-2026-03",
    )  # fmt: skip
    assert report["title"]["zh"] == "周期报告：Case月度分析 2026-03"
    assert await inbox(sandbox, "bai-lu") == []  # the first month is no rise
    for phone in ("138 0013 8001", "138 0013 8002"):
        person = {"name": "赵六", "phone": phone}
        facts = {"contract_no": "HT-2026-8"}
        await sandbox.receive("li-min", procedure="after-sales", kind="request", facts=facts, complainant=person)
    await at(sandbox, "05-01 08:00")
    (rise,) = await inbox(sandbox, "bai-lu")
    assert rise["title"] == {
        "zh": "投诉量上升：Case月度分析 2026-04", "en": "Complaints have risen: Monthly analysis of cases 2026-04",
    }  # fmt: skip
    await at(sandbox, "06-01 08:00")  # nobody complained in May
    months = [item["number"] for item in await reports_in(sandbox, "xu-yan")]
    assert months == [f"AFTER-SALES-2026-{month}" for month in ("03", "04", "05")]
    assert len(await inbox(sandbox, "bai-lu")) == 1


async def test_a_proposed_compensation_is_told_to_those_who_may_approve_that_amount(sandbox: Desk) -> None:
    id = await call_centre.executed(sandbox)
    for amount in ("150", "900", "5000"):
        proposal = {"amount": amount, "basis": "补偿", "method": "voucher"}
        await sandbox.step(call_centre.MANAGER, id, "propose-compensation", **proposal)
    who = (call_centre.LEADER, call_centre.MANAGER, call_centre.SENIOR)
    assert [(await told(sandbox, one)).count("CompensationProposed") for one in who] == [1, 2, 3]


async def test_a_notice_of_liability_is_told_to_the_shop_and_to_the_people_it_names(sandbox: Desk) -> None:
    id = await retail.judged_again(sandbox)
    people = {"people": [retail.SPECIALIST], "unit": "store"}
    await sandbox.step(retail.SPECIALIST, id, "issue-notice", text="工艺不合格。", penalty="扣罚绩效", **people)
    assert [(await told(sandbox, who)).count("NoticeIssued") for who in (retail.STORE, retail.SPECIALIST)] == [1, 1]
    assert "NoticeIssued" not in await told(sandbox, "li-min")


async def test_a_unit_is_told_when_its_clocks_stand_still_and_when_they_run_again(sandbox: Desk) -> None:
    await employ(sandbox, {"zhou-qi": ("unit", "product"), "feng-yu": ("unit", "sales")})
    id = await pauses.complex_complaint(sandbox)
    await sandbox.step(pauses.MANAGER, id, "dispatch", units=["product"])
    await sandbox.step(pauses.MANAGER, id, "pause", reason="等客户寄回", until="2026-03-06T10:00:00+08:00")
    await at(sandbox, "03-06 10:00")
    assert [item["event"] for item in await inbox(sandbox, "zhou-qi")] == [
        "Dispatched", "ClocksPaused", "ClocksResumed",
    ]  # fmt: skip
    assert await inbox(sandbox, "feng-yu") == []


async def test_a_confidential_matter_is_told_at_once_to_its_circle_and_to_nobody_else(sandbox: Desk) -> None:
    await courier.at_work(sandbox)
    letter = complaint(procedure="courier", kind="report", channel="letter", facts={})
    done(await sandbox.post("li-min", "/v1/complaints", letter), 201)
    assert await told(sandbox, courier.LEADER) == ["Escalated"]
    assert await told(sandbox, courier.DISPATCHER) == []
    everything = done(await sandbox.get("admin", "/v1/notifications"))["items"]
    assert everything == []


async def test_operations_and_the_deputy_hear_that_a_letter_came_and_nothing_else_of_it(sandbox: Desk) -> None:
    await courier.at_work(sandbox)
    letter = complaint(procedure="courier", kind="whistle-blowing", channel="letter", subject="站长私拆快件", facts={})
    id = done(await sandbox.post("li-min", "/v1/complaints", letter), 201)["id"]
    await sandbox.step(courier.LEADER, id, "classify", severity="major", category="violation")
    await sandbox.step(courier.LEADER, id, "dispatch", units=["station"])
    for who in (courier.DEPUTY, "yun-shan"):
        assert await told(sandbox, who) == ["Escalated"]
        assert "私拆" not in str(await inbox(sandbox, who))
        problem(await sandbox.get(who, f"/v1/complaints/{id}"), 403)
    assert [await told(sandbox, who) for who in (courier.DISPATCHER, courier.STATION)] == [[], []]


async def test_whoever_is_handed_a_case_is_told_and_taking_it_back_tells_nobody(sandbox: Desk) -> None:
    id = (await sandbox.receive("li-min"))["id"]
    await sandbox.key_of("agent-7")
    await sandbox.step("li-min", id, "hand-over", to="agent-7")
    await sandbox.step("li-min", id, "hand-over", to="li-min")
    assert (await told(sandbox, "agent-7"), await told(sandbox, "li-min")) == (["HandedOver"], [])


async def test_nobody_is_told_twice_of_one_thing_in_two_roles_or_as_owner_and_as_a_member(sandbox: Desk) -> None:
    both = ["manager", "board-office"]
    key = {"id": "guo-ning", "name": "guo-ning", "roles": both}
    sandbox.keys["guo-ning"] = done(await sandbox.post("admin", "/v1/keys", key), 201)["key"]
    await at(sandbox, "03-02 09:00")
    id = (await sandbox.receive())["id"]
    await sandbox.step("li-min", id, "classify", severity="major", category="process.deposit")
    await at(sandbox, "03-04 00:05")
    mine = await inbox(sandbox, "guo-ning")
    assert [item["clock"] for item in mine if item["event"] == "DeadlineMissed"].count("whole-case") == 1
    assert len({item["position"] for item in mine}) == len(mine)
    for role in both:  # each of them was told, and is found where it is asked for
        path = f"/v1/notifications?mine=true&recipient=role/{role}&limit=200"
        found = done(await sandbox.get("guo-ning", path))["items"]
        assert "whole-case" in [item["clock"] for item in found if item["event"] == "DeadlineMissed"]


async def test_a_member_of_the_unit_who_is_named_as_owner_is_told_of_the_dispatch_once(sandbox: Desk) -> None:
    id = await market.with_the_region(sandbox)
    assert (await told(sandbox, market.OWNER)).count("Dispatched") == 1
    assert [item["recipient"]["kind"] for item in await inbox(sandbox, market.OWNER)][:1] == ["actor"]
    assert (await look(sandbox, id))["owner"]["actor"] == market.OWNER
