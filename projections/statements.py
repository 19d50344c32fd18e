"""The SQL that writes read models in bulk: many rows as one statement, and an older state never over a newer one.

Rows travel as one array per column (`unnest`); a column that is itself an array travels as array literals, because
PostgreSQL flattens arrays of arrays.
"""

from collections.abc import Sequence
from functools import cache
from typing import Any, Final

from sqlalchemy import ARRAY, BigInteger, Boolean, Column, Date, DateTime, Integer, LargeBinary, Numeric, Text, Uuid

from projections.case import AnyCase, Row, Target

TYPES: Final[dict[type, str]] = {
    Uuid: "uuid", BigInteger: "bigint", Integer: "integer", Text: "text", Boolean: "boolean",
    DateTime: "timestamptz", Date: "date", Numeric: "numeric",
    LargeBinary: "bytea", ARRAY: "text",
}  # fmt: skip


@cache
def upsert(target: Target) -> str:
    """Inserts the rows of `arguments`, or replaces those that show an older position."""
    table, columns = target.table, target.columns
    sent = ", ".join(f"${n}::{_type(column)}[]" for n, column in enumerate(table.columns, 1))
    taken = ", ".join(f"r.{c.name}::{_items(c)}[]" if _is_array(c) else f"r.{c.name}" for c in table.columns)
    key = [column.name for column in table.primary_key]
    sets = ", ".join(f"{name} = excluded.{name}" for name in columns if name not in key)
    newer = f"SELECT FROM {table.fullname} n WHERE n.{target.owner} = r.{target.owner} AND n.position > r.position"
    return (
        f"INSERT INTO {table.fullname} AS t ({', '.join(columns)}) "
        f"SELECT {taken} FROM unnest({sent}) AS r ({', '.join(columns)}) "
        + (f"WHERE NOT EXISTS ({newer}) " if target.many else "")
        + f"ON CONFLICT ({', '.join(key)}) DO UPDATE SET {sets} WHERE t.position < excluded.position"
    )


def arguments(target: Target, rows: Sequence[Row]) -> list[list[Any]]:
    """The rows, one list per column, as `upsert` takes them."""
    if not rows:
        return [[] for _ in target.table.columns]
    columns: list[list[Any]] = [list(values) for values in zip(*rows, strict=True)]
    for index, column in enumerate(target.table.columns):
        if _is_array(column):
            columns[index] = [array_literal(items) for items in columns[index]]
    return columns


@cache
def trim(target: Target) -> str:
    """Removes what a case no longer has: takes ids, how many rows each has now, and positions."""
    return (
        f"DELETE FROM {target.table.fullname} t USING unnest($1::uuid[], $2::integer[], $3::bigint[]) "
        f"AS r (id, count, position) "
        f"WHERE t.{target.owner} = r.id AND t.ordinal >= r.count AND t.position < r.position"
    )


def trim_arguments(cases: Sequence[AnyCase], rows: Sequence[Sequence[Row]]) -> list[list[Any]]:
    """Of the cases and their rows, as `trim` takes them."""
    return [[case.id for case in cases], [len(of_case) for of_case in rows], [case.position for case in cases]]


def array_literal(items: Sequence[str] | Sequence[int]) -> str:
    """`['a', 'b "c"']` -> `{"a","b \\"c\\""}`, `[1, 2]` -> `{1, 2}`."""
    if not items:
        return "{}"
    if isinstance(items[0], int):
        return f"{{{str(list(items))[1:-1]}}}"
    escaped = [str(item).replace("\\", "\\\\").replace('"', '\\"') for item in items]
    return '{"' + '","'.join(escaped) + '"}'


def _type(column: Column[Any]) -> str:
    return TYPES[type(column.type)]


def _items(column: Column[Any]) -> str:
    """The type of an array's items."""
    return TYPES[type(column.type.item_type)] if isinstance(column.type, ARRAY) else ""


def _is_array(column: Column[Any]) -> bool:
    return isinstance(column.type, ARRAY)
