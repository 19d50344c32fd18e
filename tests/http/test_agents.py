"""Seats of a call centre and what came in, as telephone systems tell of it in whatever order."""

from __future__ import annotations

import json
from itertools import count
from typing import Any, Final

from tests.http.desk import Desk, done, problem

NAMES: Final = count(1)
BATCH: Final = {"Content-Type": "application/cloudevents-batch+json"}
SPAN: Final = "from=2026-03-02T08:00:00%2B08:00&to=2026-03-02T09:00:00%2B08:00"


def event(type: str, minute: int, subject: str | None = None, **data: Any) -> dict[str, Any]:
    return {
        "specversion": "1.0", "id": f"e-{next(NAMES)}", "source": "site-a", "type": type, "subject": subject,
        "time": f"2026-03-02T08:{minute:02}:00+08:00", "data": data,
    }  # fmt: skip


async def heard(desk: Desk, *events: dict[str, Any]) -> None:
    answer = await desk.post("softphone", "/v1/calls/events", json.dumps(events).encode(), headers=BATCH)
    assert {item["status"] for item in done(answer)["items"]} == {202}
    head = await desk.service.log.head()
    assert await desk.service.seats.reached(head, 20)
    assert await desk.service.calls_follower.reached(head, 20)


def seat(minute: int, state: str, agent: str = "agent-7") -> dict[str, Any]:
    return event("agent.state_changed", minute, agent=agent, state=state)


async def test_a_seat_is_shown_as_it_is_and_as_it_was(sandbox: Desk) -> None:
    await heard(sandbox, seat(40, "away"), seat(0, "available"), seat(20, "wrap-up"), seat(10, "talking", "Agent-7"))
    await heard(sandbox, seat(5, "ready", "li-min"))
    now = done(await sandbox.get("li-min", "/v1/agents"))["items"]
    assert [(one["agent"], one["state"], one["since"]) for one in now] == [
        ("agent-7", "away", "2026-03-02T00:40:00Z"), ("li-min", "ready", "2026-03-02T00:05:00Z"),
    ]  # fmt: skip
    states = done(await sandbox.get("zhao-jing", f"/v1/agents/AGENT-7/states?{SPAN}"))
    assert states["seconds"] == {"ready": 600.0, "talking": 600.0, "after-call-work": 1200.0, "away": 1200.0}
    assert states["occupancy"] == 0.75
    assert [one["state"] for one in states["items"]] == ["ready", "talking", "after-call-work", "away"]
    problem(await sandbox.get("zhou-qi", "/v1/agents"), 403)
    turned = "from=2026-03-02T09:00:00Z&to=2026-03-02T08:00:00Z"
    problem(await sandbox.get("li-min", f"/v1/agents/agent-7/states?{turned}"), 422, "span-turned-around")


async def test_what_came_in_is_counted_by_queue_agent_and_hour(sandbox: Desk) -> None:
    await heard(
        sandbox,
        seat(0, "ready"), seat(10, "talking"), seat(15, "after-call-work"), seat(20, "ready"),
        event("call.ended", 15, "c-1"), event("call.answered", 10, "c-1", agent="agent-7"),
        event("call.offered", 9, "c-1", caller="13800138000", queue="vip"),
        event("call.offered", 30, "c-2", queue="vip"), event("call.missed", 32, "c-2"),
        event("call.offered", 33, "c-3", direction="outbound", queue="vip"),
    )  # fmt: skip
    [vip] = done(await sandbox.get("li-min", f"/v1/calls/figures?{SPAN}&within=60"))["items"]
    assert (vip["key"], vip["offered"], vip["answered"], vip["abandoned"]) == ("vip", 2, 1, 1)
    assert (vip["wait_seconds"], vip["talk_seconds"], vip["service_level"]) == (60.0, 300.0, 0.5)
    assert done(await sandbox.get("li-min", f"/v1/calls/figures?{SPAN}"))["items"][0]["service_level"] == 0.0
    by_agent = done(await sandbox.get("li-min", f"/v1/calls/figures?{SPAN}&by=agent"))["items"]
    mine = next(one for one in by_agent if one["key"] == "agent-7")
    assert (mine["after_call_seconds"], mine["handling_seconds"]) == (300.0, 600.0)
    assert mine["occupancy"] == round(10 / 60, 4)
    [hour] = done(await sandbox.get("li-min", f"/v1/calls/figures?{SPAN}&by=hour"))["items"]
    assert (hour["key"], hour["offered"]) == ("08", 2)
    problem(await sandbox.get("zhou-qi", "/v1/calls/figures"), 403)
    problem(await sandbox.get("li-min", "/v1/calls/figures?by=moon"), 422)
