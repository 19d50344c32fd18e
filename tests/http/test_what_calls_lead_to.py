"""What is heard of calls comes to something in complaints: once, whatever arrived first or twice, in both histories."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from itertools import count, permutations
from typing import Any, Final

import pytest

from tests.http.desk import Desk, done

pytestmark = pytest.mark.asyncio(loop_scope="module")

PATH: Final = "/v1/calls/events"
BATCH: Final = {"Content-Type": "application/cloudevents-batch+json"}
NAMES: Final = count(1)
NOW: Final = datetime.now(UTC) - timedelta(minutes=1)


def number() -> str:
    """A caller whom no other test knows."""
    return f"+8613{next(NAMES):09d}"


def event(call: str, type: str, seconds: float = 0, /, **data: Any) -> dict[str, Any]:
    """One event of a call, so many seconds after it began."""
    at = (NOW + timedelta(seconds=seconds)).isoformat()
    return {
        "specversion": "1.0", "id": f"{call} {type} {seconds}", "source": "site-a", "type": type, "subject": call,
        "time": at, "data": data,
    }  # fmt: skip


def talked(call: str, caller: str, *, agent: str = "agent-7", talk: float = 30, **data: Any) -> list[dict[str, Any]]:
    return [
        event(call, "call.offered", 0, caller=caller, **data),
        event(call, "call.answered", 1, agent=agent),
        event(call, "call.ended", 1 + talk),
    ]


def form(**changes: Any) -> dict[str, Any]:
    return {"procedure": "kf0001", "subject": "入金未到账", "content": "周一入金，至今未到账。", **changes}


def wrapped(call: str, seconds: float = 40, /, **data: Any) -> dict[str, Any]:
    return event(call, "call.wrap_up", seconds, agent="agent-7", **data)


def lately(events: list[dict[str, Any]], seconds: float) -> list[dict[str, Any]]:
    """The same, as a clock tells it that is right: they began so many seconds ago."""
    late = datetime.now(UTC) - timedelta(seconds=seconds) - NOW
    return [{**one, "time": (datetime.fromisoformat(one["time"]) + late).isoformat()} for one in events]


async def heard(house: Desk, *events: dict[str, Any]) -> None:
    """Posts them, and waits until all came of them that is to come."""
    for agent in ("agent-7", "li-min"):
        await house.key_of(agent)
    answer = await house.post("softphone", PATH, json.dumps(events).encode(), headers=BATCH)
    assert all(item["status"] in (200, 202) for item in done(answer)["items"]), answer.text
    head = await house.service.log.head()
    assert await house.service.call_consequences.reached(head, 20)
    await house.caught_up()
    assert await house.service.calls_follower.reached(await house.service.log.head(), 20)


async def call(house: Desk, id: str, who: str = "li-min") -> dict[str, Any]:
    return done(await house.get(who, f"/v1/calls/site-a/{id}"))


async def came_of(house: Desk, id: str) -> list[dict[str, Any]]:
    """The complaints that the call led to."""
    ids = (await call(house, id))["complaints"]
    return [done(await house.get("li-min", f"/v1/complaints/{one}")) for one in ids]


async def happened(house: Desk, id: str) -> list[dict[str, Any]]:
    return list(done(await house.get("li-min", f"/v1/complaints/{id}/history"))["items"])


async def types(house: Desk, id: str) -> list[str]:
    return [one["type"] for one in await happened(house, id)]


async def test_a_wrap_up_with_a_form_takes_the_complaint_down_and_both_show_it(house: Desk) -> None:
    caller = number()
    await heard(house, *lately([*talked("w-1", caller), wrapped("w-1", form=form())], 90))
    [made] = await came_of(house, "w-1")
    assert made["owner"]["actor"] == "agent-7"
    assert made["complainant"]["phone"] == caller
    assert (made["channel"], made["call_id"]) == ("phone", "w-1")
    assert made["occurred_at"] == (await call(house, "w-1"))["offered_at"]
    assert made["calls"] == [{"source": "site-a", "id": "w-1", "led_to": ["complaint"], "at": made["received_at"],
                              "score": None}]  # fmt: skip
    received, linked = await happened(house, made["id"])
    assert (received["actor"]["id"], received["actor"]["via"], received["actor"]["source"]) == (
        "agent-7", "site-a", "call",
    )  # fmt: skip
    assert linked["data"]["call_id"] == "w-1"
    seen = await call(house, "w-1")
    assert [(one["led_to"], one["complaint"], one["problem"]) for one in seen["came_of_it"]] == [
        ("complaint", made["id"], None)
    ]
    rows = done(await house.get("li-min", f"/v1/calls?complaint={made['id']}"))["items"]
    assert [row["id"] for row in rows] == ["w-1"]


async def test_of_a_clock_that_is_more_than_two_minutes_off_the_arrival_counts(house: Desk) -> None:
    await heard(house, *lately([*talked("skewed-1", number()), wrapped("skewed-1", form=form())], 600))
    [made] = await came_of(house, "skewed-1")
    occurred, received = (datetime.fromisoformat(made[name]) for name in ("occurred_at", "received_at"))
    assert received - occurred < timedelta(seconds=30)


async def test_everything_twice_and_in_any_order_comes_to_the_same(house: Desk) -> None:
    for n, order in enumerate(permutations(range(4))):
        id, caller = f"order-{n}", number()
        events = [
            *talked(id, caller)[:2], wrapped(id, form=form()),
            event(id, "call.recording_available", 50, recording={"uri": f"https://rec.example/{id}.wav"}),
        ]  # fmt: skip
        for place in order:
            await heard(house, events[place])
        await heard(house, *events, event(id, "call.ended", 60))
        [made] = await came_of(house, id)
        assert made["owner"]["actor"] == "agent-7"
        assert made["complainant"]["phone"] == caller
        names = await types(house, made["id"])
        assert sorted(names) == ["AttachmentAdded", "CallLinked", "CallLinked", "Received"]
        assert made["calls"][0]["led_to"] == ["complaint", "recording"]


async def test_who_calls_again_about_what_is_open_reminds_of_it(house: Desk) -> None:
    caller, matter = number(), {"issue_point": "deposit-delay"}
    await heard(house, *talked("again-1", caller), wrapped("again-1", form=form(**matter)))
    [first] = await came_of(house, "again-1")
    await heard(house, *talked("again-2", caller, agent="li-min"), wrapped("again-2", form=form(**matter)))
    [second] = await came_of(house, "again-2")
    assert second["id"] == first["id"]
    assert await types(house, first["id"]) == ["Received", "CallLinked", "Reminded", "CallLinked"]
    reminded = (await happened(house, first["id"]))[2]
    assert reminded["actor"]["id"] == "li-min"
    assert reminded["data"]["text"] == form()["content"]
    assert [one["led_to"] for one in second["calls"]] == [["complaint"], ["reminder"]]


async def test_a_wrap_up_that_names_a_complaint_by_its_number_reminds_of_it(house: Desk) -> None:
    known = await house.receive(complainant={"phone": number()})
    await heard(house, *talked("named-1", number()), wrapped("named-1", complaint=known["number"].lower()))
    assert (await types(house, known["id"]))[-2:] == ["Reminded", "CallLinked"]


async def test_recordings_that_come_hours_later_are_attached_with_their_hash(house: Desk) -> None:
    await heard(house, *talked("rec-1", number()), wrapped("rec-1", form=form()))
    recording = {"uri": "https://rec.example/a/rec-1.wav", "sha256": "AB" * 32, "seconds": 61}
    late = event("rec-1", "call.recording_available", 30, recording=recording)
    await heard(house, late)
    await heard(house, late, {**late, "id": "the same again"})
    [made] = await came_of(house, "rec-1")
    attached = [one for one in await happened(house, made["id"]) if one["type"] == "AttachmentAdded"]
    assert [one["data"]["sha256"] for one in attached] == ["ab" * 32]
    assert attached[0]["data"]["name"] == "rec-1.wav"
    assert attached[0]["actor"]["id"] == "agent-7"
    assert (await call(house, "rec-1"))["recordings"][0]["uri"] == recording["uri"]


async def test_the_recordings_that_a_close_asks_for_come_from_the_calls(house: Desk) -> None:
    sold = {"uri": "https://rec.example/sale.wav", "evidence": "sales-recording"}
    await heard(house, *talked("out-1", number()), wrapped("out-1", form=form(procedure="outbound")))
    [made] = await came_of(house, "out-1")
    assert made["evidence"] == []
    await heard(
        house, event("out-1", "call.recording_available", 90, recording={"uri": "https://rec.example/handling.wav"}),
        event("sale-1", "call.recording_available", 0, recording=sold, complaint=made["number"]),
    )  # fmt: skip
    made = done(await house.get("li-min", f"/v1/complaints/{made['id']}"))
    assert made["evidence"] == ["handling-recording", "sales-recording"]


async def test_a_recording_that_lies_nowhere_safe_is_refused_and_shown(house: Desk) -> None:
    await heard(house, *talked("rec-2", number()), wrapped("rec-2", form=form()))
    await heard(house, event("rec-2", "call.recording_available", 90, recording={"uri": "file:///etc/passwd"}))
    problems = [(one["led_to"], one["problem"], one["places"]) for one in (await call(house, "rec-2"))["came_of_it"]]
    assert problems[1:] == [("recording", "form-invalid", ["/recording/uri"])]


async def test_what_is_refused_stands_on_the_call_and_in_a_list_until_more_is_heard(house: Desk) -> None:
    closed = await house.receive(complainant={"phone": number()})
    await house.step("li-min", closed["id"], "withdraw", reason="客户撤回")
    bad = wrapped("bad-1", form=form(subject=""))
    await heard(house, *talked("bad-1", number()), bad)
    await heard(house, *talked("bad-2", number()), wrapped("bad-2", complaint=closed["id"]))
    await heard(house, *talked("bad-3", number()), wrapped("bad-3", complaint="KF0001-20200101-000001"))
    await heard(house, *talked("bad-4", number()), wrapped("bad-4", form=form(procedure="none-such")))
    refused = {
        id: [(one["problem"], one["places"]) for one in (await call(house, id))["came_of_it"]]
        for id in ("bad-1", "bad-2", "bad-3", "bad-4")
    }
    assert refused == {
        "bad-1": [("form-invalid", ["/subject"])], "bad-2": [("complaint-ended", [])], "bad-3": [("not-found", [])],
        "bad-4": [("unknown-procedure", ["/procedure"])],
    }  # fmt: skip
    rows = done(await house.get("li-min", "/v1/calls?refused=true&limit=200"))["items"]
    assert {row["id"] for row in rows} >= set(refused)
    assert "w-1" not in {row["id"] for row in rows}
    await heard(house, wrapped("bad-1", 60, form=form()))
    assert len(await came_of(house, "bad-1")) == 1


async def executed(house: Desk) -> dict[str, Any]:
    """A complaint whose result the customer is to be called back about."""
    made = await house.dispatched("settlement", complainant={"phone": number()})
    await house.step("zhou-qi", made["id"], "confirm-opinion")
    return await house.step("zhou-qi", made["id"], "execute", measure="已入账")


def called_back(id: str, complaint: str, *, talk: float, **ended: Any) -> list[dict[str, Any]]:
    return [
        event(id, "callback.attempted", 0, complaint=complaint, direction="outbound", callee="13800138000",
              agent="agent-7"),
        event(id, "call.answered", 5, agent="agent-7"), event(id, "call.ended", 5 + talk, **ended),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("name", "talk", "ended", "reached"),
    [("reached", 40, {}, True), ("hung-up", 3, {}, False), ("machine", 40, {"cause": "answering-machine"}, False)],
)
async def test_a_callback_by_phone_completes_itself(
    house: Desk, name: str, talk: float, ended: dict[str, Any], reached: bool
) -> None:
    made = await executed(house)
    await heard(house, *called_back(f"back-{name}", made["number"], talk=talk, **ended))
    back, linked = (await happened(house, made["id"]))[-2:]
    assert (back["type"], back["data"]["reached"]) == ("CallbackDone", reached)
    assert back["data"]["call"] == linked["data"]["call"]
    assert back["actor"]["id"] == "agent-7"
    assert linked["data"]["led_to"] == "callback"


async def test_a_call_that_nobody_took_up_counts_as_a_try_whatever_arrives_first(house: Desk) -> None:
    made = await executed(house)
    tried = [
        event("try-1", "callback.attempted", 0, complaint=made["id"], direction="outbound", agent="agent-7"),
        event("try-1", "call.missed", 30),
    ]
    await heard(house, tried[1])
    await heard(house, tried[0])
    assert [one["data"]["reached"] for one in await happened(house, made["id"]) if one["type"] == "CallbackDone"] == [
        False
    ]


async def test_what_the_customer_keys_in_after_a_callback_fills_the_survey(house: Desk) -> None:
    made = await executed(house)
    rated = event("rated-1", "call.satisfaction_keyed", 3700, score=5)
    back = called_back("rated-1", made["id"], talk=30)
    shifted = [{**one, "time": (datetime.now(UTC) + timedelta(seconds=n)).isoformat()} for n, one in enumerate(back)]
    rated["time"] = (datetime.now(UTC) + timedelta(seconds=20)).isoformat()
    await heard(house, rated)
    await heard(house, *shifted)
    done_ = [one["data"] for one in await happened(house, made["id"]) if one["type"] == "CallbackDone"]
    assert {(one["satisfied"], one["score"], one["rated_by"]) for one in done_} == {
        (True, 5, "instant"), (None, None, None),
    }  # fmt: skip


async def test_a_rating_before_there_is_a_complaint_is_shown_with_it_later(house: Desk) -> None:
    await heard(house, *talked("early-1", number()), event("early-1", "call.satisfaction_keyed", 35, score=2))
    await heard(house, wrapped("early-1", form=form()))
    [made] = await came_of(house, "early-1")
    assert (made["calls"][0]["led_to"], made["calls"][0]["score"]) == (["complaint", "survey"], 2)
    assert "CallbackDone" not in await types(house, made["id"])


async def test_what_nobody_known_talked_about_waits_in_a_queue(house: Desk) -> None:
    await heard(house, *talked("stranger-1", number(), agent="nobody-known"),
                {**wrapped("stranger-1", form=form()), "id": "s"})  # fmt: skip
    [made] = await came_of(house, "stranger-1")
    assert (made["owner"]["actor"], made["owner"]["role"]) == (None, "agent")


async def test_a_voicemail_is_taken_down_in_the_queue_of_a_role_with_its_recording(house: Desk) -> None:
    caller, left = number(), form(channel="voicemail", subject="语音留言")
    uri = "https://rec.example/voicemail.wav"
    await heard(
        house, event("vm-1", "call.offered", 0, caller=caller), event("vm-1", "call.ringing", 1, agent="agent-7"),
        event("vm-1", "call.recording_available", 60, recording={"uri": uri}, form=left),
    )  # fmt: skip
    await heard(house, event("vm-1", "call.ended", 61, cause="voicemail"))
    [made] = await came_of(house, "vm-1")
    assert (made["channel"], made["complainant"]["phone"]) == ("voicemail", caller)
    assert (made["owner"]["actor"], made["owner"]["role"]) == (None, "agent")
    assert made["calls"][0]["led_to"] == ["complaint", "recording"]


async def test_a_missed_call_is_taken_down_once_where_its_switchboard_says_so(house: Desk) -> None:
    missed = event("missed-1", "call.missed", 20, form=form(subject="夜间未接来电，请回电"))
    await heard(house, event("missed-1", "call.offered", 0, caller=number()), missed)
    await heard(house, missed, event("missed-1", "vendor.note", 30))
    [made] = await came_of(house, "missed-1")
    assert (made["subject"], made["owner"]["role"]) == ("夜间未接来电，请回电", "agent")
    await heard(house, event("missed-2", "call.offered", 0, caller=number()), event("missed-2", "call.missed", 20))
    assert await came_of(house, "missed-2") == []


async def test_who_is_accused_sees_no_number_of_who_accuses_them(house: Desk) -> None:
    caller = number()
    await heard(house, *talked("accused-1", caller), wrapped("accused-1", form=form(accused=["agent-7"])))
    await heard(house, *talked("accused-2", caller))
    problems = (await call(house, "accused-1"))["came_of_it"]
    assert [one["problem"] for one in problems] == ["recused"]  # nobody takes down what is said of themselves
    made = await house.receive(complainant={"phone": caller}, accused=["agent-7"])
    await heard(house, event("accused-3", "call.offered", 0, caller=caller))
    for id in ("accused-1", "accused-2", "accused-3"):
        assert (await call(house, id))["caller"] == caller
        assert (await call(house, id, "agent-7"))["caller"] is None
    rows = done(await house.get("agent-7", "/v1/calls?limit=200"))["items"]
    assert {row["caller"] for row in rows if row["id"].startswith("accused-")} == {None}
    found = done(await house.get("agent-7", f"/v1/calls?caller={caller.replace('+', '%2B')}"))
    assert found["items"] == []
    page = await house.get("chief", "/v1/audit/events?type=CallEventReceived&limit=200")
    assert made["id"]
    assert page.status_code == 200
