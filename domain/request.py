"""Who asks for something, and when; and how what the service does by itself is signed."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final
from uuid import UUID

from domain.people import People
from domain.values import ActedBy, Actor, CustomerAnswer

SYSTEM: Final = ActedBy("system", "system", source="policy")
CLOCK: Final = ActedBy("system", "system", source="clock")
CALENDAR: Final = ActedBy("system", "system", source="calendar")


@dataclass(frozen=True)
class Request:
    """Who asks, when, and what exists beside the case that a command may name."""

    actor: Actor
    at: datetime
    known_units: Collection[str] = frozenset()
    known_complaints: Mapping[UUID, str] = field(default_factory=dict)
    customer_answer: CustomerAnswer | None = None
    people: People = field(default_factory=People)
