"""What each telephone system says, in the words of the service: in whatever pieces it comes, and across a new start."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import pytest

from softphone.asterisk import Asterisk
from softphone.baresip import Baresip, NotANetstring, netstring
from softphone.freeswitch import FreeSwitch
from softphone.said import Adapter, OpenCall, Refused, Said
from softphone.webhooks import Webhooks

SAMPLES: Final = Path(__file__).parent / "samples"
TALKED: Final = {"direction": "inbound", "agent": "agent-7"}


def baresip() -> tuple[Adapter, bytes]:
    lines = (SAMPLES / "baresip.jsonl").read_text("utf-8").splitlines()
    return Baresip(), b"".join(netstring(json.loads(line)) for line in lines)


def asterisk() -> tuple[Adapter, bytes]:
    return Asterisk(user="redress", secret="s"), (SAMPLES / "asterisk.txt").read_bytes()


def freeswitch() -> tuple[Adapter, bytes]:
    adapter = FreeSwitch(password="ClueCon", recordings="https://pbx.example.com/recordings/")
    return adapter, (SAMPLES / "freeswitch.txt").read_bytes()


SYSTEMS: Final = {"baresip": baresip, "asterisk": asterisk, "freeswitch": freeswitch}
TYPES: Final = {
    "baresip": ["agent.state_changed", "call.offered", "call.answered", "call.ended"],
    "asterisk": [
        "agent.state_changed", "call.offered", "call.offered", "call.ringing", "call.answered", "call.held",
        "call.resumed", "call.satisfaction_keyed", "call.ended",
    ],
    "freeswitch": [
        "call.offered", "call.ringing", "call.answered", "call.held", "call.resumed", "call.transferred",
        "call.recording_available", "call.ended",
    ],
}  # fmt: skip


def said_by(adapter: Adapter, received: bytes, at_once: int = 1_000_000) -> list[Said]:
    adapter.greeting()
    parts = [received[place : place + at_once] for place in range(0, len(received), at_once)]
    return [one for part in parts for one in adapter.take(part)]


@pytest.mark.parametrize("system", SYSTEMS)
def test_a_call_from_its_offer_to_its_end(system: str) -> None:
    said = said_by(*SYSTEMS[system]())
    assert [one.type for one in said] == TYPES[system]
    assert len({one.call for one in said if not one.type.startswith("agent.")}) == 1, "all legs are one call"
    answered = next(one for one in said if one.type == "call.answered")
    assert {name: answered.data[name] for name in TALKED} == TALKED
    assert said[-1].data["cause"]


@pytest.mark.parametrize("system", SYSTEMS)
@pytest.mark.parametrize("at_once", [1, 7, 333])
def test_bytes_may_be_cut_anywhere(system: str, at_once: int) -> None:
    whole = said_by(*SYSTEMS[system]())
    cut = said_by(*SYSTEMS[system](), at_once=at_once)
    assert [(one.type, one.call, one.data) for one in cut] == [(one.type, one.call, one.data) for one in whole]


@pytest.mark.parametrize("system", SYSTEMS)
def test_what_is_half_read_is_forgotten_with_the_connection(system: str) -> None:
    adapter, received = SYSTEMS[system]()
    adapter.greeting()
    list(adapter.take(received[:40]))
    assert [one.type for one in said_by(adapter, received)] == TYPES[system]


def test_numbers_and_queues_are_told_as_the_system_has_them() -> None:
    said = said_by(*asterisk())
    assert said[1].data == {"direction": "inbound", "caller": "13800001234", "callee": "12345"}
    assert said[2].data["queue"] == "complaints"
    assert said[0].data == {"agent": "agent-7", "state": "ready"}
    assert next(one for one in said if one.type == "call.satisfaction_keyed").data["score"] == 5
    assert said[-1].at == datetime.fromtimestamp(1790000000.000012, UTC), "the exchange's own time"


def test_freeswitch_s_events_are_known_by_core_and_sequence_which_begins_anew() -> None:
    said = said_by(*freeswitch())
    assert [one.key for one in said][:2] == ["5a1f6c2e-0001:901", "5a1f6c2e-0001:903"]
    recording = next(one for one in said if one.type == "call.recording_available").data["recording"]
    assert recording == {"uri": "https://pbx.example.com/recordings/a-leg.wav", "seconds": 61}
    handed_on = next(one for one in said if one.type == "call.transferred")
    assert handed_on.data["agent"] == "agent-9"


def test_the_exchange_is_signed_in_to_and_asked_what_there_is() -> None:
    adapter, received = asterisk()
    assert b"Username: redress\r\n" in adapter.greeting()
    list(adapter.take(received[:120]))
    assert b"Action: CoreShowChannels" in adapter.reply()
    assert adapter.reply() == b"", "once"
    switch, told = freeswitch()
    list(switch.take(told[:28]))
    assert switch.reply() == b"auth ClueCon\n\n"


def test_an_exchange_that_lets_nobody_in_is_not_asked_again_and_again() -> None:
    refusal = b"Response: Error\r\nActionID: redress-login\r\nMessage: Authentication failed\r\n\r\n"
    with pytest.raises(Refused, match="Authentication failed"):
        list(Asterisk(user="x", secret="y").take(refusal))
    with pytest.raises(Refused):
        list(FreeSwitch(password="x").take(b"Content-Type: command/reply\nReply-Text: -ERR invalid\n\n"))




def listed(*lines: str) -> bytes:
    data = f"\n--- Active calls ({len(lines)}) ---\n" + "".join(f"> [line 1]  {line}\n" for line in lines)
    return netstring({"response": True, "ok": True, "data": data, "token": "redress-calls"})


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        ((), ["call.missed"]),
        (("0:00:09  INCOMING             sip:4008001234@10.0.0.1",), []),
        (("0:01:09  ESTABLISHED             sip:4008001234@10.0.0.1",), ["call.answered"]),
        (("0:01:09  ESTABLISHED             sip:139@10.0.0.1",), ["call.missed"]),
    ],
)
def test_what_happened_while_nobody_listened_to_baresip_is_found_when_somebody_does_again(
    lines: tuple[str, ...], expected: list[str]
) -> None:
    said = list(Baresip([OpenCall("c-1", caller="4008001234", callee="agent-7")]).take(listed(*lines)))
    assert [one.type for one in said] == expected
    if expected == ["call.answered"]:
        assert said[0].at is not None
        assert 60 < (datetime.now(UTC) - said[0].at).total_seconds() < 120, "since when baresip says"


def test_a_call_that_was_gone_when_the_bridge_came_back_has_ended_without_a_cause_that_anybody_saw() -> None:
    talked = OpenCall("l-1", caller="138", callee="12345", agent="agent-7", answered=True, legs=["l-1", "l-2"])
    exchange = Asterisk([talked], user="x", secret="y")
    complete = b"Event: CoreShowChannelsComplete\r\nActionID: redress-channels\r\n\r\n"
    [ended] = exchange.take(complete)
    assert (ended.type, ended.call, ended.data["cause"]) == ("call.ended", "l-1", "unobserved")
    assert list(exchange.take(complete)) == [], "once"
    rows = json.dumps({"row_count": 1, "rows": [{"uuid": "b", "call_uuid": "l-1"}]}).encode()
    switch = FreeSwitch([OpenCall("l-1", legs=["b"])], password="x")
    assert list(switch.take(b"Content-Type: api/response\nContent-Length: %d\n\n%s" % (len(rows), rows))) == []


def test_an_end_of_a_call_that_nobody_heard_begin_is_not_called_missed() -> None:
    closed = {"event": True, "class": "call", "type": "CALL_CLOSED", "id": "x", "direction": "incoming",
              "accountaor": "sip:agent-7@h", "peeruri": "sip:138@h", "param": "bye"}  # fmt: skip
    assert [one.type for one in Baresip().take(netstring(closed))] == ["call.ended"]


@pytest.mark.parametrize("received", [b"GET / HTTP/1.1\r\n", b"5:abc", b"3:abcd", b"99999999:x", b":,"])
def test_whatever_is_no_ctrl_tcp_is_found_out(received: bytes) -> None:
    adapter = Baresip()
    if received == b"5:abc":
        assert list(adapter.take(received)) == []
        return
    with pytest.raises(NotANetstring):
        list(adapter.take(received))


def posted(webhooks: Webhooks, *forms: dict[str, str]) -> list[Said]:
    return [one for form in forms for one in webhooks.take(form)]


NEW: Final = {"event": "newCall", "callId": "w-1", "direction": "in", "from": "13800001234", "to": "4008001234"}
ANSWER: Final = {"event": "answer", "callId": "w-1", "user": "agent-7", "direction": "in"}
HANGUP: Final = {"event": "hangup", "callId": "w-1", "cause": "normalClearing"}


def test_webhooks_of_new_call_answer_and_hangup() -> None:
    said = posted(Webhooks(), NEW, ANSWER, HANGUP)
    assert [one.type for one in said] == ["call.offered", "call.answered", "call.ended"]
    assert said[1].data["agent"] == "agent-7"
    assert [one.type for one in posted(Webhooks(), NEW, HANGUP)] == ["call.offered", "call.missed"]
    assert [one.type for one in posted(Webhooks(), HANGUP)] == ["call.ended"], "nobody knows whether it was answered"


def test_a_webhook_that_comes_twice_has_one_key_and_one_of_another_kind_passes() -> None:
    webhooks = Webhooks()
    first, second = posted(webhooks, NEW, NEW)
    assert first.key == second.key
    [dtmf] = posted(webhooks, {"event": "dtmf", "callId": "w-1", "dtmf": "1"})
    assert dtmf.type == "call.dtmf"


@pytest.mark.parametrize("form", [{}, {"event": "newCall"}, {"callId": "w-1"}, {"event": "", "callId": " "}])
def test_what_is_no_event_of_a_call_is_refused(form: dict[str, str]) -> None:
    with pytest.raises(ValueError, match="callId"):
        posted(Webhooks(), form)


