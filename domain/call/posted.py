"""What a softphone posts: one CloudEvent, as it was said. Stored first, interpreted later.

Which types are recognised is said here; others are stored as they are and marked.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final, Literal
from uuid import UUID, uuid5

STREAMS: Final = UUID("5c2a9f0e-3d2f-5b7c-8f5a-0b6f5f0c4a11")  # the name space of the streams of calls and seats
EVENTS: Final = UUID("0d8b3a51-6e0c-5a3e-9a7e-9c1d1a0e77b2")  # that of the command ids of what sources posted

CallType = Literal[
    "call.offered", "call.ringing", "call.answered", "call.held", "call.resumed", "call.transferred",
    "call.conference_joined", "call.ended", "call.missed", "call.recording_available", "call.wrap_up",
    "call.satisfaction_keyed", "callback.attempted", "agent.state_changed",
]  # fmt: skip
CALL_TYPES: Final[frozenset[str]] = frozenset(CallType.__args__)  # type: ignore[attr-defined]
SEAT_CHANGED: Final = "agent.state_changed"
SEATS: Final = "agent."  # begins the types that are about somebody's seat and no call


@dataclass(frozen=True)
class Posted:
    """One event of a source. `call` is what the source calls the call; `seat` the agent whose seat it is about.

    `happened_at` is what the source said, in UTC; `sequence` its own count. `data` and `extensions` are as they came.
    """

    source: str
    id: str
    type: str
    call: str | None
    seat: str | None
    happened_at: datetime | None
    sequence: str | None
    data: Mapping[str, Any] = field(default_factory=dict)
    extensions: Mapping[str, Any] = field(default_factory=dict)

    @property
    def is_recognised(self) -> bool:
        return self.type in CALL_TYPES

    @property
    def stream(self) -> UUID:
        """Legs are joined by the id of the call, never by a number; what is about neither goes to the source's own."""
        about = f"seat\0{self.seat}" if self.seat is not None else f"call\0{self.call or ''}"
        return uuid5(STREAMS, f"{self.source}\0{about}")

    @property
    def command_id(self) -> UUID:
        """The same for ever for what the source calls by one id."""
        return uuid5(EVENTS, f"{self.source}\0{self.id}")


def call_stream(source: str, call: str) -> UUID:
    """The stream of a call of a source."""
    return uuid5(STREAMS, f"{source}\0call\0{call}")


def seat_stream(source: str, agent: str) -> UUID:
    """The stream of an agent's seat at a source."""
    return uuid5(STREAMS, f"{source}\0seat\0{agent}")
