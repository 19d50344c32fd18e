"""关于客户投诉处理制度办法: a group of car dealers, played through the REST API.

The group's call centre checks who is calling and sends the complaint to the shop; the shop reports its result within a
day of it, and the group calls back. What is major goes up to the brand division and to legal within a day.
"""

from __future__ import annotations

from typing import Any

import pytest

from app.commands.customer_system import CustomerLookup
from tests.app.receiving import web_server
from tests.http.desk import Desk, done, open_desk
from tests.stories.staff import employ, escalated_to, look, told_at
from tests.stories.telling import at, clock, due, state

SHOP, GENERAL_MANAGER, BRAND, LEGAL = "gao-shan", "bai-lu", "qin-feng", "ding-lu"
VICE_PRESIDENT, CEO = "lu-yan", "xu-ran"
CAR = {"plate": "苏A12345", "model": "1.5T 自动舒适型"}


async def received(desk: Desk, **facts: Any) -> str:
    if SHOP not in desk.keys:
        staff = {
            SHOP: ("unit", "shop"), GENERAL_MANAGER: ("general-manager", None), BRAND: ("brand", None),
            LEGAL: ("legal", None), VICE_PRESIDENT: ("vice-president", None), CEO: ("ceo", None),
        }  # fmt: skip
        await employ(desk, staff)
    facts = {"subject": "新车变速箱异响", "issue_point": "gearbox", "facts": CAR, "force": True} | facts
    id: str = (await desk.receive("li-min", procedure="dealer-4s", **facts))["id"]
    return id


async def classified(desk: Desk, severity: str = "general", **facts: Any) -> str:
    """A complaint of Monday nine o'clock whose customer was found in the customer system."""
    await at(desk, "03-02 09:00")
    id = await received(desk, **facts)
    await desk.step("li-min", id, "check-customer", matches=True, findings="姓名、电话、车牌与系统一致")
    await desk.step("li-min", id, "classify", severity=severity, category="vehicle.gearbox")
    return id


async def executed(desk: Desk, severity: str = "general", **facts: Any) -> str:
    id = await classified(desk, severity, **facts)
    await desk.step("li-min", id, "dispatch", units=["shop"])
    await at(desk, "03-03 15:00")
    await desk.step(SHOP, id, "execute", measure="更换变速箱阀体")
    return id


async def called(desk: Desk, id: str, *, satisfied: bool = True) -> dict[str, Any]:
    score = 5 if satisfied else 1
    call = {"reached": True, "satisfied": satisfied, "score": score, "means": "phone"}
    return await desk.step("li-min", id, "record-callback", **call)


async def test_a_complaint_goes_from_the_group_s_call_centre_to_the_shop_and_back(sandbox: Desk) -> None:
    id = await classified(sandbox)
    complaint = await sandbox.step("li-min", id, "dispatch", units=["shop"], note="请客户关系部经理跟进")
    assert [one["state"] for one in complaint["units"]] == ["asked"]
    await sandbox.step(SHOP, id, "accept")
    complaint = await sandbox.step(SHOP, id, "execute", measure="更换变速箱阀体")
    assert complaint["status"] == "executed"
    await sandbox.step(SHOP, id, "report-progress", text="已更换，客户试车满意。")
    await called(sandbox, id)
    complaint = await sandbox.step("li-min", id, "close", outcome="已解决", summary="更换阀体", justified=True)
    assert complaint["status"] == "closed"


async def test_the_shop_s_result_reaches_the_group_within_24_hours_of_the_handling(sandbox: Desk) -> None:
    id = await executed(sandbox)
    complaint = await look(sandbox, id)
    assert due(complaint, "result-report", "shop") == "2026-03-04T07:00:00Z"  # 24 hours from Tuesday 15:00
    await at(sandbox, "03-04 14:59")
    complaint = await sandbox.step(SHOP, id, "report-progress", text="已更换阀体")
    assert state(complaint, "result-report", "shop") == "met"


async def test_a_result_not_reported_in_time_is_told_to_the_group_and_the_general_manager(sandbox: Desk) -> None:
    id = await executed(sandbox)
    await sandbox.step("li-min", id, "add-note", text="催问结果")  # a note is no report
    await at(sandbox, "03-04 15:00")
    assert state(await look(sandbox, id), "result-report", "shop") == "missed"
    assert await told_at(sandbox, id, "DeadlineMissed") == [("result-report", ["manager", "general-manager"])]


async def test_a_case_stays_open_while_a_shop_that_was_asked_has_not_executed(sandbox: Desk) -> None:
    id = await classified(sandbox)
    await employ(sandbox, {"mo-ran": ("unit", "shop-2")})
    await sandbox.step("li-min", id, "dispatch", units=["shop", "shop-2"])
    await sandbox.step(SHOP, id, "execute", measure="更换变速箱阀体")
    await called(sandbox, id)
    refusal = await sandbox.refused(409, "li-min", id, "close", outcome="已解决", summary="更换阀体")
    assert refusal["missing"] == ["the execution by every unit that was asked", "a callback that reached the customer"]
    await sandbox.step("mo-ran", id, "execute", measure="退还诊断费")
    await called(sandbox, id)
    assert (await sandbox.step("li-min", id, "close", outcome="已解决", summary="更换阀体"))["status"] == "closed"


async def test_the_group_calls_back_before_the_case_is_closed(sandbox: Desk) -> None:
    id = await executed(sandbox)
    await sandbox.step(SHOP, id, "report-progress", text="已更换阀体")
    refusal = await sandbox.refused(409, "li-min", id, "close", outcome="已解决", summary="更换阀体")
    assert refusal["missing"] == ["a callback that reached the customer"]
    await sandbox.refused(403, SHOP, id, "record-callback", reached=True, satisfied=True, means="phone")
    complaint = await called(sandbox, id, satisfied=False)
    assert (complaint["round"], complaint["status"]) == (2, "classified")
    assert await escalated_to(sandbox, id) == ["manager", "general-manager"]


async def test_the_customer_s_facts_are_checked_before_the_case_opens(database: str) -> None:
    async with web_server() as crm:
        crm.body = b'{"name": "\xe5\xbc\xa0\xe4\xb8\x89", "customer_no": "C-1001"}'
        lookup = CustomerLookup(crm.url("/{customer_no}"))
        async with open_desk(database, sandbox=True, customers=lookup) as desk:
            id = await received(desk)
            await desk.step("li-min", id, "classify", severity="general", category="vehicle")
            refusal = await desk.refused(409, "li-min", id, "dispatch", units=["shop"])
            assert "customer system" in refusal["detail"]
            await desk.step("li-min", id, "check-customer")
            assert (await desk.step("li-min", id, "dispatch", units=["shop"]))["status"] == "dispatched"
        assert [asked.path for asked in crm.posted] == ["/C-1001"]


async def test_where_no_customer_system_is_configured_the_check_is_recorded_by_hand(sandbox: Desk) -> None:
    await at(sandbox, "03-02 09:00")
    id = await received(sandbox)
    await sandbox.step("li-min", id, "classify", severity="general", category="vehicle")
    await sandbox.refused(422, "li-min", id, "check-customer")  # no customer system is configured: say what was found
    complaint = await sandbox.step("li-min", id, "check-customer", matches=False, findings="车牌不属该客户，已更正")
    assert complaint["allowed"].count("dispatch") == 1
    [checked] = [
        event for event in done(await sandbox.get("li-min", f"/v1/complaints/{id}/history"))["items"]
        if event["type"] == "CustomerChecked"
    ]  # fmt: skip
    assert checked["data"]["matches"] is False
    assert checked["data"]["source"] == "person"


async def test_the_accused_person_takes_no_part(sandbox: Desk) -> None:
    id = await classified(sandbox, accused=[SHOP])
    await sandbox.step("li-min", id, "dispatch", units=["shop"])
    refusal = await sandbox.refused(403, SHOP, id, "accept")
    assert refusal["type"] == "/problems/recused"
    assert (await sandbox.get(SHOP, f"/v1/complaints/{id}")).status_code == 403
    await employ(sandbox, {"hua-mei": ("unit", "shop")})
    assert (await sandbox.step("hua-mei", id, "accept"))["status"] == "executing"
    await sandbox.step("li-min", id, "name-accused", people=["hua-mei"])
    refusal = await sandbox.refused(403, "hua-mei", id, "execute", measure="道歉")
    assert refusal["type"] == "/problems/recused"


async def test_a_major_complaint_is_told_at_once_to_the_group_s_manager_and_the_general_manager(sandbox: Desk) -> None:
    id = await classified(sandbox, "major")
    assert await escalated_to(sandbox, id) == ["manager", "general-manager"]


async def test_a_major_complaint_is_pre_warned_to_brand_and_legal_within_24_hours(sandbox: Desk) -> None:
    id = await classified(sandbox)
    await at(sandbox, "03-02 10:30")
    complaint = await sandbox.step("li-min", id, "classify", severity="major")  # the customer blocks the door
    assert due(complaint, "pre-warning") == "2026-03-03T02:30:00Z"
    await at(sandbox, "03-02 11:00")
    complaint = await sandbox.step("li-min", id, "escalate", to_role="brand", reason="客户堵门，要求退车")
    assert state(complaint, "pre-warning") == "running"
    await at(sandbox, "03-03 10:29")
    complaint = await sandbox.step("li-min", id, "escalate", to_role="legal", reason="客户堵门，要求退车")
    assert state(complaint, "pre-warning") == "met"
    assert clock(complaint, "pre-warning")["stopped_at"] == "2026-03-03T02:29:00Z"


async def test_a_pre_warning_to_one_of_the_two_alone_is_missed_after_24_hours(sandbox: Desk) -> None:
    id = await classified(sandbox, "major")
    await sandbox.step("li-min", id, "escalate", to_role="legal", reason="媒体负面报道")
    await at(sandbox, "03-03 09:00")
    assert state(await look(sandbox, id), "pre-warning") == "missed"
    assert await told_at(sandbox, id, "DeadlineMissed") == [("pre-warning", ["manager", "vice-president", "ceo"])]


async def test_a_reclassification_that_stays_major_does_not_start_the_pre_warning_again(sandbox: Desk) -> None:
    id = await classified(sandbox, "major")
    await at(sandbox, "03-02 18:00")
    complaint = await sandbox.step("li-min", id, "classify", category="after-sales")
    assert due(complaint, "pre-warning") == "2026-03-03T01:00:00Z"
    assert [one["name"] for one in complaint["clocks"]] == ["pre-warning", "classify", "dispatch", "whole-case"]


async def test_a_repeated_complaint_of_one_customer_is_major_whatever_it_is_about(sandbox: Desk) -> None:
    first = await classified(sandbox)
    again = await classified(sandbox, subject="维修后漏油", issue_point="oil")
    other = await classified(sandbox, complainant={"name": "王五", "phone": "+8613912345678"}, issue_point="brakes")
    found = {id: (await look(sandbox, id))["severity"] for id in (first, again, other)}
    assert found == {first: "general", again: "major", other: "general"}
    assert await escalated_to(sandbox, again) == ["manager", "general-manager"]
    assert [one["id"] for one in (await look(sandbox, again))["linked"]] == [first]
    refusal = await sandbox.refused(403, "li-min", again, "classify", severity="general")
    assert refusal["type"] == "/problems/ended-by-others"


PHONE, SWITCHBOARD = {"phone": "+8613900000007"}, {"phone": "+862550000000"}
WANG, LI = {"name": "王五"}, {"name": "李四"}
ONE_AFTER_THE_OTHER = [
    (PHONE, PHONE | {"email": "a@example.com"}, "major"),
    ({"email": "a@example.com"}, PHONE | {"email": "A@example.com"}, "major"),
    ({"customer_no": "K-1"}, PHONE | {"customer_no": "K-1"}, "major"),
    (PHONE | {"email": "a@example.com"}, {"phone": "+8613900000008", "email": "a@example.com"}, "major"),
    (PHONE | WANG | {"customer_no": "K-1"}, PHONE | WANG | {"customer_no": "K-2"}, "major"),  # taken down wrong
    # Strangers who call from one switchboard.
    (SWITCHBOARD | WANG | {"email": "a@example.com"}, SWITCHBOARD | LI | {"email": "b@example.com"}, "general"),
    (SWITCHBOARD | WANG | {"customer_no": "K-1"}, SWITCHBOARD | LI | {"customer_no": "K-2"}, "general"),
    (PHONE, {"email": "a@example.com"}, "general"),  # nothing in common
]


@pytest.mark.parametrize(("first", "then", "severity"), ONE_AFTER_THE_OTHER)
async def test_a_customer_who_complains_again_is_known_by_anything_that_both_complaints_gave(
    sandbox: Desk, first: dict[str, str], then: dict[str, str], severity: str
) -> None:
    await classified(sandbox, complainant=first)
    again = await classified(sandbox, complainant=then, issue_point="oil")
    assert (await look(sandbox, again))["severity"] == severity


async def test_a_general_complaint_has_no_pre_warning(sandbox: Desk) -> None:
    id = await executed(sandbox)
    names = [one["name"] for one in (await look(sandbox, id))["clocks"]]
    assert names == ["result-report", "classify", "dispatch", "handle", "callback", "whole-case"]


async def test_brand_goes_on_to_the_vice_president_and_the_ceo_and_nobody_goes_there_before_it(sandbox: Desk) -> None:
    id = await classified(sandbox, "major")
    for role in ("vice-president", "ceo"):
        refusal = await sandbox.refused(409, "li-min", id, "escalate", to_role=role, reason="客户要求见CEO")
        assert refusal["type"] == "/problems/escalation-skips-rung"
        assert "brand" in refusal["detail"]
    await sandbox.step("li-min", id, "escalate", to_role="brand", reason="退车")
    await sandbox.step(BRAND, id, "escalate", to_role="vice-president", reason="退车，报备")
    await sandbox.step(BRAND, id, "escalate", to_role="ceo", reason="退车，报备")
    assert (await look(sandbox, id, CEO))["severity"] == "major"


async def test_a_major_complaint_is_closed_only_after_pre_warning_and_the_crisis_group_s_meeting(sandbox: Desk) -> None:
    id = await executed(sandbox, "major")
    await called(sandbox, id)
    refusal = await sandbox.refused(409, "li-min", id, "close", outcome="已解决", summary="退车")
    assert refusal["missing"] == [
        "word to Brand division (escalate to brand)",
        "word to Legal department (escalate to legal)",
        "the special meeting",
    ]
    for role in ("brand", "legal"):
        await sandbox.step(SHOP, id, "escalate", to_role=role, reason="退车")
    await sandbox.refused(403, "li-min", id, "hold-meeting", attendees=["白露"], decisions="同意退车")
    await sandbox.step(GENERAL_MANAGER, id, "hold-meeting", attendees=["白露", "高山"], decisions="同意退车")
    complaint = await sandbox.step("li-min", id, "close", outcome="已解决", summary="退车", justified=True)
    assert complaint["status"] == "closed"


async def test_the_report_under_the_maker_s_own_rules_is_filed_with_the_case(sandbox: Desk) -> None:
    id = await classified(sandbox, "major")
    report = {"name": "厂家预警报告.pdf", "kind": "report", "reference": "https://oms.example.com/7781",
              "evidence": "maker-warning"}  # fmt: skip
    await sandbox.step("li-min", id, "attach", **report)
    items = done(await sandbox.get(LEGAL, f"/v1/complaints/{id}/history"))["items"]
    assert [event["data"]["evidence"] for event in items if event["type"] == "AttachmentAdded"] == ["maker-warning"]
    refusal = await sandbox.refused(422, "li-min", id, "attach", **report | {"evidence": "maker"})
    assert refusal["type"] == "/problems/unknown-evidence"


async def test_compensation_is_approved_by_whoever_the_table_gives_the_amount_to(sandbox: Desk) -> None:
    id = await executed(sandbox)
    await sandbox.step(SHOP, id, "propose-compensation", amount=8000, basis="停驶补偿", method="transfer")
    refusal = await sandbox.refused(403, "zhao-jing", id, "approve-compensation")
    assert refusal["type"] == "/problems/amount-above-authority"
    await called(sandbox, id)
    refusal = await sandbox.refused(409, "li-min", id, "close", outcome="已解决", summary="补偿")
    assert refusal["missing"] == ["the proposed compensation approved or refused"]
    await sandbox.step(GENERAL_MANAGER, id, "approve-compensation", amount=8000)
    await sandbox.step(SHOP, id, "pay-compensation", reference="凭证 2026-118")
    complaint = await sandbox.step("li-min", id, "close", outcome="已解决", summary="补偿", justified=True)
    assert complaint["status"] == "closed"


async def test_each_amount_has_its_own_authority_up_to_the_ceo(sandbox: Desk) -> None:
    lines = [(1000, "zhao-jing", "li-min"), (10000, GENERAL_MANAGER, "zhao-jing"), (50000, BRAND, GENERAL_MANAGER),
             (200000, VICE_PRESIDENT, BRAND), (200001, CEO, VICE_PRESIDENT)]  # fmt: skip
    id = await executed(sandbox)
    for amount, who, too_low in lines:
        await sandbox.step(SHOP, id, "propose-compensation", amount=amount, basis="退车差价", method="transfer")
        await sandbox.refused(403, too_low, id, "approve-compensation")
        await sandbox.step(who, id, "approve-compensation", amount=amount)
        await sandbox.step(SHOP, id, "pay-compensation")
