"""The whole history, read from the log itself: in order, gapless, never behind.

Which complaints a reader may see is asked of the log too: a person named in a complaint a moment ago is out at once.
"""

from collections import OrderedDict
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, cast
from uuid import UUID

from app.http.event_view import event_view
from app.http.list_queries import AuditQuery, fetch
from app.service import Service
from app.storage.event_log import Recorded
from app.storage.sealing import DataKey
from domain import errors, events
from domain.access import sight_of
from domain.complaint import Complaint
from domain.procedure import Sight
from domain.values import Actor, By
from projections.scope import Conditions, Scope

STREAM_PAGE: Final = 500

# The events that say what a complaint is and who may see it; the others need not be read for that.
SAYS_WHO_SEES: Final = [
    event.TOPIC for event in (events.Received, events.AccusedNamed, events.Dispatched, events.CAPARequested)
]
PAGE: Final = """
SELECT e.notification_id, e.originator_id, e.originator_version, e.topic, e.state, e.actor, e.recorded_at
FROM stored_events e WHERE {where} ORDER BY e.notification_id LIMIT {limit}
"""
WHO_SEES: Final = """
SELECT notification_id, originator_id, originator_version, topic, state, actor, recorded_at FROM stored_events
WHERE originator_id = ANY($1::uuid[]) AND topic = ANY($2::text[]) ORDER BY originator_id, originator_version
"""


@dataclass(frozen=True, slots=True)
class AuditEvent:
    """One event of the history, and the complaint it belongs to; `data` is masked by what the reader may see."""

    position: int
    complaint_id: UUID
    number: str
    version: int
    type: str
    recorded_at: datetime
    occurred_at: datetime
    actor: By
    data: dict[str, Any]


@dataclass(frozen=True, slots=True)
class AuditPage:
    """Some events and the position up to which the log has been read; `more` when there is more to read now."""

    items: list[AuditEvent]
    read_to: int
    more: bool


@dataclass(frozen=True, slots=True)
class _Known:
    number: str
    sight: Sight | None
    key: DataKey | None


class AuditEvents:
    """The history for one reader and one question."""

    def __init__(self, service: Service, actor: Actor, scope: Scope, query: AuditQuery) -> None:
        self._service, self._actor, self._scope, self._query = service, actor, scope, query

    async def page(self, after: int, limit: int, until: int) -> AuditPage:
        """The next events up to a position. Raises `StorageAway`."""
        conditions = self._conditions(after, until)
        statement = PAGE.format(where=conditions.where, limit=limit + 1)
        recorded = [Recorded(*row) for row in await fetch(self._service, statement, *conditions.values)]
        more = len(recorded) > limit
        shown = recorded[:limit]
        return AuditPage(await self._shown(shown), shown[-1].position if more else until, more)

    async def to_the_end(self, after: int, until: int) -> AsyncIterator[Sequence[AuditEvent]]:
        """All events up to a position, a bounded number at a time."""
        more = True
        while more:
            page = await self.page(after, STREAM_PAGE, until)
            after, more = page.read_to, page.more
            yield page.items

    def _conditions(self, after: int, until: int) -> Conditions:
        conditions, query = Conditions(), self._query
        conditions.add("e.notification_id > {} AND e.notification_id <= {}", after, until)
        if query.type is not None:
            conditions.add("e.topic = {}", f"complaint.{query.type}")
        if query.actor is not None:
            conditions.add("e.actor = {}", query.actor)
        if query.complaint is not None:
            conditions.add("e.originator_id = {}", query.complaint)
        self._narrow(conditions)
        return conditions

    def _narrow(self, conditions: Conditions) -> None:
        """Leaves out what the reader may not see, as far as the read models know; the log has the last word."""
        scope = self._scope
        of_complaint = "SELECT FROM reading.tracking t WHERE t.id = e.originator_id"
        conditions.add(f"NOT EXISTS ({of_complaint} AND t.accused @> {{}}::text[])", [scope.actor_id])
        codes = list(scope.all_of)
        if scope.unit_of:
            conditions.add(
                f"EXISTS ({of_complaint} AND (t.procedure = ANY({{}}::text[])"
                " OR t.procedure = ANY({}::text[]) AND t.sent_to @> {}::text[]))",
                codes, list(scope.unit_of), [scope.unit],
            )  # fmt: skip
        else:
            conditions.add(f"NOT EXISTS ({of_complaint} AND t.procedure <> ALL({{}}::text[]))", codes)

    async def _shown(self, recorded: Sequence[Recorded]) -> list[AuditEvent]:
        known = await self._known({one.originator_id for one in recorded})
        items: list[AuditEvent] = []
        for one in recorded:
            complaint = known[one.originator_id]
            if complaint.sight is None:
                continue
            view = event_view(self._service.codec.event(one, complaint.key), one, complaint.sight)
            items.append(
                AuditEvent(
                    view.position, one.originator_id, complaint.number, view.version, view.type,
                    view.recorded_at, view.occurred_at, view.actor, view.data,
                )
            )  # fmt: skip
        return items

    async def _known(self, ids: set[UUID]) -> dict[UUID, _Known]:
        """Number, sight and key of each complaint as the log has it now."""
        service = self._service
        streams: OrderedDict[UUID, list[Recorded]] = OrderedDict()
        for row in await fetch(service, WHO_SEES, list(ids), SAYS_WHO_SEES):
            streams.setdefault(row["originator_id"], []).append(Recorded(*row))
        owners = {id: service.codec.complainant_of(stream[0]) for id, stream in streams.items()}
        keys = await service.complainants.keys(set(owners.values()))
        known: dict[UUID, _Known] = {}
        for id, stream in streams.items():
            complaint = self._who_sees(stream)
            sight = self._sight(complaint)
            known[id] = _Known(complaint.number, sight, None if sight in (None, "none") else keys.get(owners[id]))
        return known

    def _who_sees(self, stream: Sequence[Recorded]) -> Complaint:
        """A complaint that remembers only what decides who may see it."""
        first, *others = [self._service.codec.event(one, None) for one in stream]
        complaint = cast(Complaint, first.mutate(None))
        for event in others:
            complaint.when(event)
        return complaint

    def _sight(self, complaint: Complaint) -> Sight | None:
        procedure = self._service.library.procedures.get(complaint.procedure_code)
        if procedure is None:
            return None
        try:
            return sight_of(self._actor, procedure, accused=complaint.accused, sent_to=complaint.sent_to)
        except errors.Forbidden:
            return None
