"""Asterisk, read at its manager interface (AMI): a call is its Linkedid, whatever channels it has and had.

Read by the public documentation of AMI's events. A dialplan that lets callers press a score says so by
`UserEvent(RedressScore,Linkedid: ${CHANNEL(linkedid)},Score: 5)`.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from typing import Final

from softphone.said import Adapter, OpenCall, Refused, Said

LOGIN: Final = "redress-login"
CHANNELS: Final = "redress-channels"
LONGEST: Final = 1_000_000
_NUMBER_OF_CHANNEL: Final = re.compile(r"^[^/]+/(?P<name>.+?)(?:-[0-9a-f]{8})?(?:;\d)?$")
Message = Mapping[str, str]


class Asterisk(Adapter):
    """`own`: contexts of the dialplan in which the agents' own telephones dial; what begins there goes out."""

    def __init__(
        self, calls: Iterable[OpenCall] = (), *, user: str, secret: str, own: Iterable[str] = ("from-internal",)
    ) -> None:
        super().__init__(calls)
        self._user, self._secret, self._own = user, secret, frozenset(own)
        self._kept, self._is_in, self._reply = b"", False, b""
        self._listed: set[str] = set()

    def greeting(self) -> bytes:
        self._kept, self._is_in, self._reply = b"", False, b""
        self._listed = set()
        return _action("Login", LOGIN, Username=self._user, Secret=self._secret, Events="call,agent,user")

    def reply(self) -> bytes:
        sent, self._reply = self._reply, b""
        return sent

    def take(self, received: bytes) -> Iterator[Said]:
        self._kept += received
        if self._kept.startswith(b"Asterisk Call Manager/"):
            banner, end, rest = self._kept.partition(b"\r\n")
            self._kept = rest if end else banner
        while b"\r\n\r\n" in self._kept:
            text, _, self._kept = self._kept.partition(b"\r\n\r\n")
            yield from self._message(_fields(text.decode("utf-8", "replace")))
        if len(self._kept) > LONGEST:
            raise ValueError("no AMI")

    def _message(self, message: Message) -> Iterator[Said]:
        if message.get("ActionID") == LOGIN and "Response" in message:
            if message["Response"] != "Success":
                raise Refused(message.get("Message", ""))
            self._reply += _action("CoreShowChannels", CHANNELS)
        elif message.get("ActionID") == CHANNELS:
            yield from self._channels(message)
        elif "Event" in message:
            yield from self._event(message)

    def _channels(self, message: Message) -> Iterator[Said]:
        """What there is now: whatever is not among it has ended."""
        if message.get("Event") == "CoreShowChannel":
            self._listed.add(message.get("Linkedid", ""))
        elif message.get("Event") == "CoreShowChannelsComplete":
            for call in [call for call in self.calls.values() if call.id not in self._listed]:
                yield self.gone(call)

    def _event(self, message: Message) -> Iterator[Said]:
        at, name = _time(message), message["Event"]
        if name in ("QueueMemberPause", "QueueMemberAdded", "QueueMemberRemoved"):
            away = message.get("Paused") == "1" or name == "QueueMemberRemoved"
            yield from _seat(message, "away" if away else "ready", at)
            return
        linked = message.get("Linkedid") or message.get("DestLinkedid") or message.get("TransfererLinkedid")
        if not linked:
            return
        if name == "Newchannel":
            yield from self._channel(linked, message, at)
            return
        call = self.calls.get(linked)
        if call is not None:
            yield from self._of(call, name, message, at)

    def _channel(self, linked: str, message: Message, at: datetime | None) -> Iterator[Said]:
        call, is_new = self.calls.get(linked), linked not in self.calls
        if call is None:
            direction: Final = "outbound" if message.get("Context") in self._own else "inbound"
            call = OpenCall(linked, direction, _number(message.get("CallerIDNum")), _number(message.get("Exten")))
            call.agent = _agent(message.get("Channel")) if direction == "outbound" else None
            self.calls[linked] = call
        if (leg := message.get("Uniqueid")) and leg not in call.legs:
            call.legs.append(leg)
        if is_new:
            yield Said("call.offered", linked, call.facts(), at)

    def _of(self, call: OpenCall, name: str, message: Message, at: datetime | None) -> Iterator[Said]:
        match name:
            case "QueueCallerJoin":
                call.queue = message.get("Queue")
                yield Said("call.offered", call.id, call.facts(), at)
            case "DialBegin":
                rung = _agent(message.get("DestChannel")) if call.direction == "inbound" else call.agent
                yield Said("call.ringing", call.id, {**call.facts(), **({"agent": rung} if rung else {})}, at)
            case "DialEnd" if message.get("DialStatus") == "ANSWER":
                yield from self._answered(call, _agent(message.get("DestChannel")), at)
            case "AgentConnect":
                yield from self._answered(call, _agent(message.get("Interface")) or message.get("MemberName"), at)
            case "Hold" | "Unhold":
                yield Said("call.held" if name == "Hold" else "call.resumed", call.id, call.facts(), at)
            case "BlindTransfer" | "AttendedTransfer":
                to = _number(message.get("Extension")) or _agent(message.get("TransferTargetChannel"))
                yield Said("call.transferred", call.id, call.facts(**({"to": to} if to else {})), at)
            case "UserEvent" if message.get("UserEvent") == "RedressScore" and message.get("Score", "").isdigit():
                yield Said("call.satisfaction_keyed", call.id, call.facts(score=int(message["Score"])), at)
            case "Hangup":
                call.legs = [leg for leg in call.legs if leg != message.get("Uniqueid")]
                if not call.legs:
                    yield self.ended(call, message.get("Cause-txt"), at)

    def _answered(self, call: OpenCall, agent: str | None, at: datetime | None) -> Iterator[Said]:
        """Once by each: a queue says it twice, as an agent who connected and as a dialling that ended."""
        agent = agent if call.direction == "inbound" else call.agent
        if not call.answered or agent != call.agent:
            call.answered, call.agent = True, agent
            yield Said("call.answered", call.id, call.facts(), at)


def _action(name: str, id: str, **fields: str) -> bytes:
    lines = {"Action": name, "ActionID": id, **fields}
    return "".join(f"{key}: {value}\r\n" for key, value in lines.items()).encode() + b"\r\n"


def _fields(text: str) -> dict[str, str]:
    pairs = (line.partition(":") for line in text.split("\r\n"))
    return {name.strip(): value.strip() for name, colon, value in pairs if colon}


def _seat(message: Message, state: str, at: datetime | None) -> Iterator[Said]:
    agent = _agent(message.get("Interface")) or message.get("MemberName")
    if agent:
        yield Said("agent.state_changed", None, {"agent": agent, "state": state}, at)


def _agent(channel: str | None) -> str | None:
    """`agent-7` of `PJSIP/agent-7-0000002a`."""
    found = _NUMBER_OF_CHANNEL.match(channel or "")
    return found["name"] if found else None


def _number(said: str | None) -> str | None:
    return None if said in (None, "", "<unknown>", "s", "anonymous") else said


def _time(message: Message) -> datetime | None:
    """Said where `timestampevents` is on in manager.conf; seconds since 1970."""
    try:
        return datetime.fromtimestamp(float(message["Timestamp"]), UTC)
    except (KeyError, ValueError, OverflowError, OSError):
        return None
