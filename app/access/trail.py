"""What is to be written into the access log: noted while a request is answered, written down right afterwards.

A request pays for a row in memory, and `AccessLog` writes those of many requests at once. What waits is bounded: what
does not fit any more while the storage is away is counted, and not kept.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from time import monotonic
from typing import Final, Literal
from uuid import UUID

AccessKind = Literal["sign-in", "read", "export", "command"]
Outcome = Literal["granted", "refused"]

MOST_WAITING: Final = 20_000
NAMED_AS_ONE: Final = 8  # complaints that a row may name before it counts as one more
MOST_SHOWN: Final = 500  # complaints that one row names; of a longer file there are several rows


@dataclass(slots=True, unsafe_hash=True)  # frozen would cost several microseconds for so many fields
class Access:
    """One row. `method` and `path` are the address as the API describes it, without what a caller put into it.

    `complaint`, `incident`: what the address names. `shown`: the complaints of which the answer held personal data in
    clear, and `people` of how many people it did. `credential`: how the key begins. `caller`: a keyed hash of the
    address that called. `at`: a reading of the monotonic clock.
    """

    kind: AccessKind
    outcome: Outcome
    actor: str | None
    via: str | None
    method: str
    path: str
    status: int
    problem: str | None = None
    complaint: UUID | None = None
    incident: UUID | None = None
    shown: tuple[UUID, ...] = ()
    people: int = 0
    credential: str | None = None
    caller: str | None = None
    at: float = field(default_factory=monotonic, compare=False)


class Trail:
    """The rows of one process that wait. `dropped`: those that there was no room for, since it started."""

    def __init__(self, most: int = MOST_WAITING) -> None:
        self.dropped = 0
        self._most, self._held = most, 0
        self._granted: list[Access] = []
        self._refused: dict[Access, int] = {}

    def __len__(self) -> int:
        return len(self._granted) + len(self._refused)

    def add(self, access: Access) -> None:
        """The same refusal again is counted: whoever floods the door does not flood the log."""
        if access.outcome == "refused" and access in self._refused:
            self._refused[access] += 1
            return
        if self._held >= self._most:
            self.dropped += 1
            return
        self._held += _size(access)
        if access.outcome == "refused":
            self._refused[access] = 1
        else:
            self._granted.append(access)

    def take(self, most: int) -> list[tuple[Access, int]]:
        """Some of those that wait, each with how often it came; they wait no more."""
        rows = [(one, 1) for one in self._granted[:most]]
        del self._granted[:most]
        while self._refused and len(rows) < most:
            rows.append(self._refused.popitem())
        self._held -= sum(_size(access) for access, _ in rows)
        return rows

    def put_back(self, rows: list[tuple[Access, int]]) -> None:
        """They could not be written, and wait again, as far as there is room."""
        for access, times in rows:
            before = self.dropped
            self.add(access)
            if access.outcome == "refused" and self.dropped == before:
                self._refused[access] += times - 1


def _size(access: Access) -> int:
    return 1 + len(access.shown) // NAMED_AS_ONE


class InClear:
    """What one request has been shown of people in clear so far, since it was last taken."""

    __slots__ = ("_full", "complaints", "people")

    def __init__(self, full: Callable[["InClear"], None]) -> None:
        """`full` is called when a row of the log can name no more: it takes what there is."""
        self._full = full
        self.complaints: dict[UUID, None] = {}
        self.people = 0

    def add(self, complaint: UUID | None) -> None:
        if complaint is None:
            self.people += 1
            return
        if complaint not in self.complaints:
            if len(self.complaints) >= MOST_SHOWN:
                self._full(self)
            self.complaints[complaint] = None
            self.people += 1

    def taken(self) -> tuple[tuple[UUID, ...], int]:
        """The complaints and the number of people."""
        found = tuple(self.complaints), self.people
        self.complaints, self.people = {}, 0
        return found


_PRESENT: ContextVar[InClear | None] = ContextVar("shown in clear", default=None)


def shown_in_clear(complaint: UUID | None = None) -> None:
    """The answer to this request shows somebody's own data, unmasked: the complainant's, or somebody else's."""
    present = _PRESENT.get()
    if present is not None:
        present.add(complaint)


@contextmanager
def nothing_shown() -> Iterator[None]:
    """What is read within is counted or compared, and leaves in no answer."""
    token = _PRESENT.set(None)
    try:
        yield
    finally:
        _PRESENT.reset(token)


def begin(present: InClear) -> None:
    """From here on, what is shown in this task and in those it starts is noted there."""
    _PRESENT.set(present)

