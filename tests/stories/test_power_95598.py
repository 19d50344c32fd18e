"""95598: the service number of a power utility, day and night, played through the REST API.

The centre of each city answers, or sends the matter to its city company; the province watches over all of them and
follows what has a wide impact. The text has no numbers: the limits are those that the file ships with. March 1, 2026 is
a Sunday.
"""

from __future__ import annotations

from typing import Any

import pytest

from tests.http.desk import Desk, done
from tests.stories.hotline import told_of_misses
from tests.stories.staff import employ, escalated_to, look, told_at
from tests.stories.telling import at, clock, due, state

CODE = "power-95598"
CREW, OTHER_CREW, CITY, PROVINCE, HEAD = "tao-ran", "ning-bo", "xia-yu", "gu-yan", "zhao-jing"
KINDS = ("outage-info", "fault-repair", "complaint", "usage-query", "consultation", "business")
FIVE_DAYS, ONE_DAY = "2026-03-09T16:00:00Z", "2026-03-03T16:00:00Z"


async def received(desk: Desk, kind: str = "complaint", who: str = "li-min", **changes: Any) -> str:
    """A matter of Monday nine o'clock that the centre took down and sorted."""
    if CREW not in desk.keys:
        staff = {
            CREW: ("unit", "nanchang"), OTHER_CREW: ("unit", "jiujiang"), CITY: ("city-marketing", None),
            PROVINCE: ("province", None), "pan-wei": ("shift-leader", None),
        }  # fmt: skip
        await employ(desk, staff)
    id: str = (await desk.receive(who, procedure=CODE, kind=kind, facts={"account_no": "0790-118"}, **changes))["id"]
    await desk.step("li-min", id, "classify", category="outage.street")
    return id


async def sent(desk: Desk, kind: str = "complaint", **changes: Any) -> str:
    id = await received(desk, kind, **changes)
    await desk.step("li-min", id, "dispatch", units=["nanchang"])
    return id


async def of_high_impact(desk: Desk) -> str:
    id = await received(desk)
    await desk.step("li-min", id, "classify", severity="major")
    await desk.step("li-min", id, "dispatch", units=["nanchang"])
    return id


async def test_a_complaint_goes_from_the_call_to_the_reply(sandbox: Desk) -> None:
    id = await sent(sandbox)
    complaint = await look(sandbox, id)
    assert (complaint["severity"], complaint["status"]) == ("general", "dispatched")  # classifying need not say so
    await sandbox.step(CREW, id, "accept")
    await at(sandbox, "03-04 10:00")
    complaint = await sandbox.step(CREW, id, "execute", measure="已更换老化电缆。")
    assert state(complaint, "handle") == "met"
    refusal = await sandbox.refused(409, "li-min", id, "close", outcome="已解决", summary="换缆")
    assert refusal["missing"] == ["word to the customer about the result"]
    await sandbox.refused(403, CREW, id, "inform-customer", means="phone", text="已修好。")  # the centre replies
    complaint = await sandbox.step("li-min", id, "inform-customer", means="phone", text="电缆已更换。")
    assert state(complaint, "reply") == "met"
    await sandbox.step("li-min", id, "record-callback", reached=True, satisfied=True, means="phone")
    complaint = await sandbox.step("li-min", id, "close", outcome="已解决", summary="换缆", justified=True)
    assert complaint["status"] == "closed"


@pytest.mark.parametrize("kind", KINDS)
async def test_there_are_six_kinds_of_matter_each_with_its_own_time(sandbox: Desk, kind: str) -> None:
    id = await sent(sandbox, kind)
    complaint = await look(sandbox, id)
    ends = {"fault-repair": "2026-03-03T01:00:00Z", "complaint": FIVE_DAYS, "business": FIVE_DAYS}
    assert (complaint["kind"], due(complaint, "handle")) == (kind, ends.get(kind, ONE_DAY))
    sent_out = "2026-03-02T01:15:00Z" if kind == "fault-repair" else "2026-03-02T03:00:00Z"
    assert (due(complaint, "dispatch"), state(complaint, "dispatch")) == (sent_out, "met")


async def test_a_kind_that_the_number_does_not_take_is_refused(sandbox: Desk) -> None:
    body = {"procedure": CODE, "kind": "praise", "channel": "phone", "subject": "表扬", "content": "…"}
    answer = await sandbox.post("li-min", "/v1/complaints", body)
    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, "/kind")


@pytest.mark.parametrize("channel", ["phone", "voicemail", "fax", "sms"])
async def test_people_machines_fax_and_short_messages_bring_matters_in(sandbox: Desk, channel: str) -> None:
    complaint = await sandbox.receive("softphone", procedure=CODE, kind="outage-info", channel=channel, facts={})
    complaint = await sandbox.step("li-min", complaint["id"], "settle", explanation="计划检修，18时送电", accepted=True)
    assert (complaint["status"], complaint["channel"]) == ("closed", channel)


@pytest.mark.parametrize("kind", ["usage-query", "consultation", "outage-info"])
async def test_what_the_agent_can_answer_is_settled_on_the_spot_also_when_it_was_sorted(
    sandbox: Desk, kind: str
) -> None:
    id = await received(sandbox, kind)
    complaint = await sandbox.step("li-min", id, "settle", explanation="上月用电 210 千瓦时。", accepted=True)
    assert complaint["status"] == "closed"
    assert {one["name"]: one["state"] for one in complaint["clocks"]} == {
        "dispatch": "cancelled", "classify": "met", "whole-case": "met",
    }  # fmt: skip


async def test_service_is_round_the_clock_so_a_fault_of_sunday_night_has_its_minutes_at_once(sandbox: Desk) -> None:
    await received(sandbox)
    night = "2026-03-01T23:50:00+08:00"
    complaint = await sandbox.receive(
        "softphone", procedure=CODE, kind="fault-repair", channel="voicemail", occurred_at=night, facts={}
    )
    assert due(complaint, "dispatch") == "2026-03-01T16:05:00Z"  # a quarter of an hour, on a Monday after midnight
    assert state(complaint, "dispatch") == "missed"
    id: str = complaint["id"]
    await sandbox.step("li-min", id, "classify", category="repair")
    complaint = await sandbox.step("li-min", id, "dispatch", units=["nanchang"])
    assert due(complaint, "accept", "nanchang") == "2026-03-02T01:30:00Z"
    assert due(complaint, "handle") == "2026-03-03T01:00:00Z"


async def test_a_repair_that_nobody_takes_or_ends_in_time_is_told_upwards_and_the_second_time_to_the_province(
    sandbox: Desk,
) -> None:
    id = await sent(sandbox, "fault-repair")
    await at(sandbox, "03-03 09:00")
    complaint = await look(sandbox, id)
    assert (state(complaint, "accept", "nanchang"), state(complaint, "handle")) == ("missed", "missed")
    assert await told_at(sandbox, id, "DeadlineMissed") == [
        ("accept", ["shift-leader", "manager"]), ("handle", ["manager", "city-marketing"]),
    ]  # fmt: skip
    await sandbox.step(CREW, id, "execute", measure="已送电。")
    await sandbox.step("li-min", id, "record-callback", reached=True, satisfied=False, means="phone")
    await sandbox.step("li-min", id, "dispatch", units=["nanchang"])
    await at(sandbox, "03-04 09:00")
    told = await told_of_misses(sandbox, id, "li-min")
    assert told["handle"] == ["manager", "city-marketing", "province"]


async def test_the_customer_is_told_the_result_within_a_working_day_of_it(sandbox: Desk) -> None:
    id = await sent(sandbox)
    complaint = await sandbox.step(CREW, id, "execute", measure="已处理。")
    assert due(complaint, "reply") == ONE_DAY
    await at(sandbox, "03-04 00:00")
    assert state(await look(sandbox, id), "reply") == "missed"


async def test_a_complaint_of_high_impact_is_tracked_by_the_province(sandbox: Desk) -> None:
    id = await of_high_impact(sandbox)
    assert await escalated_to(sandbox, id) == ["manager", "city-marketing", "province"]
    complaint = await look(sandbox, id, PROVINCE)
    assert {"supervise", "remind", "add-note"} <= set(complaint["allowed"])
    assert due(complaint, "follow-up", "nanchang") == ONE_DAY
    await at(sandbox, "03-03 15:00")
    complaint = await sandbox.step(CREW, id, "report-progress", text="已抢通三处。")
    follow_up = clock(complaint, "follow-up", "nanchang")
    assert (follow_up["state"], follow_up["due_at"]) == ("running", "2026-03-04T16:00:00Z")
    await at(sandbox, "03-05 00:00")
    told = await told_of_misses(sandbox, id, PROVINCE)
    assert told == {"follow-up": ["city-marketing", "province"]}
    await sandbox.step(PROVINCE, id, "supervise", text="请说明为何无进展。", card="yellow")


async def test_a_report_to_the_province_that_did_not_come_does_not_end_the_next_ones(sandbox: Desk) -> None:
    id = await of_high_impact(sandbox)
    await at(sandbox, "03-06 00:00")
    found = [one for one in (await look(sandbox, id))["clocks"] if one["name"] == "follow-up"]
    assert [one["state"] for one in found] == ["missed", "missed", "missed", "running"]
    assert [one["due_at"] for one in found] == [f"2026-03-0{day}T16:00:00Z" for day in (3, 4, 5, 6)]
    owed = [one for one in (await look(sandbox, id, CREW))["obligations"] if one["step"] == "report-progress"][-1]
    assert owed["state"] == "open"
    assert (owed["owed_by"]["unit"], owed["due_at"]) == ("nanchang", found[-1]["due_at"])
    await sandbox.step(CREW, id, "return", ground="不属本公司", legal_basis="第三条")
    assert state(await look(sandbox, id), "follow-up", "nanchang") == "cancelled"


async def test_what_has_a_wide_impact_is_never_settled_by_an_explanation(sandbox: Desk) -> None:
    id = await received(sandbox)
    await sandbox.step("li-min", id, "classify", severity="major")
    refusal = await sandbox.refused(409, "li-min", id, "settle", explanation="已说明", accepted=True)
    assert refusal["type"] == "/problems/not-for-front-line"


async def test_an_ordinary_complaint_has_no_daily_report_and_the_province_is_not_told(sandbox: Desk) -> None:
    id = await sent(sandbox)
    assert "follow-up" not in {one["name"] for one in (await look(sandbox, id))["clocks"]}
    assert await escalated_to(sandbox, id) == []


async def test_the_province_takes_letters_and_what_a_centre_passes_up_and_answers_itself(sandbox: Desk) -> None:
    await received(sandbox)
    id = (await sandbox.receive(PROVINCE, procedure=CODE, channel="letter", facts={}))["id"]
    await sandbox.step(PROVINCE, id, "classify", category="service")
    await sandbox.step(PROVINCE, id, "dispatch", units=["jiujiang"])
    await sandbox.step(OTHER_CREW, id, "execute", measure="已批评教育。")
    await sandbox.step(PROVINCE, id, "inform-customer", means="letter", text="已处理。")
    assert (await sandbox.step(PROVINCE, id, "close", outcome="已处理", summary="来信"))["status"] == "closed"

    passed_up = await sent(sandbox)
    await sandbox.step("li-min", passed_up, "escalate", to_role="province", reason="涉及两市，请协调。")
    await sandbox.step("li-min", passed_up, "remind", text="请答复。")
    assert await escalated_to(sandbox, passed_up) == ["province"]


async def test_the_city_supervises_its_departments_and_a_department_sees_only_its_own(sandbox: Desk) -> None:
    id = await sent(sandbox)
    await sandbox.refused(403, "li-min", id, "supervise", text="请尽快处理。")
    await sandbox.step(CITY, id, "supervise", text="请尽快处理。", card="yellow")
    assert (await sandbox.get(OTHER_CREW, f"/v1/complaints/{id}")).status_code == 403
    await sandbox.refused(403, OTHER_CREW, id, "execute", measure="…")


async def test_a_matter_of_two_cities_is_done_when_both_have_done_their_part(sandbox: Desk) -> None:
    id = await received(sandbox)
    await sandbox.step("li-min", id, "dispatch", units=["nanchang", "jiujiang"])
    complaint = await sandbox.step(CREW, id, "execute", measure="我市段已修复。")
    assert state(complaint, "handle") == "running"
    await sandbox.step("li-min", id, "inform-customer", means="phone", text="一段已修复。")
    refusal = await sandbox.refused(409, "li-min", id, "close", outcome="已解决", summary="修复")
    assert len(refusal["missing"]) == 2  # the other's part, and word of the whole result
    complaint = await sandbox.step(OTHER_CREW, id, "execute", measure="我市段已修复。")
    assert state(complaint, "handle") == "met"
    await sandbox.step("li-min", id, "inform-customer", means="phone", text="全线已修复。")
    assert (await sandbox.step("li-min", id, "close", outcome="已解决", summary="修复"))["status"] == "closed"


async def test_a_matter_sent_back_again_goes_up_to_the_city_s_marketing_department(sandbox: Desk) -> None:
    back = {"ground": "不在我市供电区", "legal_basis": "供电营业区划分"}
    id = await sent(sandbox)
    await sandbox.step(CREW, id, "return", **back)
    assert await escalated_to(sandbox, id) == []
    await sandbox.step("li-min", id, "dispatch", units=["jiujiang"])
    await sandbox.step(OTHER_CREW, id, "return", **back)
    assert await escalated_to(sandbox, id) == ["city-marketing"]
    complaint = await sandbox.step("li-min", id, "dispatch", units=["nanchang"])
    assert due(complaint, "handle") == FIVE_DAYS  # the customer's time ran on
    refusal = await sandbox.refused(409, CREW, id, "return", **back)
    assert refusal["type"] == "/problems/returned-before"


async def test_a_customer_dissatisfied_twice_is_the_city_s_and_the_province_s_concern(sandbox: Desk) -> None:
    id = await sent(sandbox)
    for _ in range(2):
        await sandbox.step(CREW, id, "execute", measure="已处理。")
        await sandbox.step("li-min", id, "record-callback", reached=True, satisfied=False, means="phone")
        await sandbox.step("li-min", id, "dispatch", units=["nanchang"])
    assert await escalated_to(sandbox, id) == ["city-marketing", "province"]


async def test_there_are_statistics_for_each_centre(sandbox: Desk) -> None:
    await sent(sandbox, issue_point="street-1")
    id = await sent(sandbox, issue_point="street-2")
    await sandbox.step(CREW, id, "execute", measure="已修复。")
    await sandbox.step("softphone", id, "record-callback", reached=True, satisfied=True, score=5, means="sms")
    await sandbox.caught_up()
    found = done(await sandbox.get(PROVINCE, f"/v1/indicators?procedure={CODE}&by=unit"))["items"]
    figures = {(one["key"], one["indicator"]): one for one in found}
    assert figures["nanchang", "volume"]["value"] == 2
    assert figures["nanchang", "satisfaction-rate"]["value"] == 1
    own = done(await sandbox.get(OTHER_CREW, f"/v1/indicators?procedure={CODE}&indicator=volume"))["items"]
    assert [one["value"] for one in own] == [0]  # a department reads its own figures only
    by_category = await sandbox.get(PROVINCE, f"/v1/indicators?procedure={CODE}&by=category&indicator=volume")
    analysed = done(by_category)["items"]
    assert [(one["key"], one["value"]) for one in analysed] == [("outage.street", 2)]


async def test_every_month_is_summed_up_for_the_city_and_the_province_and_a_rise_is_the_province_s(
    sandbox: Desk,
) -> None:
    await sent(sandbox, issue_point="street-1")
    await at(sandbox, "04-01 09:00")
    await sent(sandbox, issue_point="street-2")
    await sent(sandbox, "fault-repair", issue_point="street-3")
    await at(sandbox, "05-01 09:00")
    await sent(sandbox, issue_point="street-4")
    await at(sandbox, "06-01 09:00")
    await sandbox.caught_up()
    periods = done(await sandbox.get(PROVINCE, f"/v1/reports/{CODE}"))["items"]
    of = {one["period"]: (one["state"], one["told"], one["rise_told"]) for one in periods}
    assert of["2026-04"] == ("reported", ["city-marketing", "province"], ["province"])
    assert of["2026-05"] == ("reported", ["city-marketing", "province"], [])
    april = done(await sandbox.get(PROVINCE, f"/v1/reports/{CODE}/monthly/2026-04"))
    assert april["summary"]["by_unit"] == [{"key": "nanchang", "count": 2, "before": 1, "rise": 100.0}]
    assert len(april["items"]) == 2
