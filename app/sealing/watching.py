"""Looks whether the log is still what was sealed: all of it at a start and whenever the database counts a change.

Nothing ever changes or removes a row of the log, so PostgreSQL's own count of such changes is a trip-wire that costs
nothing. What is changed behind PostgreSQL's back, in its files, is found by a look at a part of the log each time.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

import asyncpg
import structlog

from app.sealing.signing import SigningKeys
from app.sealing.tiles import EVENT, leaves, root_at, sealed_size
from eventlog.database import fetch
from eventlog.leader_lock import LeaderTask
from proof.leaf import event_leaf
from proof.verify import Checkpoint, NotGenuine, opened_note

log = structlog.get_logger()

NAME: Final = "history watch"
PAUSE: Final = 5.0  # seconds between two looks at the trip-wire
PART: Final = 5_000  # events looked at after each pause
AT_ONCE: Final = 500

COUNTED: Final = """
SELECT coalesce(sum(n_tup_upd + n_tup_del), 0), coalesce(sum(n_tup_ins), 0) FROM pg_stat_user_tables
WHERE schemaname = 'public' AND relname IN ('stored_events', 'log_checkpoints', 'signing_keys')
"""
BETWEEN: Final = f"""
SELECT {EVENT} FROM stored_events WHERE notification_id BETWEEN $1 AND $2 ORDER BY notification_id
"""
NEWEST_NOTE: Final = "SELECT note FROM log_checkpoints ORDER BY size DESC LIMIT 1"
FOUND: Final = """
INSERT INTO log_findings (position, kind, found_at) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING RETURNING position
"""
FINDINGS: Final = "SELECT position, kind, found_at FROM log_findings ORDER BY position LIMIT 1"
COUNT: Final = "SELECT count(*) FROM log_findings"


@dataclass(frozen=True)
class Finding:
    """A position whose event is not the one that was sealed: changed, deleted, or not what the checkpoint signs."""

    position: int
    kind: str
    found_at: datetime


@dataclass(frozen=True)
class Findings:
    """How many there are, and the first."""

    count: int
    first: Finding | None


class HistoryWatch(LeaderTask):
    """One process of all looks; use it as an async context manager."""

    def __init__(
        self, pool: asyncpg.Pool, keys: SigningKeys, now: Callable[[], datetime], pause: float = PAUSE
    ) -> None:
        super().__init__(pool, NAME, self._watch)
        self._pool, self._keys, self._now, self._pause = pool, keys, now, pause
        self._next = 1

    async def findings(self) -> Findings:
        """Raises `StorageAway`."""
        first = await fetch(self._pool, FINDINGS)
        return Findings((await fetch(self._pool, COUNT))[0][0], Finding(*first[0]) if first else None)

    async def look(self) -> None:
        """Compares the whole log with what was sealed, and that with the newest checkpoint. Raises `StorageAway`."""
        size = await sealed_size(self._pool)
        await self._compare(1, size)
        await self._compare_with_checkpoint()

    async def _watch(self) -> None:
        counted = await self._counted()
        await self.look()
        while True:
            await asyncio.sleep(self._pause)
            now = await self._counted()
            if now[0] != counted[0] or now[1] < counted[1]:
                log.warning("history_may_have_changed", changes=now[0] - counted[0])
                await self.look()
            else:
                await self._look_on()
            counted = now

    async def _counted(self) -> tuple[int, int]:
        row = (await fetch(self._pool, COUNTED))[0]
        return int(row[0]), int(row[1])

    async def _look_on(self) -> None:
        """At the next part."""
        size = await sealed_size(self._pool)
        if self._next > size:
            self._next = 1
            await self._compare_with_checkpoint()
        last = min(self._next + PART - 1, size)
        await self._compare(self._next, last)
        self._next = last + 1

    async def _compare(self, first: int, last: int) -> None:
        for start in range(first, last + 1, AT_ONCE):
            end = min(start + AT_ONCE - 1, last)
            rows = {row[0]: row for row in await fetch(self._pool, BETWEEN, start, end)}
            for position, leaf in enumerate(await leaves(self._pool, start, end), start):
                row = rows.get(position)
                if row is None:
                    await self._found(position, "deleted")
                elif event_leaf(*row) != leaf:
                    await self._found(position, "changed")

    async def _compare_with_checkpoint(self) -> None:
        newest = await fetch(self._pool, NEWEST_NOTE)
        if not newest:
            return
        try:
            believed = [key.public for key in await self._keys.all()]
            checkpoint = Checkpoint.parse(opened_note(newest[0][0], believed))
        except NotGenuine:
            return await self._found(0, "forged")
        try:
            root = await root_at(self._pool, checkpoint.size)
        except KeyError:
            return await self._found(await sealed_size(self._pool) + 1, "cut")
        if root != checkpoint.root:
            await self._found(checkpoint.size, "rewritten")

    async def _found(self, position: int, kind: str) -> None:
        if await fetch(self._pool, FOUND, position, kind, self._now()):
            log.error("history_does_not_fit", position=position, kind=kind)
