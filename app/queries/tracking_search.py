"""The rows of the tracking table in whose texts all words of a question occur, in the order of the table.

Read models hold keyed hashes of characters and of pairs of them, which say who may be meant. What they found is opened
and read before it is shown, so that the answer is exact. What is common is found among the next rows of the table. What
is rarer is found through an index, in the order of the receipt stretch by stretch of the log until the page is full, so
that no question has to look at more than some thousand rows, however often its words occur.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, cast
from uuid import UUID

import asyncpg

from domain.complaint.events import ComplaintEvent
from eventlog.codec import EventCodec
from eventlog.complainants import Complainants
from eventlog.database import fetch
from eventlog.entries import Recorded
from eventlog.sealing import CannotUnseal, DataKey
from projections.scope import Conditions
from projections.search import grams_of_term, levelled, terms
from projections.search_table import STRETCH
from projections.searched_texts import searched_text
from projections.sorting import Part, Sort, sorted_rows
from projections.tracking_query import (
    BY_RECEIPT,
    STRETCHES,
    Query,
    Terms,
    beyond,
    estimate,
    frequencies,
    look_up,
    matching,
    order_of,
    pages,
    select,
    walk,
)

FIRST_LOOK: Final = 500  # rows, which also say how frequent the words are
MOST_WALKED: Final = 15_000
WALKED_COSTS: Final = 3  # times what one costs that the index gives; of a unit's own, as much
TO_BE_SURE: Final = 1.5  # times as many rows as it takes where the words are spread evenly
# By the planner's measure, in which reading a page of the table at random is 4: what few rows fit to, and no index
# gives in the order of the list, is not walked through.
DEAREST_LOOK: Final = 20_000
OPENED_AT_ONCE: Final = 200  # texts, a few milliseconds: others want to use the loop too

Found = list[dict[str, Any]]
Place = Sequence[Any]  # the keys of a row, and its id


@dataclass(frozen=True)
class Wanted:
    """The words that are looked for, levelled, and by which hashes; in what was told up to a position of the log."""

    words: Sequence[str]
    terms: Terms
    until: int | None


@dataclass(frozen=True)
class TrackingSearch:
    """Searches for every reader. Every method raises `StorageAway`."""

    pool: asyncpg.Pool
    codec: EventCodec
    complainants: Complainants

    async def rows(
        self, conditions: Conditions, sort: Sort, after: Place | None, limit: int, q: str | None, until: int | None
    ) -> Found:
        """The next rows that fit; with words to search for, those in which all of them occur.

        `until`: in texts up to this position of the log.
        """
        words = terms(q or "")
        wanted = Wanted(words, [self.complainants.gram_hashes(grams_of_term(word)) for word in words], until)
        rows: Found = []
        while len(rows) < limit:
            lacking = limit - len(rows)
            some, more = await self._some(conditions, sort, after, lacking, wanted)
            rows += some if not words else await self._verified(some, wanted)
            if not more:
                break
            after = [some[-1][one.column] for one in order_of(sort)]
        return rows

    async def _some(
        self, conditions: Conditions, sort: Sort, after: Place | None, limit: int, wanted: Wanted
    ) -> tuple[Found, bool]:
        """The next rows that may be meant, and whether there may be more."""
        rows: Found = []
        for page in pages(conditions, sort, after):
            if len(rows) == limit:
                break
            lacking = limit - len(rows)
            if wanted.words:
                rows += await self._with_words(page, sort, after, wanted.terms, lacking)
            else:
                rows += await self._fetch(select(page, lacking))
        return rows, len(rows) == limit

    async def _with_words(self, page: Part, sort: Sort, after: Place | None, terms: Terms, limit: int) -> Found:
        window, by_receipt = FIRST_LOOK, sort in BY_RECEIPT
        dearness, fitting = await self._estimate(page)
        while dearness <= DEAREST_LOOK:
            rows = await self._fetch(walk(page, terms, window, limit))
            if len(rows) == limit:
                return rows
            share = (len(rows) + 1) / window
            farther = max(2 * window, int(TO_BE_SURE * limit / share))
            costs = 1 if page.conditions.joined else WALKED_COSTS
            most = MOST_WALKED if not by_receipt else await self._given_by_index(share, fitting, limit) / costs
            if min(farther, fitting) > most:
                break
            if not await fetch(self.pool, *beyond(page, window)):
                return rows
            window = farther
        if len(terms) > 1:
            [counts] = await fetch(self.pool, *frequencies(page, terms, FIRST_LOOK))
            terms = [term for _, term in sorted(zip(counts, terms, strict=True))]
        if by_receipt:
            return await self._by_stretches(page, sort, after, terms, limit)
        every = [stretch for stretch, _, _ in await fetch(self.pool, STRETCHES)]
        return await self._fetch(look_up(page, sort, terms, every, limit))

    async def _given_by_index(self, share: float, fitting: float, limit: int) -> float:
        """How many rows the index gives until so many fit, by stretches: of few that fit, those of many stretches."""
        stretches = len(await fetch(self.pool, STRETCHES))
        found_in_one = share * fitting / max(1, stretches)
        return share * STRETCH * min(max(1.0, limit / max(found_in_one, 1e-9)), max(1, stretches))

    async def _estimate(self, page: Part) -> tuple[float, float]:
        """How dear the first look is by the planner's measure, and how many rows fit in all."""
        [[plan]] = await fetch(self.pool, *estimate(page, FIRST_LOOK))
        limited = json.loads(plan)[0]["Plan"]
        return limited["Total Cost"], limited["Plans"][0]["Plan Rows"]

    async def _by_stretches(self, page: Part, sort: Sort, after: Place | None, terms: Terms, limit: int) -> Found:
        """Stretch by stretch in the order of the receipt, until no row of a later one comes before the last."""
        stretches = await self._stretches(sort, after)
        found: Found = []
        count = 1
        while stretches:
            some, stretches = stretches[:count], stretches[count:]
            found += await self._fetch(look_up(page, sort, terms, [stretch for stretch, _ in some], limit))
            found = sorted_rows(found, order_of(sort))[:limit]
            if len(found) == limit and stretches:
                last, next_one = found[-1]["received_at"], stretches[0][1]
                if last > next_one if sort[0].startswith("-") else last < next_one:
                    break
            else:
                count *= 2
        return found

    async def _stretches(self, sort: Sort, after: Place | None) -> list[tuple[int, datetime]]:
        """Those with rows behind the place, each with the time at which it begins in the order of the list."""
        known = await fetch(self.pool, STRETCHES)
        since = None if after is None else after[0]
        if sort[0].startswith("-"):
            ahead = [(stretch, last) for stretch, first, last in known if since is None or first <= since]
        else:
            ahead = [(stretch, first) for stretch, first, last in known if since is None or last >= since]
        return sorted(ahead, key=lambda one: one[1], reverse=sort[0].startswith("-"))

    async def _fetch(self, query: Query) -> Found:
        return [dict(row) for row in await fetch(self.pool, *query)]

    async def _verified(self, rows: Found, wanted: Wanted) -> Found:
        """Those in whose texts all words occur: of a person who was erased, in what is left of them, the number."""
        found: Found = []
        for start in range(0, len(rows), OPENED_AT_ONCE):
            some = rows[start : start + OPENED_AT_ONCE]
            recorded: dict[UUID, list[Recorded]] = {row["id"]: [] for row in some}
            for row in await fetch(self.pool, *matching(list(recorded), wanted.terms, wanted.until)):
                recorded[row["originator_id"]].append(Recorded(*row))
            keys = await self.complainants.keys({row["key_id"] for row in some})
            for row in some:
                texts = [self._text(row["number"], one, keys.get(row["key_id"])) for one in recorded[row["id"]]]
                if all(any(word in text for text in texts) for word in wanted.words):
                    found.append(row)
        return found

    def _text(self, number: str, recorded: Recorded, key: DataKey | None) -> str:
        try:
            event = cast(ComplaintEvent | None, self.codec.event_or_none(recorded, key))
        except CannotUnseal:
            event = None
        if event is None:
            return levelled([number]) if recorded.originator_version == 1 else ""
        return searched_text(event, getattr(event, "facts", {}))
