"""What a telephone system said of a call or a seat, in the words of the service, and what is remembered of a call."""

from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final, Literal

UNOBSERVED: Final = "unobserved"  # the cause of an end that nobody heard: the call was gone when the bridge was back


@dataclass(frozen=True, slots=True)
class Said:
    """One event for the service. `at` in any zone; None: just now.

    `key`: what it is known by where a system may say it twice.
    """

    type: str
    call: str | None
    data: Mapping[str, Any] = field(default_factory=dict)
    at: datetime | None = None
    key: str | None = None


@dataclass(slots=True)
class OpenCall:
    """A call that has not ended, as the system told of it. `legs`: the ends of it that the system counts."""

    id: str
    direction: Literal["inbound", "outbound"] = "inbound"
    caller: str | None = None
    callee: str | None = None
    agent: str | None = None
    queue: str | None = None
    answered: bool = False
    legs: list[str] = field(default_factory=list)

    @property
    def end(self) -> str:
        """What its end is called: it was missed where nobody answered what came in."""
        return "call.missed" if self.direction == "inbound" and not self.answered else "call.ended"

    def facts(self, **more: Any) -> dict[str, Any]:
        """What is known of it, for an event; without what nobody said."""
        known = {
            "direction": self.direction, "caller": self.caller, "callee": self.callee, "agent": self.agent,
            "queue": self.queue, **more,
        }  # fmt: skip
        return {name: value for name, value in known.items() if value is not None}


class Adapter(ABC):
    """Reads one system. `calls` had not ended when the bridge last ran; the adapter keeps them in step."""

    def __init__(self, calls: Iterable[OpenCall] = ()) -> None:
        self.calls: dict[str, OpenCall] = {call.id: call for call in calls}

    @abstractmethod
    def greeting(self) -> bytes:
        """What is sent first on a new connection; whatever was half read of the one before is forgotten."""

    @abstractmethod
    def take(self, received: bytes) -> Iterator[Said]:
        """What the system says in these bytes, which may begin and end anywhere. Raises `Refused`."""

    def reply(self) -> bytes:
        """What is to be sent to the system by now."""
        return b""

    def ended(self, call: OpenCall, cause: str | None, at: datetime | None = None, key: str | None = None) -> Said:
        self.calls.pop(call.id, None)
        return Said(call.end, call.id, call.facts(cause=cause), at, key)

    def gone(self, call: OpenCall) -> Said:
        """It ended while nobody heard: once for ever."""
        return self.ended(call, UNOBSERVED, key=f"{call.id} {UNOBSERVED}")


class Refused(Exception):
    """The system lets nobody in who signs in so; trying again as before is of no use."""
