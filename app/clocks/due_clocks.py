"""What one pass still has to judge, in due order: pages of the index over the due instants, and what followed from it.

A complaint's next instant comes from the complaint itself once it was judged, since the read model has not heard of the
judgement yet.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from heapq import heappop, heappush
from typing import Final
from uuid import UUID

import asyncpg

from app.clocks.judging import Due
from eventlog.database import fetch

PAGE: Final = 1000  # due clocks read at once
BEFORE_ALL: Final = datetime(1900, 1, 1, tzinfo=UTC), UUID(int=0)

# The first condition on next_at is for the index, the second goes on where the page before ended.
DUE: Final = """
SELECT complaint_id, next_at FROM reading.sla
WHERE next_at <= $1 AND next_at >= $2 AND (next_at, complaint_id) > ($2, $3)
ORDER BY next_at, complaint_id LIMIT $4
"""
BEHIND: Final = "SELECT EXISTS (SELECT FROM reading.sla WHERE next_at <= $1)"
NEXT: Final = "SELECT min(next_at) FROM reading.sla WHERE next_at > $1"


class DueClocks:
    """The complaints with a clock due by `now`, earliest first."""

    def __init__(
        self,
        pool: asyncpg.Pool[asyncpg.Record],
        now: datetime,
        due_at: Callable[[UUID, datetime], datetime | None],
    ) -> None:
        """`due_at` says when a complaint is due for which the read model shows an instant; None: not in this pass."""
        self._pool, self._now, self._due_at = pool, now, due_at
        self._seen: set[UUID] = set()
        self._last = BEFORE_ALL
        self._whole = False
        self._heap: list[Due] = []

    async def take(self, limit: int) -> tuple[list[Due], datetime]:
        """The next `limit` complaints at most, and the instant up to which nobody else is due; nobody at the end.

        Raises `StorageAway`.
        """
        while not self._whole and (not self._heap or self._heap[0][0] > self._last[0]):
            await self._read_a_page()
        taken: list[Due] = []
        while len(taken) < limit and self._heap and (self._whole or self._heap[0][0] <= self._last[0]):
            taken.append(heappop(self._heap))
        unread = self._now if self._whole else self._last[0]
        return taken, min(unread, self._heap[0][0]) if self._heap else unread

    def add(self, id: UUID, instant: datetime | None) -> None:
        """Puts a complaint back with its next instant, unless that is not due yet."""
        if instant is not None and instant <= self._now:
            heappush(self._heap, (instant, id))

    async def _read_a_page(self) -> None:
        rows = await fetch(self._pool, DUE, self._now, *self._last, PAGE)
        self._whole = len(rows) < PAGE
        for row in rows:
            self._last = shown, id = row["next_at"], row["complaint_id"]
            if id not in self._seen:
                self._seen.add(id)
                self.add(id, self._due_at(id, shown))
