"""Shadow tables: made beside the ones that serve, compared with them, and put in their place."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final
from uuid import UUID

from sqlalchemy import MetaData
from sqlalchemy.dialects import postgresql
from sqlalchemy.schema import CreateIndex, CreateTable

from eventlog.checkpoints import Connection
from migrations.metadata import metadata
from projections.case import ReadModel, Target

SHADOWS: Final = "rebuilding"
EXAMPLES: Final = 5
PATIENCE: Final = 24 * 3600.0  # seconds: an index over millions of rows takes its time

# Rows of complaints that have moved on since the live checkpoint are no difference; nor is the position they bear,
# which says when a row was last written.
COMPARE: Final = """
SELECT d.kind, count(DISTINCT d.id) AS complaints, (array_agg(DISTINCT d.id))[1:{examples}] AS examples FROM (
    SELECT coalesce(n.{owner}, o.{owner}) AS id,
        CASE WHEN n.{owner} IS NULL THEN 'gone' WHEN o.{owner} IS NULL THEN 'new' ELSE 'different' END AS kind
    FROM {old} o FULL JOIN {new} n USING ({key})
    WHERE ROW({of_old}) IS DISTINCT FROM ROW({of_new})
) d
WHERE NOT EXISTS (SELECT FROM {new} m WHERE m.{owner} = d.id AND m.position > $1)
GROUP BY d.kind
"""


@dataclass(frozen=True)
class Difference:
    """How a table that served differs from the rebuilt one: complaints, and the ids of a few of them.

    `kind` is gone (its rows should not have been there), new (they were missing) or different.
    """

    table: str
    kind: str
    complaints: int
    examples: tuple[UUID, ...]


def shadow_of(model: ReadModel) -> ReadModel:
    """The same read model in tables of the schema for rebuilding."""
    twin = MetaData(naming_convention=metadata.naming_convention)
    targets = (replace(it, table=it.table.to_metadata(twin, schema=SHADOWS)) for it in model.targets)
    return replace(model, targets=tuple(targets))


async def create_tables(connection: Connection, shadow: ReadModel) -> None:
    """Empty shadow tables without indexes; what an earlier rebuild left behind is dropped."""
    for target in shadow.targets:
        await connection.execute(f"DROP TABLE IF EXISTS {target.table.fullname}")
        await connection.execute(_sql(CreateTable(target.table)))


async def create_indexes(connection: Connection, shadow: ReadModel) -> None:
    """The indexes, once the rows are there, and statistics for the plans."""
    for target in shadow.targets:
        for index in sorted(target.table.indexes, key=lambda index: str(index.name)):
            await connection.execute(_sql(CreateIndex(index)), timeout=PATIENCE)
        await connection.execute(f"ANALYZE {target.table.fullname}", timeout=PATIENCE)


async def drop_tables(connection: Connection, shadow: ReadModel) -> None:
    for target in shadow.targets:
        await connection.execute(f"DROP TABLE IF EXISTS {target.table.fullname}")


async def compare(connection: Connection, live: ReadModel, shadow: ReadModel, position: int) -> list[Difference]:
    """How the tables that serve, which stand at `position`, differ from the rebuilt ones."""
    differences: list[Difference] = []
    for old, new in zip(live.targets, shadow.targets, strict=True):
        for row in await connection.fetch(_comparison(old, new), position, timeout=PATIENCE):
            differences.append(Difference(old.table.name, row["kind"], row["complaints"], tuple(row["examples"])))
    return differences


async def switch(connection: Connection, live: ReadModel, shadow: ReadModel) -> None:
    """Puts the rebuilt tables in the place of the others, in the caller's transaction; indexes travel along."""
    for old, new in zip(live.targets, shadow.targets, strict=True):
        await connection.execute(f"DROP TABLE {old.table.fullname}")
        await connection.execute(f"ALTER TABLE {new.table.fullname} SET SCHEMA {old.table.schema}")


def _comparison(old: Target, new: Target) -> str:
    compared: Sequence[str] = [name for name in old.columns if name != "position"]
    return COMPARE.format(
        examples=EXAMPLES,
        owner=old.owner,
        old=old.table.fullname,
        new=new.table.fullname,
        key=", ".join(column.name for column in old.table.primary_key),
        of_old=", ".join(f"o.{name}" for name in compared),
        of_new=", ".join(f"n.{name}" for name in compared),
    )


def _sql(statement: CreateTable | CreateIndex) -> str:
    dialect = postgresql.dialect()  # type: ignore[no-untyped-call]
    return str(statement.compile(dialect=dialect))
