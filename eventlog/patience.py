"""How long a request waits for the storage, all in all, and how many requests wait at once.

Only waiting counts: for a connection, an answer, the writer, or whoever comes first and waits himself. Reading a body,
computing and sending do not, so that a busy process does not take its own slowness for the storage's. What was waited
for too long is given up with `StorageAway`. Work that belongs to no request (followers, runners, the command line) has
no such limit, only those of its connections.
"""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from contextvars import ContextVar, Token, copy_context
from types import TracebackType
from typing import Any, Final, TypeVar

from domain.errors import Unavailable
from eventlog.away import StorageAway

LATE: Final = 0.1  # seconds: a timer that comes later than this came late because the process had much to do
MOST_LATE: Final = 1.0  # seconds more that are waited for that, all in all: an intake is answered within five

Answer = TypeVar("Answer")


class TooManyWait(Unavailable):
    """As many requests as may do wait for the storage already."""


class Room:
    """Where requests of one process wait: `most` of them at once."""

    def __init__(self, most: int) -> None:
        self.most, self.waiting = most, 0


class Patience:
    """How long one request waits: `seconds` in all, or each time once it works in batches.

    Use it as a context manager around the request. Without a room, there is always a place.
    """

    __slots__ = ("_entered", "_in_batches", "_left", "_room", "_since", "_token", "_waits", "seconds")

    def __init__(self, seconds: float, room: Room | None = None) -> None:
        self.seconds, self._room = seconds, room
        self._left, self._since = seconds, 0.0
        self._waits = 0
        self._entered = self._in_batches = False
        self._token: Token[Patience | None] | None = None

    def __enter__(self) -> None:
        self._token = _PRESENT.set(self)

    def __exit__(self, *_: object) -> None:
        if self._token is not None:
            _PRESENT.reset(self._token)

    def take_batches(self) -> None:
        self._in_batches = True

    def begins(self, now: float) -> float:
        """Somebody of the request begins to wait; returns until when they may. Raises `TooManyWait`.

        Who has waited before is not sent away in the middle of what they do.
        """
        room = self._room
        if self._waits == 0:
            if room is not None:
                if not self._entered and room.waiting >= room.most:
                    raise TooManyWait
                room.waiting += 1
            self._entered, self._since = True, now
            if self._in_batches:
                self._left = self.seconds
        self._waits += 1
        return self._since + self._left

    def ends(self, now: float) -> None:
        self._waits -= 1
        if self._waits == 0:
            self._left -= now - self._since
            if self._room is not None:
                self._room.waiting -= 1


_PRESENT: ContextVar[Patience | None] = ContextVar("patience", default=None)


class StorageWait:
    """A context manager around what waits for the storage; raises `StorageAway` when it took too long.

    The task is cancelled where it waits, as `asyncio.timeout` does it. What is waited for must bear that: a connection
    is cut off then (see pool.py).
    """

    __slots__ = ("_cancelling", "_due", "_extra", "_loop", "_patience", "_ran_out", "_task", "_timer")

    def __enter__(self) -> None:
        self._patience = patience = _PRESENT.get()
        if patience is None:
            return
        self._loop = loop = asyncio.get_running_loop()
        now = loop.time()
        self._due = due = patience.begins(now)
        task = asyncio.current_task()
        assert task is not None
        self._task, self._cancelling = task, task.cancelling()
        self._ran_out, self._extra = False, min(patience.seconds, MOST_LATE)
        self._timer = loop.call_at(due, self._run_out)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._patience is None:
            return
        self._timer.cancel()
        self._patience.ends(self._loop.time())
        if self._ran_out and self._task.uncancel() <= self._cancelling and error is not None:
            raise StorageAway("the database has not answered in time") from error

    def _run_out(self) -> None:
        # What has been answered may not have been read yet, where the process had no time to.
        late = min(self._loop.time() - self._due, self._extra)
        if late > LATE:
            self._extra -= late
            self._due = self._loop.time() + late
            self._timer = self._loop.call_at(self._due, self._run_out)
            return
        self._ran_out = True
        self._task.cancel()


def in_batches() -> None:
    """From here on each wait of this request has all its patience: it reads or does much, one batch after the other."""
    patience = _PRESENT.get()
    if patience is not None:
        patience.take_batches()


def for_many(work: Coroutine[Any, Any, Answer], name: str) -> asyncio.Task[Answer]:
    """A task that does what several requests wait for, with a patience of its own, as long as that of the first."""
    patience = _PRESENT.get()
    own = None if patience is None else Patience(patience.seconds)
    if own is not None:
        own.take_batches()
    context = copy_context()
    context.run(_PRESENT.set, own)
    return asyncio.get_running_loop().create_task(work, name=name, context=context)
