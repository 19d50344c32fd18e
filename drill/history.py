"""What every client of a drill sent, what was answered, and when: all that the checker is told.

Times are seconds of one monotonic clock, the drill's own. The log is what the service shows an auditor at the end.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Acknowledged:
    """What an answer to a command said: the stream, and version and position of the last event of the command."""

    stream: UUID
    version: int
    position: int


@dataclass(slots=True)
class Attempt:
    """One request. `status` is None where no answer came: whether it was done is not known."""

    sent: float
    answered: float | None = None
    status: int | None = None
    acknowledged: Acknowledged | None = None


@dataclass(slots=True)
class Command:
    """One thing that was asked for, as often as it was tried, always under the same Idempotency-Key.

    `token` occurs in the text of its event, and in that of no other.
    """

    client: str
    token: str
    stream: UUID | None = None  # None for an intake: the answer says it
    attempts: list[Attempt] = field(default_factory=list)

    @property
    def first_sent(self) -> float:
        return self.attempts[0].sent

    @property
    def answers(self) -> list[tuple[float, Acknowledged]]:
        """When it was acknowledged, and how; the first answer first."""
        return [(one.answered, one.acknowledged) for one in self.attempts if one.acknowledged and one.answered]


@dataclass(frozen=True, slots=True)
class ComplaintRead:
    """`GET /v1/complaints/{id}` was answered with this version."""

    sent: float
    answered: float
    stream: UUID
    version: int


@dataclass(frozen=True, slots=True)
class ListRead:
    """A client's own complaints, asked with `min_position`, to the last page."""

    sent: float
    answered: float
    client: str
    min_position: int
    position: int
    streams: frozenset[UUID]


@dataclass(frozen=True, slots=True)
class FeedRead:
    """`GET /v1/audit/events?after=…` was answered with these positions, at most `limit`."""

    sent: float
    answered: float
    after: int
    limit: int
    positions: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Entry:
    """One event of the log. `text` holds the token of the command that it came from; None for all other events."""

    position: int
    stream: UUID
    version: int
    type: str
    text: str | None = None


@dataclass(slots=True)
class History:
    """Everything that was done in one drill. `wrong` are answers that nobody may get, said in words."""

    commands: list[Command] = field(default_factory=list)
    complaint_reads: list[ComplaintRead] = field(default_factory=list)
    list_reads: list[ListRead] = field(default_factory=list)
    feed_reads: list[FeedRead] = field(default_factory=list)
    requests: int = 0
    refused_for_now: int = 0  # 503 and 409 with Retry-After
    unanswered: int = 0
    longest: float = 0.0
    wrong: list[str] = field(default_factory=list)

    def acknowledged(self) -> Iterator[tuple[Command, float, Acknowledged]]:
        """Every command that was acknowledged, with its first answer."""
        for command in self.commands:
            if answers := command.answers:
                yield command, *answers[0]
