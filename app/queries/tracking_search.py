"""The rows of the tracking table in whose text all words of a question occur, in the order of the table.

Read models hold keyed hashes of characters and of pairs of them, which say who may be meant. What they found is opened
and read before it is shown, so that the answer is exact. What is common is found among the next rows of the table. What
is rarer is found through an index, in the order of the receipt stretch by stretch of the log until the page is full, so
that no question has to look at more than some thousand rows, however often its words occur.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

import asyncpg

from domain.complaint.events import Received
from eventlog.codec import EventCodec
from eventlog.complainants import Complainants
from eventlog.database import fetch
from eventlog.entries import Recorded
from eventlog.sealing import CannotUnseal, DataKey
from projections.scope import Conditions
from projections.search import grams_of_terms, levelled, terms
from projections.tracking_query import STRETCHES, Page, Query, Sort, beyond, look_up, pages, select, walk
from projections.tracking_table import STRETCH, searched_text

FIRST_LOOK: Final = 500  # rows, which also say how frequent the words are
MOST_WALKED: Final = 15_000
TO_BE_SURE: Final = 1.5  # times as many rows as it takes where the words are spread evenly
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
                rows += await self._with_grams(page, sort, after, grams, lacking)
            else:
                rows += await self._fetch(select(page, sort, lacking))
        return rows, len(rows) == limit

    async def _with_grams(self, page: Page, sort: Sort, after: Place | None, grams: Sequence[int], limit: int) -> Found:
        window, by_receipt = FIRST_LOOK, sort.endswith("received_at")
        while True:
            rows = await self._fetch(walk(page, sort, grams, window, limit))
            if len(rows) == limit:
                return rows
            share = (len(rows) + 1) / window
            farther = max(2 * window, int(TO_BE_SURE * limit / share))
            # So many rows the index gives of one stretch at most; where they are sorted otherwise, of all.
            if farther > (share * STRETCH if by_receipt else MOST_WALKED):
                break
            if not await fetch(self.pool, *beyond(page, sort, window)):
                return rows
            window = farther
        if by_receipt:
            return await self._by_stretches(page, sort, after, grams, limit)
        every = [stretch for stretch, _, _ in await fetch(self.pool, STRETCHES)]
        return await self._fetch(look_up(page, sort, grams, every, limit))

    async def _by_stretches(
        self, page: Page, sort: Sort, after: Place | None, grams: Sequence[int], limit: int
    ) -> Found:
        """Stretch by stretch in the order of the receipt, until no row of a later one comes before the last."""
        stretches = await self._stretches(sort, after)
        found: Found = []
        count = 1
        while stretches:
            some, stretches = stretches[:count], stretches[count:]
            found += await self._fetch(look_up(page, sort, grams, [stretch for stretch, _ in some], limit))
            found = sorted(found, key=lambda row: (row["received_at"], row["id"]), reverse=sort.startswith("-"))[:limit]
            if len(found) == limit and stretches:
                last, next_one = found[-1]["received_at"], stretches[0][1]
                if last > next_one if sort.startswith("-") else last < next_one:
                    break
            else:
                count *= 2
        return found

    async def _stretches(self, sort: Sort, after: Place | None) -> list[tuple[int, datetime]]:
        """Those with rows behind the place, each with the time at which it begins in the order of the list."""
        known = await fetch(self.pool, STRETCHES)
        since = None if after is None else after[0]
        if sort.startswith("-"):
            ahead = [(stretch, last) for stretch, first, last in known if since is None or first <= since]
        else:
            ahead = [(stretch, first) for stretch, first, last in known if since is None or last >= since]
        return sorted(ahead, key=lambda one: one[1], reverse=sort.startswith("-"))

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
