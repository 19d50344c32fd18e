"""Softphones post their events: stored once for ever, whatever came first, and a call follows from all of them."""

from __future__ import annotations

import asyncio
import json
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any, Final

import httpx
import pytest
from standardwebhooks import Webhook

from tests.http.desk import Desk, done, pointers, problem

pytestmark = pytest.mark.asyncio(loop_scope="module")

SINGLE: Final = "application/cloudevents+json"
BATCH: Final = "application/cloudevents-batch+json"
PATH: Final = "/v1/calls/events"
NAMES: Final = count(1)


def ago(seconds: float) -> str:
    return (datetime.now(UTC) - timedelta(seconds=seconds)).isoformat()


def event(type: str = "call.offered", call: str | None = None, **changes: Any) -> dict[str, Any]:
    """One CloudEvent with an id of its own; `data` replaces its data."""
    number = next(NAMES)
    return {
        "specversion": "1.0", "id": f"e-{number}", "source": "site-a", "type": type, "subject": call or f"c-{number}",
        "time": ago(1), "data": {"caller": "138 0013 8000"}, **changes,
    }  # fmt: skip


async def post(house: Desk, body: Any, kind: str = SINGLE, who: str = "softphone") -> httpx.Response:
    return await house.post(who, PATH, json.dumps(body).encode(), headers={"Content-Type": kind})


async def call(house: Desk, id: str, who: str = "li-min", source: str = "site-a") -> dict[str, Any]:
    return done(await house.get(who, f"/v1/calls/{source}/{id}"))


async def test_one_event_is_taken_and_the_same_again_is_answered_as_it_was_at_first(house: Desk) -> None:
    one = event()
    first = done(await post(house, one), 202)
    assert first["call"] == one["subject"]
    assert first["recognised"] is True
    assert 0.5 < first["skew_seconds"] < 60
    again = await post(house, one)
    assert again.headers["idempotency-replayed"] == "true"
    assert done(again, 200) == first
    other = {**one, "data": {"caller": "139 0013 8000"}}
    problem(await post(house, other), 422, "command-id-reused")
    assert len((await call(house, one["subject"]))["events"]) == 1


async def test_the_same_id_of_another_source_is_another_event(house: Desk) -> None:
    one = event()
    done(await post(house, one), 202)
    done(await post(house, {**one, "source": "site-b"}), 202)
    assert len((await call(house, one["subject"], source="site-b"))["events"]) == 1


async def test_binary_mode_and_a_batch_say_the_same_as_a_single_event(house: Desk) -> None:
    one = event()
    attributes = {f"ce-{name}": value for name, value in one.items() if name != "data"}
    binary = await house.post(
        "softphone", PATH, json.dumps(one["data"]).encode(), headers={**attributes, "Content-Type": "application/json"}
    )
    first = done(binary, 202)
    assert done(await post(house, one), 200) == first
    [item] = done(await post(house, [one], BATCH))["items"]
    assert item == {"id": one["id"], "status": 200, "position": first["position"]}


async def test_a_bad_item_of_a_batch_does_not_stop_its_neighbours(house: Desk) -> None:
    good, bad, late = event(), event(specversion="0.3"), event()
    items = done(await post(house, [good, bad, 7, late], BATCH))["items"]
    assert [item["status"] for item in items] == [202, 422, 422, 202]
    assert items[1]["problem"]["errors"][0]["pointer"] == "/specversion"
    assert items[1]["id"] == bad["id"]
    assert items[2]["id"] is None


@pytest.mark.parametrize(
    ("changes", "pointer"),
    [
        ({"specversion": "0.3"}, "/specversion"), ({"specversion": None}, "/specversion"), ({"id": None}, "/id"),
        ({"id": ""}, "/id"), ({"id": 7}, "/id"), ({"id": "x" * 201}, "/id"), ({"source": None}, "/source"),
        ({"source": "a/b"}, "/source"), ({"source": "a b"}, "/source"), ({"type": None}, "/type"),
        ({"subject": None}, "/subject"), ({"time": "yesterday"}, "/time"), ({"time": 1772409600}, "/time"),
        ({"time": "1970-01-01T00:00:00Z"}, "/time"), ({"time": "2099-01-01T00:00:00Z"}, "/time"),
        ({"time": "2026-03-02T09:00:00"}, "/time"), ({"data": []}, "/data"), ({"data": "x"}, "/data"),
        ({"data": {"caller": 13800138000}}, "/data/caller"), ({"data": {"score": 6}}, "/data/score"),
        ({"data": {"score": True}}, "/data/score"), ({"data": {"direction": "up"}}, "/data/direction"),
        ({"data": {"recording": {"uri": 1}}}, "/data/recording/uri"), ({"data": {"form": []}}, "/data/form"),
        ({"subject": "a\u202eb"}, "/subject"),
    ],
)  # fmt: skip
async def test_what_is_wrong_with_an_event_is_said_where_it_stands(
    house: Desk, changes: dict[str, Any], pointer: str
) -> None:
    refusal = problem(await post(house, event(**changes)), 422)
    assert [error["pointer"] for error in refusal["errors"]] == [pointer]


async def test_unknown_types_and_fields_pass_and_are_kept(house: Desk) -> None:
    one = event("call.whispered", traceparent="00-1", data={"caller": "138 0013 8000", "mood": {"a": [1]}})
    assert done(await post(house, one), 202)["recognised"] is False
    seen = await call(house, one["subject"])
    assert [heard["recognised"] for heard in seen["events"]] == [False]
    odd = event("vendor.thing", subject=None, data=[1, 2])
    assert done(await post(house, odd), 202)["call"] is None


async def test_other_bodies_are_refused_as_what_they_are(house: Desk) -> None:
    problem(await post(house, [event()], "text/plain"), 415, "no-cloud-event")
    problem(await post(house, {"items": []}, BATCH), 422)
    problem(await post(house, [event() for _ in range(501)], BATCH), 413, "too-many-events")
    problem(await house.post("softphone", PATH, b"{", headers={"Content-Type": SINGLE}), 400, "malformed-json")
    big = event(data={"note": "x" * 1_000_001})
    problem(await post(house, big), 413, "too-large")
    assert done(await post(house, [], BATCH)) == {"items": []}


async def test_only_a_key_of_an_integration_posts(house: Desk) -> None:
    for who in ("li-min", "admin", "partner-bank"):
        problem(await post(house, event(), who=who), 403, "role-forbids")
    answer = await house.post(None, PATH, b"[]", headers={"Content-Type": BATCH})
    problem(answer, 401)


async def a_source(house: Desk, **changes: Any) -> dict[str, Any]:
    new = {"id": f"pbx-{next(NAMES)}", "name": "总机", **changes}
    return done(await house.post("admin", "/v1/call-sources", new), 201)


def signed(secret: str, body: bytes, *, at: datetime | None = None, id: str = "e-1") -> dict[str, str]:
    at = at or datetime.now(UTC)
    signature = Webhook(secret).sign(id, at, body.decode())
    return {
        "Content-Type": SINGLE, "webhook-id": id, "webhook-timestamp": str(int(at.timestamp())),
        "webhook-signature": signature,
    }  # fmt: skip


async def test_a_source_signs_with_its_secret_and_the_one_before_holds_for_a_day(house: Desk) -> None:
    source = await a_source(house)
    assert source["secret"].startswith("whsec_")
    body = json.dumps(event(source=source["id"])).encode()
    done(await house.post(None, PATH, body, headers=signed(source["secret"], body)), 202)
    rotated = done(await house.post("admin", f"/v1/call-sources/{source['id']}/rotate"))
    assert rotated["secret"] != source["secret"]
    for secret in (source["secret"], rotated["secret"]):
        body = json.dumps(event(source=source["id"])).encode()
        done(await house.post(None, PATH, body, headers=signed(secret, body)), 202)
    again = done(await house.post("admin", f"/v1/call-sources/{source['id']}/rotate"))
    body = json.dumps(event(source=source["id"])).encode()
    problem(await house.post(None, PATH, body, headers=signed(source["secret"], body)), 401, "not-signed")
    assert again["secret"] not in json.dumps(done(await house.get("admin", "/v1/call-sources")))


async def test_a_source_can_post_for_itself_only(house: Desk) -> None:
    one, other = await a_source(house), await a_source(house)
    body = json.dumps(event(source=other["id"])).encode()
    problem(await house.post(None, PATH, body, headers=signed(one["secret"], body)), 401, "not-signed")
    both = [event(source=one["id"]), event(source=other["id"])]
    body = json.dumps(both).encode()
    headers = {**signed(one["secret"], body), "Content-Type": BATCH}
    items = done(await house.post(None, PATH, body, headers=headers))["items"]
    assert [item["status"] for item in items] == [202, 403]


@pytest.mark.parametrize("wrong", ["stale", "future", "malformed", "changed", "no-source", "no-timestamp", "empty"])
async def test_a_signature_that_does_not_hold_is_refused(house: Desk, wrong: str) -> None:
    source = await a_source(house)
    body = json.dumps(event(source=source["id"] if wrong != "no-source" else "nobody-s")).encode()
    shift = {"stale": -301, "future": 301}.get(wrong, 0)
    headers = signed(source["secret"], body, at=datetime.now(UTC) + timedelta(seconds=shift))
    if wrong == "malformed":
        headers["webhook-signature"] = "v1,!!!"
    if wrong == "no-timestamp":
        headers["webhook-timestamp"] = "soon"
    if wrong == "empty":
        headers["webhook-signature"] = ""
    if wrong == "changed":
        body = body.replace(b"138", b"139")
    problem(await house.post(None, PATH, body, headers=headers), 401, "not-signed")


async def test_a_source_that_was_removed_posts_no_more_and_its_calls_stay(house: Desk) -> None:
    source = await a_source(house)
    one = event(source=source["id"])
    body = json.dumps(one).encode()
    done(await house.post(None, PATH, body, headers=signed(source["secret"], body)), 202)
    assert (await house.ask("admin", "DELETE", f"/v1/call-sources/{source['id']}")).status_code == 204
    body = json.dumps(event(source=source["id"])).encode()
    problem(await house.post(None, PATH, body, headers=signed(source["secret"], body)), 401)
    assert (await call(house, one["subject"], source=source["id"]))["state"] == "offered"
    problem(await house.ask("admin", "DELETE", f"/v1/call-sources/{source['id']}"), 404)


async def test_a_source_is_made_once_by_an_administrator(house: Desk) -> None:
    source = await a_source(house)
    problem(await house.post("admin", "/v1/call-sources", {"id": source["id"], "name": "x"}), 409)
    problem(await house.post("li-min", "/v1/call-sources", {"id": "x", "name": "x"}), 403)
    keyed = {"Idempotency-Key": f"k-{next(NAMES)}"}
    body = {"id": f"pbx-{next(NAMES)}", "name": "总机"}
    first = done(await house.post("admin", "/v1/call-sources", body, headers=keyed), 201)
    assert done(await house.post("admin", "/v1/call-sources", body, headers=keyed), 201) == first


@pytest.mark.parametrize("name", ["li-min", "system", "me", "nobody", "..", "."])
async def test_a_source_is_not_named_as_a_person_or_as_somebody_else(house: Desk, name: str) -> None:
    await house.key_of("li-min")
    await house.key_of("softphone")
    refusal = problem(await house.post("admin", "/v1/call-sources", {"id": name, "name": "x"}), 422, "reserved-id")
    assert pointers(refusal) == ["/id"]
    for one in (event(source=name), event(source=name.upper())):
        assert pointers(problem(await post(house, one), 422)) == ["/source"]
    items = done(await post(house, [event(), event(source=name)], BATCH))["items"]
    assert [item["status"] for item in items] == [202, 422]
    done(await post(house, event(source="softphone")), 202)  # a system's own


async def a_whole_call(house: Desk, id: str, **data: Any) -> None:
    steps = [("offered", 100), ("answered", 90), ("held", 60), ("resumed", 50), ("ended", 20)]
    events = [
        event(f"call.{name}", id, time=ago(seconds), data={"caller": "138 0013 8000", "agent": "Agent-7", **data})
        for name, seconds in steps
    ]
    items = done(await post(house, events[::-1], BATCH))["items"]
    assert [item["status"] for item in items] == [202] * 5


async def test_a_call_is_shown_with_all_that_was_heard_of_it(house: Desk) -> None:
    await a_whole_call(house, "whole-1", queue="complaints")
    answer = await house.get("li-min", "/v1/calls/site-a/whole-1")
    seen = done(answer)
    assert (seen["state"], seen["agent"], seen["queue"]) == ("ended", "agent-7", "complaints")
    assert seen["caller"] == "+8613800138000"
    assert round(seen["talk_seconds"]) == 60
    assert round(seen["wait_seconds"]) == 10
    assert seen["events"][0]["type"] == "call.ended"  # in the order in which they arrived
    assert answer.headers["etag"] == '"5"'


async def test_who_does_not_see_complainants_sees_no_numbers_and_does_not_find_by_them(house: Desk) -> None:
    await a_whole_call(house, "masked-1")
    masked = await call(house, "masked-1", "partner-bank")
    assert masked["caller"] == "+86138****8000"
    problem(await house.get("partner-bank", "/v1/calls?caller=13800138000"), 403)
    problem(await house.get("zhou-qi", "/v1/calls/site-a/masked-1"), 403)  # a unit sees what was sent to it
    problem(await house.get("li-min", "/v1/calls/site-a/none-such"), 404)


async def listed(house: Desk, query: str) -> list[str]:
    position = await house.service.log.head()
    page = done(await house.get("li-min", f"/v1/calls?limit=200&min_position={position}&{query}"))
    return [row["id"] for row in page["items"]]


async def test_calls_are_listed_by_state_agent_queue_time_and_number_in_any_writing(house: Desk) -> None:
    number = "+8613922220001"
    await a_whole_call(house, "listed-1", caller="139 2222 0001", queue="vip")
    one = event("call.offered", "listed-2", data={"caller": "0086-139-2222-0001"})
    done(await post(house, one), 202)
    for written in ("13922220001", "139-2222-0001", "%2B86 139 2222 0001"):
        assert sorted(await listed(house, f"caller={written}")) == ["listed-1", "listed-2"], written
    assert await listed(house, f"caller={number[1:]}&state=ended&agent=AGENT-7&queue=vip") == ["listed-1"]
    assert "listed-2" in await listed(house, f"state=offered&from={ago(60).replace('+', '%2B')}")
    assert await listed(house, f"caller=13922220001&to={ago(3600).replace('+', '%2B')}") == []


async def test_many_at_once_are_taken_in_their_order_and_none_is_lost(house: Desk) -> None:
    async def batch(part: int) -> list[Any]:
        events = [event("call.held" if n % 2 else "call.resumed", "busy-1", time=ago(n)) for n in range(25)]
        return list(done(await post(house, events, BATCH))["items"])

    answers = await asyncio.gather(*(batch(part) for part in range(4)))
    positions = [item["position"] for items in answers for item in items]
    assert len(set(positions)) == 100
    assert all([item["position"] for item in items] == sorted(item["position"] for item in items) for items in answers)
    assert len((await call(house, "busy-1"))["events"]) == 100


async def test_a_call_can_begin_without_its_number_and_be_found_by_it_later(house: Desk) -> None:
    done(await post(house, event("call.answered", "late-1", data={"agent": "agent-7"})), 202)
    done(await post(house, event("call.offered", "late-1", data={"caller": "137 0000 4444"})), 202)
    assert await listed(house, "caller=13700004444") == ["late-1"]


async def test_an_auditor_reads_what_was_heard_of_calls_and_others_read_no_number(house: Desk) -> None:
    done(await post(house, event("call.offered", "audited-1")), 202)
    done(await post(house, event("agent.state_changed", data={"agent": "agent-7", "state": "ready"})), 202)
    for who, sees in (("he-ping", True), ("partner-bank", False), ("zhou-qi", None)):
        answer = await house.get(who, "/v1/audit/events?type=CallEventReceived&type=SeatEventReceived&limit=200")
        items = done(answer)["items"]
        assert bool(items) is (sees is not None), who
        assert ("13800138000" in answer.text) is bool(sees), who
        assert all(item["number"] and not item["unreadable"] for item in items)
    heard = done(await house.get("he-ping", "/v1/audit/events?type=SeatEventReceived"))["items"][-1]
    assert (heard["number"], heard["data"]["agent"]) == ("site-a", "agent-7")


async def test_who_asks_for_the_calls_of_a_complaint_is_never_answered_all(house: Desk) -> None:
    id = (await house.receive())["id"]
    done(await post(house, event()), 202)
    assert await listed(house, f"complaint={id}") == []


async def test_what_a_source_never_told_of_is_listed_until_it_comes(house: Desk) -> None:
    source = (await a_source(house))["id"]
    numbered = [event(source=source, sequence=str(number)) for number in (5, 6, 9, 9, 12)]
    done(await post(house, [*numbered, event("agent.state_changed", source=source, sequence="10",
                                              data={"agent": "agent-7", "state": "ready"})], BATCH))  # fmt: skip

    async def gaps(who: str = "admin") -> Any:
        assert await house.service.call_sequences.reached(await house.service.log.head(), 20)
        return done(await house.get(who, f"/v1/call-sources/{source}/gaps"))

    found = await gaps("he-ping")
    assert [(gap["first"], gap["last"], gap["missing"]) for gap in found["items"]] == [(7, 8, 2), (11, 11, 1)]
    assert found["missing"] == 3
    late = [event(source=source, sequence=number) for number in (8, 7, 11)]
    done(await post(house, late, BATCH))
    assert await gaps() == {"items": [], "missing": 0}
    problem(await house.get("li-min", f"/v1/call-sources/{source}/gaps"), 403)
    problem(await house.get("admin", "/v1/call-sources/none-such/gaps"), 404)
