"""The rows of the tracking table in whose text all words of a question occur, in the order of the table.

Read models hold keyed hashes of characters and of pairs of them, which say who may be meant. What they found is opened
and read before it is shown, so that the answer is exact. What is common is found among the next rows of the table, what
is rare through an index.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

import asyncpg

from app.queries.gram_shares import GramShares
from domain.complaint.events import Received
from eventlog.codec import EventCodec
from eventlog.complainants import Complainants
from eventlog.database import fetch
from eventlog.entries import Recorded
from eventlog.sealing import CannotUnseal, DataKey
from projections.scope import Conditions
from projections.search import grams_of_terms, levelled, terms
from projections.tracking_query import Page, Query, Sort, beyond, look_up, pages, select, walk
from projections.tracking_table import searched_text

# The index has to be asked for all that have a word, so it is the slower the more there are; the next rows are looked
# at faster, and the sooner a page is full the fewer. The two meet where about one in two hundred has the word.
FIRST_LOOK: Final = 1000  # rows, where the statistics do not know the word
MOST_WALKED: Final = 15_000
TO_BE_SURE: Final = 1.5  # times as many rows as it takes where the word is spread evenly
OPENED_AT_ONCE: Final = 200  # texts, a few milliseconds: others want to use the loop too
FIRST_EVENTS: Final = """
SELECT notification_id, originator_id, originator_version, topic, state, actor, recorded_at FROM stored_events
WHERE originator_id = ANY($1::uuid[]) AND originator_version = 1
"""

Found = list[dict[str, Any]]
Place = tuple[datetime | None, UUID]


@dataclass(frozen=True)
class TrackingSearch:
    """Searches for every reader. Every method raises `StorageAway`."""

    pool: asyncpg.Pool
    codec: EventCodec
    complainants: Complainants
    shares: GramShares

    async def rows(self, conditions: Conditions, sort: Sort, after: Place | None, limit: int, q: str | None) -> Found:
        """The next rows that fit; with words to search for, those in which all of them occur."""
        wanted = terms(q or "")
        rows: Found = []
        while len(rows) < limit:
            lacking = limit - len(rows)
            some, more = await self._some(conditions, sort, after, lacking, wanted)
            rows += some if not wanted else await self._verified(some, wanted)
            if not more:
                break
            after = some[-1][sort.removeprefix("-")], some[-1]["id"]
        return rows

    async def _some(
        self, conditions: Conditions, sort: Sort, after: Place | None, limit: int, wanted: Sequence[str]
    ) -> tuple[Found, bool]:
        """The next rows that may be meant, and whether there may be more."""
        grams = self.complainants.gram_hashes(grams_of_terms(wanted))
        rows: Found = []
        for page in pages(conditions, sort, after):
            if len(rows) == limit:
                break
            lacking = limit - len(rows)
            if wanted:
                rows += await self._with_grams(page, sort, grams, lacking)
            else:
                rows += await self._fetch(select(page, sort, lacking))
        return rows, len(rows) == limit

    async def _with_grams(self, page: Page, sort: Sort, grams: Sequence[int], limit: int) -> Found:
        window = _window(await self.shares.of(grams), limit) or FIRST_LOOK
        while window < MOST_WALKED:
            rows = await self._fetch(walk(page, sort, grams, window, limit))
            if len(rows) == limit or not await fetch(self.pool, *beyond(page, sort, window)):
                return rows
            # Rarer than it seemed: several words together, or with what else is asked for.
            window = max(2 * window, _window(len(rows) / window, limit) or MOST_WALKED)
        return await self._fetch(look_up(page, sort, grams, limit))

    async def _fetch(self, query: Query) -> Found:
        return [dict(row) for row in await fetch(self.pool, *query)]

    async def _verified(self, rows: Found, wanted: Sequence[str]) -> Found:
        """Those in whose text all words occur: of a person who was erased, in what is left of it, the number."""
        found: Found = []
        for start in range(0, len(rows), OPENED_AT_ONCE):
            some = rows[start : start + OPENED_AT_ONCE]
            events = await fetch(self.pool, FIRST_EVENTS, [row["id"] for row in some])
            recorded = {row["originator_id"]: Recorded(*row) for row in events}
            keys = await self.complainants.keys({row["key_id"] for row in some})
            for row in some:
                text = self._text(row["number"], recorded.get(row["id"]), keys.get(row["key_id"]))
                if all(term in text for term in wanted):
                    found.append(row)
        return found

    def _text(self, number: str, recorded: Recorded | None, key: DataKey | None) -> str:
        try:
            event = None if recorded is None else self.codec.event_or_none(recorded, key)
        except CannotUnseal:
            event = None
        return searched_text(event) if isinstance(event, Received) else levelled([number])


def _window(share: float, limit: int) -> int:
    """How many rows are likely to hold so many, where this share of all does; 0 where nobody knows."""
    return int(TO_BE_SURE * limit / share) if share else 0
