"""The incidents as a list, the newest first, and the complaints that were entered after one was over."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from projections.scope import UPDATED_SINCE, Conditions, Scope
from projections.sorting import Sort, Sortable, SortKey, in_order, parts

KEYS: Final[Sortable] = {
    "opened_at": SortKey("opened_at"), "due_at": SortKey("due_at", nullable=True),
    "restored_at": SortKey("restored_at", nullable=True), "closed_at": SortKey("closed_at", nullable=True),
    "last_event_at": SortKey("last_event_at"), "number": SortKey("number", is_time=False),
}  # fmt: skip

COLUMNS: Final = (
    "id", "number", "procedure", "kind", "state", "key_id", "sealed", "occurred_at", "opened_at", "restored_at",
    "closed_at", "due_at", "last_event", "last_event_at",
)  # fmt: skip
LATE_COLUMNS: Final = ("id", "number", "procedure", "status", "occurred_at", "received_at")


@dataclass(frozen=True)
class IncidentFilter:
    """What is asked for; of several values any. `opened_from` is included, `opened_to` is not; both UTC."""

    procedure: tuple[str, ...] = ()
    kind: tuple[str, ...] = ()
    state: tuple[str, ...] = ()
    opened_from: datetime | None = None
    opened_to: datetime | None = None
    updated_since: datetime | None = None


@dataclass(frozen=True)
class Query:
    """A query and its values."""

    text: str
    values: list[Any]


def conditions_of(wanted: IncidentFilter, scope: Scope) -> Conditions:
    """What is asked for, as far as the reader may see it: incidents are sent to no unit, and name nobody."""
    conditions = Conditions()
    conditions.add(scope.reached.whole(conditions, "kind"))
    for name in ("procedure", "kind", "state"):
        conditions.among(name, getattr(wanted, name))
    if wanted.opened_from is not None:
        conditions.add("opened_at >= {}", wanted.opened_from)
    if wanted.opened_to is not None:
        conditions.add("opened_at < {}", wanted.opened_to)
    if wanted.updated_since is not None:
        conditions.add(UPDATED_SINCE, wanted.updated_since)
    return conditions


def pages_of(conditions: Conditions, sort: Sort, after: Sequence[Any] | None, limit: int) -> list[Query]:
    """The queries that together give the next rows; `after` are the keys and the id of the last row."""
    return [
        Query(
            f"SELECT {', '.join(COLUMNS)} FROM reading.incidents WHERE {page.conditions.where} AND {page.place} "
            f"ORDER BY {page.order} LIMIT {limit}",
            page.conditions.values,
        )
        for page in parts(conditions, in_order(sort, KEYS, "id"), 1, after)
    ]


def late_intakes(
    scope: Scope, began_at: datetime, restored_at: datetime, after: tuple[Any, UUID] | None, limit: int
) -> Query:
    """The complaints that occurred while an incident lasted and were taken down after it was over, oldest first."""
    page = Conditions()
    scope.narrow(page)
    page.add("occurred_at >= {} AND occurred_at <= {}", began_at, restored_at)
    page.add("received_at >= {} AND occurred_at < received_at", restored_at)
    if after is not None:
        page.add("(occurred_at, id) > ({}, {})", *after)
    text = (
        f"SELECT {', '.join(LATE_COLUMNS)} FROM reading.tracking WHERE {page.where} "
        f"ORDER BY occurred_at, id LIMIT {limit}"
    )
    return Query(text, page.values)
