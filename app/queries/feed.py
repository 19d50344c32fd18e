"""推送: what happens, as it happens, for whoever follows: in the order of the log and without a gap, from any position.

The history of the audit (audit_events.py) for one reader, and as much of it as can be told for good: up to a position
of which everything that the reader may see is known.
"""

import asyncio
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, replace
from time import monotonic
from typing import Final

from app.queries.audit_events import AuditEvent, AuditFilter, AuditLog
from domain.titles import Language
from domain.values import Actor
from eventlog.patience import in_batches

GATHERED: Final = 0.01  # seconds in which what happens meanwhile is told together
AT_ONCE: Final = 200


@dataclass(frozen=True, slots=True)
class Told:
    """Some events, and the position to go on from: nothing up to there is left to be told."""

    items: Sequence[AuditEvent]
    position: int


@dataclass(frozen=True)
class EventFeed:
    """For every reader what they may see. What becomes theirs to see later is told from then on."""

    audit: AuditLog

    async def head(self) -> int:
        """The newest position. Raises `StorageAway`."""
        return await self.audit.position()

    async def next(self, actor: Actor, wanted: AuditFilter, language: Language, limit: int) -> Told:
        """What is there by now. Raises `RoleForbids`, `Behind`, `StorageAway`."""
        head = await self.head()
        rows = self.audit.rows(actor, replace(wanted, until=head), language)
        if head <= wanted.after:
            return Told((), wanted.after)
        await self.audit.knows_all_of(actor, head)
        found = await rows.page(None, limit)
        return Told(found.items, head if found.after is None else found.after.ordinal)

    async def waited(
        self, actor: Actor, wanted: AuditFilter, language: Language, limit: int, seconds: float
    ) -> Told:
        """As `next`, as soon as there is something, or when the time is over."""
        until = monotonic() + seconds
        while True:
            in_batches()
            told = await self.next(actor, wanted, language, limit)
            left = until - monotonic()
            if told.items or left <= 0:
                return told
            wanted = replace(wanted, after=told.position)
            if await self.audit.log.wait_beyond(told.position, left) > told.position:
                await asyncio.sleep(GATHERED)

    async def follow(
        self, actor: Actor, wanted: AuditFilter, language: Language, *, beat: float, longest: float
    ) -> AsyncIterator[Told]:
        """One after the other; without events where nothing happened for `beat` seconds. Ends after `longest` seconds.

        Raises `Behind`, `StorageAway`.
        """
        until = monotonic() + longest
        while monotonic() < until:
            told = await self.waited(actor, wanted, language, AT_ONCE, min(beat, max(0.0, until - monotonic())))
            wanted = replace(wanted, after=told.position)
            yield told
