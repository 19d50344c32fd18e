"""The whole history, read from the log itself: in order, gapless, never behind.

Which complaints a reader may see is asked of the log too: a person named in a complaint a moment ago is out at once.
"""

from base64 import b64encode
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final
from uuid import UUID

import asyncpg

from app.queries.event_view import (
    NOT_DATA,
    EventView,
    call_event_view,
    complaint_of_call,
    event_view,
    incident_event_view,
    is_hidden,
    links_of,
    unreadable_event_view,
    withheld_view,
)
from app.queries.paging import After, Listed, Looked, Rows, Source, full_page
from app.queries.visibility import Seen, SeenStream, Visibility
from domain.call.events import CallLedNowhere, CallLedTo, TelephonyEvent
from domain.complaint.events import ComplaintEvent, FaultGraded, type_of
from domain.errors import RoleForbids
from domain.identity import levelled
from domain.incident.events import IncidentEvent
from domain.procedure.access import least_of
from domain.procedure.procedure import Sight
from domain.reporting.reports import PeriodReported
from domain.titles import Language
from domain.values import ActedBy, Actor
from eventlog.codec import EventCodec, UnreadableEvent
from eventlog.complainants import Complainants
from eventlog.database import fetch
from eventlog.log import EventLog, Recorded
from eventlog.streams import CALL, COMPLAINT, INCIDENT, KINDS, REPORT, SEAT, kind_of
from procedures.rules import Rules
from projections.calls_table import CALLER
from projections.scope import BEFORE, Conditions, Scope
from proof.leaf import event_leaf

NO_ID: Final = UUID(int=0)
PAGE: Final = """
SELECT e.notification_id, e.originator_id, e.originator_version, e.topic, e.state, e.actor, e.recorded_at
FROM stored_events e WHERE {where} ORDER BY e.notification_id LIMIT {limit}
"""
LED_TO: Final = """
SELECT notification_id, originator_id, originator_version, topic, state, actor, recorded_at FROM stored_events
WHERE originator_id = ANY($1::uuid[]) AND topic = ANY($2::text[])
"""
OF_CALLS: Final = tuple(event.TOPIC for kind in (CALL, SEAT) for event in kind.events)
NAMES_COMPLAINT: Final = (CallLedTo.TOPIC, CallLedNowhere.TOPIC)
# By its tag, or by the name itself, as older rows have it.
GRADED_AGENT: Final = """
convert_from(e.state, 'UTF8')::jsonb #>> '{{agent,0}}' = ANY({}::text[])
    OR convert_from(e.state, 'UTF8')::jsonb ->> 'agent' = ANY({}::text[])
"""


@dataclass(frozen=True, slots=True)
class AuditEvent:
    """One event of the history, and the complaint or incident it belongs to; `data` is masked as the reader sees it.

    A report of a week or month belongs to neither: its `number` is the procedure's code; that of a call or seat is the
    code of its source. `unreadable`: a newer version
    recorded it; where that is the first event of its stream, only who sees everything is shown it, and no `number`.
    `hash`: its leaf in the tree of the log, in base64; for those who see all of it, since who does not could guess.
    """

    position: int
    complaint_id: UUID | None
    incident_id: UUID | None
    number: str
    version: int
    type: str
    recorded_at: datetime
    occurred_at: datetime
    actor: ActedBy
    data: dict[str, Any]
    unreadable: bool = False
    hash: str | None = None


@dataclass(frozen=True)
class AuditFilter:
    """What is asked for; of several values any. Times are UTC; `from_` is included, `to` is not.

    `after`: only events after this position, and `until` up to this one. `procedure`: of its cases and reports;
    `unit`: of complaints that it ever saw.
    """

    after: int = 0
    until: int | None = None
    type: tuple[str, ...] = ()
    actor: tuple[str, ...] = ()
    agent: tuple[str, ...] = ()
    complaint: tuple[UUID, ...] = ()
    incident: tuple[UUID, ...] = ()
    procedure: tuple[str, ...] = ()
    unit: tuple[str, ...] = ()
    from_: datetime | None = None
    to: datetime | None = None


@dataclass(frozen=True)
class AuditLog:
    """The history for every reader, and itself the source of its list: never behind."""

    pool: asyncpg.Pool
    log: EventLog
    codec: EventCodec
    complainants: Complainants
    rules: Rules
    visibility: Visibility
    narrowed: Source

    def rows(self, actor: Actor, wanted: AuditFilter, language: Language) -> Rows[AuditEvent]:
        """The events, in the order of the log.

        Raises `RoleForbids`, also for who asks after an agent's record and sees no grades: not even how many there are.
        """
        scope = self.visibility.scope(actor)
        if wanted.agent and not self.visibility.sees_faults(actor):
            raise RoleForbids
        return Rows(AuditEvent, self, _AuditPages(self, actor, scope, wanted, language).page)

    async def knows_all_of(self, actor: Actor, position: int) -> None:
        """Waits until nothing up to this position is left out for being unknown yet. Raises `Behind`, `StorageAway`.

        Whose complaints are told by the read models alone sees none of which they do not know; for others the log has
        the only word.
        """
        if self.visibility.scope(actor).followed.unit_of:
            await self.must_reach(position)

    async def must_reach(self, position: int) -> None:
        """Of what leaves out whom a list is not for."""
        await self.narrowed.must_reach(position)

    async def position(self) -> int:
        return await self.log.head()


class _AuditPages:
    """The history for one reader and one question."""

    def __init__(
        self, audit: AuditLog, actor: Actor, scope: Scope, wanted: AuditFilter, language: Language
    ) -> None:
        self._audit, self._actor, self._scope, self._wanted, self._language = audit, actor, scope, wanted, language

    async def page(self, after: After | None, limit: int) -> Listed[AuditEvent]:
        """The next events, up to the newest."""
        return await full_page(self._look, after, limit)

    async def _look(self, after: After | None, limit: int) -> Looked[AuditEvent]:
        conditions = self._conditions(self._wanted.after if after is None else after.ordinal)
        statement = PAGE.format(where=conditions.where, limit=limit)
        recorded = [Recorded(*row) for row in await fetch(self._audit.pool, statement, *conditions.values)]
        seen = [(_place(row.position), row) for row in await self._shown(recorded)]
        return Looked(seen, _place(recorded[-1].position) if len(recorded) == limit else None)

    def _conditions(self, after: int) -> Conditions:
        conditions, query = Conditions(), self._wanted
        conditions.add("e.notification_id > {}", after)
        if query.until is not None:
            conditions.add("e.notification_id <= {}", query.until)
        if query.type:
            topics = [f"{kind}.{type}" for type in query.type for kind in KINDS]
            conditions.add("e.topic = ANY({}::text[])", topics)
        if query.actor:
            # In this spelling too: rows of keys from before ids were levelled.
            conditions.add("e.actor = ANY({}::text[])", [*map(levelled, query.actor), *query.actor])
        if query.agent:
            conditions.add("e.topic = {}", FaultGraded.TOPIC)
            tags = [self._audit.codec.tag_of(agent) for agent in query.agent]
            conditions.add(GRADED_AGENT, tags, list(query.agent))
        for kind in ("complaint", "incident"):
            if ids := getattr(query, kind):
                conditions.add(f"e.originator_id = ANY({{}}::uuid[]) AND e.topic LIKE '{kind}.%'", list(ids))
        if query.from_ is not None:
            conditions.add(f"e.notification_id > {BEFORE}", query.from_)
        if query.to is not None:
            conditions.add(f"e.notification_id <= {BEFORE}", query.to)
        self._narrow(conditions)
        return conditions

    def _narrow(self, conditions: Conditions) -> None:
        """Leaves out what the reader may not see, as far as the read models know; the log has the last word."""
        scope = self._scope
        of_complaint = "SELECT FROM reading.tracking t WHERE t.id = e.originator_id"
        conditions.add(f"NOT EXISTS ({of_complaint} AND t.accused @> {{}}::text[])", [scope.actor_tag])
        of_incident = "SELECT FROM reading.incidents i WHERE i.id = e.originator_id"
        incidents = scope.followed.whole(conditions, "kind")
        complaints = scope.followed.condition(conditions, scope.unit, "kind")
        if scope.followed.unit_of:
            reports = f"e.topic = '{PeriodReported.TOPIC}'" if scope.all_of else "false"
            # A unit's members see no calls; who has another role beside may.
            sees_calls = self._audit.visibility.calls_sight(self._actor) is not None
            calls = conditions.placed("e.topic = ANY({}::text[])", list(OF_CALLS) if sees_calls else [])
            conditions.add(
                f"EXISTS ({of_incident} AND {incidents}) OR EXISTS ({of_complaint} AND ({complaints})) OR {reports} "
                f"OR {calls}"
            )
        else:
            conditions.add(f"NOT EXISTS ({of_complaint} AND NOT {complaints})")
            conditions.add(f"NOT EXISTS ({of_incident} AND NOT {incidents})")

    @property
    def _asks_what_happened(self) -> bool:
        """Whether the answer itself tells what happened, or who did it."""
        return bool(self._wanted.type or self._wanted.actor)

    async def _shown(self, recorded: Sequence[Recorded]) -> list[AuditEvent]:
        codec, visibility = self._audit.codec, self._audit.visibility
        streams = await visibility.streams(self._actor, {one.originator_id for one in recorded})
        # Where nothing personal is shown, nothing is opened.
        owners = {id: one.key_id for id, one in streams.items() if one.seen is not None and one.seen.sight != "none"}
        keys = await self._audit.complainants.keys(set(owners.values()))
        of_stream = {id: keys.get(owner) for id, owner in owners.items()}
        happened = [
            (one, codec.event_or_none(one, of_stream.get(one.originator_id)), stream.number, stream.seen)
            for one in recorded
            if (stream := streams.get(one.originator_id)) is not None and stream.seen is not None
            and (not self._wanted.agent or stream.seen.faults is not None) and self._is_asked_for(stream)
        ]  # fmt: skip
        told = [event for _, event, _, _ in happened if isinstance(event, ComplaintEvent)]
        visible = await visibility.visible(self._actor, {other.id for event in told for other in links_of(event)})
        rows: list[AuditEvent] = []
        for one, event, number, seen in happened:
            if event is not None and is_hidden(event, seen) and self._asks_what_happened:
                continue
            match event:
                case ComplaintEvent():
                    view = event_view(event, one, seen, visible, self._language)
                    rows.append(_row(view, one, number, whole=_is_whole(event, seen)))
                case IncidentEvent():
                    view = incident_event_view(event, one, seen, self._language)
                    rows.append(_row(view, one, number, whole=_is_whole(event, seen)))
                case None:
                    rows.append(_row(unreadable_event_view(one), one, number))
        rows += [] if self._wanted.unit else self._reports(recorded)
        if self._wanted.procedure or self._wanted.unit:
            return sorted(rows, key=lambda row: row.position)
        rows += await self._calls([one for one in recorded if kind_of(one) in (CALL, SEAT)])
        if visibility.sees_everything(self._actor):
            begun = [
                one for one in recorded
                if kind_of(one) not in (REPORT, CALL, SEAT) and one.originator_id not in streams
            ]  # fmt: skip
            rows += [_row(unreadable_event_view(one), one, "") for one in begun]
        rows.sort(key=lambda row: row.position)
        return rows

    async def _calls(self, recorded: Sequence[Recorded]) -> list[AuditEvent]:
        """What was heard of calls and seats, for those who see calls; under the name of its source."""
        sight = self._audit.visibility.calls_sight(self._actor)
        if sight is None:
            return []
        codec = self._audit.codec
        owners: dict[int, UUID] = {}
        for one in recorded:
            with suppress(UnreadableEvent):
                owners[one.position] = codec.complainant_of(one)
        kept = await self._audit.visibility.accusers(self._actor, set(owners.values()))
        led_to = await self._led_to({one.originator_id for one in recorded})
        sights = await self._audit.visibility.sights(self._actor, set().union(*led_to.values()))
        seen: dict[int, Sight | None] = {
            one.position: None if owners.get(one.position) in kept
            else least_of((sight, *map(sights.get, led_to.get(one.originator_id, ()))))
            for one in recorded
        }  # fmt: skip
        # Where nothing personal is shown, nothing is opened.
        opened = {position: owner for position, owner in owners.items() if seen[position] not in ("none", None)}
        keys = await self._audit.complainants.keys(set(opened.values()))
        events = {
            one.position: codec.event_or_none(one, keys.get(opened[one.position]) if one.position in opened else None)
            for one in recorded
        }
        numbers = {
            position: self._audit.complainants.found_by([(CALLER, caller)])[0] for position, event in events.items()
            if isinstance(event, TelephonyEvent) and (caller := getattr(event, "caller", None)) is not None
        }  # fmt: skip
        accusing = await self._audit.visibility.accusing(self._actor, set(numbers.values()))
        rows: list[AuditEvent] = []
        for one in recorded:
            event = events[one.position]
            if isinstance(event, TelephonyEvent):
                if complaint_of_call(event) not in {None, *sights}:
                    if not self._asks_what_happened:
                        rows.append(_row(withheld_view(event, one), one, event.source))
                    continue
                shown = None if numbers.get(one.position) in accusing else seen[one.position]
                rows.append(_row(call_event_view(event, one, shown), one, event.source, whole=shown == "all"))
            elif event is None and self._audit.visibility.sees_everything(self._actor):
                rows.append(_row(unreadable_event_view(one), one, ""))
        return rows

    async def _led_to(self, calls: set[UUID]) -> dict[UUID, set[UUID]]:
        """By call the complaints that it led to, also by an event that is not asked for."""
        found: dict[UUID, set[UUID]] = {}
        for row in await fetch(self._audit.pool, LED_TO, list(calls), list(NAMES_COMPLAINT)) if calls else ():
            event = self._audit.codec.event_or_none(Recorded(*row), None)
            if (complaint := complaint_of_call(event)) is not None:
                found.setdefault(row["originator_id"], set()).add(complaint)
        return found

    def _reports(self, recorded: Sequence[Recorded]) -> list[AuditEvent]:
        """What was reported of whole procedures, for those who see all of their figures."""
        scope = self._audit.visibility.figures_reach(self._actor)
        readable, told = scope.all_of, scope.read.all_of
        rows: list[AuditEvent] = []
        for one in recorded:
            if kind_of(one) is not REPORT:
                continue
            fact = self._audit.codec.event_or_none(one, None)
            if isinstance(fact, PeriodReported):
                if fact.procedure in readable and self._is_of_procedure(fact.procedure):
                    rows.append(_report_row(one, fact, places=fact.procedure in told))
            elif fact is None and not self._wanted.procedure and self._audit.visibility.sees_everything(self._actor):
                rows.append(_row(unreadable_event_view(one), one, ""))
        return rows

    def _is_of_procedure(self, code: str) -> bool:
        return not self._wanted.procedure or code in self._wanted.procedure

    def _is_asked_for(self, stream: SeenStream) -> bool:
        """Which units saw it is asked by those alone who are shown that."""
        asked = self._wanted.unit
        shows_units = stream.seen is not None and stream.seen.sight != "none" and not stream.seen.withheld
        return self._is_of_procedure(stream.procedure) and (
            not asked or (shows_units and not stream.units.isdisjoint(asked))
        )


def _hash(recorded: Recorded) -> str:
    leaf = event_leaf(
        recorded.position, recorded.recorded_at, recorded.originator_id, recorded.originator_version, recorded.topic,
        recorded.actor, recorded.state,
    )  # fmt: skip
    return b64encode(leaf).decode()


def _place(position: int) -> After:
    return After(None, NO_ID, position)


def _is_whole(event: ComplaintEvent | IncidentEvent, seen: Seen) -> bool:
    """Whether nothing of the event is kept from the reader."""
    return seen.sight == "all" and not seen.withheld and (not isinstance(event, FaultGraded) or seen.faults == "all")


def _row(view: EventView, recorded: Recorded, number: str, *, whole: bool = False) -> AuditEvent:
    id, kind = recorded.originator_id, kind_of(recorded)
    return AuditEvent(
        view.position, id if kind is COMPLAINT else None, id if kind is INCIDENT else None, number, view.version,
        view.type, view.recorded_at, view.occurred_at, view.actor, view.data, view.unreadable,
        _hash(recorded) if whole else None,
    )  # fmt: skip


def _report_row(recorded: Recorded, fact: PeriodReported, *, places: bool) -> AuditEvent:
    """`places`: whether districts are told, as they are to those who see what was answered."""
    at = recorded.recorded_at.astimezone(UTC)
    data = {name: value for name, value in vars(fact).items() if name not in NOT_DATA}
    data["by_district"] = fact.by_district if places else ()
    return AuditEvent(
        recorded.position, None, None, fact.procedure, recorded.originator_version, type_of(recorded.topic), at, at,
        fact.actor, data, hash=_hash(recorded) if places else None,
    )  # fmt: skip
