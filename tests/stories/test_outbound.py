"""呼叫中心呼出投诉处理流程: complaints about sales calls, played through the REST API.

The recording of the sale is looked at before anybody calls the customer; the order is done on the day if possible, and
after 36 hours at the latest. It ends only with the recordings of the sale and of the handling.
"""

from __future__ import annotations

from typing import Any

import pytest

from tests.http.desk import Desk, done
from tests.stories.staff import employ, escalated_to, look, told_at
from tests.stories.telling import at, clock, due, state

CALLER = "tan-yu"
REC = "https://rec.example.com"
SALE = {"name": "外呼 2026-02-11.wav", "kind": "recording", "reference": f"{REC}/88121", "evidence": "sales-recording"}
HANDLING = {"name": "回访.wav", "kind": "recording", "reference": f"{REC}/90233", "evidence": "handling-recording"}
ACCOUNT = {"name": "开通情况.pdf", "kind": "report", "reference": f"{REC}/17", "evidence": "written-account"}
CLOSE = {"outcome": "已取消业务", "summary": "用户认可，取消业务"}
TOLD = {"means": "phone", "text": "已为您取消业务，下月不再收费。"}


async def sent(desk: Desk, severity: str = "ordinary", **facts: Any) -> str:
    """An order of Monday nine o'clock that the work order desk has sent to the outbound group."""
    await at(desk, "03-02 09:00")
    if CALLER not in desk.keys:
        await employ(desk, {CALLER: ("unit", "outbound-group")})
    facts = {"subject": "未同意却被开通彩铃", "issue_point": "ring-tone"} | facts
    id: str = (await desk.receive("li-min", procedure="outbound", **facts))["id"]
    await desk.step("li-min", id, "classify", severity=severity, category="consent")
    await desk.step("li-min", id, "dispatch", units=["outbound-group"])
    return id


async def with_recordings(desk: Desk, id: str) -> None:
    """Done, told the customer, and both recordings there."""
    await desk.step(CALLER, id, "attach", **SALE)
    await desk.step(CALLER, id, "execute", measure="取消彩铃业务并退费")
    await desk.step(CALLER, id, "inform-customer", **TOLD)
    await desk.step(CALLER, id, "attach", **HANDLING)


async def test_an_order_goes_from_the_sales_recording_to_the_close_on_the_same_day(sandbox: Desk) -> None:
    id = await sent(sandbox)
    await sandbox.step(CALLER, id, "attach", **SALE)
    checked = {"customer_agreed": False, "recording_in_order": False, "caller_at_fault": True}
    await sandbox.step(CALLER, id, "complete-form", facts=checked)
    await sandbox.step(CALLER, id, "execute", measure="取消彩铃业务并退费")
    complaint = await sandbox.step(CALLER, id, "inform-customer", **TOLD)
    assert complaint["status"] == "informed"
    await sandbox.step(CALLER, id, "attach", **HANDLING)
    await at(sandbox, "03-02 16:00")
    complaint = await sandbox.step("li-min", id, "close", **CLOSE, justified=True)
    assert (complaint["status"], state(complaint, "same-day"), state(complaint, "whole-case")) == (
        "closed", "met", "met",
    )  # fmt: skip
    assert due(complaint, "callback") == "2026-03-05T16:00:00Z"  # three working days
    complaint = await sandbox.step("li-min", id, "record-callback", reached=True, satisfied=True, means="phone")
    assert state(complaint, "callback") == "met"  # 由后台回访


@pytest.mark.parametrize("channel", ["phone", "walk-in", "web", "regulator"])
async def test_complaints_come_from_several_sources(sandbox: Desk, channel: str) -> None:
    facts = {"received_through": "10000"}
    complaint = await sandbox.receive("li-min", procedure="outbound", channel=channel, facts=facts)
    assert (complaint["status"], complaint["channel"]) == ("received", channel)


async def test_an_order_is_ordinary_or_over_level_and_the_latter_is_told_at_once(sandbox: Desk) -> None:
    assert await escalated_to(sandbox, await sent(sandbox)) == []
    facts = {"received_through": "总经理热线"}
    over = await sent(sandbox, "over-level", issue_point="line-of-the-general-manager", facts=facts)
    assert await escalated_to(sandbox, over) == ["manager"]
    refusal = await sandbox.refused(422, "li-min", over, "classify", severity="major", category="consent")
    assert refusal["type"] == "/problems/unknown-severity"


async def test_the_sales_recording_is_checked_before_the_customer_is_called(sandbox: Desk) -> None:
    id = await sent(sandbox)
    for step, body in (("inform-customer", TOLD), ("agree-solution", {"text": "取消并退费", "agreed": True})):
        refusal = await sandbox.refused(409, CALLER, id, step, **body)
        assert refusal["type"] == "/problems/step-needs-more"
        assert refusal["missing"] == ["Recording of the sales call (attach with evidence: sales-recording)"]
        assert step not in (await look(sandbox, id, CALLER))["allowed"]
    await sandbox.step(CALLER, id, "attach", **SALE)
    await sandbox.step(CALLER, id, "inform-customer", **TOLD)
    await sandbox.step(CALLER, id, "agree-solution", text="取消并退费", agreed=True)


async def test_a_recording_whose_name_says_what_it_is_needs_no_further_word(sandbox: Desk) -> None:
    id = await sent(sandbox)
    await sandbox.step(CALLER, id, "attach", name="销售录音 2026-02-11.wav", kind="recording", reference=f"{REC}/88121")
    await sandbox.step(CALLER, id, "inform-customer", **TOLD)


async def test_same_day_only_warns_and_36_hours_are_the_limit(sandbox: Desk) -> None:
    id = await sent(sandbox)
    complaint = await look(sandbox, id)
    assert due(complaint, "same-day") == "2026-03-02T16:00:00Z"  # the end of Monday in Shanghai
    assert due(complaint, "whole-case") == "2026-03-03T13:00:00Z"  # 36 hours from Monday 09:00
    await at(sandbox, "03-03 20:59")
    complaint = await look(sandbox, id)
    assert (state(complaint, "same-day"), state(complaint, "whole-case")) == ("running", "running")
    assert await told_at(sandbox, id, "DeadlineMissed") == []
    await at(sandbox, "03-03 21:00")
    assert state(await look(sandbox, id), "whole-case") == "missed"
    assert await told_at(sandbox, id, "DeadlineMissed") == [("whole-case", ["manager"])]


async def test_both_clocks_run_from_when_the_order_reached_us_for_every_order(sandbox: Desk) -> None:
    await at(sandbox, "03-02 09:00")
    complaint = await sandbox.receive(
        "li-min", procedure="outbound", occurred_at="2026-03-01T23:30:00+08:00", issue_point="late"
    )  # a Sunday counts like any other day
    assert due(complaint, "whole-case") == "2026-03-03T03:30:00Z"
    assert due(complaint, "same-day") == "2026-03-01T16:00:00Z"
    assert clock(complaint, "same-day")["state"] == "running"


async def test_an_order_is_closed_only_with_both_recordings_attached(sandbox: Desk) -> None:
    id = await sent(sandbox)
    missing = [
        "Recording of the sales call (attach with evidence: sales-recording)",
        "Recording of the handling call (attach with evidence: handling-recording)",
    ]
    executed, told = "the execution by every unit that it was sent to", "word to the customer about the result"
    refusal = await sandbox.refused(409, "li-min", id, "close", **CLOSE)
    assert (refusal["type"], refusal["missing"]) == ("/problems/not-ready-to-close", [*missing, executed, told])
    assert "Recording of the sales call" in refusal["detail"]
    await sandbox.step(CALLER, id, "attach", **SALE)
    await sandbox.step(CALLER, id, "attach", **SALE)  # the same one twice is still one
    await sandbox.step(CALLER, id, "execute", measure="取消彩铃业务并退费")
    refusal = await sandbox.refused(409, "li-min", id, "close", **CLOSE)
    assert refusal["missing"] == [missing[1], told]
    await sandbox.step(CALLER, id, "inform-customer", **TOLD)
    await sandbox.step(CALLER, id, "attach", **HANDLING)
    assert (await sandbox.step("li-min", id, "close", **CLOSE))["status"] == "closed"


async def test_there_is_no_way_round_the_recordings(sandbox: Desk) -> None:
    id = await sent(sandbox)
    for step, body in (("settle", {"explanation": "已说明", "accepted": True}), ("reject", {"reason": "无效"})):
        refusal = await sandbox.refused(409, "zhao-jing", id, step, **body)
        assert refusal["type"] == "/problems/step-not-in-procedure"
    refusal = await sandbox.refused(409, "li-min", id, "withdraw", reason="用户撤诉")
    assert len(refusal["missing"]) == 2
    await with_recordings(sandbox, id)
    assert (await sandbox.step("li-min", id, "withdraw", reason="用户撤诉"))["status"] == "withdrawn"


async def test_an_over_level_order_needs_a_full_written_account_and_a_customer_who_does_not_object(
    sandbox: Desk,
) -> None:
    id = await sent(sandbox, "over-level")
    await with_recordings(sandbox, id)
    account, consent = "Full written account (attach with evidence: written-account)", (
        "the customer's consent, or that they raised no objection"
    )
    refusal = await sandbox.refused(409, "li-min", id, "close", **CLOSE)
    assert set(refusal["missing"]) == {account, consent}
    refusal = await sandbox.refused(403, "li-min", id, "withdraw", reason="用户撤诉")
    assert refusal["type"] == "/problems/ended-by-others"
    refusal = await sandbox.refused(409, "zhao-jing", id, "withdraw", reason="用户撤诉")
    assert refusal["missing"] == [account]
    await sandbox.step(CALLER, id, "attach", **ACCOUNT)
    await sandbox.step(CALLER, id, "agree-solution", text="退订", agreed=False)
    refusal = await sandbox.refused(409, "li-min", id, "close", **CLOSE)
    assert consent in refusal["missing"]
    await sandbox.step(CALLER, id, "agree-solution", text="退订并退费", agreed=True)
    await sandbox.step(CALLER, id, "inform-customer", **TOLD)
    assert (await sandbox.step("li-min", id, "close", **CLOSE, justified=False))["status"] == "closed"


async def test_the_recordings_of_the_first_handling_stay_when_the_customer_comes_back(sandbox: Desk) -> None:
    id = await sent(sandbox)
    await with_recordings(sandbox, id)
    await sandbox.step("li-min", id, "close", **CLOSE)
    complaint = await sandbox.step("li-min", id, "record-callback", reached=True, satisfied=False, means="phone")
    assert (complaint["round"], complaint["status"]) == (2, "classified")
    await sandbox.step("li-min", id, "dispatch", units=["outbound-group"])
    await sandbox.step(CALLER, id, "inform-customer", **TOLD)


async def test_every_week_quality_training_is_told_what_went_wrong(sandbox: Desk) -> None:
    [weekly] = done(await sandbox.get("admin", "/v1/procedures/outbound"))["reports"]
    assert (weekly["period"], weekly["tell"]) == ("weekly", ["quality", "manager"])
    id = await sent(sandbox)
    await with_recordings(sandbox, id)
    await sandbox.step("li-min", id, "close", **CLOSE, justified=True)
    await at(sandbox, "03-09 09:00")
    periods = done(await sandbox.get("chen-li", "/v1/reports/outbound"))["items"]
    assert "2026-W10" in [one["period"] for one in periods]
