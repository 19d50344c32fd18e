"""The whole history, read from the log itself: in order, gapless, never behind.

Which complaints a reader may see is asked of the log too: a person named in a complaint a moment ago is out at once.
"""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final
from uuid import UUID

from app.http.protocol.list_parameters import AuditQuery
from app.queries.event_view import NOT_DATA, EventView, event_view, incident_event_view, links_of
from app.service import Service
from domain import errors
from domain.complaint.events import ComplaintEvent, FaultGraded, type_of
from domain.incident.events import IncidentEvent
from domain.reporting.reports import PeriodReported
from domain.values import Actor, By
from eventlog.database import fetch
from eventlog.log import Recorded
from eventlog.streams import INCIDENT, KINDS, REPORT, kind_of
from projections.scope import Conditions, Scope

STREAM_PAGE: Final = 500

PAGE: Final = """
SELECT e.notification_id, e.originator_id, e.originator_version, e.topic, e.state, e.actor, e.recorded_at
FROM stored_events e WHERE {where} ORDER BY e.notification_id LIMIT {limit}
"""
GRADED_AGENT: Final = "convert_from(e.state, 'UTF8')::jsonb ->> 'agent'"


@dataclass(frozen=True, slots=True)
class AuditEvent:
    """One event of the history, and the complaint or incident it belongs to; `data` is masked as the reader sees it.

    A report of a week or month belongs to neither: its `number` is the procedure's code.
    """

    position: int
    complaint_id: UUID | None
    incident_id: UUID | None
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


class AuditEvents:
    """The history for one reader and one question."""

    def __init__(self, service: Service, actor: Actor, scope: Scope, query: AuditQuery) -> None:
        self._service, self._actor, self._scope, self._query = service, actor, scope, query

    def must_be_answered(self) -> None:
        """Raises `RoleForbids` for who asks after an agent's record and sees no grades: not even how many there are."""
        procedures = self._service.library.procedures.values()
        if self._query.agent is not None and not any(one.sees_faults(self._actor.roles) for one in procedures):
            raise errors.RoleForbids

    async def page(self, after: int, limit: int, until: int) -> AuditPage:
        """The next events up to a position. Raises `StorageAway`."""
        conditions = self._conditions(after, until)
        statement = PAGE.format(where=conditions.where, limit=limit + 1)
        recorded = [Recorded(*row) for row in await fetch(self._service.pool, statement, *conditions.values)]
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
            conditions.add("e.topic = ANY({}::text[])", [f"{kind}.{query.type}" for kind in KINDS])
        if query.actor is not None:
            conditions.add("e.actor = {}", query.actor)
        if query.agent is not None:
            conditions.add(f"e.topic = '{FaultGraded.TOPIC}' AND {GRADED_AGENT} = {{}}", query.agent)
        if query.complaint is not None:
            conditions.add("e.originator_id = {} AND e.topic LIKE 'complaint.%'", query.complaint)
        if query.incident is not None:
            conditions.add("e.originator_id = {} AND e.topic LIKE 'incident.%'", query.incident)
        if query.from_ is not None:
            conditions.add("e.recorded_at >= {}", query.from_)
        if query.to is not None:
            conditions.add("e.recorded_at < {}", query.to)
        self._narrow(conditions)
        return conditions

    def _narrow(self, conditions: Conditions) -> None:
        """Leaves out what the reader may not see, as far as the read models know; the log has the last word."""
        scope = self._scope
        of_complaint = "SELECT FROM reading.tracking t WHERE t.id = e.originator_id"
        conditions.add(f"NOT EXISTS ({of_complaint} AND t.accused @> {{}}::text[])", [scope.actor_id])
        for procedure, kinds in scope.kept_from.items() if "auditor" not in self._actor.roles else ():
            confidential = "t.procedure = {} AND t.kind = ANY({}::text[])"
            conditions.add(f"NOT EXISTS ({of_complaint} AND {confidential})", procedure, list(kinds))
        codes = list(scope.all_of)
        of_incident = "SELECT FROM reading.incidents i WHERE i.id = e.originator_id"
        if scope.unit_of:
            conditions.add(
                f"EXISTS ({of_incident} AND i.procedure = ANY({{}}::text[]))"
                f" OR EXISTS ({of_complaint} AND (t.procedure = ANY({{}}::text[])"
                " OR t.procedure = ANY({}::text[]) AND t.sent_to @> {}::text[]))",
                codes, codes, list(scope.unit_of), [scope.unit],
            )  # fmt: skip
        else:
            conditions.add(f"NOT EXISTS ({of_complaint} AND t.procedure <> ALL({{}}::text[]))", codes)
            conditions.add(f"NOT EXISTS ({of_incident} AND i.procedure <> ALL({{}}::text[]))", codes)

    async def _shown(self, recorded: Sequence[Recorded]) -> list[AuditEvent]:
        service = self._service
        visibility = service.visibility
        streams = await visibility.streams(self._actor, {one.originator_id for one in recorded})
        # Where nothing personal is shown, nothing is opened.
        owners = {id: one.key_id for id, one in streams.items() if one.seen is not None and one.seen.sight != "none"}
        keys = await service.complainants.keys(set(owners.values()))
        of_stream = {id: keys.get(owner) for id, owner in owners.items()}
        happened = [
            (one, service.codec.any_event(one, of_stream.get(one.originator_id)), stream.number, stream.seen)
            for one in recorded
            if (stream := streams.get(one.originator_id)) is not None and stream.seen is not None
            and (self._query.agent is None or stream.seen.faults)
        ]  # fmt: skip
        told = [event for _, event, _, _ in happened if isinstance(event, ComplaintEvent)]
        visible = await visibility.visible(self._actor, {other.id for event in told for other in links_of(event)})
        rows: list[AuditEvent] = []
        for one, event, number, seen in happened:
            match event:
                case ComplaintEvent():
                    rows.append(_row(event_view(event, one, seen, visible), one, number))
                case IncidentEvent():
                    rows.append(_row(incident_event_view(event, one, seen), one, number))
        rows += self._reports(recorded)
        return sorted(rows, key=lambda row: row.position)

    def _reports(self, recorded: Sequence[Recorded]) -> list[AuditEvent]:
        """What was reported of whole procedures, for those who see all of their figures."""
        readable = self._service.visibility.figures_reach(self._actor).all_of
        facts = [(one, self._service.codec.any_event(one, None)) for one in recorded if kind_of(one) is REPORT]
        return [
            _report_row(one, fact) for one, fact in facts
            if isinstance(fact, PeriodReported) and fact.procedure in readable
        ]  # fmt: skip


def _row(view: EventView, recorded: Recorded, number: str) -> AuditEvent:
    id, of_incident = recorded.originator_id, kind_of(recorded) is INCIDENT
    return AuditEvent(
        view.position, None if of_incident else id, id if of_incident else None, number, view.version, view.type,
        view.recorded_at, view.occurred_at, view.actor, view.data,
    )  # fmt: skip


def _report_row(recorded: Recorded, fact: PeriodReported) -> AuditEvent:
    at = recorded.recorded_at.astimezone(UTC)
    data = {name: value for name, value in vars(fact).items() if name not in NOT_DATA}
    return AuditEvent(
        recorded.position, None, None, fact.procedure, recorded.originator_version, type_of(recorded.topic), at, at,
        fact.actor, data,
    )  # fmt: skip
