"""呼叫中心突发事件处理预案: the call centre's plan for emergencies, played through the REST API.

An ACD that fails is reported upwards within 5, 10 and 60 minutes; callers noted by hand are entered afterwards and
called back; and a surge of calls opens an incident by itself. March 2, 2026 is a Monday, nine o'clock in Shanghai.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, Final

import pytest

from tests.http.desk import Desk, complaint, done, problem
from tests.stories.emergency import happened, inform, look, on_duty, opened, refused, states, step
from tests.stories.phoning import Heard, phoned
from tests.stories.telling import at

TEN: Final = "2026-03-16T02:00:00Z"


async def test_an_acd_failure_goes_up_in_time_and_is_recorded(sandbox: Desk) -> None:
    await on_duty(sandbox)
    incident = await opened(sandbox)
    id = incident["id"]
    assert incident["number"] == "EMERGENCY-20260302-000001"
    assert incident["still_to_be_told"] == ["supervisor", "it", "manager"]
    await inform(sandbox, "li-min", id, "supervisor")  # 坐席员立即告知呼叫中心主管
    await inform(sandbox, "li-min", id, "it")  # 应立即通知信息部
    await at(sandbox, "03-02 09:03")
    assert states(await inform(sandbox, "gu-fang", id, "manager"))["inform-manager"] == "met"
    await at(sandbox, "03-02 09:09")
    await inform(sandbox, "ma-chao", id, "vp-operations")
    await at(sandbox, "03-02 09:50")
    incident = await step(sandbox, "ye-qing", id, "decide", decisions="联系系统供应商到场。")
    assert states(incident) == {
        "inform-manager": "met", "inform-vp": "met", "leadership": "met", "restored": "running",
    }  # fmt: skip

    await at(sandbox, "03-02 10:20")
    incident = await step(sandbox, "ma-chao", id, "restore", text="供应商更换了板卡。")
    assert incident["still_to_be_told_of_recovery"] == ["manager", "vp-operations"]
    refusal = await refused(sandbox, 409, "gu-fang", id, "close", summary="ACD板卡故障")
    assert refusal["missing"] == ["manager told of its end", "vp-operations told of its end"]
    for role in ("manager", "vp-operations"):  # 系统恢复后呼叫中心主管电话通知上述领导
        await inform(sandbox, "gu-fang", id, role)
    incident = await step(sandbox, "gu-fang", id, "close", summary="ACD板卡故障", cause="板卡老化")
    assert (incident["state"], incident["allowed"]) == ("closed", ["note"])


async def test_a_failure_that_nobody_reports_is_missed_at_5_10_and_60_minutes(sandbox: Desk) -> None:
    await on_duty(sandbox)
    id = (await opened(sandbox))["id"]
    await at(sandbox, "03-02 09:04")
    assert await happened(sandbox, id) == ["IncidentOpened", "DeadlineWarned"]
    await at(sandbox, "03-02 12:00")
    items = done(await sandbox.get("gu-fang", f"/v1/incidents/{id}/history"))["items"]
    judged = [(one["type"], one["data"]["clock"], one["recorded_at"][11:16]) for one in items[1:]]
    assert judged == [
        ("DeadlineWarned", "inform-manager", "01:04"),
        ("DeadlineMissed", "inform-manager", "01:05"),
        ("DeadlineWarned", "inform-vp", "01:08"),
        ("DeadlineMissed", "inform-vp", "01:10"),
        ("DeadlineWarned", "leadership", "01:48"),
        ("DeadlineMissed", "leadership", "02:00"),
    ]
    assert items[2]["data"]["told"] == ["supervisor", "manager"]


async def test_what_falls_due_is_recorded_in_due_order_with_the_complaints_beside_it(sandbox: Desk) -> None:
    await on_duty(sandbox)
    await opened(sandbox)
    await sandbox.dispatched("settlement")
    await at(sandbox, "03-06 10:00")
    items = done(await sandbox.get("admin", "/v1/audit/events?limit=200"))["items"]
    judged = [one for one in items if one["type"].startswith("Deadline")]
    assert {one["incident_id"] is None for one in judged} == {True, False}
    recorded = [one["recorded_at"] for one in judged]
    assert recorded == sorted(recorded)


async def test_a_seat_fault_has_both_its_times_in_the_log(sandbox: Desk) -> None:
    await on_duty(sandbox)
    await at(sandbox, "03-02 09:30")
    began, ended = "2026-03-02T01:10:00Z", "2026-03-02T01:25:00Z"
    id = (await opened(sandbox, kind="seat-fault", title="话机故障", occurred_at=began))["id"]
    await inform(sandbox, "li-min", id, "supervisor")
    await inform(sandbox, "gu-fang", id, "it")
    incident = await step(sandbox, "gu-fang", id, "restore", text="改用备用座席。", restored_at=ended)
    assert (incident["occurred_at"], incident["restored_at"]) == (began, ended)
    assert states(incident) == {"restored": "met", "recorded": "running"}
    assert (await step(sandbox, "gu-fang", id, "close", summary="更换耳机"))["state"] == "closed"


@pytest.mark.parametrize(
    "kind",
    ["fire", "theft", "personal-accident", "abnormal-call", "escalated-complaint", "urgent-order", "media-crisis",
     "public-crisis"],
)  # fmt: skip
async def test_every_kind_of_the_plan_is_opened_ended_and_recorded(sandbox: Desk, kind: str) -> None:
    await on_duty(sandbox)
    id = (await opened(sandbox, "gu-fang", kind=kind, title=kind))["id"]
    await step(sandbox, "gu-fang", id, "note", text="现场秩序正常。")
    await step(sandbox, "gu-fang", id, "restore", text="已处理。")
    assert (await step(sandbox, "gu-fang", id, "close", summary="已处理"))["state"] == "closed"


async def test_calls_noted_by_hand_are_entered_afterwards_and_called_back(sandbox: Desk) -> None:
    await on_duty(sandbox)
    id = (await opened(sandbox))["id"]
    await at(sandbox, "03-02 09:30")
    during = await sandbox.receive(procedure="general", facts={}, complainant={"name": "甲", "phone": "+8613800000001"})
    await at(sandbox, "03-02 10:00")
    await step(sandbox, "ma-chao", id, "restore", text="已恢复。")
    await at(sandbox, "03-02 10:30")
    paper: dict[str, Any] = {"procedure": "general", "facts": {}}
    called = await sandbox.receive(
        **paper, occurred_at="2026-03-02T09:10:00+08:00", complainant={"name": "乙", "phone": "+8613800000002"}
    )
    owed = await sandbox.receive(
        **paper, occurred_at="2026-03-02T09:20:00+08:00", complainant={"name": "丙", "phone": "+8613800000003"}
    )
    nameless = await sandbox.receive(**paper, occurred_at="2026-03-02T09:40:00+08:00", complainant={"anonymous": True})
    word = await sandbox.receive(
        **paper, occurred_at="2026-03-02T09:50:00+08:00", complainant={"name": "戊", "phone": "+8613800000005"}
    )
    await sandbox.receive(**paper, complainant={"name": "丁", "phone": "+8613800000004"})
    await sandbox.step("li-min", called["id"], "settle", explanation="系统故障所致。", accepted=True)
    await sandbox.step("li-min", called["id"], "record-callback", reached=False, means="phone")
    await sandbox.step("li-min", owed["id"], "inform-customer", means="sms", text="稍后回电。")
    await at(sandbox, "03-02 11:00")
    await sandbox.step("li-min", called["id"], "record-callback", reached=True, satisfied=True, means="phone")
    await sandbox.step("li-min", word["id"], "inform-customer", means="phone", text="已为您补录。")

    found = await late(sandbox, id)
    assert [one["complaint_id"] for one in found] == [called["id"], owed["id"], nameless["id"], word["id"]]
    assert [one["callback_owed"] for one in found] == [False, True, False, False]
    eleven = "2026-03-02T03:00:00Z"
    assert [one["called_back_at"] for one in found] == [eleven, None, None, eleven]
    assert during["id"] not in {one["complaint_id"] for one in found}


async def late(desk: Desk, id: str) -> list[dict[str, Any]]:
    position = await desk.service.log.head()
    answer = done(await desk.get("admin", f"/v1/incidents/{id}/late-intakes?min_position={position}"))
    found: list[dict[str, Any]] = answer["items"]
    return found


async def test_the_calls_of_an_outage_are_found_by_its_incident(sandbox: Desk) -> None:
    await on_duty(sandbox)
    lost: tuple[Heard, ...] = ("call.offered", 0, {"caller": "13900138009"}), ("call.missed", 20, {})
    await phoned(sandbox, "before", *lost)
    await at(sandbox, "03-02 09:05")
    id = (await opened(sandbox, occurred_at="2026-03-02T09:02:00+08:00"))["id"]
    await phoned(sandbox, "meanwhile-1", *lost)
    await at(sandbox, "03-02 09:20")
    await phoned(sandbox, "meanwhile-2", *lost)

    async def during(who: str = "gu-fang") -> list[str]:
        return [call["id"] for call in done(await sandbox.get(who, f"/v1/calls?incident={id}"))["items"]]

    assert await during() == ["meanwhile-2", "meanwhile-1"], "while it goes on"
    await at(sandbox, "03-02 09:30")
    await step(sandbox, "ma-chao", id, "restore", text="已恢复。")
    await at(sandbox, "03-02 09:40")
    await phoned(sandbox, "after", *lost)
    assert await during() == ["meanwhile-2", "meanwhile-1"]
    other = "00000000-0000-0000-0000-000000000000"
    assert done(await sandbox.get("gu-fang", f"/v1/calls?incident={other}"))["items"] == []


async def test_what_is_entered_at_the_instant_of_recovery_is_late(sandbox: Desk) -> None:
    await on_duty(sandbox)
    id = (await opened(sandbox))["id"]
    await at(sandbox, "03-02 10:00")
    await step(sandbox, "ma-chao", id, "restore", text="已恢复。")
    noted = await sandbox.receive(procedure="general", facts={}, occurred_at="2026-03-02T09:10:00+08:00")
    assert [one["complaint_id"] for one in await late(sandbox, id)] == [noted["id"]]


async def test_nothing_is_late_while_the_incident_goes_on(sandbox: Desk) -> None:
    await on_duty(sandbox)
    id = (await opened(sandbox))["id"]
    await at(sandbox, "03-02 10:00")
    await sandbox.receive(procedure="general", facts={}, occurred_at="2026-03-02T09:10:00+08:00")
    assert await late(sandbox, id) == []


# Surges


def hour(days_before: int, of: str = TEN) -> tuple[str, str]:
    """This hour so many days before, as an interval."""
    begin = datetime.fromisoformat(of) - timedelta(days=days_before)
    return begin.isoformat(), (begin + timedelta(hours=1)).isoformat()


async def counted(desk: Desk, calls: int, days_before: int = 0, source: str = "acd-1", of: str = TEN) -> None:
    """The telephone system has counted the calls of an hour."""
    begin, end = hour(days_before, of)
    report = {"source": source, "from": begin, "to": end, "calls": calls}
    done(await desk.post("softphone", "/v1/calls/volume", report), 201)


async def surges(desk: Desk) -> list[dict[str, Any]]:
    """The call surges there are, the newest first, after the service has looked."""
    assert await desk.service.call_counts.reached(await desk.service.log.head(), 20)
    await desk.service.call_surges.look()
    await desk.caught_up()
    found: list[dict[str, Any]] = done(await desk.get("gu-fang", "/v1/incidents?kind=call-surge"))["items"]
    return found


async def two_weeks(desk: Desk, calls: int = 20, source: str = "acd-1", of: str = TEN) -> None:
    for days_before in range(1, 15):
        await counted(desk, calls, days_before, source, of)


async def a_counting_centre(desk: Desk) -> None:
    """It is Monday the 16th, 11:00, and two weeks of calls have been counted."""
    await on_duty(desk)
    await at(desk, "03-16 11:00")
    await two_weeks(desk)


async def test_an_hour_with_more_than_twice_the_usual_opens_an_incident_by_itself(sandbox: Desk) -> None:
    await a_counting_centre(sandbox)
    await counted(sandbox, 41)
    [surge] = await surges(sandbox)
    incident = await look(sandbox, surge["id"])
    assert incident["surge"] == {
        "source": "acd-1", "hour": TEN, "calls": 41, "usual": 20.0, "days": 14, "multiple": 2.0,
    }  # fmt: skip
    system = {"id": "system", "role": "system", "unit": None, "source": "policy", "via": None}
    assert incident["opened_by"] == system
    assert incident["occurred_at"] == TEN


async def test_an_hour_with_just_twice_the_usual_opens_none(sandbox: Desk) -> None:
    await a_counting_centre(sandbox)
    await counted(sandbox, 40)
    assert await surges(sandbox) == []


async def test_one_surge_opens_one_incident_however_often_it_is_looked_at(sandbox: Desk) -> None:
    await a_counting_centre(sandbox)
    await counted(sandbox, 41)
    await surges(sandbox)
    assert len(await surges(sandbox)) == 1


async def test_a_surge_that_goes_on_is_the_same_one_also_when_it_was_closed(sandbox: Desk) -> None:
    await a_counting_centre(sandbox)
    await counted(sandbox, 41)
    [surge] = await surges(sandbox)
    await step(sandbox, "gu-fang", surge["id"], "restore", text="增开座席。")
    await at(sandbox, "03-16 12:00")
    next_hour = "2026-03-16T03:00:00Z"
    await two_weeks(sandbox, of=next_hour)
    await counted(sandbox, 60, of=next_hour)
    assert len(await surges(sandbox)) == 1


async def test_no_second_incident_while_one_is_open_and_another_when_it_is_over(sandbox: Desk) -> None:
    await a_counting_centre(sandbox)
    await counted(sandbox, 41)
    [first] = await surges(sandbox)
    later = "2026-03-16T06:00:00Z"
    await at(sandbox, "03-16 15:00")
    await two_weeks(sandbox, of=later)
    await counted(sandbox, 41, of=later)
    assert len(await surges(sandbox)) == 1
    await step(sandbox, "gu-fang", first["id"], "restore", text="增开座席。")
    assert len(await surges(sandbox)) == 1  # that surge has its incident

    evening = "2026-03-16T12:00:00Z"
    await at(sandbox, "03-16 21:00")
    await two_weeks(sandbox, of=evening)
    await counted(sandbox, 41, of=evening)
    assert len(await surges(sandbox)) == 2


async def test_a_surge_that_somebody_opened_already_is_not_opened_again(sandbox: Desk) -> None:
    await a_counting_centre(sandbox)
    mine = await opened(sandbox, "gu-fang", kind="call-surge", title="来电激增")
    await sandbox.caught_up()
    await counted(sandbox, 41)
    assert [one["id"] for one in await surges(sandbox)] == [mine["id"]]


async def test_an_hour_of_last_week_opens_nothing_now(sandbox: Desk) -> None:
    await a_counting_centre(sandbox)
    await at(sandbox, "03-16 14:00")
    await counted(sandbox, 500)
    assert await surges(sandbox) == []


async def test_complaints_surge_too(sandbox: Desk) -> None:
    await on_duty(sandbox)
    for day in range(2, 9):
        await at(sandbox, f"03-{day:02} 10:05")
        await sandbox.receive(procedure="general", facts={}, complainant={"anonymous": True})
    await at(sandbox, "03-09 10:05")
    for _ in range(30):
        await sandbox.receive(procedure="general", facts={}, complainant={"anonymous": True})
    [surge] = await surges(sandbox)
    assert (await look(sandbox, surge["id"]))["surge"] == {
        "source": "complaints", "hour": "2026-03-09T02:00:00Z", "calls": 30, "usual": 1.0, "days": 7, "multiple": 2.0,
    }  # fmt: skip


async def test_a_complaint_is_not_received_under_the_plan_nor_an_incident_under_rules_for_complaints(
    sandbox: Desk,
) -> None:
    problem(await sandbox.post("li-min", "/v1/complaints", complaint(procedure="emergency")), 422, "unknown-procedure")
    body = {"kind": "fire", "title": "火警", "text": "机房冒烟", "procedure": "kf0001"}
    problem(await sandbox.post("admin", "/v1/incidents", body), 422, "unknown-incident-procedure")


async def owed(desk: Desk, who: str, **wanted: str) -> set[str]:
    """What waits to be done by somebody of an incident, as their work list has it."""
    await desk.caught_up()
    query = "&".join(f"{name}={value}" for name, value in {"owed_by": "me", "waiting": "true", **wanted}.items())
    return {row["name"] for row in done(await desk.get(who, f"/v1/obligations?{query}"))["items"]}


async def test_whoever_has_to_act_in_an_emergency_finds_it_on_their_work_list(sandbox: Desk) -> None:
    await on_duty(sandbox)
    id = (await opened(sandbox))["id"]
    assert await owed(sandbox, "gu-fang") == {"inform-manager"}
    assert await owed(sandbox, "ma-chao") == {"inform-vp", "restored"}
    assert await owed(sandbox, "ye-qing") == {"leadership"}
    assert await owed(sandbox, "li-min", incident=id) == {"told.supervisor", "told.it"}
    assert await owed(sandbox, "li-min", complaint=id) == set()
    for who, role in (("li-min", "supervisor"), ("li-min", "it"), ("gu-fang", "manager")):
        await inform(sandbox, who, id, role)
    assert await owed(sandbox, "gu-fang") == await owed(sandbox, "li-min") == set()
    await at(sandbox, "03-02 09:30")
    await step(sandbox, "ma-chao", id, "restore", text="更换了板卡。")
    assert await owed(sandbox, "gu-fang") == {"told-of-end.manager", "recorded"}
    await inform(sandbox, "gu-fang", id, "manager")
    assert await owed(sandbox, "gu-fang") == {"recorded"}
    incident = await step(sandbox, "gu-fang", id, "close", summary="ACD板卡故障")
    assert await owed(sandbox, "gu-fang") == set()
    rows = {row["name"]: row for row in incident["obligations"]}
    assert {row["state"] for row in rows.values()} == {"met", "missed"}
    assert rows["inform-vp"]["state"] == "missed"
    assert (rows["recorded"]["met_at"], rows["recorded"]["link"]) == (
        incident["closed_at"], f"/v1/incidents/{id}/close",
    )  # fmt: skip
    assert (rows["recorded"]["complaint_id"], rows["recorded"]["incident_id"]) == (None, id)
    assert rows["told-of-end.manager"]["titles"]["zh"] == "恢复后告知客服部经理（manager）"


async def test_a_leader_who_was_told_by_nobody_before_the_end_is_still_on_the_work_list(sandbox: Desk) -> None:
    await on_duty(sandbox)
    id = (await opened(sandbox))["id"]
    await at(sandbox, "03-02 09:03")
    await step(sandbox, "ma-chao", id, "restore", text="重启后恢复。")
    assert "told.manager" in await owed(sandbox, "li-min", incident=id)
    refusal = await refused(sandbox, 409, "gu-fang", id, "close", summary="ACD板卡故障")
    assert len(refusal["missing"]) == 3  # the supervisor, the IT department and the manager


async def test_a_work_list_of_incidents_is_seen_by_those_alone_who_see_incidents(sandbox: Desk) -> None:
    await on_duty(sandbox)
    await opened(sandbox)
    await sandbox.caught_up()
    assert done(await sandbox.get("zhou-qi", "/v1/obligations?owed_by=role:it"))["items"] == []
