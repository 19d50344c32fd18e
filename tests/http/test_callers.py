"""Screen pop: what is known of whoever calls, for whoever takes the call up, and for nobody who is accused."""

from __future__ import annotations

import asyncio
import json
from datetime import UTC, datetime
from itertools import count
from typing import Any, Final
from urllib.parse import quote

import pytest

from tests.http.desk import ADMIN_KEY, Desk, done, problem
from tests.http.process import Server, server

NAMES: Final = count(1)
CLOUD_EVENT: Final = {"Content-Type": "application/cloudevents+json"}


def event(type: str, call: str, **data: Any) -> dict[str, Any]:
    return {
        "specversion": "1.0", "id": f"{call}-{next(NAMES)}", "source": "site-a", "type": type, "subject": call,
        "time": datetime.now(UTC).isoformat(), "data": data,
    }  # fmt: skip


async def heard(house: Desk, *events: dict[str, Any]) -> None:
    for one in events:
        done(await house.post("softphone", "/v1/calls/events", json.dumps(one).encode(), headers=CLOUD_EVENT), 202)
    head = await house.service.log.head()
    for follower in (house.service.call_consequences, house.service.calls_follower, house.service.follower):
        assert await follower.reached(head, 20)


async def summary(house: Desk, phone: str, who: str = "li-min") -> dict[str, Any]:
    return done(await house.get(who, f"/v1/callers/{quote(phone, safe='')}/summary"))


@pytest.mark.asyncio(loop_scope="module")
async def test_what_is_known_of_a_number_is_found_in_any_writing_with_its_extension(house: Desk) -> None:
    kept = "+861088886666;ext=8001"
    made = [await house.receive(complainant={"name": "张三", "phone": kept}, subject=f"第{n}件") for n in range(7)]
    await house.step("li-min", made[0]["id"], "withdraw", reason="撤回")
    await house.step("li-min", made[1]["id"], "remind", text="催办")
    await house.receive(complainant={"name": "李四", "phone": "+861088886666;ext=8002"})
    await heard(house, event("call.offered", "pop-1", caller="010-8888 6666 转 8001"))
    for written in (kept, "010-88886666转8001", "(010) 8888-6666 ext. 8001", "0086 10 8888 6666,8001"):
        found = await summary(house, written)
        assert (found["phone"], found["customer"]) == (kept, {"name": "张三"}), written
        assert [one["id"] for one in found["open"]] == [one["id"] for one in made[:0:-1]]
        assert [one["id"] for one in found["recent"]] == [one["id"] for one in made[:1:-1]]
        assert found["reminders"] == 1
        assert [one["id"] for one in found["calls"]] == ["pop-1"]
    assert found["open"][0]["subject"] == "第6件"
    assert found["open"][0]["owner"]["actor"] == "li-min"
    assert {"due_at", "status", "number"} <= found["open"][0].keys()


@pytest.mark.asyncio(loop_scope="module")
async def test_of_a_number_that_nobody_knows_nothing_is_told(house: Desk) -> None:
    found = await summary(house, "13911112222")
    assert found == {"phone": "+8613911112222", "customer": None, "open": [], "recent": [], "reminders": 0, "calls": []}
    problem(await house.get("li-min", "/v1/callers/none/summary"), 422)


@pytest.mark.asyncio(loop_scope="module")
async def test_only_who_sees_complainants_may_ask_and_it_stands_in_the_access_log(house: Desk) -> None:
    made = await house.receive(complainant={"phone": "+8613700001111"})
    await house.caught_up()
    for who in ("partner-bank", "zhou-qi", "softphone", "admin"):
        problem(await house.get(who, "/v1/callers/13700001111/summary"), 403)
        problem(await house.get(who, "/v1/callers/stream"), 403)
    problem(await house.get("li-min", "/v1/callers/stream?agent=agent-7"), 403, "of-other-desks")
    await summary(house, "13700001111", "zhao-jing")
    await house.service.access_log.write()
    rows = done(await house.get("he-ping", f"/v1/audit/access?complaint={made['id']}&actor=zhao-jing"))["items"]
    assert [row["path"] for row in rows] == ["/v1/callers/{phone}/summary"]


@pytest.mark.asyncio(loop_scope="module")
async def test_who_is_accused_is_told_nothing_of_who_accuses_them(house: Desk) -> None:
    phone = "+8613700002222"
    await house.key_of("agent-7")
    await house.receive(complainant={"name": "王五", "phone": phone}, accused=["agent-7"])
    await heard(house, event("call.offered", "pop-2", caller=phone))
    found = await summary(house, phone, "agent-7")
    assert found == {"phone": phone, "customer": None, "open": [], "recent": [], "reminders": 0, "calls": []}
    assert len((await summary(house, phone))["open"]) == 1


async def keys(running: Server, **roles: str) -> dict[str, dict[str, str]]:
    """The headers of people with these roles."""
    found = {}
    for id, role in roles.items():
        headers = {"Authorization": f"Bearer {ADMIN_KEY}"}
        new = {"id": id, "name": id, "roles": [role]}
        key = done(await running.http.post("/v1/keys", json=new, headers=headers), 201)["key"]
        found[id] = {"Authorization": f"Bearer {key}"}
    return found


async def test_a_call_that_is_offered_is_pushed_to_its_desk_and_to_no_other(database: str) -> None:
    async with server(database) as running:
        people = await keys(running, one="agent", other="agent", lead="manager", phone="integration")
        body = {"procedure": "kf0001", "channel": "phone", "subject": "入金未到账", "content": "未到账",
                "complainant": {"name": "张三", "phone": "13800138000"}}  # fmt: skip
        made = done(await running.http.post("/v1/complaints", json=body, headers=people["one"]), 201)
        pushed: dict[str, list[dict[str, Any]]] = {"one": [], "other": [], "lead": []}
        greeted = {name: asyncio.Event() for name in pushed}

        async def listen(who: str) -> None:
            desk = "?agent=one" if who == "lead" else ""
            async with running.http.stream("GET", f"/v1/callers/stream{desk}", headers=people[who]) as answer:
                assert answer.headers["content-type"].startswith("text/event-stream")
                async for line in answer.aiter_lines():
                    greeted[who].set()
                    if line.startswith("data: "):
                        pushed[who].append(json.loads(line.removeprefix("data: ")))
                    if len(pushed[who]) == 2:
                        return

        listening = [asyncio.create_task(listen(who)) for who in pushed]
        for one in greeted.values():
            await asyncio.wait_for(one.wait(), 20)
        await asyncio.sleep(0.2)
        events = [
            event("call.offered", "c-1", caller="138 0013 8000", queue="vip"),
            event("call.ringing", "c-1", agent="One"),
            event("call.ringing", "c-1", agent="one"), event("call.offered", "c-2", agent="one"),
        ]  # fmt: skip
        for told in events:
            answer = await running.http.post("/v1/calls/events", json=told, headers={**people["phone"], **CLOUD_EVENT})
            assert answer.status_code == 202
        await asyncio.wait_for(asyncio.gather(listening[0], listening[2]), 20)
        listening[1].cancel()
        assert pushed["other"] == []
        for who in ("one", "lead"):
            first, second = pushed[who]
            assert (first["call"], first["queue"], first["caller"]) == ("c-1", "vip", "+8613800138000")
            assert [one["id"] for one in first["summary"]["open"]] == [made["id"]]
            assert (second["call"], second["caller"], second["summary"]) == ("c-2", None, None)
