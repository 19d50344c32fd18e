"""FreeSWITCH, read at its event socket: an event is known by Core-UUID and Event-Sequence, which each core begins anew.

Read by the public documentation of mod_event_socket. The legs of one call have one Channel-Call-UUID.
"""

import json
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from pathlib import PurePosixPath
from typing import Any, Final

from softphone.said import Adapter, OpenCall, Refused, Said

EVENTS: Final = (
    "CHANNEL_CREATE", "CHANNEL_PROGRESS", "CHANNEL_PROGRESS_MEDIA", "CHANNEL_BRIDGE", "CHANNEL_HOLD", "CHANNEL_UNHOLD",
    "CHANNEL_HANGUP_COMPLETE", "RECORD_STOP",
)  # fmt: skip
LONGEST: Final = 10_000_000
Told = Mapping[str, Any]


class FreeSwitch(Adapter):
    """`recordings`: the https address under which the files that it records are found; None: they are not told of."""

    def __init__(self, calls: Iterable[OpenCall] = (), *, password: str, recordings: str | None = None) -> None:
        super().__init__(calls)
        self._password, self._recordings = password, recordings
        self._kept, self._reply = b"", b""

    def greeting(self) -> bytes:
        self._kept, self._reply = b"", b""
        return b""  # it speaks first

    def reply(self) -> bytes:
        sent, self._reply = self._reply, b""
        return sent

    def take(self, received: bytes) -> Iterator[Said]:
        self._kept += received
        while (end := self._kept.find(b"\n\n")) >= 0:
            headers = _headers(self._kept[:end])
            size = int(headers.get("Content-Length", "0"))
            if size > LONGEST:
                raise ValueError("no event socket")
            if len(self._kept) < end + 2 + size:
                return
            body, self._kept = self._kept[end + 2 : end + 2 + size], self._kept[end + 2 + size :]
            yield from self._message(headers, body)
        if len(self._kept) > LONGEST:
            raise ValueError("no event socket")

    def _message(self, headers: Mapping[str, str], body: bytes) -> Iterator[Said]:
        match headers.get("Content-Type"):
            case "auth/request":
                self._reply += f"auth {self._password}\n\n".encode()
            case "command/reply" if headers.get("Reply-Text", "").startswith("+OK accepted"):
                self._reply += f"event json {' '.join(EVENTS)}\n\napi show channels as json\n\n".encode()
            case "command/reply" if "invalid" in headers.get("Reply-Text", ""):
                raise Refused(headers["Reply-Text"])
            case "text/rude-rejection":
                raise Refused("rude-rejection")
            case "api/response":
                yield from self._channels(json.loads(body))
            case "text/event-json":
                yield from self._event(json.loads(body))

    def _channels(self, told: Told) -> Iterator[Said]:
        """What there is now: whatever is not among it has ended."""
        there = {row.get("call_uuid") or row.get("uuid") for row in told.get("rows", ())}
        for call in [call for call in self.calls.values() if call.id not in there]:
            yield self.gone(call)

    def _event(self, told: Told) -> Iterator[Said]:
        leg = told.get("Unique-ID")
        id = told.get("Channel-Call-UUID") or leg
        if not isinstance(id, str) or not isinstance(leg, str):
            return
        at, key = _time(told), f"{told.get('Core-UUID')}:{told.get('Event-Sequence')}"
        name, call = told.get("Event-Name"), self.calls.get(id)
        if name == "CHANNEL_CREATE":
            yield from self._created(id, leg, told, at, key)
        elif call is not None:
            yield from self._of(call, str(name), leg, told, at, key)

    def _created(self, id: str, leg: str, told: Told, at: datetime | None, key: str) -> Iterator[Said]:
        call = self.calls.get(id)
        if call is not None:
            call.legs.append(leg)
            return
        # Seen from the switch, what a telephone of an agent sends is inbound, too; those sign in with a user.
        user = told.get("variable_user_name")
        is_outbound = bool(user) or told.get("Call-Direction") == "outbound"
        call = OpenCall(
            id, "outbound" if is_outbound else "inbound", told.get("Caller-Caller-ID-Number"),
            told.get("Caller-Destination-Number"), user, legs=[leg],
        )  # fmt: skip
        self.calls[id] = call
        yield Said("call.offered", id, call.facts(), at, key)

    def _of(
        self, call: OpenCall, name: str, leg: str, told: Told, at: datetime | None, key: str
    ) -> Iterator[Said]:
        match name:
            case "CHANNEL_PROGRESS" | "CHANNEL_PROGRESS_MEDIA":
                rung = told.get("Caller-Destination-Number") if call.direction == "inbound" else call.agent
                yield Said("call.ringing", call.id, {**call.facts(), **({"agent": rung} if rung else {})}, at, key)
            case "CHANNEL_BRIDGE":
                yield from self._bridged(call, told, at, key)
            case "CHANNEL_HOLD" | "CHANNEL_UNHOLD":
                kind: Final = "call.held" if name == "CHANNEL_HOLD" else "call.resumed"
                yield Said(kind, call.id, call.facts(), at, key)
            case "RECORD_STOP" if self._recordings is not None:
                file = PurePosixPath(str(told.get("Record-File-Path", ""))).name
                seconds = str(told.get("variable_record_seconds", ""))
                recording: dict[str, Any] = {"uri": f"{self._recordings.rstrip('/')}/{file}"}
                recording |= {"seconds": int(seconds)} if seconds.isdigit() else {}
                yield Said("call.recording_available", call.id, call.facts(recording=recording), at, key)
            case "CHANNEL_HANGUP_COMPLETE":
                call.legs = [one for one in call.legs if one != leg]
                if not call.legs:
                    yield self.ended(call, told.get("Hangup-Cause"), at, key)

    def _bridged(self, call: OpenCall, told: Told, at: datetime | None, key: str) -> Iterator[Said]:
        other = told.get("Other-Leg-Destination-Number") or told.get("Caller-Callee-ID-Number")
        agent = other if call.direction == "inbound" and other else call.agent
        if call.answered and agent == call.agent:
            return
        kind: Final = "call.transferred" if call.answered else "call.answered"
        call.answered, call.agent = True, agent
        yield Said(kind, call.id, call.facts(), at, key)


def _headers(text: bytes) -> dict[str, str]:
    pairs = (line.partition(":") for line in text.decode("utf-8", "replace").split("\n"))
    return {name.strip(): value.strip() for name, colon, value in pairs if colon}


def _time(told: Told) -> datetime | None:
    """Microseconds since 1970."""
    try:
        return datetime.fromtimestamp(int(told["Event-Date-Timestamp"]) / 1e6, UTC)
    except (KeyError, TypeError, ValueError, OverflowError, OSError):
        return None
