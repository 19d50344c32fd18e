"""暂停计时: clocks stand still while the customer has something to send, played through the REST API."""

from __future__ import annotations

from typing import Any

from tests.http.desk import Desk, done
from tests.stories.telling import at, due, state
from tests.stories.test_notice_of_2020 import applied, january, the_notice

__all__ = ["january"]  # a fixture
MANAGER = "zhao-jing"
WAITING = "等客户寄回破损商品"


async def complex_complaint(desk: Desk) -> str:
    await at(desk, "03-02 09:00")
    complaint = await desk.receive("li-min", procedure="general", subject="收到的商品破损", facts={})
    id: str = complaint["id"]
    await desk.step("li-min", id, "classify", severity="complex", category="product.damage")
    return id


async def look(desk: Desk, id: str) -> dict[str, Any]:
    found: dict[str, Any] = done(await desk.get("li-min", f"/v1/complaints/{id}"))
    return found


async def why(desk: Desk, who: str, id: str) -> dict[str, Any]:
    found: dict[str, Any] = done(await desk.get(who, f"/v1/complaints/{id}/clocks/answer/explanation"))
    return found


async def test_a_pause_ends_by_itself_and_everything_is_judged_after_it(sandbox: Desk) -> None:
    id = await complex_complaint(sandbox)
    assert due(await look(sandbox, id), "answer") == "2026-03-09T16:00:00Z"
    await at(sandbox, "03-04 10:00")
    await sandbox.step(MANAGER, id, "pause", reason=WAITING, until="2026-03-06T10:00:00+08:00")
    complaint = done(await sandbox.get(MANAGER, f"/v1/complaints/{id}"))
    assert (state(complaint, "answer"), due(complaint, "answer")) == ("paused", "2026-03-11T16:00:00Z")
    assert "resume" in complaint["allowed"]
    assert "pause" not in complaint["allowed"]

    await at(sandbox, "03-06 09:59")
    assert state(await look(sandbox, id), "answer") == "paused"
    await sandbox.caught_up()
    listed = done(await sandbox.get(MANAGER, "/v1/sla?state=paused"))["items"]
    assert [item["clock"] for item in listed] == ["answer", "whole-case"]

    await at(sandbox, "03-06 10:00")
    complaint = await look(sandbox, id)
    assert (state(complaint, "answer"), due(complaint, "answer")) == ("running", "2026-03-11T16:00:00Z")
    history = done(await sandbox.get("li-min", f"/v1/complaints/{id}/history"))["items"]
    [resumed] = [event for event in history if event["type"] == "ClocksResumed"]
    assert resumed["recorded_at"] == "2026-03-06T02:00:00Z"
    assert (resumed["actor"]["source"], resumed["data"]["clocks"]) == ("clock", ["answer", "whole-case"])

    await at(sandbox, "03-12 00:00")
    assert state(await look(sandbox, id), "answer") == "missed"
    history = done(await sandbox.get("li-min", f"/v1/complaints/{id}/history"))["items"]
    judged = [event["type"] for event in history if event["actor"]["source"] == "clock"]
    assert judged == ["ClocksResumed", "DeadlineWarned", "DeadlineMissed"]


async def test_a_pause_is_ended_by_hand_and_its_reason_is_in_the_explanation(sandbox: Desk) -> None:
    id = await complex_complaint(sandbox)
    await at(sandbox, "03-04 10:00")
    await sandbox.step(MANAGER, id, "pause", reason=WAITING, until="2026-03-13T10:00:00+08:00", clock="answer")
    await at(sandbox, "03-05 10:00")
    complaint = await sandbox.step("li-min", id, "resume", reason="商品已寄到")
    assert (state(complaint, "answer"), due(complaint, "answer")) == ("running", "2026-03-10T16:00:00Z")

    told = await why(sandbox, "li-min", id)
    paused = [part for part in told["intervals"] if part["kind"] == "paused"]
    assert [(part["start"], part["end"]) for part in paused] == [
        ("2026-03-04T02:00:00Z", "2026-03-04T16:00:00Z"), ("2026-03-04T16:00:00Z", "2026-03-05T02:00:00Z"),
    ]  # fmt: skip
    history = done(await sandbox.get("li-min", f"/v1/complaints/{id}/history"))["items"]
    [event] = [event for event in history if event["type"] == "ClocksPaused"]
    assert {(part["reason"], part["event"]) for part in paused} == {(WAITING, event["version"])}
    assert {part["reason"] for part in told["intervals"] if part["kind"] != "paused"} == {None}
    assert (told["counted_total"], told["limit_total"], told["unit"]) == (5, 5, "days")


async def test_those_who_see_no_texts_see_that_it_was_paused_and_not_why(sandbox: Desk) -> None:
    id = await complex_complaint(sandbox)
    await sandbox.step(MANAGER, id, "pause", reason=WAITING, until="2026-03-05T10:00:00+08:00")
    told = await why(sandbox, "softphone", id)
    assert {part["reason"] for part in told["intervals"] if part["kind"] == "paused"} == {"***"}


async def test_what_a_pause_may_not_be_is_refused_with_what_to_do_instead(sandbox: Desk) -> None:
    id = await complex_complaint(sandbox)
    until = "2026-03-05T10:00:00+08:00"
    refused = {
        "role-forbids": await sandbox.refused(403, "li-min", id, "pause", reason=WAITING, until=until),
        "pause-too-long": await sandbox.refused(
            422, MANAGER, id, "pause", reason=WAITING, until="2026-03-17T00:00:01+08:00"
        ),
        "pause-ends-in-the-past": await sandbox.refused(
            422, MANAGER, id, "pause", reason=WAITING, until="2026-03-02T09:00:00+08:00"
        ),
        "unknown-clock": await sandbox.refused(422, MANAGER, id, "pause", reason=WAITING, until=until, clock="tea"),
        "clock-not-paused": await sandbox.refused(409, MANAGER, id, "resume"),
    }
    await sandbox.step(MANAGER, id, "pause", reason=WAITING, until="2026-03-17T00:00:00+08:00")
    refused["clock-is-paused"] = await sandbox.refused(409, MANAGER, id, "pause", reason=WAITING, until=until)
    assert {name: problem["type"] for name, problem in refused.items()} == {
        name: f"/problems/{name}" for name in refused
    }
    assert "10 WD from now end 2026-03-16T16:00:00Z." in refused["pause-too-long"]["detail"]


async def test_the_procedure_shows_how_long_a_pause_may_last_as_its_file_would_write_it(sandbox: Desk) -> None:
    whole = done(await sandbox.get("li-min", "/v1/procedures/general"))
    assert whole["longest_pause"] == "10 WD"
    assert {clock["limit"] for clock in whole["clocks"]} == {"24 h", "5 WD", "4 h", "10 WD", "1 WD"}
    assert (whole["steps"]["pause"], whole["steps"]["resume"]) == (["manager"], ["agent", "manager"])


async def test_a_paused_clock_moves_with_a_notice_and_stays_paused(january: Desk) -> None:
    complaint = await january.receive("li-min", procedure="general", subject="收到的商品破损", facts={})
    id: str = complaint["id"]
    await january.step("li-min", id, "classify", severity="complex", category="product.damage")
    await january.step(MANAGER, id, "pause", reason=WAITING, until="2020-01-31T10:00:00+08:00")
    assert due(await look(january, id), "answer") == "2020-02-05T16:00:00Z"
    await the_notice(january)
    assert (await applied(january))["complaints"] == 1
    complaint = await look(january, id)
    assert (state(complaint, "answer"), due(complaint, "answer")) == ("paused", "2020-02-07T16:00:00Z")
    told = await why(january, "li-min", id)
    assert (told["calendar_version"], told["counted_total"], told["limit_total"]) == ("2020.2", 5, 5)
