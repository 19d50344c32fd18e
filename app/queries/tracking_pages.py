"""Pages of the tracking table, as it is and as it stood."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from app.queries.event_view import OF_ACCUSED, WITHHELD
from app.queries.looking_up import ids_found_by
from app.queries.masking import seen_customer, seen_text
from app.queries.owner_view import OwnerShown, owner_view
from app.queries.paging import After, Listed, Rows, Source, counting, end_of, place_of
from app.queries.tracking_search import TrackingSearch
from app.queries.visibility import Visibility
from app.readmodels.fold import Folding
from domain.complaint.events import type_of
from domain.complaint.state import Owner, Status, UnitState
from domain.errors import Invalid
from domain.people import People
from domain.procedure.procedure import Sight
from domain.values import Actor
from eventlog.complainants import Complainants
from eventlog.log import EventLog
from eventlog.row_seals import opened_column
from eventlog.sealing import DataKey
from projections.case import Case
from projections.lookups_query import add_looked_up
from projections.lookups_table import found_by
from projections.scope import Conditions, Scope
from projections.sorting import Sort, is_beyond, sorted_rows
from projections.tracking_query import (
    BY_RECEIPT,
    KEYS,
    Register,
    TrackingFilter,
    add_changing,
    add_lasting,
    is_overdue,
    order_of,
    shows,
)
from projections.tracking_table import SEALED, tracking, tracking_rows

MOST_FOLDED: Final = 20_000
FOLDED_AT_ONCE: Final = 100
# A row of the log says at most so much less than when it was decided (migrations/versions/0015).
LONGEST_WAIT: Final = timedelta(seconds=60)
INSTANT: Final = timedelta(microseconds=1)
WAS_THERE: Final = """
EXISTS (SELECT FROM stored_events e
        WHERE e.originator_id = id AND e.originator_version = 1 AND e.notification_id <= {})
"""
TELLS_OF_ACCUSED: Final = frozenset(type_of(event.TOPIC) for event in OF_ACCUSED)
NAMES: Final = [column.name for column in tracking.columns]


@dataclass(frozen=True, slots=True)
class TrackingRow:
    """客户投诉处理追踪表: one complaint. Times are UTC.

    `due_at` is its next hard due time, a callback after its close as any other (None: nothing is waited for any more).
    """

    id: UUID
    number: str
    procedure: str
    kind: str
    status: Status
    severity: str | None
    category: str | None
    issue_point: str | None
    channel: str
    subject: str
    customer: str | None
    owner: OwnerShown
    units: list[UnitState]
    round: int
    occurred_at: datetime
    received_at: datetime
    due_at: datetime | None
    overdue: bool
    closed_at: datetime | None
    last_event: str
    last_event_at: datetime
    offered_to: str | None


class TooManyComplaints(Invalid): ...


@dataclass(frozen=True)
class TrackingTable:
    """The tracking table for every reader."""

    search: TrackingSearch
    log: EventLog
    complainants: Complainants
    folding: Callable[[], Folding]
    visibility: Visibility
    source: Source
    now: Callable[[], datetime]
    people: Callable[[], People]

    def rows(
        self, actor: Actor, wanted: TrackingFilter, sort: Sort = ("-received_at",), as_of: datetime | None = None
    ) -> Rows[TrackingRow]:
        """`as_of`: the table as it stood then. Raises `RoleForbids`; a page may raise `TooManyComplaints`."""
        pages = _TrackingPages(self, self.visibility.scope(actor), wanted, sort, as_of)
        by_the_table = as_of is None and wanted.q is None
        counted = counting(self.search.pool, "reading.tracking", pages.current) if by_the_table else None
        return Rows(TrackingRow, self.source, pages.page, counted=counted)

    def register(self, people: People) -> Register:
        """Who is known, as the rows hold people."""
        tag = self.search.codec.tag_of
        called = [(name, id) for id, person in people.known.items() for name in person.names]
        return Register(
            sorted(people.ids_present), [tag(id) for id in people.known], [tag(name) for name, _ in called],
            [tag(id) for _, id in called],
        )  # fmt: skip


def _asks_for_people(wanted: TrackingFilter) -> bool:
    return wanted.owner_left is not None or wanted.accused_unmatched is not None


class _TrackingPages:
    """The tracking table for one reader and one question."""

    def __init__(
        self, table: TrackingTable, scope: Scope, wanted: TrackingFilter, sort: Sort, as_of: datetime | None
    ) -> None:
        self._table, self._scope, self._wanted, self._sort, self._as_of = table, scope, wanted, sort, as_of
        self._now = as_of or table.now()
        self._since = 0  # only what has events behind this position
        self._people = table.people()
        self._register = table.register(self._people) if _asks_for_people(wanted) else Register()
        self._looked_up = [(asked, table.complainants.found_by(asked.by)) for asked in wanted.looked_up]

    async def current(self) -> Conditions:
        """Of the table as it is."""
        conditions = Conditions()
        add_lasting(conditions, self._wanted, self._scope)
        await self._look_up(conditions)
        add_changing(conditions, self._wanted, self._now, self._register, self._scope)
        return conditions

    async def page(self, after: After | None, limit: int) -> Listed[TrackingRow]:
        if self._as_of is None:
            rows = await self._fetch(await self.current(), after, limit + 1)
        elif self._sort in BY_RECEIPT:
            rows = await self._as_it_stood(self._as_of, after, limit + 1)
        else:
            rows = await self._as_it_stood_in_order(self._as_of, after, limit + 1)
        return await self._listed(rows, limit)

    async def _fetch(
        self, conditions: Conditions, after: After | None, limit: int, *, sort: Sort | None = None,
        until: int | None = None,
    ) -> list[dict[str, Any]]:  # fmt: skip
        place = place_of(after, self._sort, KEYS)
        rows = await self._table.search.rows(conditions, sort or self._sort, place, limit, self._wanted.q, until)
        # By what each is now, also where it is shown as it stood.
        return [{**row, "sight": self._scope.sight(row["procedure"], row["kind"], row["sent_to"])} for row in rows]

    async def _listed(self, rows: Sequence[dict[str, Any]], limit: int) -> Listed[TrackingRow]:
        shown, more = rows[:limit], len(rows) > limit
        after = end_of(shown[-1], self._sort) if more else None
        keys = await self._table.complainants.keys({row["key_id"] for row in shown})
        return Listed([self._shown(row, keys.get(row["key_id"])) for row in shown], after)

    def _shown(self, row: dict[str, Any], key: DataKey | None) -> TrackingRow:
        """A row as the reader sees it; of a person who was erased, or whose key does not open it, nothing personal."""
        subject, customer = opened_column(row["id"], SEALED, row["sealed"], key) or ("", None)
        sight: Sight = row["sight"]
        return TrackingRow(
            id=row["id"],
            number=row["number"],
            procedure=row["procedure"],
            kind=row["kind"],
            status=row["status"],
            severity=row["severity"],
            category=row["category"],
            issue_point=row["issue_point"],
            channel=row["channel"],
            subject=seen_text(subject, sight),
            customer=seen_customer(customer, sight, row["id"]),
            owner=owner_view(Owner(row["owner_actor"], row["owner_unit"], row["owner_role"]), self._people),
            units=[UnitState(*pair) for pair in zip(row["units"], row["unit_states"], strict=True)],
            round=row["round"],
            occurred_at=row["occurred_at"],
            received_at=row["received_at"],
            due_at=row["due_at"],
            overdue=is_overdue(row["due_at"], self._now),
            closed_at=row["closed_at"],
            last_event=WITHHELD if sight == "none" and row["last_event"] in TELLS_OF_ACCUSED else row["last_event"],
            last_event_at=row["last_event_at"],
            offered_to=row["offered_to"],
        )

    # As it stood: candidates come from the table, what they were comes from the log

    async def _position_at(self, as_of: datetime) -> int:
        """Up to where the log stood then, which is where a single complaint as it stood ends, too."""
        position = await self._table.log.position_as_of(as_of)
        await self._table.source.must_reach(position)
        if self._wanted.updated_since is not None:
            self._since = await self._table.log.position_as_of(self._wanted.updated_since - INSTANT)
        return position

    async def _look_up(self, conditions: Conditions, *, ever: bool = False) -> None:
        for asked, hashes in self._looked_up:
            ids = await ids_found_by(self._table.search.pool, hashes, ever=ever)
            add_looked_up(conditions, self._scope, asked, hashes, ids, ever=ever)

    async def _candidates(self, as_of: datetime, position: int) -> Conditions:
        conditions = Conditions()
        add_lasting(conditions, self._wanted, self._scope)
        await self._look_up(conditions, ever=True)
        # The first condition is for the index; the second is exact.
        conditions.add("received_at <= {}::timestamptz + {}::interval", as_of, LONGEST_WAIT)
        conditions.add(WAS_THERE, position)
        return conditions

    async def _as_it_stood(self, as_of: datetime, after: After | None, limit: int) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = []
        folded, position = 0, await self._position_at(as_of)
        candidates = await self._candidates(as_of, position)
        while len(found) < limit:
            batch = await self._fetch(candidates, after, FOLDED_AT_ONCE, until=position)
            found += [row for row in await self._rows_at(batch, position) if self._shows(row, as_of)]
            folded += len(batch)
            if len(batch) < FOLDED_AT_ONCE:
                break
            if folded >= MOST_FOLDED:
                raise TooManyComplaints("?as_of")
            after = end_of(batch[-1], self._sort)
        return found[:limit]

    async def _as_it_stood_in_order(self, as_of: datetime, after: After | None, limit: int) -> list[dict[str, Any]]:
        position = await self._position_at(as_of)
        # In the order of an index that never changes; in which order they are shown follows from what they were.
        candidates = await self._candidates(as_of, position)
        ids = await self._fetch(candidates, None, MOST_FOLDED + 1, sort=BY_RECEIPT[0], until=position)
        if len(ids) > MOST_FOLDED:
            raise TooManyComplaints("?as_of")
        found: list[dict[str, Any]] = []
        for start in range(0, len(ids), FOLDED_AT_ONCE):
            rows = await self._rows_at(ids[start : start + FOLDED_AT_ONCE], position)
            found += [row for row in rows if self._shows(row, as_of)]
        by = order_of(self._sort)
        ordered = sorted_rows(found, by)
        place = place_of(after, self._sort, KEYS)
        if place is not None:
            ordered = [row for row in ordered if is_beyond(row, place, by)]
        return ordered[:limit]

    def _shows(self, row: dict[str, Any], as_of: datetime) -> bool:
        was_found = all(row["id"] in asked.ids or row["found_by"] & set(by) for asked, by in self._looked_up)
        return was_found and row["position"] > self._since and shows(row, self._wanted, as_of, self._register)

    async def _rows_at(self, candidates: Sequence[Any], position: int) -> list[dict[str, Any]]:
        """Their rows as they stood, in the same order."""
        folded = await self._table.folding().whole([row["id"] for row in candidates], position)
        cases: dict[UUID, Case] = {case.id: case for case in folded.complaints}
        return [
            {
                **dict(zip(NAMES, tracking_rows(cases[row["id"]])[0], strict=True)),
                "sight": row["sight"], "found_by": found_by(cases[row["id"]]) if self._looked_up else frozenset(),
            }
            for row in candidates
            if row["id"] in cases
        ]
