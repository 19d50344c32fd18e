"""The tracking table as a list: the rows a reader may see, filtered, in order, page by page."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from domain.complaint.state import ENDED
from domain.identity import ROLE
from domain.limits.limits import is_over
from projections.lookups_query import LookedUp
from projections.scope import UPDATED_SINCE, Conditions, Scope
from projections.search import like, terms
from projections.sorting import Ordered, Part, Sort, Sortable, SortKey, called, in_order, parts

# As `Register.leaves_unmatched`, in the table.
UNMATCHED: Final = """
EXISTS (SELECT FROM unnest(accused) said WHERE said <> ALL({}::text[]) AND NOT EXISTS (
    SELECT FROM unnest({}::text[], {}::text[]) called(name, id) WHERE name = said AND called.id = ANY(accused)))
"""

# Those of one unit, in the order of their receipt or of their due times.
SENT: Final = """
(SELECT complaint_id, receipt, due FROM reading.tracking_sent WHERE unit = {}::text) sent ON sent.complaint_id = id
"""

COLUMNS: Final = (
    "id", "number", "procedure", "kind", "status", "severity", "category", "issue_point", "channel", "key_id",
    "sealed", "owner_actor", "owner_unit", "units", "unit_states", "round", "occurred_at", "received_at", "due_at",
    "closed_at", "last_event", "last_event_at", "offered_to", "owner_role", "sent_to",
)  # fmt: skip


@dataclass(frozen=True)
class Register:
    """Who is known now, as rows hold people. `present`: the ids of those who have a key.

    By their tags: `ids`, of everybody who ever had one, and of what each is called the pairs of `names` and `whose`.
    """

    present: Sequence[str] = ()
    ids: Sequence[str] = ()
    names: Sequence[str] = ()
    whose: Sequence[str] = ()

    def has_left(self, owner: str | None) -> bool:
        return owner is not None and owner not in self.present

    def leaves_unmatched(self, accused: Collection[str]) -> bool:
        """Whether one of these is nobody's id, nor what another one of them is called."""
        called = {name for name, id in zip(self.names, self.whose, strict=True) if id in accused}
        return any(one not in self.ids and one not in called for one in accused)


@dataclass(frozen=True)
class TrackingFilter:
    """What is asked for; of several values any. Times are UTC; `received_from` is included, `received_to` is not.
    `updated_since`: something was recorded of it then or later.

    `looked_up`: it is found by each of these. `owner` is an actor's id, or `role:<role>` for the queue of a role.
    `owner_left`: it is open, and its owner is
    not there now. `accused_unmatched`: somebody is accused who is nobody that is known now.
    """

    procedure: tuple[str, ...] = ()
    kind: tuple[str, ...] = ()
    status: tuple[str, ...] = ()
    severity: tuple[str, ...] = ()
    category: tuple[str, ...] = ()
    unit: tuple[str, ...] = ()
    owner: tuple[str, ...] = ()
    offered_to: tuple[str, ...] = ()
    owner_left: bool | None = None
    accused_unmatched: bool | None = None
    channel: tuple[str, ...] = ()
    overdue: bool | None = None
    received_from: datetime | None = None
    received_to: datetime | None = None
    updated_since: datetime | None = None
    q: str | None = None
    looked_up: tuple[LookedUp, ...] = ()


def add_lasting(conditions: Conditions, wanted: TrackingFilter, scope: Scope) -> None:
    """What never changes in the life of a complaint, and what the reader may see."""
    scope.narrow(conditions, sent=SENT)
    for name in ("procedure", "channel"):
        conditions.among(name, getattr(wanted, name))
    if wanted.received_from is not None:
        conditions.add("received_at >= {}", wanted.received_from)
    if wanted.received_to is not None:
        conditions.add("received_at < {}", wanted.received_to)
    if wanted.q is not None:
        _add_findable(conditions, terms(wanted.q), scope)


def add_changing(
    conditions: Conditions, wanted: TrackingFilter, now: datetime, register: Register, scope: Scope
) -> None:
    """What changes with the events of a complaint, or with time."""
    for name in ("kind", "status", "severity", "offered_to"):
        conditions.among(name, getattr(wanted, name))
    if wanted.category:
        below = " OR ".join("category = {} OR starts_with(category, {})" for _ in wanted.category)
        conditions.add(below, *(text for one in wanted.category for text in (one, f"{one}.")))
    if wanted.unit:
        conditions.add("units && {}::text[]", list(wanted.unit))
    if wanted.owner:
        owners = [_owner_of(one) for one in wanted.owner]
        conditions.add(" OR ".join(f"{column} = {{}}" for column, _ in owners), *(code for _, code in owners))
    if wanted.owner_left is not None:
        left = "coalesce(status <> ALL({}::text[]) AND owner_actor <> ALL({}::text[]), false) = {}"
        conditions.add(left, sorted(ENDED), list(register.present), wanted.owner_left)
    if wanted.accused_unmatched is not None:
        # Who is not told who is accused is not told by a filter either that somebody is.
        told = scope.read.condition(conditions, scope.unit, "kind")
        known = (list(register.ids), list(register.names), list(register.whose))
        conditions.add(f"(({told}) AND {UNMATCHED}) = {{}}", *known, wanted.accused_unmatched)
    if wanted.updated_since is not None:
        conditions.add(UPDATED_SINCE, wanted.updated_since)
    if wanted.overdue is not None:
        conditions.add("coalesce(due_at <= {}, false) = {}", now, wanted.overdue)  # as `is_over` has it


def _owner_of(wanted: str) -> tuple[str, str]:
    """In which column an owner is looked for, and what stands there."""
    return ("owner_role", wanted.removeprefix(ROLE)) if wanted.startswith(ROLE) else ("owner_actor", wanted)


def shows(row: dict[str, Any], wanted: TrackingFilter, now: datetime, register: Register) -> bool:
    """The conditions of `add_changing` for one row that was made from the log, with the reader's sight of it."""
    category = f"{row['category'] or ''}."
    owner_left = row["status"] not in ENDED and register.has_left(row["owner_actor"])
    return (
        all(_fits(row[name], getattr(wanted, name)) for name in ("kind", "status", "severity", "offered_to"))
        and (not wanted.category or category.startswith(tuple(f"{one}." for one in wanted.category)))
        and (not wanted.unit or not set(wanted.unit).isdisjoint(row["units"]))
        and (not wanted.owner or any(row[column] == code for column, code in map(_owner_of, wanted.owner)))
        and wanted.owner_left in (None, owner_left)
        and wanted.accused_unmatched in (None, row["sight"] != "none" and register.leaves_unmatched(row["accused"]))
        and wanted.overdue in (None, is_overdue(row["due_at"], now))
    )


def _fits(value: Any, wanted: Sequence[str]) -> bool:
    return not wanted or value in wanted


def is_overdue(due_at: datetime | None, now: datetime) -> bool:
    """Whether the next hard due time is over, after the close that of a callback."""
    return due_at is not None and is_over(due_at, now)


KEYS: Final[Sortable] = {
    "received_at": SortKey("received_at"), "due_at": SortKey("due_at", nullable=True),
    "last_event_at": SortKey("last_event_at"), "closed_at": SortKey("closed_at", nullable=True),
    "number": SortKey("number", is_time=False),
}  # fmt: skip
BY_RECEIPT: Final[tuple[Sort, ...]] = (("received_at",), ("-received_at",))
# How the table of what was sent to units calls the times and the id by which it gives a unit's own in order.
OF_SENT: Final = {"received_at": "receipt", "due_at": "due", "id": "complaint_id"}


def order_of(sort: Sort) -> list[Ordered]:
    return in_order(sort, KEYS, "id")


def pages(conditions: Conditions, sort: Sort, after: Sequence[Any] | None) -> list[Part]:
    """The queries that together give the next rows, each a keyset on an index; `after` are the last row's keys and id.

    What is ordered by the times of a unit's own is found by its own index.
    """
    by = order_of(sort)
    if conditions.joined and by[0].column in OF_SENT:
        by = called(by, OF_SENT)
    return parts(conditions, by, 1, after)


Query = tuple[Any, ...]  # its text, and then its values


def select(page: Part, limit: int) -> Query:
    """The first rows of a page."""
    text = (
        f"SELECT {', '.join(COLUMNS)} FROM {_table(page)} WHERE {page.conditions.where} AND {page.place} "
        f"ORDER BY {page.order} LIMIT {limit}"
    )
    return text, *page.conditions.values


Terms = Sequence[Sequence[int]]  # of each word that is looked for the hashes of its grams


def walk(page: Part, terms: Terms, window: int, limit: int) -> Query:
    """As `select`, of the first `window` rows those in which all these words occur: for what is common."""
    conditions = page.conditions.copy()
    has_them = " AND ".join(f"EXISTS ({_rows_of('t.id', _has(conditions, grams, 's.stretch'))})" for grams in terms)
    text = (
        f"SELECT {', '.join(COLUMNS)} FROM ("
        f"SELECT * FROM {_table(page)} WHERE {page.conditions.where} AND {page.place} "
        f"ORDER BY {page.order} LIMIT {window}"
        f") t WHERE {has_them} ORDER BY {page.order} LIMIT {limit}"
    )
    return text, *conditions.values


def look_up(page: Part, sort: Sort, terms: Terms, stretches: Sequence[int], limit: int) -> Query:
    """As `select`, of these stretches the rows in which these words occur, found through their index: for what is rare.

    The first word should be the rarest. In the order of the receipt the rest of a row is read for those alone that are
    shown.
    """
    conditions = page.conditions.copy()
    looked_at = conditions.placed("unnest({}::integer[])", stretches)
    first, *others = terms
    direction = "DESC" if sort[0].startswith("-") else "ASC"
    has_others = "".join(
        f" AND EXISTS ({_rows_of('f.id', _has(conditions, grams, 's.stretch'))})" for grams in others
    )
    text = (
        f"WITH found AS MATERIALIZED (SELECT DISTINCT f.id, f.received_at FROM {looked_at} AS b (stretch) "
        # A hash of another stretch may come to the same. Not by the index of stretches, which gives too many; and each
        # stretch by itself (OFFSET 0), or many of them are looked for in the whole table.
        f"CROSS JOIN LATERAL (SELECT id, received_at FROM reading.tracking_search s "
        f"WHERE {_has(conditions, first, 'b.stretch')} AND s.stretch + 0 = b.stretch OFFSET 0) f "
        f"WHERE true{has_others}) "
        f"SELECT {', '.join(COLUMNS)} FROM (SELECT id, received_at FROM found ORDER BY received_at {direction}, "
        f"id {direction}) f JOIN reading.tracking USING (id, received_at){conditions.joined} "
        f"WHERE {conditions.where} AND {page.place} ORDER BY {page.order} LIMIT {limit}"
    )
    return text, *conditions.values


def frequencies(page: Part, terms: Terms, window: int) -> Query:
    """In how many of the first `window` rows each of these words occurs: one row, a column for each."""
    conditions = page.conditions.copy()
    counts = ", ".join(
        f"count(*) FILTER (WHERE EXISTS ({_rows_of('t.id', _has(conditions, grams, 's.stretch'))}))" for grams in terms
    )
    # The conditions give their values types, and nothing else.
    text = (
        f"SELECT {counts} FROM (SELECT id FROM {_table(page)} WHERE ({page.conditions.where} OR true) "
        f"AND {page.place} ORDER BY {page.order} LIMIT {window}) t"
    )
    return text, *conditions.values


def matching(ids: Sequence[Any], terms: Terms, until: int | None) -> Query:
    """The events of these complaints in which one of the words may occur, up to a position of the log."""
    conditions = Conditions()
    conditions.add("s.id = ANY({}::uuid[])", list(ids))
    conditions.add(" OR ".join(_has(conditions, grams, "s.stretch") for grams in terms))
    if until is not None:
        conditions.add("s.position <= {}", until)
    text = (
        "SELECT e.notification_id, e.originator_id, e.originator_version, e.topic, e.state, e.actor, e.recorded_at "
        "FROM reading.tracking_search s JOIN stored_events e "
        f"ON (e.originator_id, e.originator_version) = (s.id, s.version) WHERE {conditions.where}"
    )
    return text, *conditions.values


# Of each stretch of the log in which complaints began the times of the first and of the last receipt.
STRETCHES: Final = """
SELECT b.stretch, first.received_at AS first, last.received_at AS last
FROM generate_series(0, (SELECT max(stretch) FROM reading.tracking_search WHERE version = 1)) AS b (stretch)
CROSS JOIN LATERAL (
    SELECT received_at FROM reading.tracking_search s WHERE s.stretch = b.stretch AND s.version = 1
    ORDER BY received_at LIMIT 1
) first
CROSS JOIN LATERAL (
    SELECT received_at FROM reading.tracking_search s WHERE s.stretch = b.stretch AND s.version = 1
    ORDER BY received_at DESC LIMIT 1
) last
"""


def estimate(page: Part, window: int) -> Query:
    """What the planner says of the first `window` rows, as JSON."""
    query, *values = select(page, window)
    return f"EXPLAIN (FORMAT JSON) {query}", *values


def beyond(page: Part, window: int) -> Query:
    """Gives a row where there are more than the first `window` rows."""
    text = (
        f"SELECT id FROM {_table(page)} WHERE {page.conditions.where} AND {page.place} "
        f"ORDER BY {page.order} OFFSET {window} LIMIT 1"
    )
    return text, *page.conditions.values


def _rows_of(id: str, condition: str) -> str:
    return f"SELECT FROM reading.tracking_search s WHERE s.id = {id} AND {condition}"


def _has(conditions: Conditions, grams: Sequence[int], stretch: str) -> str:
    """That a row has these grams, as rows of the stretch hold them."""
    mixed = ", ".join(conditions.placed("{}::integer", gram) + f" # {stretch}" for gram in grams)
    return f"s.grams @> ARRAY[{mixed}]"


def _table(page: Part) -> str:
    return f"reading.tracking{page.conditions.joined}"


def _add_findable(conditions: Conditions, wanted: list[str], scope: Scope) -> None:
    """Who does not see the texts finds by number alone, which is a part of what is searched."""
    if not wanted or scope.read == scope.reached:
        return
    by_text = scope.read.condition(conditions, scope.unit, "kind")
    by_number = " AND ".join(conditions.placed("lower(number) LIKE {}", like(term)) for term in wanted)
    conditions.add(f"({by_text}) OR ({by_number})")
