"""12345政府热线: one number for all departments of a city, played through the REST API.

The caller need not know who is competent. The agent writes the matter down, the platform sends it to the department for
its category, the department accepts or sends it back within a working day and handles it in the time its kind gives,
under electronic supervision, and the platform gives the one reply. March 2, 2026 is a Monday.
"""

from __future__ import annotations

from typing import Any

import pytest

from tests.http.desk import Desk, done
from tests.stories.hotline import at_work, cards, look, noted, rates, told_of_misses
from tests.stories.phoning import called_back, phoned, taken_down
from tests.stories.staff import escalated_to
from tests.stories.telling import at, clock, due, state

CODE = "hotline-12345"
END_OF_TUESDAY = "2026-03-03T16:00:00Z"
FIVE_DAYS, FIFTEEN_DAYS, THIRTY_DAYS = "2026-03-09T16:00:00Z", "2026-03-23T16:00:00Z", "2026-04-14T16:00:00Z"
RETURN = {"ground": "学校食堂由市场监管局管辖。", "legal_basis": "《食品安全法》第六条"}


async def sent(desk: Desk, kind: str = "complaint", category: str = "education.school", **changes: Any) -> str:
    """A matter that the platform sent to the department of its category on Monday at nine."""
    await at_work(desk, "lu-fang", "unit", "education")
    await at_work(desk, "ding-yi", "supervision")
    id = await noted(desk, CODE, kind, category, **changes)
    await desk.step("li-min", id, "dispatch")
    return id


async def test_a_complaint_goes_from_the_call_to_the_one_reply(sandbox: Desk) -> None:
    id = await sent(sandbox)
    complaint = await look(sandbox, id)
    assert complaint["units"] == [{"unit": "education", "state": "asked", "role": "lead"}]
    assert due(complaint, "accept", "education") == END_OF_TUESDAY
    assert due(complaint, "handle") == FIFTEEN_DAYS

    await at(sandbox, "03-03 10:00")
    complaint = await sandbox.step("lu-fang", id, "accept")
    assert (complaint["status"], state(complaint, "accept", "education")) == ("executing", "met")
    refusal = await sandbox.refused(409, "li-min", id, "close", outcome="已办结", summary="…")
    assert len(refusal["missing"]) == 2  # the execution, and the reply

    await at(sandbox, "03-10 10:00")
    complaint = await sandbox.step("lu-fang", id, "execute", measure="食堂已整改，并公示检查结果。")
    assert (complaint["status"], state(complaint, "handle")) == ("executed", "met")
    await sandbox.refused(403, "lu-fang", id, "inform-customer", means="phone", text="已整改。")
    complaint = await sandbox.step("li-min", id, "inform-customer", means="phone", text="教育局已督促整改。")
    assert complaint["status"] == "informed"
    assert "close" in complaint["allowed"]
    complaint = await sandbox.step("li-min", id, "record-callback", reached=True, satisfied=True, score=5, means="sms")
    complaint = await sandbox.step("li-min", id, "close", outcome="已办结", summary="整改", justified=True)
    assert complaint["status"] == "closed"
    assert await cards(sandbox, id, "ding-yi") == []


async def test_a_call_to_the_hotline_becomes_the_matter_and_the_caller_rates_it_at_once_by_keying(
    sandbox: Desk,
) -> None:
    await at_work(sandbox, "lu-fang", "unit", "education")
    await at(sandbox, "03-02 09:00")
    form = {
        "procedure": CODE, "kind": "complaint", "channel": "phone", "subject": "学校食堂不卫生",
        "content": "多名学生腹泻。", "complainant": {"name": "郑十", "phone": "139 0013 8009"},
        "facts": {"district": "城东"},
    }  # fmt: skip
    call = await phoned(sandbox, "c-1", *taken_down(form, "13900138009"))
    [id] = call["complaints"]
    assert call["wait_seconds"] == 8
    await sandbox.step("li-min", id, "classify", category="education.school")
    await sandbox.step("li-min", id, "dispatch")
    await sandbox.step("lu-fang", id, "accept")
    await at(sandbox, "03-10 10:00")
    await sandbox.step("lu-fang", id, "execute", measure="食堂已整改。")
    complaint = await sandbox.step("li-min", id, "inform-customer", means="phone", text="教育局已督促整改。")
    await phoned(sandbox, "c-2", *called_back(complaint["number"], score=4))
    history = done(await sandbox.get("li-min", f"/v1/complaints/{id}/history"))["items"]
    rated = [one["data"] for one in history if one["type"] == "CallbackDone" and one["data"]["score"] is not None]
    assert [(one["reached"], one["score"], one["rated_by"]) for one in rated] == [(True, 4, "instant")]
    complaint = await sandbox.step("li-min", id, "close", outcome="已办结", summary="整改", justified=True)
    assert complaint["status"] == "closed"


@pytest.mark.parametrize(
    ("kind", "end"),
    [
        ("consultation", FIVE_DAYS),
        ("suggestion", FIVE_DAYS),
        ("praise", FIVE_DAYS),
        ("complaint", FIFTEEN_DAYS),
        ("request", FIFTEEN_DAYS),
        ("report", THIRTY_DAYS),  # over the Qingming holiday: April 6 is a day off
    ],
)
async def test_the_kind_of_matter_says_how_long_it_may_take(sandbox: Desk, kind: str, end: str) -> None:
    complaint = await look(sandbox, await sent(sandbox, kind))
    assert [one["due_at"] for one in complaint["clocks"] if one["name"] == "handle"] == [end]


async def test_a_complaint_that_turns_out_to_be_a_report_gets_the_time_of_a_report(sandbox: Desk) -> None:
    id = await sent(sandbox)
    await at(sandbox, "03-04 10:00")
    complaint = await sandbox.step("li-min", id, "classify", kind="report")
    assert [(one["state"], one["due_at"]) for one in complaint["clocks"] if one["name"] == "handle"] == [
        ("cancelled", FIFTEEN_DAYS),
        ("running", THIRTY_DAYS),
    ]


async def test_a_kind_that_the_hotline_does_not_take_is_refused(sandbox: Desk) -> None:
    body = {"procedure": CODE, "kind": "petition", "channel": "phone", "subject": "信访", "content": "…"}
    answer = await sandbox.post("li-min", "/v1/complaints", body)
    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, "/kind")


async def test_the_agent_answers_what_the_centre_knows_on_the_spot(sandbox: Desk) -> None:
    complaint = await sandbox.receive("li-min", procedure=CODE, kind="consultation", facts={})
    complaint = await sandbox.step("li-min", complaint["id"], "settle", explanation="护照办理材料如下…", accepted=True)
    ended = {one["name"]: one["state"] for one in complaint["clocks"]}
    assert (complaint["status"], ended) == ("closed", {"classify": "met", "dispatch": "met", "whole-case": "met"})


async def test_where_the_category_names_no_department_the_platform_names_it(sandbox: Desk) -> None:
    id = await noted(sandbox, CODE, "request", "other")
    refusal = await sandbox.refused(422, "li-min", id, "dispatch")
    assert refusal["type"] == "/problems/no-route-known"
    complaint = await sandbox.step("li-min", id, "dispatch", units=["housing"])
    assert complaint["units"] == [{"unit": "housing", "state": "asked", "role": "lead"}]


async def test_a_department_sends_back_what_is_not_its_own_and_it_is_routed_again(sandbox: Desk) -> None:
    id = await sent(sandbox)
    refusal = await sandbox.refused(422, "lu-fang", id, "return", ground="不属本部门。")
    assert refusal["errors"][0]["pointer"] == "/legal_basis"
    complaint = await sandbox.step("lu-fang", id, "return", **RETURN)
    assert (complaint["status"], state(complaint, "accept", "education")) == ("classified", "met")
    await sandbox.refused(409, "lu-fang", id, "execute", measure="…")

    await at(sandbox, "03-03 09:00")
    refusal = await sandbox.refused(422, "li-min", id, "dispatch")  # the category still leads to where it came from
    assert refusal["type"] == "/problems/route-was-returned"
    await sandbox.step("li-min", id, "classify", category="consumption")
    complaint = await sandbox.step("li-min", id, "dispatch")
    assert complaint["units"] == [
        {"unit": "education", "state": "returned", "role": None},
        {"unit": "market", "state": "asked", "role": "lead"},
    ]
    assert due(complaint, "accept", "market") == "2026-03-04T16:00:00Z"  # a working day of its own
    assert due(complaint, "handle") == FIFTEEN_DAYS  # the caller's time runs on


async def test_a_department_that_is_sent_it_again_has_to_handle_it(sandbox: Desk) -> None:
    id = await sent(sandbox)
    await sandbox.step("lu-fang", id, "return", **RETURN)
    await sandbox.step("li-min", id, "dispatch", units=["education"], note="食堂由学校管理，请主办。")
    refusal = await sandbox.refused(409, "lu-fang", id, "return", **RETURN)
    assert refusal["type"] == "/problems/returned-before"


async def test_electronic_supervision_raises_a_yellow_card_and_then_a_red_one(sandbox: Desk) -> None:
    id = await sent(sandbox, "consultation")
    await at(sandbox, "03-04 00:00")
    assert await cards(sandbox, id, "ding-yi") == [("yellow", "education")]
    complaint = await sandbox.step("lu-fang", id, "accept")
    assert state(complaint, "accept", "education") == "missed"
    await at(sandbox, "03-10 00:00")
    assert [card for card, _ in await cards(sandbox, id, "ding-yi")] == ["yellow", "red"]
    told = await told_of_misses(sandbox, id, "ding-yi")
    assert told == {"accept": ["manager", "supervision"], "handle": ["manager", "supervision"]}


async def test_every_department_has_cards_of_its_own(sandbox: Desk) -> None:
    await at_work(sandbox, "lu-fang", "unit", "education")
    await at_work(sandbox, "ding-yi", "supervision")
    id = await noted(sandbox, CODE, "consultation", "education.school")
    await sandbox.step("li-min", id, "dispatch", units=["education", "market"])
    await sandbox.step("lu-fang", id, "accept")
    await sandbox.step("lu-fang", id, "execute", measure="已答复。")
    await at(sandbox, "03-10 00:00")
    assert await cards(sandbox, id, "ding-yi") == [("yellow", "market"), ("red", "market")]


async def test_only_the_supervision_office_raises_cards_by_hand(sandbox: Desk) -> None:
    id = await sent(sandbox)
    await sandbox.refused(403, "li-min", id, "supervise", text="推诿", card="yellow")
    await sandbox.step("ding-yi", id, "supervise", text="推诿", card="yellow")
    assert await cards(sandbox, id, "ding-yi") == [("yellow", "education")]


async def test_the_supervision_office_reads_what_was_said_and_not_who_said_it(sandbox: Desk) -> None:
    id = await sent(sandbox)
    seen = await look(sandbox, id, "ding-yi")
    assert seen["subject"] == "入金三天未到账"
    assert "张三" not in str(seen)


async def test_a_department_sees_only_what_was_sent_to_it(sandbox: Desk) -> None:
    id = await sent(sandbox)
    await at_work(sandbox, "he-yun", "unit", "tourism")
    assert (await sandbox.get("he-yun", f"/v1/complaints/{id}")).status_code == 403
    await sandbox.refused(403, "he-yun", id, "accept")


async def test_only_the_platform_gives_a_department_more_time(sandbox: Desk) -> None:
    id = await sent(sandbox)
    more = {"clock": "handle", "until": "2026-03-31T00:00:00+08:00", "reason": "鉴定需要时间"}
    await sandbox.refused(403, "lu-fang", id, "extend", **more)
    await sandbox.refused(403, "li-min", id, "extend", **more)
    complaint = await sandbox.step("zhao-jing", id, "extend", **more)
    assert due(complaint, "handle") == "2026-03-30T16:00:00Z"


async def test_a_message_left_at_night_keeps_both_its_times(sandbox: Desk) -> None:
    night = "2026-03-01T02:30:00+08:00"
    complaint = await sandbox.receive("softphone", procedure=CODE, channel="voicemail", occurred_at=night, facts={})
    assert (complaint["occurred_at"], complaint["received_at"]) == ("2026-02-28T18:30:00Z", "2026-03-02T01:00:00Z")


async def test_the_caller_asks_for_the_status_without_an_agent(sandbox: Desk) -> None:
    number = (await look(sandbox, await sent(sandbox)))["number"]
    await sandbox.caught_up()
    status = done(await sandbox.get(None, f"/v1/status/{number}?phone_tail=8000"))
    assert (status["status"], status["due_at"]) == ("dispatched", END_OF_TUESDAY)
    assert "张三" not in str(status)


async def test_a_report_of_an_offence_is_sent_on_by_the_agent_and_goes_up_to_nobody_by_itself(sandbox: Desk) -> None:
    id = await sent(sandbox, "report")
    history = done(await sandbox.get("li-min", f"/v1/complaints/{id}/history"))["items"]
    assert [one["type"] for one in history] == ["Received", "Classified", "Dispatched"]


async def test_an_anonymous_report_is_closed_without_a_reply(sandbox: Desk) -> None:
    id = await sent(sandbox, "report", complainant={"anonymous": True})
    await sandbox.step("lu-fang", id, "accept")
    await sandbox.step("lu-fang", id, "execute", measure="已立案查处。")
    complaint = await sandbox.step("li-min", id, "close", outcome="已查处", summary="立案")
    assert complaint["status"] == "closed"


async def test_the_caller_rates_the_department_at_once_through_the_telephone_system(sandbox: Desk) -> None:
    id = await sent(sandbox)
    rating: dict[str, Any] = {"reached": True, "satisfied": True, "score": 4, "means": "phone"}
    refusal = await sandbox.refused(409, "softphone", id, "record-callback", **rating)
    assert refusal["type"] == "/problems/not-yet-executed"
    await sandbox.step("lu-fang", id, "execute", measure="已整改。")
    await sandbox.refused(403, "lu-fang", id, "record-callback", **rating)  # nobody rates themselves
    await sandbox.step("softphone", id, "record-callback", **rating)
    history = done(await sandbox.get("ding-yi", f"/v1/complaints/{id}/history"))["items"]
    assert (history[-1]["type"], history[-1]["data"]["score"]) == ("CallbackDone", 4)


async def test_a_dissatisfied_caller_opens_a_round_with_time_of_its_own(sandbox: Desk) -> None:
    id = await sent(sandbox)
    await sandbox.step("lu-fang", id, "accept")
    await sandbox.step("lu-fang", id, "execute", measure="已回复学校。")
    await sandbox.step("li-min", id, "inform-customer", means="sms", text="已处理。")
    await at(sandbox, "03-09 09:00")
    complaint = await sandbox.step("li-min", id, "record-callback", reached=True, satisfied=False, means="phone")
    assert (complaint["round"], complaint["status"]) == (2, "classified")
    complaint = await sandbox.step("li-min", id, "dispatch")
    assert (clock(complaint, "handle")["round"], due(complaint, "handle")) == (2, "2026-03-30T16:00:00Z")


async def test_a_matter_of_several_departments_is_done_when_each_has_done_its_part(sandbox: Desk) -> None:
    await at_work(sandbox, "lu-fang", "unit", "education")
    await at_work(sandbox, "ma-chao", "unit", "market")
    id = await noted(sandbox, CODE, "complaint", "education.school")
    await sandbox.step("li-min", id, "dispatch", units=["education", "market"])
    complaint = await sandbox.step("lu-fang", id, "execute", measure="学校已整改。")
    assert state(complaint, "handle") == "running"
    await sandbox.step("li-min", id, "inform-customer", means="phone", text="学校已整改，市场监管局仍在检查。")
    refusal = await sandbox.refused(409, "li-min", id, "close", outcome="已办结", summary="整改")
    by_all, word = "the execution by every unit that was asked", "word to the customer about the result"
    assert refusal["missing"] == [by_all, word]  # the one reply tells what all of them did
    complaint = await sandbox.step("ma-chao", id, "execute", measure="供应商已处罚。")
    assert state(complaint, "handle") == "met"
    await sandbox.step("li-min", id, "inform-customer", means="phone", text="学校已整改，供应商已处罚。")
    assert (await sandbox.step("li-min", id, "close", outcome="已办结", summary="整改"))["status"] == "closed"


async def test_a_matter_of_several_departments_waits_for_none_that_it_was_taken_from(sandbox: Desk) -> None:
    await at_work(sandbox, "lu-fang", "unit", "education")
    await at_work(sandbox, "ma-chao", "unit", "market")
    await at_work(sandbox, "he-jun", "unit", "culture")
    id = await noted(sandbox, CODE, "complaint", "education.school")
    await sandbox.step("li-min", id, "dispatch", units=["education", "market", "culture"])
    await sandbox.step("he-jun", id, "return", ground="不归本局", legal_basis="《文化市场管理条例》第3条")
    await sandbox.step("lu-fang", id, "execute", measure="学校已整改。")
    refusal = await sandbox.refused(409, "li-min", id, "close", outcome="已办结", summary="整改")
    assert "the execution by every unit that was asked" in refusal["missing"]
    await sandbox.step("li-min", id, "recall", unit="market", reason="与食堂供应商无关")
    await sandbox.step("li-min", id, "inform-customer", means="phone", text="学校已整改。")
    assert (await sandbox.step("li-min", id, "close", outcome="已办结", summary="整改"))["status"] == "closed"


async def test_a_department_states_the_legal_ground_of_a_return(sandbox: Desk) -> None:
    await at_work(sandbox, "lu-fang", "unit", "education")
    id = await noted(sandbox, CODE, "complaint", "education.school")
    await sandbox.step("li-min", id, "dispatch", units=["education"])
    for basis in (None, "", "  "):
        refusal = await sandbox.refused(422, "lu-fang", id, "return", ground="不归本局", legal_basis=basis)
        assert refusal["errors"][0]["pointer"] == "/legal_basis"


async def test_the_platform_enters_what_a_department_reported_by_telephone_for_the_whole_matter(sandbox: Desk) -> None:
    id = await sent(sandbox)
    complaint = await sandbox.step("li-min", id, "execute", measure="教育局电话告知：已整改。")
    assert (complaint["status"], state(complaint, "handle")) == ("executed", "met")


@pytest.mark.parametrize(
    ("rated_by", "means", "who"),
    [
        ("instant", "phone", "softphone"),
        ("questionnaire", "letter", "li-min"),
        ("web", "email", "softphone"),
        ("phone", "phone", "li-min"),
    ],
)
async def test_the_public_rates_a_department_at_once_by_questionnaire_on_the_web_and_by_telephone(
    sandbox: Desk, rated_by: str, means: str, who: str
) -> None:
    id = await sent(sandbox)
    await sandbox.step("lu-fang", id, "execute", measure="已整改。")
    rating = {"reached": True, "satisfied": True, "score": 5, "means": means, "rated_by": rated_by}
    refusal = await sandbox.refused(409, who, id, "record-callback", **rating, unit="tourism")
    assert refusal["type"] == "/problems/unit-not-asked"  # a department that had no part in it is not rated
    await sandbox.step(who, id, "record-callback", **rating, unit="education")
    history = done(await sandbox.get("ding-yi", f"/v1/complaints/{id}/history"))["items"]
    assert (history[-1]["data"]["unit"], history[-1]["data"]["rated_by"]) == ("education", rated_by)


async def test_response_resolution_and_satisfaction_are_figured_for_each_department(sandbox: Desk) -> None:
    late, soon = await sent(sandbox), await sent(sandbox, issue_point="canteen")
    await sandbox.step("lu-fang", soon, "accept")
    await sandbox.step("lu-fang", soon, "execute", measure="已整改。")
    await sandbox.step("li-min", soon, "inform-customer", means="phone", text="已整改。")
    rating = {"reached": True, "means": "phone", "rated_by": "instant", "unit": "education"}
    await sandbox.step("softphone", soon, "record-callback", **rating, satisfied=True)
    await sandbox.step("li-min", soon, "close", outcome="已办结", summary="整改")
    await at(sandbox, "03-04 00:00")  # nobody has accepted the other in its working day
    await sandbox.step("lu-fang", late, "accept")
    await sandbox.step("lu-fang", late, "execute", measure="已处理。")
    await sandbox.step("softphone", late, "record-callback", **rating, satisfied=False)
    assert await rates(sandbox, "ding-yi", CODE, "education") == {
        "response-rate": 0.5, "resolution-rate": 0.5, "satisfaction-rate": 0.5,
    }  # fmt: skip


async def test_who_reports_an_offence_is_known_to_the_hotline_alone(sandbox: Desk) -> None:
    id = await sent(sandbox, "report")
    assert (await look(sandbox, id))["complainant"]["name"] == "张三"
    for who in ("lu-fang", "ding-yi"):  # the department that investigates, and the supervision office
        seen = await look(sandbox, id, who)
        assert seen["subject"] == "入金三天未到账"
        assert "张三" not in str(seen)
    await sandbox.caught_up()
    for who in ("chen-li", "partner-bank"):
        assert (await sandbox.get(who, f"/v1/complaints/{id}")).status_code == 403
        listed = done(await sandbox.get(who, f"/v1/tracking?procedure={CODE}"))["items"]
        assert listed == []
    assert "张三" not in str(done(await sandbox.get("he-ping", f"/v1/complaints/{id}")))  # nor does the audit say it


async def test_a_complaint_that_turns_out_to_be_a_report_is_kept_from_then_on(sandbox: Desk) -> None:
    id = await sent(sandbox)
    assert (await sandbox.get("chen-li", f"/v1/complaints/{id}")).status_code == 200
    await sandbox.step("li-min", id, "classify", kind="report")
    assert (await sandbox.get("chen-li", f"/v1/complaints/{id}")).status_code == 403


async def test_a_matter_that_is_sent_back_a_second_time_goes_up_to_the_platform_and_supervision(sandbox: Desk) -> None:
    id = await sent(sandbox)
    await at_work(sandbox, "ma-chao", "unit", "market")
    await sandbox.step("lu-fang", id, "return", **RETURN)
    assert await escalated_to(sandbox, id) == []
    await sandbox.step("li-min", id, "dispatch", units=["market"])
    await sandbox.step("ma-chao", id, "return", ground="学校未取得许可。", legal_basis="《食品安全法》第三十五条")
    assert await escalated_to(sandbox, id) == ["manager", "supervision"]
    complaint = await sandbox.step("zhao-jing", id, "dispatch", units=["efficiency"], note="请牵头协调。")
    assert due(complaint, "handle") == FIFTEEN_DAYS
