"""Pages of the incidents, and of the complaints that were entered after one was over."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final, cast
from uuid import UUID

import asyncpg

from app.queries.masking import seen_text
from app.queries.paging import After, Listed, Rows, Source, counting, end_of, place_of
from app.queries.visibility import Seen, Visibility
from domain.complaint.events import CallbackDone, CustomerInformed, Received
from domain.complaint.state import Status
from domain.errors import RoleForbids
from domain.incident.incident import Incident, IncidentStatus
from domain.procedure.incident_rules import CALL_SURGE
from domain.titles import Language
from domain.values import Actor
from eventlog.codec import EventCodec
from eventlog.complainants import Complainants
from eventlog.database import fetch
from eventlog.log import Recorded
from eventlog.row_seals import opened_column
from eventlog.sealing import DataKey
from eventlog.streams import AnyEvent
from procedures.rules import Rules
from projections.incidents_query import (
    KEYS,
    LATE_COLUMNS,
    IncidentFilter,
    conditions_of,
    late_intakes,
    pages_of,
)
from projections.incidents_table import SEALED
from projections.scope import Scope
from projections.sorting import Sort
from wording.records import surge_title

WORD_TO_THEM: Final = """
SELECT notification_id, originator_id, originator_version, topic, state, actor, recorded_at FROM stored_events
WHERE originator_id = ANY($1::uuid[]) AND topic = ANY($2::text[]) ORDER BY originator_id, originator_version
"""


@dataclass(frozen=True, slots=True)
class IncidentRow:
    """One incident. Times are UTC; `due_at` is its next hard due time."""

    id: UUID
    number: str
    procedure: str
    kind: str
    state: IncidentStatus
    title: str
    occurred_at: datetime
    opened_at: datetime
    restored_at: datetime | None
    closed_at: datetime | None
    due_at: datetime | None
    last_event: str
    last_event_at: datetime


@dataclass(frozen=True, slots=True)
class LateIntake:
    """A complaint of the time of an incident that was taken down after it.

    `called_back_at`: when the complainant was first reached after it was over, by a callback or by telephone.
    `callback_owed`: they have not been yet, and are not anonymous.
    """

    complaint_id: UUID
    number: str
    procedure: str
    status: Status
    occurred_at: datetime
    received_at: datetime
    called_back_at: datetime | None
    callback_owed: bool


@dataclass(frozen=True)
class IncidentTable:
    """The incidents for every reader, and the complaints that were entered after one was over."""

    pool: asyncpg.Pool
    codec: EventCodec
    complainants: Complainants
    rules: Rules
    visibility: Visibility
    source: Source
    tracking: Source

    def rows(
        self, actor: Actor, wanted: IncidentFilter, language: Language, sort: Sort = ("-opened_at",)
    ) -> Rows[IncidentRow]:
        """One row per incident. Raises `RoleForbids` for one who may see no incident at all."""
        scope = self.visibility.scope(actor)
        procedures = self.rules.procedures
        if not any(code in scope.all_of and one.incidents is not None for code, one in procedures.items()):
            raise RoleForbids
        conditions = conditions_of(wanted, scope)

        async def page(after: After | None, limit: int) -> Listed[IncidentRow]:
            rows: list[Any] = []
            for query in pages_of(conditions, sort, place_of(after, sort, KEYS), limit + 1):
                rows += await fetch(self.pool, query.text, *query.values) if len(rows) <= limit else []
            keys = await self.complainants.keys({row["key_id"] for row in rows[:limit]})
            items = [_row(dict(row), keys.get(row["key_id"]), scope, language) for row in rows[:limit]]
            return Listed(items, end_of(rows[limit - 1], sort) if len(rows) > limit else None)

        return Rows(IncidentRow, self.source, page, counted=counting(self.pool, "reading.incidents", conditions))

    def late_intakes(self, actor: Actor, incident: Incident) -> Rows[LateIntake]:
        """The complaints entered after it was over; none while it goes on. Raises the `Forbidden` of either."""
        Seen.of_incident(incident, actor)
        scope, began_at, restored_at = self.visibility.scope(actor), incident.occurred_at, incident.restored_at

        async def page(after: After | None, limit: int) -> Listed[LateIntake]:
            if restored_at is None:
                return Listed([], None)
            place = None if after is None else (after.key, after.id)
            query = late_intakes(scope, began_at, restored_at, place, limit + 1)
            rows = await fetch(self.pool, query.text, *query.values)
            shown = [dict(zip(LATE_COLUMNS, row, strict=True)) for row in rows[:limit]]
            reached, owed = await self._callbacks([row["id"] for row in shown], restored_at)
            items = [
                LateIntake(
                    row["id"], row["number"], row["procedure"], row["status"], _at(row["occurred_at"]),
                    _at(row["received_at"]), reached.get(row["id"]), row["id"] in owed,
                )
                for row in shown
            ]  # fmt: skip
            return Listed(items, After(items[-1].occurred_at, items[-1].complaint_id) if len(rows) > limit else None)

        return Rows(LateIntake, self.tracking, page)

    async def _callbacks(self, ids: Collection[UUID], restored_at: datetime) -> tuple[dict[UUID, datetime], set[UUID]]:
        """When each was reached first since then, and to whom a callback is owed; from the log, so never stale."""
        reached: dict[UUID, datetime] = {}
        named: set[UUID] = set()
        topics = [Received.TOPIC, CallbackDone.TOPIC, CustomerInformed.TOPIC]
        for row in await fetch(self.pool, WORD_TO_THEM, list(ids), topics) if ids else ():
            recorded = Recorded(*row)
            event = self.codec.event_or_none(recorded, None)
            if isinstance(event, Received) and not event.anonymous:
                named.add(recorded.originator_id)
            if event is not None and _is_a_call(event) and event.timestamp > restored_at:
                reached.setdefault(recorded.originator_id, _at(event.timestamp))
        return reached, named - reached.keys()


def _is_a_call(event: AnyEvent) -> bool:
    """A callback that reached them, or word by telephone."""
    reached = isinstance(event, CallbackDone) and event.reached
    return reached or (isinstance(event, CustomerInformed) and event.means == "phone")


def _row(row: dict[str, Any], key: DataKey | None, scope: Scope, language: Language) -> IncidentRow:
    opened = opened_column(row["id"], SEALED, row.pop("sealed"), key) or ""
    # People give every incident a title; one of a surge that has none was opened by the service.
    by_itself = row["kind"] == CALL_SURGE and not opened
    title = surge_title(language) if by_itself else seen_text(opened, scope.sight(row["procedure"], row["kind"]))
    del row["key_id"]
    facts: dict[str, Any] = {name: _utc(value) for name, value in row.items()}
    return IncidentRow(**{**facts, "title": title})


def _utc(value: object) -> object:
    return value.astimezone(UTC) if isinstance(value, datetime) else value


def _at(value: object) -> datetime:
    return cast(datetime, value).astimezone(UTC)
