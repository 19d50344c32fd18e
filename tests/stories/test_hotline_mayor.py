"""12345市长热线: the mayor's hotline, round the clock, played through the REST API.

What the citizen asks of policies and guides is answered from what the platform knows; all else goes to the competent
department, under electronic supervision, and the hotline gives the answer. At night there are voicemail and the status
query. Its text has no numbers: the limits are the government hotline's. March 2, 2026 is a Monday.
"""

from __future__ import annotations

from typing import Final

import pytest

from tests.http.desk import Desk, done, problem
from tests.stories.hotline import at_work, cards, look, noted, rates, told_of_misses
from tests.stories.phoning import SOURCE, Heard, phoned
from tests.stories.staff import escalated_to
from tests.stories.telling import at, due, state

CODE = "hotline-mayor"
END_OF_TUESDAY = "2026-03-03T16:00:00Z"
FIVE_DAYS, FIFTEEN_DAYS, THIRTY_DAYS = "2026-03-09T16:00:00Z", "2026-03-23T16:00:00Z", "2026-04-14T16:00:00Z"
RETURN = {"ground": "该路段由县交通部门管理。", "legal_basis": "《公路法》第八条"}


async def sent(desk: Desk, kind: str = "complaint", category: str = "municipal.road") -> str:
    """A matter that the hotline sent to the department of its category on Monday at nine."""
    await at_work(desk, "gao-jun", "unit", "municipal")
    await at_work(desk, "ding-yi", "supervision")
    id = await noted(desk, CODE, kind, category)
    await desk.step("li-min", id, "dispatch")
    return id


async def test_a_message_of_the_night_is_handled_and_answered(sandbox: Desk) -> None:
    night = "2026-03-01T23:40:00+08:00"
    received = await sandbox.receive(
        "softphone", procedure=CODE, channel="voicemail", occurred_at=night, call_id="vm-31", facts={"place": "解放路"}
    )
    id: str = received["id"]
    assert (received["occurred_at"], received["received_at"]) == ("2026-03-01T15:40:00Z", "2026-03-02T01:00:00Z")
    recording = {"name": "留言录音", "kind": "recording", "reference": "https://store.example.com/vm/31.wav"}
    await sandbox.step("softphone", id, "attach", **recording)
    await at_work(sandbox, "gao-jun", "unit", "municipal")

    await sandbox.step("li-min", id, "classify", category="municipal.road")
    complaint = await sandbox.step("li-min", id, "dispatch")
    assert complaint["units"] == [{"unit": "municipal", "state": "asked", "role": "lead"}]
    assert due(complaint, "accept", "municipal") == END_OF_TUESDAY  # from when it was sent
    await at(sandbox, "03-03 11:00")
    await sandbox.step("gao-jun", id, "accept")
    await sandbox.step("gao-jun", id, "report-progress", text="已派工。")
    await at(sandbox, "03-06 11:00")
    complaint = await sandbox.step("gao-jun", id, "execute", measure="路面已修复。")
    assert (state(complaint, "accept", "municipal"), state(complaint, "handle")) == ("met", "met")

    refusal = await sandbox.refused(409, "li-min", id, "close", outcome="已修复", summary="修路")
    assert len(refusal["missing"]) == 1  # the answer
    await sandbox.refused(403, "gao-jun", id, "inform-customer", means="phone", text="已修复。")
    await sandbox.step("li-min", id, "inform-customer", means="phone", text="解放路路面已修复。")
    await sandbox.step("li-min", id, "record-callback", reached=True, satisfied=True, score=4, means="phone")
    complaint = await sandbox.step("li-min", id, "close", outcome="路面已修复", summary="修路")
    assert complaint["status"] == "closed"


async def test_the_result_is_asked_for_by_number_when_nobody_is_on_duty(sandbox: Desk) -> None:
    id = await sent(sandbox)
    number = (await look(sandbox, id))["number"]
    await sandbox.caught_up()
    path = f"/v1/status/{number}?phone_tail="
    status = done(await sandbox.get(None, f"{path}8000"))
    assert (status["status"], status["due_at"], status["result"]) == ("dispatched", END_OF_TUESDAY, None)
    assert (await sandbox.get(None, f"{path}1111")).status_code == 404
    await sandbox.step("gao-jun", id, "execute", measure="路面已修复。")
    await sandbox.step("li-min", id, "inform-customer", means="sms", text="已修复。")
    await sandbox.step("li-min", id, "close", outcome="路面已修复", summary="修路")
    status = done(await sandbox.get(None, f"{path}8000"))
    assert (status["status"], status["result"]) == ("closed", "路面已修复")


@pytest.mark.parametrize(
    ("kind", "end"),
    [
        ("consultation", FIVE_DAYS),
        ("suggestion", FIVE_DAYS),
        ("praise", FIVE_DAYS),
        ("complaint", FIFTEEN_DAYS),
        ("request", FIFTEEN_DAYS),
        ("report", THIRTY_DAYS),  # April 6 is a day off
    ],
)
async def test_the_kind_of_matter_says_how_long_it_may_take(sandbox: Desk, kind: str, end: str) -> None:
    complaint = await look(sandbox, await sent(sandbox, kind))
    assert [one["due_at"] for one in complaint["clocks"] if one["name"] == "handle"] == [end]


async def test_policies_and_guides_are_told_from_what_the_platform_knows(sandbox: Desk) -> None:
    id = await noted(sandbox, CODE, "consultation", "guide.investment")
    complaint = await sandbox.step("li-min", id, "settle", explanation="投资指南第三章…", accepted=True)
    ended = {one["name"]: one["state"] for one in complaint["clocks"]}
    assert (complaint["status"], ended) == ("closed", {"classify": "met", "dispatch": "met", "whole-case": "met"})


async def test_an_answer_that_the_citizen_does_not_accept_settles_nothing(sandbox: Desk) -> None:
    id = await noted(sandbox, CODE, "consultation", "guide")
    complaint = await sandbox.step("li-min", id, "settle", explanation="见办事指南。", accepted=False)
    assert complaint["status"] == "classified"
    complaint = await sandbox.step("li-min", id, "dispatch")
    assert complaint["units"] == [{"unit": "government-office", "state": "asked", "role": "lead"}]


async def test_a_department_sends_back_what_is_not_its_own_and_it_is_routed_again(sandbox: Desk) -> None:
    id = await sent(sandbox)
    refusal = await sandbox.refused(422, "gao-jun", id, "return", ground="不属本部门。")
    assert refusal["errors"][0]["pointer"] == "/legal_basis"
    await sandbox.step("gao-jun", id, "return", **RETURN)
    refusal = await sandbox.refused(422, "li-min", id, "dispatch")
    assert refusal["type"] == "/problems/route-was-returned"
    complaint = await sandbox.step("li-min", id, "dispatch", units=["government-office"])
    assert due(complaint, "accept", "government-office") == END_OF_TUESDAY
    assert due(complaint, "handle") == FIFTEEN_DAYS
    refusal = await sandbox.refused(409, "gao-jun", id, "execute", measure="已办")
    assert refusal["type"] == "/problems/returned-by-this-unit"


async def test_a_breach_raises_a_card_before_the_supervision_office(sandbox: Desk) -> None:
    id = await sent(sandbox)
    await at(sandbox, "03-03 23:59")
    assert await cards(sandbox, id, "ding-yi") == []
    await at(sandbox, "03-04 00:00")
    assert await cards(sandbox, id, "ding-yi") == [("yellow", "municipal")]
    await at(sandbox, "03-24 00:00")
    assert [card for card, _ in await cards(sandbox, id, "ding-yi")] == ["yellow", "red"]
    told = await told_of_misses(sandbox, id, "ding-yi")
    assert told == {"accept": ["manager", "supervision"], "handle": ["manager", "supervision"]}


async def test_the_mayor_reads_all_reminds_and_supervises_and_handles_nothing(sandbox: Desk) -> None:
    id = await sent(sandbox)
    await at_work(sandbox, "mayor", "mayor")
    complaint = await look(sandbox, id, "mayor")
    assert complaint["complainant"]["name"] == "张三"
    assert set(complaint["allowed"]) == {"remind", "supervise", "add-note"}
    await sandbox.step("mayor", id, "remind", text="请本周答复市民。")
    await sandbox.step("mayor", id, "supervise", text="久拖不决", card="red")
    await sandbox.refused(403, "mayor", id, "close", outcome="…", summary="…")


async def test_an_official_who_is_named_takes_no_part(sandbox: Desk) -> None:
    id = await sent(sandbox)
    await sandbox.step("li-min", id, "name-accused", people=["gao-jun"])
    refusal = await sandbox.refused(403, "gao-jun", id, "accept")
    assert refusal["type"] == "/problems/recused"


async def test_a_matter_of_several_departments_is_done_when_each_has_done_its_part(sandbox: Desk) -> None:
    await at_work(sandbox, "gao-jun", "unit", "municipal")
    await at_work(sandbox, "shi-lei", "unit", "commerce")
    id = await noted(sandbox, CODE, "complaint", "municipal.market")
    await sandbox.step("li-min", id, "dispatch", units=["municipal", "commerce"])
    complaint = await sandbox.step("gao-jun", id, "execute", measure="路面已清理。")
    assert state(complaint, "handle") == "running"
    await sandbox.step("li-min", id, "inform-customer", means="phone", text="路面已清理，摊位迁移中。")
    refusal = await sandbox.refused(409, "li-min", id, "close", outcome="已办结", summary="清理")
    by_all, word = "the execution by every unit that was asked", "word to the customer about the result"
    assert refusal["missing"] == [by_all, word]
    complaint = await sandbox.step("shi-lei", id, "execute", measure="摊位已迁入市场。")
    assert state(complaint, "handle") == "met"
    await sandbox.step("li-min", id, "inform-customer", means="phone", text="路面已清理，摊位已迁入市场。")
    assert (await sandbox.step("li-min", id, "close", outcome="已办结", summary="清理"))["status"] == "closed"


@pytest.mark.parametrize("rated_by", ["instant", "questionnaire", "web", "phone"])
async def test_the_public_rates_each_department_and_its_rates_follow(sandbox: Desk, rated_by: str) -> None:
    id = await sent(sandbox)
    await sandbox.step("gao-jun", id, "accept")
    await sandbox.step("gao-jun", id, "execute", measure="路面已修复。")
    rating = {"reached": True, "satisfied": True, "score": 5, "means": "phone", "rated_by": rated_by}
    await sandbox.step("softphone", id, "record-callback", **rating, unit="municipal")
    await sandbox.step("li-min", id, "inform-customer", means="phone", text="已修复。")
    await sandbox.step("li-min", id, "close", outcome="已修复", summary="修路")
    assert await rates(sandbox, "ding-yi", CODE, "municipal") == {
        "response-rate": 1, "resolution-rate": 1, "satisfaction-rate": 1,
    }  # fmt: skip


async def test_who_reports_an_offence_is_known_to_the_hotline_alone_and_not_to_the_mayor(sandbox: Desk) -> None:
    id = await sent(sandbox, "report")
    await at_work(sandbox, "mayor", "mayor")
    assert (await look(sandbox, id))["complainant"]["name"] == "张三"
    assert "张三" not in str(await look(sandbox, id, "gao-jun"))
    for who in ("mayor", "chen-li", "partner-bank"):
        assert (await sandbox.get(who, f"/v1/complaints/{id}")).status_code == 403


async def test_a_matter_that_is_sent_back_a_second_time_goes_up_to_the_office_and_supervision(sandbox: Desk) -> None:
    id = await sent(sandbox)
    await at_work(sandbox, "shi-lei", "unit", "commerce")
    await sandbox.step("gao-jun", id, "return", **RETURN)
    await sandbox.step("li-min", id, "dispatch", units=["commerce"])
    await sandbox.step("shi-lei", id, "return", **RETURN)
    assert await escalated_to(sandbox, id) == ["manager", "supervision"]
    await sandbox.step("li-min", id, "dispatch", units=["municipal"])
    refusal = await sandbox.refused(409, "gao-jun", id, "return", **RETURN)
    assert refusal["type"] == "/problems/returned-before"  # nobody sends it back twice


# 无人值守


UNATTENDED: Final = {"procedure": "hotline-mayor", "calendar": "cn-office"}
LOST: Final[tuple[Heard, ...]] = (
    ("call.offered", 0, {"direction": "inbound", "caller": "13900138009"}), ("call.missed", 25, {}),
)  # fmt: skip


async def with_unattended_hours(desk: Desk, **unattended: str) -> None:
    source = {"id": SOURCE, "name": "市长热线", "unattended": unattended or UNATTENDED}
    done(await desk.post("admin", "/v1/call-sources", source), 201)


async def test_a_call_missed_in_unattended_hours_is_owed_a_callback_by_a_role_s_queue(sandbox: Desk) -> None:
    await with_unattended_hours(sandbox)
    await at(sandbox, "03-02 23:00")
    call = await phoned(sandbox, "night-1", *LOST)
    [id] = call["complaints"]
    complaint = done(await sandbox.get("li-min", f"/v1/complaints/{id}"))
    assert (complaint["subject"], complaint["channel"]) == ("未接来电，待回电", "phone")
    assert complaint["complainant"]["phone"] == "+8613900138009"
    assert (complaint["owner"]["actor"], complaint["owner"]["role"]) == (None, "agent")
    owed = [(one["name"], one["owed_by"]["role"]) for one in complaint["obligations"] if one["due_at"] is not None]
    assert ("classify", "agent") in owed
    await at(sandbox, "03-03 10:00")
    assert (await phoned(sandbox, "day-1", *LOST))["complaints"] == [], "somebody was there, and saw it"


async def test_a_voicemail_is_taken_down_at_any_time_with_its_recording_and_once(sandbox: Desk) -> None:
    await with_unattended_hours(sandbox)
    await at(sandbox, "03-03 10:00")
    recording = {"uri": "https://pbx.example.com/v-1.wav", "seconds": 31}
    left = (*LOST, ("call.recording_available", 60.0, {"recording": recording}))
    [id] = (await phoned(sandbox, "v-1", *left))["complaints"]
    complaint = done(await sandbox.get("li-min", f"/v1/complaints/{id}"))
    assert (complaint["subject"], complaint["channel"]) == ("语音留言，待回电", "voicemail")
    history = done(await sandbox.get("li-min", f"/v1/complaints/{id}/history"))["items"]
    assert [one["type"] for one in history].count("AttachmentAdded") == 1
    await at(sandbox, "03-03 23:00")
    [first] = (await phoned(sandbox, "v-2", *LOST))["complaints"]
    later = await phoned(sandbox, "v-2", ("call.recording_available", 90.0, {"recording": recording}))
    assert later["complaints"] == [first], "missed first, and then there was a message: one matter"


async def test_whoever_answered_or_sent_a_form_leaves_nothing_behind(sandbox: Desk) -> None:
    await with_unattended_hours(sandbox, procedure="hotline-mayor")
    answered: tuple[Heard, ...] = (LOST[0], ("call.answered", 5.0, {"agent": "li-min"}), ("call.ended", 60.0, {}))
    assert (await phoned(sandbox, "a-1", *answered))["complaints"] == []
    dialled = {"direction": "outbound", "callee": "13900138009"}
    out: tuple[Heard, ...] = (("call.offered", 0.0, dialled), ("call.missed", 20.0, {}))
    assert (await phoned(sandbox, "a-2", *out))["complaints"] == []
    form = {
        "procedure": "hotline-12345", "kind": "complaint", "channel": "voicemail", "subject": "路灯不亮",
        "content": "路灯不亮。",
    }  # fmt: skip
    [id] = (await phoned(sandbox, "a-3", LOST[0], ("call.missed", 30.0, {"form": form})))["complaints"]
    assert done(await sandbox.get("li-min", f"/v1/complaints/{id}"))["subject"] == "路灯不亮"


async def test_what_a_source_says_of_unattended_hours_is_known(sandbox: Desk) -> None:
    for unattended, pointer in (
        ({"procedure": "hotline-major"}, "/unattended/procedure"),
        ({"procedure": "emergency"}, "/unattended/procedure"),
        ({"procedure": "hotline-mayor", "kind": "fax"}, "/unattended/kind"),
        ({"procedure": "hotline-mayor", "calendar": "cn-night"}, "/unattended/calendar"),
        ({}, "/unattended/procedure"),
    ):
        source = {"id": SOURCE, "name": "市长热线", "unattended": unattended}
        refusal = problem(await sandbox.post("admin", "/v1/call-sources", source), 422)
        assert pointer in str(refusal), unattended
