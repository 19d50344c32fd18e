"""投诉统计表: the register of a period's complaints for one reader, and the causes that units reported in it."""

import dataclasses
from collections.abc import Collection, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final
from uuid import UUID

import asyncpg

from app.queries.masking import seen_complainant, seen_text
from app.queries.paging import After, Listed, Rows, Source
from app.queries.period_counts import PeriodCounts
from app.queries.report_periods import ReportPeriods
from domain.complaint import events
from domain.complaint.complaint import Complaint
from domain.complaint.state import Status, UnitState
from domain.errors import NotFound
from domain.procedure.procedure import Procedure, Sight
from domain.reporting.periods import KINDS, Period, PeriodKind
from domain.reporting.reports import ReportedCount, ReportedFigure
from domain.titles import Title
from domain.values import Actor
from eventlog.codec import EventCodec, UnreadableEvent
from eventlog.complainants import Complainants
from eventlog.database import fetch
from eventlog.log import EventLog, Recorded
from eventlog.streams import COMPLAINT
from projections.scope import BEFORE, Conditions, Scope

MOST_CAUSES: Final = 200

REGISTER: Final = """
SELECT id, number, received_at, occurred_at, channel, kind, category, severity, owner_actor, status, round, closed_at
FROM reading.tracking WHERE {where} ORDER BY received_at, id LIMIT {limit}
"""
CAUSES: Final = """
SELECT e.notification_id, e.originator_id, e.originator_version, e.topic, e.state, e.actor, e.recorded_at
FROM stored_events e JOIN reading.tracking t ON t.id = e.originator_id
WHERE e.topic = {topic} AND e.notification_id > {begins} AND e.notification_id <= {ends} AND {where}
ORDER BY e.notification_id LIMIT {limit}
"""


@dataclass(frozen=True, slots=True)
class RegisterRow:
    """One complaint of the register. Times are UTC; texts and names as far as the reader may see them.

    `facts` are the answers to the questions of the procedure's form; a file has a column for each of them.
    `satisfied` is what the customer said last, `result` how it was closed. `unreadable`: a newer version recorded
    something of it that this one cannot read, so the row says only what the list of complaints last knew of it.
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
    status: Status
    round: int
    measure: str | None
    satisfied: bool | None
    justified: bool | None
    result: str | None
    closed_at: datetime | None
    facts: dict[str, Any]
    unreadable: bool = False


@dataclass(frozen=True, slots=True)
class Cause:
    """原因分析: what a unit found to be the cause, in a CAPA report of the period."""

    number: str
    category: str | None
    unit: str
    cause: str
    at: datetime


@dataclass(frozen=True)
class PeriodSummary:
    """A period beside the one before: figures, complaints by what they are about, and the causes that units reported.

    What stands most often in `by_issue_point` comes first (热点), as everywhere here; - stands for none.
    `missed_by_unit` counts the time limits that each unit owed and missed. `risen`: more complaints came in than in the
    period before; the first period of all has risen over nothing. `reported_at` and `reported_position` are when and
    where the period was recorded as reported; what came in late since then is in these figures and not in those.
    """

    procedure: str
    title: Title | None
    kind: PeriodKind
    period: str
    first_day: date
    last_day: date
    ended: bool
    risen: bool
    figures: list[ReportedFigure]
    by_category: list[ReportedCount]
    by_unit: list[ReportedCount]
    missed_by_unit: list[ReportedCount]
    by_kind: list[ReportedCount]
    by_district: list[ReportedCount]
    by_issue_point: list[ReportedCount]
    causes: list[Cause]
    reported_at: datetime | None
    reported_position: int | None


class NoSuchReport(NotFound): ...


@dataclass(frozen=True)
class PeriodReports:
    """The reports of days, weeks and months for every reader."""

    log: EventLog
    codec: EventCodec
    complainants: Complainants
    periods: ReportPeriods
    source: Source

    def report(self, code: str, kind: str, name: str, actor: Actor) -> "Report":
        """Raises `NoSuchProcedure`, `NoSuchReport`, `RoleForbids`, and what a misspelt period raises."""
        procedure, scope = self.periods.known(code, actor)
        known = next((one for one in KINDS if one == kind), None)
        if known is None:
            raise NoSuchReport
        return Report(self, procedure, scope, Period.read(known, name))


class Report:
    """One period of a procedure for one reader: its summary, and the register of what was received in it."""

    def __init__(self, reports: PeriodReports, procedure: Procedure, scope: Scope, period: Period) -> None:
        self._reports, self._procedure, self._scope, self._period = reports, procedure, scope, period
        self._pool, calendar = reports.periods.pool, reports.periods.rules.calendar(procedure.calendar)
        self._begins, self._ends = period.begins_at(calendar), period.ends_at(calendar)

    async def summary(self) -> PeriodSummary:
        """Raises `StorageAway`."""
        procedure, period = self._procedure, self._period
        counted = await PeriodCounts(self._pool, self._reports.codec, procedure.code, self._scope).counted(period)
        facts = await self._reports.periods.reports_of(procedure.code)
        fact = next((one for one in facts if (one.kind, one.period) == (period.kind, period.name)), None)
        title = next((rule.title for rule in procedure.reports if rule.period == period.kind), None)
        return PeriodSummary(
            procedure.code, title, period.kind, period.name, period.first, period.last,
            self._ends <= self._reports.periods.now(), counted.has_risen, list(counted.figures),
            list(counted.by_category), list(counted.by_unit), list(counted.missed_by_unit),
            list(counted.by_kind), list(counted.by_district), list(counted.by_issue_point), await self._causes(),
            None if fact is None else fact.timestamp, None if fact is None else fact.position,
        )  # fmt: skip

    def register(self) -> Rows[RegisterRow]:
        """The complaints received in the period, in the order of their receipt."""
        return Rows(RegisterRow, self._reports.source, self._page)

    def register_in_columns(self) -> Rows[Any]:
        """As `register`, with a column for every question of the form."""
        shape = _file_shape(self._procedure)

        async def page(after: After | None, limit: int) -> Listed[Any]:
            page = await self._page(after, limit)
            return Listed([_in_columns(row, shape, self._procedure) for row in page.items], page.after)

        return Rows(shape, self._reports.source, page, self._procedure)

    async def _page(self, after: After | None, limit: int) -> Listed[RegisterRow]:
        conditions = self._conditions()
        conditions.add("received_at >= {} AND received_at < {}", self._begins, self._ends)
        if after is not None:
            conditions.add("(received_at, id) > ({}, {})", after.key, after.id)
        query = REGISTER.format(where=conditions.where, limit=limit + 1)
        found = await fetch(self._pool, query, *conditions.values)
        opened = await self._opened([row["id"] for row in found[:limit]])
        rows = [
            self._row(*opened[row["id"]]) if row["id"] in opened else _unreadable_row(row) for row in found[:limit]
        ]  # fmt: skip
        last = found[limit - 1] if len(found) > limit else None
        return Listed(rows, None if last is None else After(last["received_at"], last["id"]))

    async def _causes(self) -> list[Cause]:
        """What units reported as causes in the period; the first two hundred."""
        conditions = self._conditions()
        query = CAUSES.format(
            topic=conditions.placed("{}", events.CAPASubmitted.TOPIC),
            begins=conditions.placed(BEFORE, self._begins),
            ends=conditions.placed(BEFORE, self._ends),
            where=conditions.where, limit=MOST_CAUSES,
        )  # fmt: skip
        recorded = [Recorded(*row) for row in await fetch(self._pool, query, *conditions.values)]
        opened = await self._opened({one.originator_id for one in recorded})
        found: list[Cause] = []
        for one in recorded:
            if one.originator_id in opened:
                complaint, happened = opened[one.originator_id]
                event = happened[one.originator_version - 1]
                if isinstance(event, events.CAPASubmitted):
                    text = seen_text(event.cause, self._sight_of(complaint))
                    found.append(Cause(complaint.number, complaint.category, event.unit, text, one.recorded_at))
        return found

    def _sight_of(self, it: Complaint) -> Sight:
        return self._scope.sight(it.procedure_code, it.kind, it.sent_to)

    def _conditions(self) -> Conditions:
        conditions = Conditions()
        self._scope.narrow(conditions)
        conditions.add("procedure = {}", self._procedure.code)
        return conditions

    async def _opened(self, ids: Collection[UUID]) -> dict[UUID, tuple[Complaint, list[events.ComplaintEvent]]]:
        """The complaints with their events, folded from the log and opened where the reader sees texts.

        Without those that this version cannot read.
        """
        reports = self._reports
        streams = {id: stream for id, stream in (await reports.log.streams(ids)).items() if stream}
        owners: dict[UUID, UUID] = {}
        for id, stream in streams.items():
            with suppress(UnreadableEvent):
                owners[id] = reports.codec.complainant_of(stream[0])
        keys = await reports.complainants.keys(set(owners.values()))
        found: dict[UUID, tuple[Complaint, list[events.ComplaintEvent]]] = {}
        for id, owner in owners.items():
            with suppress(UnreadableEvent):
                happened = [reports.codec.event(one, keys.get(owner)) for one in streams[id]]
                found[id] = COMPLAINT.folded(happened), happened
        return found

    def _row(self, it: Complaint, happened: Sequence[events.ComplaintEvent]) -> RegisterRow:
        sight = self._sight_of(it)
        ratings = [one.satisfied for one in happened if isinstance(one, events.CallbackDone) and one.reached]
        measures = [one.measure for one in happened if isinstance(one, events.Executed)]
        person = seen_complainant(it.complainant, sight, it.id)
        return RegisterRow(
            id=it.id, number=it.number, received_at=it.received_at, occurred_at=it.occurred_at, channel=it.channel,
            kind=it.kind, category=it.category, severity=it.severity,
            customer=person.name,
            customer_no=person.customer_no, subject=seen_text(it.subject, sight),
            content=seen_text(it.content, sight), wants=seen_text(it.wants, sight), owner=it.owner.actor,
            units=list(it.this_round.units), status=it.status, round=it.round,
            measure=seen_text(measures[-1], sight) if measures else None,
            satisfied=ratings[-1] if ratings else None, justified=it.justified,
            result=seen_text(it.outcome, sight), closed_at=it.closed_at, facts=seen_text(it.facts, sight),
        )  # fmt: skip


def _unreadable_row(row: asyncpg.Record) -> RegisterRow:
    return RegisterRow(
        id=row["id"], number=row["number"], received_at=row["received_at"], occurred_at=row["occurred_at"],
        channel=row["channel"], kind=row["kind"], category=row["category"], severity=row["severity"], customer=None,
        customer_no=None, subject="", content="", wants=None, owner=row["owner_actor"], units=[], status=row["status"],
        round=row["round"], measure=None, satisfied=None, justified=None, result=None, closed_at=row["closed_at"],
        facts={}, unreadable=True,
    )  # fmt: skip


def _file_shape(procedure: Procedure) -> type[Any]:
    """The columns of the register as a file: those of a row, and then one for each question of the form."""
    own: list[Any] = [(field.name, field.type) for field in dataclasses.fields(RegisterRow) if field.name != "facts"]
    asked = [(f"fact_{one.name}", Any, dataclasses.field(metadata={"heading": one.title})) for one in procedure.form]
    return dataclasses.make_dataclass("RegisterFileRow", [*own, *asked])


def _in_columns(row: RegisterRow, shape: type[Any], procedure: Procedure) -> Any:
    """A row of the register with its answers side by side; those to questions nobody asked are left out."""
    own = [getattr(row, field.name) for field in dataclasses.fields(RegisterRow) if field.name != "facts"]
    return shape(*own, *(row.facts.get(one.name) for one in procedure.form))
