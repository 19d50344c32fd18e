"""投诉统计表: the register of a period's complaints for one reader, and the causes that units reported in it."""

import dataclasses
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from app.http.protocol.cursors import After
from app.http.protocol.list_parameters import Listed, fetch
from app.queries.masking import masked_name, seen_complainant, seen_text
from app.service import Service
from domain.complaint import events
from domain.complaint.complaint import Complaint
from domain.limits.calendar import Calendar
from domain.procedure.procedure import Procedure, Sight
from domain.reporting.periods import Period
from domain.values import UnitState
from eventlog.log import Recorded
from eventlog.streams import COMPLAINT
from projections.scope import Conditions, Scope

MOST_CAUSES: Final = 200

REGISTER: Final = """
SELECT id, received_at FROM reading.tracking WHERE {where} ORDER BY received_at, id LIMIT {limit}
"""
CAUSES: Final = """
SELECT e.notification_id, e.originator_id, e.originator_version, e.topic, e.state, e.actor, e.recorded_at
FROM stored_events e JOIN reading.tracking t ON t.id = e.originator_id
WHERE e.topic = {topic} AND e.recorded_at >= {begins} AND e.recorded_at < {ends} AND {where}
ORDER BY e.notification_id LIMIT {limit}
"""


@dataclass(frozen=True, slots=True)
class RegisterRow:
    """One complaint of the register. Times are UTC; texts and names as far as the reader may see them.

    `facts` are the answers to the questions of the procedure's form; a file has a column for each of them.
    `satisfied` is what the customer said last, `result` how it was closed.
    """

    id: UUID
    number: str
    received_at: datetime
    occurred_at: datetime
    channel: str
    kind: str
    category: str | None
    severity: str | None
    customer: str | None
    customer_no: str | None
    subject: str
    content: str
    wants: str | None
    owner: str | None
    units: list[UnitState]
    status: str
    round: int
    measure: str | None
    satisfied: bool | None
    justified: bool | None
    result: str | None
    closed_at: datetime | None
    facts: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Cause:
    """原因分析: what a unit found to be the cause, in a CAPA report of the period."""

    number: str
    category: str | None
    unit: str
    cause: str
    at: datetime


class Register:
    """The complaints received in a period, in the order of their receipt."""

    def __init__(
        self, service: Service, scope: Scope, procedure: Procedure, calendar: Calendar, period: Period
    ) -> None:
        self._service, self._scope, self._procedure = service, scope, procedure
        self._begins, self._ends = period.begins_at(calendar), period.ends_at(calendar)

    async def page(self, after: After | None, limit: int) -> Listed[RegisterRow]:
        """The next rows. Raises `StorageAway`."""
        conditions = self._conditions()
        conditions.add("received_at >= {} AND received_at < {}", self._begins, self._ends)
        if after is not None:
            conditions.add("(received_at, id) > ({}, {})", after.key, after.id)
        query = REGISTER.format(where=conditions.where, limit=limit + 1)
        found = await fetch(self._service, query, *conditions.values)
        opened = await self._opened([row["id"] for row in found[:limit]])
        rows = [self._row(*opened[row["id"]]) for row in found[:limit] if row["id"] in opened]
        last = found[limit - 1] if len(found) > limit else None
        return Listed(rows, None if last is None else After(last["received_at"], last["id"]))

    async def page_of_file(self, after: After | None, limit: int) -> Listed[Any]:
        """As `page`, with a column for every question of the form."""
        page, shape = await self.page(after, limit), file_shape(self._procedure)
        return Listed([in_columns(row, shape, self._procedure) for row in page.items], page.after)

    async def causes(self) -> list[Cause]:
        """What units reported as causes in the period; the first two hundred. Raises `StorageAway`."""
        conditions = self._conditions()
        query = CAUSES.format(
            topic=conditions.placed("{}", events.CAPASubmitted.TOPIC),
            begins=conditions.placed("{}::timestamptz", self._begins),
            ends=conditions.placed("{}::timestamptz", self._ends),
            where=conditions.where, limit=MOST_CAUSES,
        )  # fmt: skip
        recorded = [Recorded(*row) for row in await fetch(self._service, query, *conditions.values)]
        opened = await self._opened({one.originator_id for one in recorded})
        found: list[Cause] = []
        for one in recorded:
            if one.originator_id in opened:
                complaint, happened = opened[one.originator_id]
                event = happened[one.originator_version - 1]
                if isinstance(event, events.CAPASubmitted):
                    text = seen_text(event.cause, self._sight)
                    found.append(Cause(complaint.number, complaint.category, event.unit, text, one.recorded_at))
        return found

    @property
    def _sight(self) -> Sight:
        return self._scope.sight(self._procedure.code)

    def _conditions(self) -> Conditions:
        conditions = Conditions()
        self._scope.narrow(conditions)
        conditions.add("procedure = {}", self._procedure.code)
        return conditions

    async def _opened(self, ids: Collection[UUID]) -> dict[UUID, tuple[Complaint, list[events.ComplaintEvent]]]:
        """The complaints with their events, folded from the log and opened where the reader sees texts."""
        service = self._service
        streams = {id: stream for id, stream in (await service.log.streams(ids)).items() if stream}
        owners = {id: service.codec.complainant_of(stream[0]) for id, stream in streams.items()}
        keys = await service.complainants.keys(set(owners.values()))
        found: dict[UUID, tuple[Complaint, list[events.ComplaintEvent]]] = {}
        for id, stream in streams.items():
            happened = [service.codec.event(one, keys.get(owners[id])) for one in stream]
            found[id] = COMPLAINT.folded(happened), happened
        return found

    def _row(self, it: Complaint, happened: Sequence[events.ComplaintEvent]) -> RegisterRow:
        sight = self._sight
        ratings = [one.satisfied for one in happened if isinstance(one, events.CallbackDone) and one.reached]
        measures = [one.measure for one in happened if isinstance(one, events.Executed)]
        person = seen_complainant(it.complainant, sight)
        return RegisterRow(
            id=it.id, number=it.number, received_at=it.received_at, occurred_at=it.occurred_at, channel=it.channel,
            kind=it.kind, category=it.category, severity=it.severity,
            customer=person.name if sight == "all" else masked_name(it.complainant.name),
            customer_no=person.customer_no, subject=seen_text(it.subject, sight),
            content=seen_text(it.content, sight), wants=seen_text(it.wants, sight), owner=it.owner.actor,
            units=list(it.this_round.units), status=it.status, round=it.round,
            measure=seen_text(measures[-1], sight) if measures else None,
            satisfied=ratings[-1] if ratings else None, justified=it.justified,
            result=seen_text(it.outcome, sight), closed_at=it.closed_at, facts=seen_text(it.facts, sight),
        )  # fmt: skip


def file_shape(procedure: Procedure) -> type[Any]:
    """The columns of the register as a file: those of a row, and then one for each question of the form."""
    own: list[tuple[str, Any]] = [
        (field.name, field.type) for field in dataclasses.fields(RegisterRow) if field.name != "facts"
    ]
    return dataclasses.make_dataclass("RegisterFileRow", [*own, *((f"fact_{one.name}", Any) for one in procedure.form)])


def in_columns(row: RegisterRow, shape: type[Any], procedure: Procedure) -> Any:
    """A row of the register with its answers side by side; those to questions nobody asked are left out."""
    own = [getattr(row, field.name) for field in dataclasses.fields(RegisterRow) if field.name != "facts"]
    return shape(*own, *(row.facts.get(one.name) for one in procedure.form))
