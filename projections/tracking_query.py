"""The tracking table as a list: the rows a reader may see, filtered, in order, page by page."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Literal

from projections.scope import Conditions, Scope
from projections.search import grams, like, terms

Sort = Literal["received_at", "-received_at", "due_at", "-due_at"]

COLUMNS: Final = (
    "id", "number", "procedure", "kind", "status", "severity", "category", "issue_point", "channel", "subject",
    "customer", "owner_actor", "owner_unit", "units", "unit_states", "round", "occurred_at", "received_at", "due_at",
    "closed_at", "last_event", "last_event_at", "offered_to",
)  # fmt: skip


@dataclass(frozen=True)
class TrackingFilter:
    """What is asked for. Times are UTC; `received_from` is included, `received_to` is not."""

    procedure: str | None = None
    kind: str | None = None
    status: str | None = None
    severity: str | None = None
    category: str | None = None
    unit: str | None = None
    owner: str | None = None
    offered_to: str | None = None
    channel: str | None = None
    overdue: bool | None = None
    received_from: datetime | None = None
    received_to: datetime | None = None
    q: str | None = None


def add_lasting(conditions: Conditions, wanted: TrackingFilter, scope: Scope) -> None:
    """What never changes in the life of a complaint, and what the reader may see."""
    scope.narrow(conditions)
    for name in ("procedure", "channel"):
        if getattr(wanted, name) is not None:
            conditions.add(f"{name} = {{}}", getattr(wanted, name))
    if wanted.received_from is not None:
        conditions.add("received_at >= {}", wanted.received_from)
    if wanted.received_to is not None:
        conditions.add("received_at < {}", wanted.received_to)
    if wanted.q is not None:
        _add_search(conditions, terms(wanted.q), scope)


def add_changing(conditions: Conditions, wanted: TrackingFilter, now: datetime) -> None:
    """What changes with the events of a complaint, or with time."""
    for name in ("kind", "status", "severity"):
        if getattr(wanted, name) is not None:
            conditions.add(f"{name} = {{}}", getattr(wanted, name))
    if wanted.category is not None:
        conditions.add("category = {} OR starts_with(category, {})", wanted.category, f"{wanted.category}.")
    if wanted.unit is not None:
        conditions.add("units @> {}::text[]", [wanted.unit])
    if wanted.owner is not None:
        conditions.add("owner_actor = {}", wanted.owner)
    if wanted.offered_to is not None:
        conditions.add("offered_to = {}", wanted.offered_to)
    if wanted.overdue is not None:
        conditions.add("coalesce(due_at < {}, false) = {}", now, wanted.overdue)


def shows(row: dict[str, Any], wanted: TrackingFilter, now: datetime) -> bool:
    """The conditions of `add_changing` for one row that was made from the log."""
    category = row["category"] or ""
    return (
        all(getattr(wanted, name) in (None, row[name]) for name in ("kind", "status", "severity"))
        and (wanted.category is None or f"{category}.".startswith(f"{wanted.category}."))
        and (wanted.unit is None or wanted.unit in row["units"])
        and wanted.owner in (None, row["owner_actor"])
        and wanted.offered_to in (None, row["offered_to"])
        and wanted.overdue in (None, is_overdue(row["due_at"], now))
    )


def is_overdue(due_at: datetime | None, now: datetime) -> bool:
    """Whether the next hard due time has passed; a complaint that has ended has none."""
    return due_at is not None and due_at < now


def pages(conditions: Conditions, sort: Sort, after: tuple[datetime | None, Any] | None) -> list[Conditions]:
    """The queries that together give the next rows, each a keyset on an index; those without a due time come last."""
    column, descending = sort.removeprefix("-"), sort.startswith("-")
    beyond = "<" if descending else ">"
    queries: list[Conditions] = []
    if after is None or after[0] is not None:
        dated = conditions.copy()
        dated.add(f"{column} IS NOT NULL")
        if after is not None:
            dated.add(f"({column}, id) {beyond} ({{}}, {{}})", *after)
        queries.append(dated)
    if column == "due_at":
        undated = conditions.copy()
        undated.add("due_at IS NULL")
        if after is not None and after[0] is None:
            undated.add(f"id {beyond} {{}}", after[1])
        queries.append(undated)
    return queries


def select(conditions: Conditions, sort: Sort, limit: int) -> str:
    """One query of `pages`."""
    column, direction = sort.removeprefix("-"), "DESC" if sort.startswith("-") else "ASC"
    return (
        f"SELECT {', '.join(COLUMNS)} FROM reading.tracking WHERE {conditions.where} "
        f"ORDER BY {column} {direction}, id {direction} LIMIT {limit}"
    )


def _add_search(conditions: Conditions, wanted: list[str], scope: Scope) -> None:
    """Every word must occur. Who does not see the texts finds by number alone."""
    if not wanted:
        return
    pairs = sorted({pair for term in wanted for pair in grams(term)})
    inner = [conditions.placed("s.text LIKE {}", like(term)) for term in wanted]
    if pairs:
        inner.append(conditions.placed("s.grams @> {}::text[]", pairs))
    found = f"id IN (SELECT s.id FROM reading.tracking_search s WHERE {' AND '.join(inner)})"
    readable = scope.reads_texts_of
    if set(scope.all_of + scope.unit_of) <= set(readable):
        conditions.add(found)
        return
    by_text = conditions.placed("procedure = ANY({}::text[])", readable)
    by_number = " AND ".join(conditions.placed("lower(number) LIKE {}", like(term)) for term in wanted)
    conditions.add(f"({by_text} AND {found}) OR ({by_number})")
