"""The reference procedure KF0001, played through the REST API: an investment group's own way with complaints.

Read from top to bottom, this is the product. A customer's money has not arrived; customer service takes the complaint
down, classifies it and drafts a handling opinion; two responsible units answer it, one disputes; the board office rules
and apportions the liability; the opinion is revised, confirmed, executed; the customer is told, the cause removed, the
effect confirmed, the customer called back, and only then is the case closed. Every step starts or stops a clock.

The test plays it in a sandbox, where time stands still until it is set. March 2, 2026 is a Monday; times are
Shanghai's, due times in UTC, so that the end of a Tuesday is 16:00 of that day.
The tests after it are about single rules.
"""

from __future__ import annotations

from typing import Any

from tests.http.desk import Desk, done
from tests.stories.telling import at, clock, due, state

END_OF_MONDAY, END_OF_TUESDAY = "2026-03-02T16:00:00Z", "2026-03-03T16:00:00Z"
END_OF_WEDNESDAY, END_OF_THURSDAY = "2026-03-04T16:00:00Z", "2026-03-05T16:00:00Z"
TUESDAY_AFTER = "2026-03-10T16:00:00Z"


async def test_a_complaint_goes_from_the_first_call_to_the_close(sandbox: Desk) -> None:
    id = await customer_service_takes_it_down(sandbox)
    await the_record_goes_to_two_units_and_one_disputes(sandbox, id)
    await the_board_office_rules_and_the_opinion_is_revised(sandbox, id)
    await the_measure_is_executed_and_the_customer_told(sandbox, id)
    await the_cause_is_removed_and_the_case_closed(sandbox, id)
    await everything_can_be_read_again(sandbox, id)


async def customer_service_takes_it_down(desk: Desk) -> str:
    await at(desk, "03-02 09:05")
    complaint = await desk.receive("li-min", issue_point="deposit-delay")
    id: str = complaint["id"]
    assert complaint["number"] == "KF0001-20260302-000001"
    assert complaint["status"] == "received"
    assert complaint["owner"] == {"actor": "li-min", "unit": None}
    [classify] = complaint["clocks"]  # severity decides which others there are, and nobody has judged it yet
    assert (classify["name"], classify["state"], classify["due_at"]) == ("classify", "running", END_OF_MONDAY)

    refusal = await desk.refused(409, "li-min", id, "draft-opinion", text="先查账。")
    assert refusal["type"] == "/problems/not-yet-classified"

    await at(desk, "03-02 09:20")
    complaint = await desk.step("li-min", id, "classify", severity="general", category="process.deposit")
    assert complaint["status"] == "classified"
    assert due(complaint, "record-out") == END_OF_TUESDAY  # one workday from the receipt, not from the classification
    assert due(complaint, "whole-case") == END_OF_THURSDAY  # "generally" three days: it warns and is never missed
    assert clock(complaint, "whole-case")["soft"]
    return id


async def the_record_goes_to_two_units_and_one_disputes(desk: Desk, id: str) -> None:
    await at(desk, "03-02 10:30")
    refusal = await desk.refused(409, "li-min", id, "dispatch", units=["settlement", "risk-control"])
    assert refusal["type"] == "/problems/opinion-not-drafted"
    await desk.step("li-min", id, "draft-opinion", text="结算部当日查明入金；风控部说明拦截原因并致歉。")
    await desk.refused(403, "zhou-qi", id, "dispatch", units=["settlement"])  # not yet a unit's business
    complaint = await desk.step("li-min", id, "dispatch", units=["settlement", "risk-control"])
    assert state(complaint, "record-out") == "met"
    assert due(complaint, "unit-answers", "settlement") == END_OF_TUESDAY
    assert due(complaint, "unit-answers", "risk-control") == END_OF_TUESDAY

    await at(desk, "03-02 14:00")
    complaint = await desk.step("zhou-qi", id, "confirm-opinion")
    assert complaint["units"] == [
        {"unit": "settlement", "state": "confirmed", "role": "lead"},
        {"unit": "risk-control", "state": "asked", "role": "support"},
    ]
    refusal = await desk.refused(409, "zhou-qi", id, "execute", measure="入账")
    assert refusal["type"] == "/problems/opinion-not-yet-confirmed"  # every unit that was asked has to confirm

    await at(desk, "03-02 16:30")
    complaint = await desk.step("wu-hao", id, "dispute-opinion", reason="拦截由结算部漏交材料引起。")
    assert complaint["status"] == complaint["opinion"]["state"] == "disputed"
    assert state(complaint, "unit-answers", "risk-control") == "met"
    refusal = await desk.refused(409, "zhou-qi", id, "execute", measure="入账")
    assert refusal["type"] == "/problems/opinion-still-disputed"
    await desk.refused(403, "li-min", id, "issue-ruling", outcome="upheld", text="维持", liability=shares(50, 50))


async def the_board_office_rules_and_the_opinion_is_revised(desk: Desk, id: str) -> None:
    await at(desk, "03-03 10:00")
    refusal = await desk.refused(
        422, "qian-hui", id, "issue-ruling", outcome="overturned", text="…", liability=shares(70, 20)
    )
    assert refusal["errors"][0]["pointer"] == "/liability"  # shares sum to 100
    complaint = await desk.step(
        "qian-hui", id, "issue-ruling", outcome="overturned", text="结算部主责，风控部次责。", liability=shares(70, 30)
    )
    assert complaint["liability"] == shares(70, 30)
    complaint = await desk.step("qian-hui", id, "request-capa", unit="settlement", reason="补件无人跟进。")
    assert due(complaint, "capa-report", "settlement") == TUESDAY_AFTER  # five workdays, a week-end between

    await at(desk, "03-03 11:00")
    complaint = await desk.step("li-min", id, "revise-opinion", text="结算部今日补齐并入账；风控部书面说明。")
    assert complaint["opinion"] == {"text": "结算部今日补齐并入账；风控部书面说明。", "revision": 2, "state": "asked"}
    assert due(complaint, "unit-answers", "settlement") == END_OF_WEDNESDAY  # asked anew, so a workday anew
    await desk.step("zhou-qi", id, "confirm-opinion")
    await at(desk, "03-03 15:00")
    complaint = await desk.step("wu-hao", id, "confirm-opinion")
    assert (complaint["status"], complaint["opinion"]["state"]) == ("executing", "final")
    for unit in ("settlement", "risk-control"):
        assert due(complaint, "execute", unit) == END_OF_THURSDAY  # two workdays from the opinion that is final


async def the_measure_is_executed_and_the_customer_told(desk: Desk, id: str) -> None:
    await at(desk, "03-04 10:00")
    until = "2026-03-06T18:00:00+08:00"
    refusal = await desk.refused(409, "zhou-qi", id, "extend", clock="execute", until=until, reason="银行停机")
    assert refusal["type"] == "/problems/interim-measure-missing"
    await desk.step("zhou-qi", id, "report-interim-measure", text="先行垫付利息，并已告知客户。")
    complaint = await desk.step("zhou-qi", id, "extend", clock="execute", until=until, reason="银行停机")
    assert due(complaint, "execute", "settlement") == "2026-03-06T10:00:00Z"
    assert due(complaint, "execute", "risk-control") == END_OF_THURSDAY  # what one unit is granted is its own

    await at(desk, "03-04 11:00")
    complaint = await desk.step("zhou-qi", id, "execute", measure="材料已补齐，五万元10:52入账。")
    assert complaint["status"] == "executing"
    assert [state(complaint, "execute", unit) for unit in ("settlement", "risk-control")] == ["met", "running"]
    complaint = await desk.step("wu-hao", id, "execute", measure="已书面说明拦截原因。")
    assert complaint["status"] == "executed"  # both have done their part
    refusal = await desk.refused(422, "li-min", id, "inform-customer", means="letter", text="已入账。")
    assert refusal["errors"][0]["pointer"] == "/means"  # this procedure tells by SMS or telephone
    complaint = await desk.step("li-min", id, "inform-customer", means="sms", text="您的入金已到账，谨致歉意。")
    assert complaint["status"] == "informed"
    refusal = await desk.refused(409, "li-min", id, "close", outcome="已解决", summary="入账")
    assert len(refusal["missing"]) == 3  # the CAPA report, the effect and the callback, each by name
    assert "close" not in complaint["allowed"]


async def the_cause_is_removed_and_the_case_closed(desk: Desk, id: str) -> None:
    await at(desk, "03-05 17:00")
    report = {
        "cause": "提醒只发邮件。", "corrective": "当日补齐。", "preventive": "列入晨会清单。",
        "responsible": "结算部经理", "complete_by": "2026-03-20",
    }  # fmt: skip
    await desk.refused(403, "wu-hao", id, "submit-capa", unit="settlement", **report)  # another unit's report
    complaint = await desk.step("zhou-qi", id, "submit-capa", **report)
    assert state(complaint, "capa-report", "settlement") == "met"
    assert due(complaint, "capa-issue", "settlement") == END_OF_THURSDAY  # forwarded on the same day
    complaint = await desk.step("qian-hui", id, "issue-capa")
    assert complaint["capas"] == [{"unit": "settlement", "state": "issued", "complete_by": "2026-03-20"}]

    await at(desk, "03-06 09:30")
    await desk.refused(403, "li-min", id, "confirm-effect", effective=True, findings="…")  # the manager's to say
    await desk.step("zhao-jing", id, "confirm-effect", effective=True, findings="抽查五笔，均当日入账。")
    await desk.step("li-min", id, "record-callback", reached=False, means="phone")
    await desk.step("li-min", id, "record-callback", reached=True, satisfied=True, score=5, means="phone")
    complaint = await desk.step("li-min", id, "close", outcome="已解决", justified=True, summary="入账，责任七三开。")
    assert (complaint["status"], complaint["outcome"], complaint["justified"]) == ("closed", "已解决", True)
    assert complaint["closed_at"] == "2026-03-06T01:30:00Z"
    assert {one["state"] for one in complaint["clocks"]} == {"met"}
    refusal = await desk.refused(409, "li-min", id, "draft-opinion", text="…")
    assert refusal["type"] == "/problems/complaint-ended"


async def everything_can_be_read_again(desk: Desk, id: str) -> None:
    history = done(await desk.get("he-ping", f"/v1/complaints/{id}/history"))["items"]
    assert [event["version"] for event in history] == list(range(1, len(history) + 1))
    steps = [event["type"] for event in history if event["actor"]["id"] != "system"]
    assert steps == [
        "Received", "Classified", "OpinionDrafted", "Dispatched", "OpinionConfirmed", "OpinionDisputed", "RulingIssued",
        "CAPARequested", "OpinionRevised", "OpinionConfirmed", "OpinionConfirmed", "InterimMeasureReported", "Extended",
        "Executed", "Executed", "CustomerInformed", "CAPASubmitted", "CAPAIssued", "EffectConfirmed", "CallbackDone",
        "CallbackDone", "Closed",
    ]  # fmt: skip
    on_monday = done(await desk.get("he-ping", f"/v1/complaints/{id}?as_of=2026-03-02T17:00:00%2B08:00"))
    assert (on_monday["status"], on_monday["opinion"]["revision"]) == ("disputed", 1)
    why = done(await desk.get("he-ping", f"/v1/complaints/{id}/clocks/capa-report/explanation"))
    assert [part["kind"] for part in why["intervals"] if part["kind"] in {"weekend", "start-day"}]
    assert why["counted_total"] == why["limit_total"] == 5


# The other ways a complaint can go


async def test_the_fifth_complaint_of_one_issue_point_within_a_month_is_raised_to_severe(sandbox: Desk) -> None:
    numbers = []
    for day in ("03-02", "03-03", "03-04", "03-05"):
        await at(sandbox, f"{day} 10:00")
        complaint = await a_general_one(sandbox, issue_point="deposit-delay")
        assert complaint["severity"] == "general"
        numbers.append(complaint["number"])
    await at(sandbox, "03-06 10:00")
    complaint = await a_general_one(sandbox, issue_point="deposit-delay")
    assert complaint["severity"] == "severe"
    assert [other["number"] for other in complaint["linked"]] == numbers
    # Friday's complaint has one workday now; the general clocks are cancelled.
    assert due(complaint, "whole-case") == "2026-03-09T16:00:00Z"
    assert state(complaint, "record-out") == "cancelled"
    history = done(await sandbox.get("li-min", f"/v1/complaints/{complaint['id']}/history"))["items"]
    told = [event["data"]["to_role"] for event in history if event["type"] == "Escalated"]
    assert told == ["manager", "general-manager", "board-office"]


async def test_a_minor_complaint_is_settled_by_the_front_line_on_the_same_day(sandbox: Desk) -> None:
    id = (await sandbox.receive())["id"]
    complaint = await sandbox.step("li-min", id, "classify", severity="minor", category="service.attitude")
    assert due(complaint, "settle") == END_OF_MONDAY
    refusal = await sandbox.refused(409, "li-min", id, "draft-opinion", text="…")
    assert refusal["type"] == "/problems/front-line-settles"
    complaint = await sandbox.step("li-min", id, "settle", explanation="当面致歉。", accepted=False)
    assert complaint["status"] == "classified"  # the customer does not accept it, so it is not settled
    complaint = await sandbox.step("li-min", id, "settle", explanation="减免手续费。", accepted=True)
    assert (complaint["status"], state(complaint, "settle")) == ("closed", "met")


async def test_a_minor_complaint_that_is_not_settled_on_its_day_is_missed_at_midnight(sandbox: Desk) -> None:
    id = (await sandbox.receive())["id"]
    await sandbox.step("li-min", id, "classify", severity="minor", category="service")
    await at(sandbox, "03-03 08:00")
    history = done(await sandbox.get("li-min", f"/v1/complaints/{id}/history"))["items"]
    judged = [(event["type"], event["recorded_at"]) for event in history if event["actor"]["id"] == "system"]
    assert judged == [("DeadlineWarned", "2026-03-02T13:00:00Z"), ("DeadlineMissed", END_OF_MONDAY)]
    complaint = await sandbox.step("li-min", id, "settle", explanation="致歉。", accepted=True)
    assert state(complaint, "settle") == "missed"  # settled late stays late


async def test_a_misunderstanding_is_explained_and_closed_without_a_case(sandbox: Desk) -> None:
    id = (await sandbox.receive())["id"]
    complaint = await sandbox.step("li-min", id, "settle", explanation="到账以银行时间为准。", accepted=True)
    assert (complaint["status"], complaint["severity"]) == ("closed", None)
    assert [(clock["name"], clock["state"]) for clock in complaint["clocks"]] == [("classify", "met")]


async def test_a_severe_complaint_has_a_special_meeting_before_it_closes(sandbox: Desk) -> None:
    id = (await sandbox.receive())["id"]
    complaint = await sandbox.step("li-min", id, "classify", severity="severe", category="other")
    assert due(complaint, "whole-case") == END_OF_TUESDAY
    history = done(await sandbox.get("li-min", f"/v1/complaints/{id}/history"))["items"]
    assert [event["type"] for event in history] == ["Received", "Classified", "Escalated", "Escalated", "Escalated"]
    await sandbox.refused(403, "li-min", id, "hold-meeting", attendees=["总经理"], decisions="…")
    await handled(sandbox, id)
    refusal = await sandbox.refused(409, "li-min", id, "close", outcome="已解决", summary="…")
    assert refusal["missing"] == ["the special meeting"]
    await sandbox.step("qian-hui", id, "hold-meeting", attendees=["总经理", "结算部"], decisions="全额赔付。")
    await sandbox.step("qian-hui", id, "send-investigators", people=["周琪"], place="客户公司")
    await sandbox.step("qian-hui", id, "report-progress", text="第一期通报：已赔付。")
    complaint = await sandbox.step("li-min", id, "close", outcome="已解决", summary="赔付")
    assert complaint["status"] == "closed"


async def test_a_dissatisfied_callback_opens_a_second_round_with_clocks_of_its_own(sandbox: Desk) -> None:
    id = (await a_general_one(sandbox))["id"]
    await handled(sandbox, id, callback=False)
    await at(sandbox, "03-04 10:00")
    complaint = await sandbox.step("li-min", id, "record-callback", reached=True, satisfied=False, means="phone")
    assert (complaint["round"], complaint["status"], complaint["units"]) == (2, "classified", [])
    assert due(complaint, "record-out") == END_OF_THURSDAY
    assert [one["round"] for one in complaint["clocks"] if one["name"] == "record-out"] == [1, 2]
    refusal = await sandbox.refused(409, "li-min", id, "close", outcome="已解决", summary="…")
    assert refusal["type"] == "/problems/not-ready-to-close"  # the work of round one does not count for round two


async def test_a_closed_complaint_is_reopened_and_an_open_one_is_not(sandbox: Desk) -> None:
    id = (await a_general_one(sandbox))["id"]
    refusal = await sandbox.refused(409, "li-min", id, "reopen", reason="又未到账")
    assert refusal["type"] == "/problems/still-open"
    await handled(sandbox, id)
    await sandbox.step("li-min", id, "close", outcome="已解决", summary="入账")
    complaint = await sandbox.step("li-min", id, "reopen", reason="又未到账")
    assert (complaint["round"], complaint["status"], complaint["closed_at"]) == (2, "classified", None)


async def test_a_complaint_is_withdrawn_and_its_clocks_with_it(sandbox: Desk) -> None:
    id = (await sandbox.dispatched("settlement"))["id"]
    complaint = await sandbox.step("li-min", id, "withdraw", reason="客户撤回")
    assert complaint["status"] == "withdrawn"
    assert {one["state"] for one in complaint["clocks"]} == {"met", "cancelled"}
    refusal = await sandbox.refused(409, "zhou-qi", id, "confirm-opinion")
    assert refusal["type"] == "/problems/complaint-ended"


async def test_a_complaint_is_rejected_before_it_is_dispatched_and_never_after(sandbox: Desk) -> None:
    id = (await sandbox.receive())["id"]
    assert (await sandbox.step("li-min", id, "reject", reason="非本公司客户"))["status"] == "rejected"
    sent = (await sandbox.dispatched("settlement"))["id"]
    refusal = await sandbox.refused(409, "li-min", sent, "reject", reason="非本公司客户")
    assert refusal["type"] == "/problems/already-dispatched"


async def test_a_complaint_of_the_eve_of_the_spring_festival_is_due_on_the_make_up_saturday(sandbox: Desk) -> None:
    letter = "2026-02-13T16:00:00+08:00"  # a Friday; the 14th is a make-up workday
    id = (await sandbox.receive(channel="letter", occurred_at=letter))["id"]
    complaint = await sandbox.general(id)
    assert due(complaint, "record-out") == "2026-02-14T16:00:00Z"
    assert state(complaint, "record-out") == "missed"  # it came late to us, and its clocks run from when it came


# What the stories share


async def a_general_one(desk: Desk, **changes: Any) -> dict[str, Any]:
    id = (await desk.receive(**{"issue_point": next(desk.points)} | changes))["id"]
    return await desk.step("li-min", id, "classify", severity="general", category="process.deposit")


async def handled(desk: Desk, id: str, *, callback: bool = True) -> None:
    """From the drafted opinion to the callback, with one unit that agrees."""
    await desk.step("li-min", id, "draft-opinion", text="当日入账。")
    await desk.step("li-min", id, "dispatch", units=["settlement"])
    await desk.step("zhou-qi", id, "confirm-opinion")
    await desk.step("zhou-qi", id, "execute", measure="已入账。")
    await desk.step("li-min", id, "inform-customer", means="phone", text="已入账。")
    await desk.step("zhao-jing", id, "confirm-effect", effective=True, findings="已查。")
    if callback:
        await desk.step("li-min", id, "record-callback", reached=True, satisfied=True, means="phone")


def shares(settlement: int, risk_control: int) -> list[dict[str, Any]]:
    return [{"unit": "settlement", "percent": settlement}, {"unit": "risk-control", "percent": risk_control}]
