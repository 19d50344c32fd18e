"""One complaint by the number that people quote."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import asyncpg

from app.queries.complaints import ComplaintQueries, Shown
from app.queries.paging import Source
from domain.errors import Forbidden, NotFound
from domain.identity import as_number
from domain.titles import Language
from domain.values import Actor
from eventlog.database import fetch
from eventlog.log import EventLog
from projections.tracking_table import LONGEST_NUMBER, NUMBERED


@dataclass(frozen=True)
class ComplaintNumbers:
    """Finds complaints by number, however it was typed: in whatever case and width."""

    pool: asyncpg.Pool
    log: EventLog
    source: Source
    complaints: ComplaintQueries

    async def one(self, number: str, actor: Actor, language: Language, *, as_of: datetime | None = None) -> Shown:
        """As by its id. One that the actor may not see is not there: numbers can be tried one after the other.

        Raises `NotFound`, `UnreadableEvent`, `Behind`, `StorageAway`.
        """
        written = as_number(number)
        if not 1 <= len(written) <= LONGEST_NUMBER:
            raise NotFound
        id = await self._id_of(written)
        if id is None:  # it may have been taken down a moment ago
            await self.source.must_reach(await self.log.head())
            id = await self._id_of(written)
        if id is None:
            raise NotFound
        try:
            return await self.complaints.one(id, actor, language, as_of=as_of)
        except Forbidden:
            raise NotFound from None

    async def _id_of(self, number: str) -> UUID | None:
        rows = await fetch(self.pool, NUMBERED, number)
        return rows[0]["id"] if rows else None
