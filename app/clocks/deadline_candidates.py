"""Which open complaints another version of a calendar may move, found through the read model of clocks.

Whether it does move them is decided from the log. Limits that end before the versions differ, or begin after, are left
out, so that a notice about February does not read the complaints of June.
"""

from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Final
from uuid import UUID

import asyncpg

from domain.clocks.moves import days_that_differ
from domain.limits.calendar import Calendar
from procedures.rules import Rules

NO_ID: Final = UUID(int=0)
MARGIN: Final = timedelta(days=1)  # local days begin up to 14 hours before or after those of UTC

CANDIDATES = """
FROM reading.sla WHERE state IN ('running', 'paused') AND stopped_at IS NULL AND due_at >= $1 AND started_at <= $2
"""
COUNT = f"SELECT count(DISTINCT complaint_id) {CANDIDATES}"
PAGE = f"SELECT DISTINCT complaint_id {CANDIDATES} AND complaint_id > $3 ORDER BY complaint_id LIMIT $4"


class Candidates:
    """The complaints with a running clock in the span in which the versions differ."""

    def __init__(self, calendar: Calendar, rules: Rules) -> None:
        """Every published version is compared with `calendar`: complaints may follow any of them."""
        kept = [published for published in rules.published_calendars if published.code == calendar.code]
        spans = [days_that_differ(rules.calendar_at(one.code, one.version), calendar) for one in kept]
        found = [span for span in spans if span is not None]
        self._span: tuple[datetime, datetime] | None = None
        if found:
            first, last = min(span[0] for span in found), max(span[1] for span in found)
            self._span = _midnight(first) - MARGIN, _midnight(last) + 2 * MARGIN

    async def count(self, connection: Any) -> int:
        """How many there are, as far as the read model has come."""
        return 0 if self._span is None else int(await connection.fetchval(COUNT, *self._span))

    async def after(self, connection: Any, id: UUID | None, limit: int) -> Sequence[UUID]:
        """The next ones in the order of their ids."""
        if self._span is None:
            return []
        rows: list[asyncpg.Record] = await connection.fetch(PAGE, *self._span, id or NO_ID, limit)
        return [row["complaint_id"] for row in rows]


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time.min, UTC)
