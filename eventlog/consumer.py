"""What a follower of the log makes of it: the interface of consumers, and what they are given and hand back."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import ClassVar, Generic, TypeVar
from uuid import UUID

from eventlog.checkpoints import Connection
from eventlog.codec import UnreadableEvent
from eventlog.entries import Recorded

Value = TypeVar("Value")


@dataclass(frozen=True, slots=True)
class Batch:
    """Events in the order of the log; once they are taken in, the follower stands at `until`.

    `late`: they were parked, and what others of that time led to is there already.
    """

    events: Sequence[Recorded]
    until: int
    late: bool = False

    def by_stream(self) -> dict[UUID, list[Recorded]]:
        """Each stream's part of them."""
        parts: dict[UUID, list[Recorded]] = {}
        for event in self.events:
            parts.setdefault(event.originator_id, []).append(event)
        return parts


@dataclass(frozen=True, slots=True)
class Item(Generic[Value]):
    """What is to be written for a stream; should it fail, its events are taken in again from `position` on."""

    stream: UUID
    position: int
    value: Value


@dataclass(frozen=True, slots=True)
class Failed:
    """Why a stream could not be taken in from `position` on."""

    position: int
    error: Exception


@dataclass(slots=True)
class Prepared(Generic[Value]):
    """What is to be written for a batch, in order; of a stream that failed, what lies before its failure."""

    items: list[Item[Value]] = field(default_factory=list)
    failed: dict[UUID, Failed] = field(default_factory=dict)


class Consumer(ABC, Generic[Value]):
    """What one follower makes of the log.

    Each of its `names` has a checkpoint and parked streams of its own; the first is also that of its lock. `topics` is
    what it wants to read; None: everything. Events of kinds that this version does not know are read by everybody: a
    consumer they may concern raises `UnreadableEvent`, so that their stream waits for a version that knows them.
    """

    names: tuple[str, ...]
    topics: frozenset[str] | None = None
    starts_at_head: ClassVar[bool] = False
    # A commit lost in a crash takes its checkpoint with it, and what it held is found again in the log.
    session: ClassVar[str] = "SET synchronous_commit = off"
    keeps_connection: ClassVar[bool] = False
    gathers: ClassVar[float] = 0.004  # seconds: what is recorded meanwhile shares the next transaction

    @abstractmethod
    async def prepared(self, batch: Batch) -> Mapping[str, Prepared[Value]]:
        """By name, what is to be written: all that has to be looked up first. May raise where one of them is at fault.

        No connection is held meanwhile, unless it is kept for good.
        """

    @abstractmethod
    async def write(self, connection: Connection, name: str, values: Sequence[Value]) -> None:
        """Writes in the transaction that moves the checkpoint. May raise where one of them is at fault."""

    async def afterwards(self) -> None:
        """Does what was committed to be done: after each batch, and every second while there is none."""

    async def unfinished(self) -> int | None:
        """The first position from which something is still to be done afterwards."""
        return None

    def start_over(self) -> None:
        """What is remembered of earlier batches may not have been committed."""


def failed_in(events: Sequence[Recorded], error: Exception) -> Failed:
    """From where one stream's part of a batch fails: the event that cannot be read, where it is one of these."""
    unreadable = error.position if isinstance(error, UnreadableEvent) else 0
    return Failed(next((event.position for event in events if event.position == unreadable), events[0].position), error)


def is_sound(event: Recorded, failed: Mapping[UUID, Failed]) -> bool:
    """Whether an event lies before the failure of its stream."""
    return event.originator_id not in failed or event.position < failed[event.originator_id].position


def is_sound_item(item: Item[Value], failed: Mapping[UUID, Failed]) -> bool:
    """As `is_sound`, of what is to be written."""
    return item.stream not in failed or item.position < failed[item.stream].position
