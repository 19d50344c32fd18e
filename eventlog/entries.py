"""What goes into the event log and what comes out of it, and the ways in which an append can be refused."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from eventsourcing.persistence import StoredEvent

from domain.errors import Busy, TurnedAway, Unavailable


@dataclass(frozen=True, slots=True)
class Append:
    """One command's events: of one stream, with consecutive versions; all are recorded, or none.

    `actors` names who did it, event by event: a miss that the clock found stands beside the step that a person took.
    `recorded_at` is when it was decided; the log has the last word on when it is recorded, by the database's clock and
    never before what is there (migrations/versions/0015).
    """

    command_id: UUID
    request_hash: bytes | None
    events: Sequence[StoredEvent]
    actors: Sequence[str]
    recorded_at: datetime


@dataclass(frozen=True, slots=True)
class Appended:
    """Where the last event of an append stands; `seen_before` when the command had been recorded earlier."""

    position: int
    version: int
    seen_before: bool
    originator_id: UUID


@dataclass(frozen=True, slots=True)
class Recorded:
    """One event of the log. `position` counts from 1 over the whole log, without a gap."""

    position: int
    originator_id: UUID
    originator_version: int
    topic: str
    state: bytes
    actor: str
    recorded_at: datetime


@dataclass(frozen=True, slots=True)
class CommandSeen:
    """A command that was recorded: where its last event stands, and the hash of its request.

    One that left no event (`left_events` false) says how the stream stood instead; one that was not about a stream
    says nothing.
    """

    originator_id: UUID | None
    version: int | None
    position: int | None
    request_hash: bytes | None
    left_events: bool = True


class VersionConflict(Busy):
    """A stream is not at the version that the append expects."""

    def __init__(self, originator_id: UUID, expected: int, current: int) -> None:
        super().__init__(stream=originator_id, expected=expected, current=current)
        self.originator_id = originator_id
        self.expected = expected
        self.current = current


class CommandIdReused(TurnedAway):
    """The command of this id was recorded with another request."""

    def __init__(self, command_id: UUID) -> None:
        super().__init__(command=command_id)
        self.command_id = command_id


class QueueFull(Unavailable): ...
