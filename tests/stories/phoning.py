"""Calls in stories: what a softphone posts of one that begins now, and what came of it."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from typing import Any, Final

from tests.http.desk import Desk, done

Heard = tuple[str, float, dict[str, Any]]  # its type, seconds since the call began, and its data
SOURCE: Final = "site-a"
BATCH: Final = {"Content-Type": "application/cloudevents-batch+json"}


async def phoned(desk: Desk, call: str, *heard: Heard) -> dict[str, Any]:
    """The call, once all came of it that is to come; the time is that of its last event."""
    await desk.key_of("li-min")  # nobody owns what an agent took down whom nobody knows
    began = datetime.fromisoformat(done(await desk.get("admin", "/v1/sandbox/clock"))["now"])
    over = began + timedelta(seconds=max(seconds for _, seconds, _ in heard))
    await desk.set_clock(over.isoformat())
    events = [
        {
            "specversion": "1.0", "id": f"{call} {type}", "source": SOURCE, "type": type, "subject": call,
            "time": (began + timedelta(seconds=seconds)).isoformat(), "data": data,
        }
        for type, seconds, data in heard
    ]  # fmt: skip
    answer = await desk.post("softphone", "/v1/calls/events", json.dumps(events).encode(), headers=BATCH)
    assert [item["status"] for item in done(answer)["items"]] == [202] * len(events)
    assert await desk.service.call_consequences.reached(await desk.service.log.head(), 20)
    await desk.caught_up()
    assert await desk.service.calls_follower.reached(await desk.service.log.head(), 20)
    return dict(done(await desk.get("li-min", f"/v1/calls/{SOURCE}/{call}")))


def taken_down(form: dict[str, Any], caller: str) -> tuple[Heard, ...]:
    """A call of four minutes, after which the agent fills in the form."""
    agent = {"agent": "li-min"}
    return (
        ("call.offered", 0, {"direction": "inbound", "caller": caller}), ("call.answered", 8, agent),
        ("call.ended", 248, {}), ("call.wrap_up", 290, {**agent, "form": form}),
    )  # fmt: skip


def called_back(number: str, score: int | None = None) -> tuple[Heard, ...]:
    """The customer is called about this complaint, answers, and may key in how content they are."""
    agent = {"agent": "li-min"}
    return (
        ("callback.attempted", 0, {**agent, "direction": "outbound", "complaint": number}),
        ("call.answered", 9, agent),
        *(() if score is None else (("call.satisfaction_keyed", 80.0, {"score": score}),)),
        ("call.ended", 90, {}),
    )
