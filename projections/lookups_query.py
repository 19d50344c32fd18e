"""Complaints that are looked up exactly: by whom they are of, and what belongs to the same people."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from projections.lookups_table import Sought
from projections.scope import Conditions, Scope

COLUMNS: Final = "t.id, t.number, t.received_at, t.closed_at, t.key_id, l.person"
FOUND_BY: Final = "SELECT complaint_id FROM reading.lookups WHERE found_by @> $1::bigint[] LIMIT $2"
NOW: Final = "SELECT complaint_id FROM reading.lookups WHERE found_by && {}::bigint[]"
BEFORE: Final = f"""
{NOW.replace("found_by", "found_by_before")} AND found_by_before <> ARRAY[]::bigint[]
"""

Query = tuple[Any, ...]  # its text, and then its values


def found(
    named: Conditions, by: Sequence[int], after: tuple[datetime, UUID] | None, limit: int, *, many: bool = False
) -> Query:
    """Of those whose complainant the reader sees (`named`), those found by all of these hashes, the newest first.

    `many`: there are more of them than should be sorted.
    """
    conditions = named.copy()
    if many:
        conditions.add("l.found_by @> {}::bigint[]", list(by))
        if after is not None:
            conditions.add("(t.received_at, t.id) < ({}, {})", *after)
        text = (
            f"SELECT {COLUMNS} FROM reading.tracking t JOIN reading.lookups l ON l.complaint_id = t.id "
            f"WHERE {conditions.where} ORDER BY t.received_at DESC, t.id DESC LIMIT {limit}"
        )
        return text, *conditions.values
    place = conditions.placed("found_by @> {}::bigint[]", list(by))
    if after is not None:
        place += conditions.placed(" AND (received_at, complaint_id) < ({}, {})", *after)
    return _newest(conditions, place, limit)


def beside(named: Conditions, by: Sequence[int], limit: int) -> Query:
    """As `found`, by any of these hashes."""
    conditions = named.copy()
    return _newest(conditions, conditions.placed("found_by && {}::bigint[]", list(by)), limit)


def estimate(by: Sequence[int]) -> Query:
    """What the planner says of how many are found by all of these hashes, as JSON."""
    return "EXPLAIN (FORMAT JSON) SELECT FROM reading.lookups WHERE found_by @> $1::bigint[]", list(by)


@dataclass(frozen=True)
class LookedUp:
    """Complaints that are looked up by any of these, or are some of `ids`.

    `personal`: by who complained, and not by an answer.
    """

    by: tuple[Sought, ...]
    ids: tuple[UUID, ...] = ()
    personal: bool = False


def ids_of(by: Sequence[int], limit: int, *, ever: bool = False) -> Query:
    """The ids of those found by any of these hashes, `ever`: also by what was corrected since."""
    conditions = Conditions()
    text = conditions.placed(NOW, list(by))
    if ever:
        text += " UNION " + conditions.placed(BEFORE, list(by))
    return f"SELECT complaint_id FROM ({text}) l LIMIT {limit}", *conditions.values


def add_looked_up(
    conditions: Conditions, scope: Scope, asked: LookedUp, hashes: Sequence[int], ids: Sequence[UUID] | None, *,
    ever: bool = False,
) -> None:  # fmt: skip
    """Those that are looked up by any of the hashes, which are these; None where they are too many to be named.

    PostgreSQL does not know of a hash how many have it, once it has a plan for any, and would go through the whole list
    for a few. Only where the reader sees what they are looked up by.
    """
    if ids is not None:
        conditions.add("id = ANY({}::uuid[])", [*ids, *asked.ids])
    else:
        either = conditions.placed(f"id IN ({NOW})", list(hashes))
        if ever:
            either += " OR " + conditions.placed(f"id IN ({BEFORE})", list(hashes))
        if asked.ids:
            either += " OR " + conditions.placed("id = ANY({}::uuid[])", list(asked.ids))
        conditions.add(either)
    reached = scope.named if asked.personal else scope.read
    conditions.add(reached.condition(conditions, scope.unit, "kind"))


def _newest(conditions: Conditions, place: str, limit: int) -> Query:
    """They are sorted before the rest of a row is read, which is for those alone that are shown."""
    text = (
        f"SELECT {COLUMNS} FROM (SELECT complaint_id, person, received_at FROM reading.lookups WHERE {place} "
        f"ORDER BY received_at DESC, complaint_id DESC) l JOIN reading.tracking t ON t.id = l.complaint_id "
        f"WHERE {conditions.where} ORDER BY l.received_at DESC, l.complaint_id DESC LIMIT {limit}"
    )
    return text, *conditions.values
