"""What the history says of clocks that were judged, and whether it says so once and in due order."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable
from datetime import UTC, datetime
from itertools import pairwise
from typing import Any, cast
from uuid import UUID

from domain.complaint.deadlines import judge_clocks
from domain.complaint.events import DeadlineMissed, DeadlineWarned
from tests.app.service_stories import Office

JUDGEMENTS = ("DeadlineWarned", "DeadlineMissed")
# The handling record of a general complaint received on Monday morning: 80 % of the way, and the end of Tuesday.
WARNED = datetime(2026, 3, 3, 8, 12, tzinfo=UTC)
MISSED = datetime(2026, 3, 3, 16, 0, tzinfo=UTC)


async def judgements(office: Office) -> list[tuple[str, str, datetime]]:
    """Type, clock and time of recording of every judgement, in the order of the log."""
    found = await office.recorded(*JUDGEMENTS)
    events = await office.events(*JUDGEMENTS)
    return [
        (type(event).__name__, cast(DeadlineWarned | DeadlineMissed, event).clock, recorded.recorded_at)
        for event, recorded in zip(events, found, strict=True)
    ]


async def judged_twice(office: Office) -> list[Any]:
    """Judgements that stand in the history more than once; there may be none."""
    keys: Counter[Any] = Counter()
    for recorded in await office.recorded(*JUDGEMENTS):
        facts = json.loads(recorded.state)
        keys[recorded.originator_id, recorded.topic, facts["clock"], facts["due_at"], facts.get("due")] += 1
    return [key for key, times in keys.items() if times > 1]


async def still_to_judge(office: Office, ids: Iterable[UUID], at: datetime) -> int:
    """How many judgements are due by then and not in the history, as each complaint says for itself."""
    count = 0
    for id in ids:
        complaint = (await office.complaints.load(id)).aggregate
        judge_clocks(complaint, at)
        count += len(complaint.pending_events)
    return count


async def out_of_order(office: Office, *, without: UUID | None = None) -> list[tuple[datetime, datetime]]:
    """The due instants of neighbours in the log of which the later one stands first; there may be none.

    `without` leaves out a complaint whose step was taken in between: a step judges its own complaint's clocks first.
    """
    found = cast(list[DeadlineWarned | DeadlineMissed], await office.events(*JUDGEMENTS))
    events = [event for event in found if event.originator_id != without]
    warnings: dict[Any, datetime] = {}
    for id in {event.originator_id for event in events}:
        clocks = (await office.complaints.load(id)).aggregate.clocks
        warnings |= {(id, *clock.key): clock.warn_at for clock in clocks}
    instants: list[datetime] = []
    for event in events:
        if isinstance(event, DeadlineMissed) or event.due:
            instants.append(event.due_at)
        else:
            clock = (event.clock, event.unit, event.round, event.started_at, event.due_at)
            instants.append(warnings[(event.originator_id, *clock)])
    return [(before, after) for before, after in pairwise(instants) if before > after]
