"""A running baresip, read at its module ctrl_tcp: netstrings with JSON, both ways.

It tells what happens and keeps nothing, and tells it to one listener alone. So on each connection it is asked which
calls there are: what was answered or ended meanwhile was answered or has ended. Written against baresip 1.0; see the
description of ctrl_tcp at https://github.com/baresip/baresip.
"""

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from softphone.said import Adapter, OpenCall, Said

LONGEST: Final = 1_000_000  # bytes of one netstring; longer is no JSON of baresip
LIST: Final = "redress-calls"
_USER: Final = re.compile(r"(?:sips?:|tel:)?([^@;>]*)")
# `> [line 1]  0:00:04  ESTABLISHED             sip:4008001234@10.0.0.1`: since when, what, and with whom
_LINE: Final = re.compile(r"\]\s+(\d+):(\d\d):(\d\d)\s+(\S+)\s+(\S+)")
_SEATS: Final[Mapping[str, str]] = {
    "REGISTER_OK": "ready", "REGISTER_FAIL": "away", "UNREGISTERING": "away",
}  # fmt: skip


class NotANetstring(ValueError):
    """Whatever listens there, it is no ctrl_tcp."""


class Netstrings:
    """Takes bytes and gives back what is whole."""

    def __init__(self) -> None:
        self._kept = b""

    def take(self, received: bytes) -> Iterator[bytes]:
        """Raises `NotANetstring`."""
        self._kept += received
        while self._kept:
            length, colon, rest = self._kept.partition(b":")
            if not colon and len(length) < 8 and (length.isdigit() or not length):
                return
            if not colon or not length.isdigit() or int(length) > LONGEST:
                raise NotANetstring(length[:20])
            size = int(length)
            if len(rest) <= size:
                return
            if rest[size : size + 1] != b",":
                raise NotANetstring(rest[size : size + 1])
            self._kept = rest[size + 1 :]
            yield rest[:size]


def netstring(said: Mapping[str, Any]) -> bytes:
    text = json.dumps(said).encode()
    return b"%d:%s," % (len(text), text)


class Baresip(Adapter):
    """`agent`: whose softphone it is; None: the user of its account."""

    def __init__(self, calls: Iterable[OpenCall] = (), *, agent: str | None = None) -> None:
        super().__init__(calls)
        self._agent, self._strings = agent, Netstrings()

    def greeting(self) -> bytes:
        self._strings = Netstrings()
        return netstring({"command": "listcalls", "token": LIST})

    def take(self, received: bytes) -> Iterator[Said]:
        for text in self._strings.take(received):
            told = json.loads(text)
            if told.get("event"):
                yield from self._event(told)
            elif told.get("token") == LIST and told.get("ok"):
                yield from self._listed(str(told.get("data")))

    def _event(self, told: Mapping[str, Any]) -> Iterator[Said]:
        kind, agent = str(told.get("type")), self._agent or _user(told.get("accountaor"))
        if kind in _SEATS and agent is not None:
            yield Said("agent.state_changed", None, {"agent": agent, "state": _SEATS[kind]})
        id = told.get("id")
        if not isinstance(id, str) or not kind.startswith("CALL_"):
            return
        is_known = id in self.calls
        call = self.calls.get(id) or self._begun(id, told, agent)
        match kind.removeprefix("CALL_"):
            case "INCOMING" | "OUTGOING" if not is_known:
                yield Said("call.offered", id, call.facts())
            case "RINGING" | "PROGRESS":
                yield from [] if is_known else [Said("call.offered", id, call.facts())]
                yield Said("call.ringing", id, call.facts())
            case "ESTABLISHED" | "ANSWERED" if not call.answered:
                call.answered = True
                yield Said("call.answered", id, call.facts())
            case "HOLD":
                yield Said("call.held", id, call.facts())
            case "RESUME":
                yield Said("call.resumed", id, call.facts())
            case "TRANSFER":
                yield Said("call.transferred", id, call.facts(to=_user(told.get("param"))))
            case "CLOSED":
                call.answered |= not is_known  # nobody heard whether it was: then it is not called missed
                yield self.ended(call, str(told["param"]) if told.get("param") else None)

    def _begun(self, id: str, told: Mapping[str, Any], agent: str | None) -> OpenCall:
        peer, own = _user(told.get("peeruri")), _user(told.get("accountaor"))
        call = OpenCall(id, caller=peer, callee=own, agent=agent)
        if told.get("direction") == "outgoing":
            call = OpenCall(id, "outbound", own, peer, agent)
        self.calls[id] = call
        return call

    def _listed(self, listed: str) -> Iterator[Said]:
        """What happened to those that we know of. Lines name the other side, and no id."""
        lines = [_Line.of(*found) for found in _LINE.findall(listed)]
        for call in list(self.calls.values()):
            peer = call.callee if call.direction == "outbound" else call.caller
            line = next((line for line in lines if line.peer == peer), None)
            if line is None:
                yield self.gone(call)
                continue
            lines.remove(line)
            if line.is_answered and not call.answered:
                call.answered = True
                yield Said("call.answered", call.id, call.facts(), datetime.now(UTC) - line.since)


@dataclass(frozen=True, slots=True)
class _Line:
    """A call as baresip lists it."""

    since: timedelta
    is_answered: bool
    peer: str | None

    @classmethod
    def of(cls, hours: str, minutes: str, seconds: str, state: str, peer: str) -> "_Line":
        since = timedelta(hours=int(hours), minutes=int(minutes), seconds=int(seconds))
        return cls(since, state == "ESTABLISHED", _user(peer))


def _user(uri: object) -> str | None:
    """The number or name in an address: `4008001234` of `<sip:4008001234@10.0.0.1;transport=udp>`."""
    found = _USER.match(uri.strip().lstrip("<")) if isinstance(uri, str) else None
    return found[1] or None if found else None
