"""Pages of the incidents, and of the complaints that were entered after one was over."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final, Literal, cast
from uuid import UUID

from pydantic import Field

from app.http.protocol.cursors import After
from app.http.protocol.list_parameters import Code, Listed, ListQuery, fetch
from app.http.protocol.parameters import Instant
from app.queries.masking import seen_text
from app.service import Service
from domain.complaint.events import CallbackDone, ComplaintEvent, CustomerInformed, Received
from domain.incident.incident import Incident
from eventlog.log import Recorded
from projections.incidents_query import COLUMNS, LATE_COLUMNS, IncidentFilter, conditions_of, late_intakes, page_of
from projections.scope import Scope

WORD_TO_THEM: Final = """
SELECT notification_id, originator_id, originator_version, topic, state, actor, recorded_at FROM stored_events
WHERE originator_id = ANY($1::uuid[]) AND topic = ANY($2::text[]) ORDER BY originator_id, originator_version
"""


class IncidentQuery(ListQuery):
    procedure: Code | None = None
    kind: Code | None = None
    state: Literal["open", "restored", "closed"] | None = None
    opened_from: Instant | None = Field(None, description="Included")
    opened_to: Instant | None = Field(None, description="Not included")
    sort: Literal["opened_at", "-opened_at"] = "-opened_at"


@dataclass(frozen=True, slots=True)
class IncidentRow:
    """One incident. Times are UTC; `due_at` is its next hard due time."""

    id: UUID
    number: str
    procedure: str
    kind: str
    state: str
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
    status: str
    occurred_at: datetime
    received_at: datetime
    called_back_at: datetime | None
    callback_owed: bool


class IncidentPages:
    """The incidents for one reader and one question."""

    def __init__(self, service: Service, scope: Scope, query: IncidentQuery) -> None:
        self._service, self._scope, self._sort = service, scope, query.sort
        wanted = IncidentFilter(query.procedure, query.kind, query.state, query.opened_from, query.opened_to)
        self._conditions = conditions_of(wanted, scope)

    async def page(self, after: After | None, limit: int) -> Listed[IncidentRow]:
        """The next rows. Raises `StorageAway`."""
        place = None if after is None else (after.key, after.id)
        query = page_of(self._conditions, self._sort, place, limit + 1)
        rows = await fetch(self._service, query.text, *query.values)
        items = [self._row(dict(zip(COLUMNS, row, strict=True))) for row in rows[:limit]]
        more = After(items[-1].opened_at, items[-1].id) if len(rows) > limit else None
        return Listed(items, more)

    def _row(self, row: dict[str, object]) -> IncidentRow:
        title = seen_text(row["title"], self._scope.sight(str(row["procedure"])))
        facts: dict[str, Any] = {name: _utc(value) for name, value in row.items()}
        return IncidentRow(**{**facts, "title": title})


class LateIntakePages:
    """The complaints entered after one incident was over, for one reader."""

    def __init__(self, service: Service, scope: Scope, incident: Incident) -> None:
        self._service, self._scope, self._incident = service, scope, incident

    async def page(self, after: After | None, limit: int) -> Listed[LateIntake]:
        """The next rows; none while the incident goes on. Raises `StorageAway`."""
        restored_at = self._incident.restored_at
        if restored_at is None:
            return Listed([], None)
        place = None if after is None else (after.key, after.id)
        query = late_intakes(self._scope, self._incident.occurred_at, restored_at, place, limit + 1)
        rows = await fetch(self._service, query.text, *query.values)
        shown = [dict(zip(LATE_COLUMNS, row, strict=True)) for row in rows[:limit]]
        reached, owed = await self._callbacks([row["id"] for row in shown], restored_at)
        items = [
            LateIntake(
                row["id"], row["number"], row["procedure"], row["status"], _at(row["occurred_at"]),
                _at(row["received_at"]), reached.get(row["id"]), row["id"] in owed,
            )
            for row in shown
        ]  # fmt: skip
        more = After(items[-1].occurred_at, items[-1].complaint_id) if len(rows) > limit else None
        return Listed(items, more)

    async def _callbacks(self, ids: Collection[UUID], restored_at: datetime) -> tuple[dict[UUID, datetime], set[UUID]]:
        """When each was reached first since then, and to whom a callback is owed; from the log, so never stale."""
        reached: dict[UUID, datetime] = {}
        named: set[UUID] = set()
        topics = [Received.TOPIC, CallbackDone.TOPIC, CustomerInformed.TOPIC]
        for row in await fetch(self._service, WORD_TO_THEM, list(ids), topics) if ids else ():
            recorded = Recorded(*row)
            event = self._service.codec.event(recorded, None)
            if isinstance(event, Received) and not event.anonymous:
                named.add(recorded.originator_id)
            if _is_a_call(event) and event.timestamp > restored_at:
                reached.setdefault(recorded.originator_id, _at(event.timestamp))
        return reached, named - reached.keys()


def _is_a_call(event: ComplaintEvent) -> bool:
    """A callback that reached them, or word by telephone."""
    reached = isinstance(event, CallbackDone) and event.reached
    return reached or (isinstance(event, CustomerInformed) and event.means == "phone")


def _utc(value: object) -> object:
    return value.astimezone(UTC) if isinstance(value, datetime) else value


def _at(value: object) -> datetime:
    return cast(datetime, value).astimezone(UTC)
