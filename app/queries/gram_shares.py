"""How many of all complaints have a pair of characters, as PostgreSQL's statistics of the search table know it."""

from collections.abc import Sequence
from time import monotonic
from typing import Final

import asyncpg

from eventlog.database import fetch

# Those that hardly any complaint has are not in it.
SHARES: Final = """
SELECT e.gram, e.share FROM pg_stats s,
    unnest(s.most_common_elems::text::integer[], s.most_common_elem_freqs) AS e (gram, share)
WHERE s.schemaname = 'reading' AND s.tablename = 'tracking_search' AND s.attname = 'grams' AND e.gram IS NOT NULL
"""
FRESH: Final = 60.0  # seconds; they change when the table is analysed


class GramShares:
    """The statistics, read once a minute while somebody asks."""

    def __init__(self, pool: asyncpg.Pool) -> None:
        self._pool = pool
        self._shares: dict[int, float] = {}
        self._until = 0.0

    async def of(self, grams: Sequence[int]) -> float:
        """At most this share of all complaints has all of these; 0 where one is rare. Raises `StorageAway`."""
        if monotonic() >= self._until:
            self._shares = dict(map(tuple, await fetch(self._pool, SHARES)))
            self._until = monotonic() + FRESH
        return min((self._shares.get(gram, 0.0) for gram in grams), default=1.0)
