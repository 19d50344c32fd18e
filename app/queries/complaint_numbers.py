"""One complaint by the number that people quote: its own, or the one that another system gave it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

import asyncpg

from app.queries.complaints import ComplaintQueries, Shown
from app.queries.paging import Source
from app.queries.visibility import Visibility
from domain.errors import Forbidden, NotFound, Refused
from domain.identity import as_number
from domain.titles import Language
from domain.values import Actor
from eventlog.complainants import Complainants
from eventlog.database import fetch
from eventlog.log import EventLog
from projections.lookups_query import FOUND_BY
from projections.lookups_table import of_old_number
from projections.tracking_table import LONGEST_NUMBER, NUMBERED

LONGEST_OLD_NUMBER: Final = 200
MOST_OF_ONE_NUMBER: Final = 20


class SeveralHaveThatNumber(Refused):
    """Several systems gave this number; `numbers` are the own ones of those that the reader may see."""

    def __init__(self, numbers: Sequence[str]) -> None:
        super().__init__(numbers=tuple(numbers))


@dataclass(frozen=True)
class ComplaintNumbers:
    """Finds complaints by number, however it was typed: in whatever case and width."""

    pool: asyncpg.Pool
    log: EventLog
    source: Source
    complainants: Complainants
    visibility: Visibility
    complaints: ComplaintQueries

    async def one(self, number: str, actor: Actor, language: Language, *, as_of: datetime | None = None) -> Shown:
        """As by its id. One that the actor may not see is not there: numbers can be tried one after the other.

        Raises `NotFound`, `SeveralHaveThatNumber`, `UnreadableEvent`, `Behind`, `StorageAway`.
        """
        written = as_number(number)
        if not 1 <= len(written) <= LONGEST_OLD_NUMBER:
            raise NotFound
        id = await self._id_of(written) or await self._id_of_old(number, actor)
        if id is None:  # it may have been taken down a moment ago
            await self.source.must_reach(await self.log.head())
            id = await self._id_of(written) or await self._id_of_old(number, actor)
        if id is None:
            raise NotFound
        try:
            return await self.complaints.one(id, actor, language, as_of=as_of)
        except Forbidden:
            raise NotFound from None

    async def _id_of_old(self, number: str, actor: Actor) -> UUID | None:
        """That of the complaint which was taken over under this number, for who reads its texts."""
        hashes = self.complainants.found_by([of_old_number(number)])
        ids = {row["complaint_id"] for row in await fetch(self.pool, FOUND_BY, hashes, MOST_OF_ONE_NUMBER)}
        streams = await self.visibility.streams(actor, ids) if ids else {}
        read = {
            id: stream.number for id, stream in streams.items()
            if stream.seen is not None and stream.seen.sight != "none"
        }  # fmt: skip
        if len(read) > 1:
            raise SeveralHaveThatNumber(sorted(read.values()))
        return next(iter(read), None)

    async def _id_of(self, number: str) -> UUID | None:
        if len(number) > LONGEST_NUMBER:
            return None
        rows = await fetch(self.pool, NUMBERED, number)
        return rows[0]["id"] if rows else None
