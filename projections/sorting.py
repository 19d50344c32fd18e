"""In which order a list is: by several keys, each in its own direction, and page by page from any place on.

What lacks a key comes last, whichever way. Each part of a page is a range of an index on its first key; where rows
have that in common, PostgreSQL sorts those few by the others.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cmp_to_key
from typing import Any

from projections.scope import Conditions

Sort = tuple[str, ...]  # the keys in their order, with - before those that go down
Value = datetime | str | None


@dataclass(frozen=True)
class SortKey:
    """A key of a list: a column, perhaps without a value, that holds a time or a text."""

    column: str
    nullable: bool = False
    is_time: bool = True


Sortable = Mapping[str, SortKey]


@dataclass(frozen=True)
class Ordered:
    """A column in its direction. `may_lack`: rows may be without it, and come last."""

    column: str
    descending: bool
    may_lack: bool = False

    def direction(self, *, with_lacking: bool) -> str:
        down = "DESC NULLS LAST" if self.may_lack and with_lacking else "DESC"
        return f"{self.column} {down if self.descending else 'ASC'}"


@dataclass(frozen=True)
class Part:
    """Rows that follow each other in a list: those at `place`, in this order, with the values of `conditions`."""

    conditions: Conditions
    place: str
    order: str


def name_of(key: str) -> str:
    return key.removeprefix("-")


def in_order(sort: Sort, keys: Sortable, *last: str) -> list[Ordered]:
    """The columns by which a list is ordered, `last` those that tell any two rows apart, in the last direction."""
    columns = [Ordered(keys[name_of(one)].column, one.startswith("-"), keys[name_of(one)].nullable) for one in sort]
    return [*columns, *(Ordered(column, columns[-1].descending) for column in last)]


def parts(conditions: Conditions, by: Sequence[Ordered], unique: int, after: Sequence[Any] | None) -> list[Part]:
    """What together is the list from a place on, which is the values of its last row; the last `unique` never lack."""
    if after is None:
        return _with_lacking(conditions, by, unique, 0, [], lambda page: [])
    found: list[Part] = []
    for start, end in reversed(_runs(by, after)):
        if after[start] is None:
            continue  # those that lack it come last, and nothing behind them

        def beyond(page: Conditions, start: int = start, end: int = end) -> list[str]:
            columns = ", ".join(one.column for one in by[start:end])
            places = ", ".join("{}" for _ in by[start:end])
            sign = "<" if by[start].descending else ">"
            return [page.placed(f"({columns}) {sign} ({places})", *after[start:end])]

        found += _with_lacking(conditions, by, unique, start, after[:start], beyond)
    return found


def _with_lacking(
    conditions: Conditions, by: Sequence[Ordered], unique: int, start: int, same: Sequence[Any], beyond: Any
) -> list[Part]:
    """Those that have the first columns in common (`same`) and lie beyond in the next one, and those that lack it."""
    page, column = conditions.copy(), by[start].column
    places = [*_same(page, by, same), *beyond(page)]
    if not by[start].may_lack:
        return [Part(page, " AND ".join(places) or "true", _order(by[start:]))]
    lacking = conditions.copy()
    lacks = [*_same(lacking, by, same), f"{column} IS NULL"]
    # Of one key alone an index gives them; of several they are ordered by the rest, which another index may give.
    rest = by[start:] if start + 1 + unique == len(by) else by[start + 1 :]
    return [
        Part(page, " AND ".join([*places, f"{column} IS NOT NULL"]), _order(by[start:])),
        Part(lacking, " AND ".join(lacks), _order(rest)),
    ]


def _same(page: Conditions, by: Sequence[Ordered], values: Sequence[Any]) -> list[str]:
    return [
        f"{one.column} IS NULL" if value is None else page.placed(f"{one.column} = {{}}", value)
        for one, value in zip(by, values, strict=False)
    ]


def _runs(by: Sequence[Ordered], after: Sequence[Any]) -> list[tuple[int, int]]:
    """Columns next to each other that are compared as one row: in one direction, none lacking but at its beginning."""
    runs: list[tuple[int, int]] = []
    for number, one in enumerate(by):
        start = runs[-1][0] if runs else 0
        joins = runs and one.descending == by[start].descending and not one.may_lack and after[start] is not None
        if joins:
            runs[-1] = start, number + 1
        else:
            runs.append((number, number + 1))
    return runs


def _order(by: Sequence[Ordered]) -> str:
    return ", ".join(one.direction(with_lacking=number > 0) for number, one in enumerate(by))


# Where rows are put in order here, and in cursors


def sorted_rows(rows: Sequence[Any], by: Sequence[Ordered]) -> list[Any]:
    """As the database orders them."""
    return sorted(rows, key=cmp_to_key(lambda one, other: _compared(_values(one, by), _values(other, by), by)))


def is_beyond(row: Any, after: Sequence[Any], by: Sequence[Ordered]) -> bool:
    return _compared(_values(row, by), after, by) > 0


def _values(row: Any, by: Sequence[Ordered]) -> list[Any]:
    return [row[one.column] for one in by]


def _compared(one: Sequence[Any], other: Sequence[Any], by: Sequence[Ordered]) -> int:
    for mine, theirs, column in zip(one, other, by, strict=True):
        if mine == theirs:
            continue
        if mine is None or theirs is None:
            return 1 if mine is None else -1
        return 1 if (mine < theirs) == column.descending else -1
    return 0


def written(values: Sequence[Value]) -> tuple[str | None, ...]:
    """The values of the keys of a row, as a cursor holds them."""
    return tuple(value.isoformat() if isinstance(value, datetime) else value for value in values)


def read(values: Sequence[str | None], sort: Sort, keys: Sortable) -> list[Value]:
    """What `written` wrote of a row of this list."""
    kinds = [keys[name_of(one)].is_time for one in sort]
    return [
        datetime.fromisoformat(value) if is_time and value is not None else value
        for value, is_time in zip(values, kinds, strict=True)
    ]


def called(by: Sequence[Ordered], names: Mapping[str, str]) -> list[Ordered]:
    """The same order of a table that calls some of the columns otherwise."""
    return [replace(one, column=names.get(one.column, one.column)) for one in by]
