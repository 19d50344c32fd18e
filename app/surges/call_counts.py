"""How many calls and complaints came in, by source and hour: what is compared when calls may surge."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import asyncpg

from domain.procedure.call_surge import COMPLAINTS, same_hours_before
from eventlog.database import fetch

CALLS = """
SELECT v.source, h.hour, sum(v.calls)::integer AS calls
FROM unnest($1::timestamptz[]) AS h (hour)
JOIN call_volumes v ON v.began_at >= h.hour AND v.began_at < h.hour + interval '1 hour'
GROUP BY v.source, h.hour
"""
BEGUN = """
SELECT s.source, h.hour, coalesce(b.calls, 0) AS calls
FROM (SELECT source, min(hour) AS first FROM calls_begun GROUP BY source) s
JOIN unnest($1::timestamptz[]) AS h (hour) ON h.hour >= s.first
LEFT JOIN calls_begun b ON b.source = s.source AND b.hour = h.hour
"""
RECEIVED = "SELECT hour, complaints FROM complaint_volumes WHERE hour = ANY($1::timestamptz[])"
FIRST = "SELECT min(hour) FROM complaint_volumes"

Counted = dict[datetime, int]


class CallCounts:
    """Reads what was counted."""

    def __init__(self, pool: asyncpg.Pool) -> None:
        self._pool = pool

    async def of(self, hours: Sequence[datetime], days: int) -> dict[str, Counted]:
        """By source, these hours and the same ones of so many days before. Raises `StorageAway`.

        An hour in which a telephone system reported nothing was not counted, and is absent. An hour without complaints
        counts as none from the first one on that was ever received, and so do those of a source that tells of each
        call. Of one that does both the larger number counts.
        """
        wanted = sorted({*hours, *(same for hour in hours for same in same_hours_before(hour, days))})
        found: dict[str, Counted] = {}
        for source, hour, calls in await fetch(self._pool, CALLS, wanted):
            found.setdefault(source, {})[hour] = calls
        for source, hour, calls in await fetch(self._pool, BEGUN, wanted):
            counted = found.setdefault(source, {})
            counted[hour] = max(calls, counted.get(hour, 0))
        first: datetime | None = (await fetch(self._pool, FIRST))[0][0]
        if first is not None:
            received = {hour: 0 for hour in wanted if hour >= first}
            received |= {hour: complaints for hour, complaints in await fetch(self._pool, RECEIVED, wanted)}
            found[COMPLAINTS] = received
        return found
