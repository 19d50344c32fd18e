"""A call without an end is presumed to have ended after a time that its source sets, and a late real end supersedes."""

from __future__ import annotations

from typing import Any

from tests.http.desk import Desk, done

HELD = {"specversion": "1.0", "source": "site-a", "subject": "c-1", "data": {"caller": "13800138000"}}


async def heard(desk: Desk, type: str, time: str, **changes: Any) -> None:
    event = {**HELD, "id": f"{type} {time}", "type": type, "time": time, **changes}
    done(await desk.post("softphone", "/v1/calls/events", event), 202)


async def state_of(desk: Desk, source: str = "site-a") -> tuple[str, list[str]]:
    call = done(await desk.get("he-ping", f"/v1/calls/{source}/c-1"))
    return call["state"], [event["type"] for event in call["events"]]


async def test_after_four_hours_of_silence_it_has_ended_once_and_a_real_end_supersedes_that(sandbox: Desk) -> None:
    await heard(sandbox, "call.answered", "2026-03-02T09:00:00+08:00")
    await sandbox.set_clock("2026-03-02T12:59:59+08:00")
    assert await state_of(sandbox) == ("talking", ["call.answered"])
    await sandbox.set_clock("2026-03-02T13:00:00+08:00")
    await sandbox.set_clock("2026-03-03T13:00:00+08:00")
    assert await state_of(sandbox) == ("presumed-ended", ["call.answered", "call.presumed_ended"])
    await heard(sandbox, "call.ended", "2026-03-02T09:05:00+08:00")
    assert await state_of(sandbox) == ("ended", ["call.answered", "call.presumed_ended", "call.ended"])
    call = done(await sandbox.get("he-ping", "/v1/calls/site-a/c-1"))
    assert call["talk_seconds"] == 300.0


async def test_a_source_says_for_itself_how_long_its_calls_may_be_quiet(sandbox: Desk) -> None:
    new = {"id": "site-b", "name": "热线二", "ends_after": 600}
    done(await sandbox.post("admin", "/v1/call-sources", new), 201)
    await heard(sandbox, "call.answered", "2026-03-02T09:00:00+08:00", source="site-b")
    await heard(sandbox, "call.answered", "2026-03-02T09:00:00+08:00")
    await sandbox.set_clock("2026-03-02T09:10:00+08:00")
    assert (await state_of(sandbox, "site-b"))[0] == "presumed-ended"
    assert (await state_of(sandbox))[0] == "talking"


async def test_whatever_is_heard_meanwhile_lets_it_go_on(sandbox: Desk) -> None:
    await heard(sandbox, "call.answered", "2026-03-02T09:00:00+08:00")
    await sandbox.set_clock("2026-03-02T12:00:00+08:00")
    await heard(sandbox, "call.held", "2026-03-02T12:00:00+08:00")
    await sandbox.set_clock("2026-03-02T15:59:59+08:00")
    assert (await state_of(sandbox))[0] == "held"
