"""Writing read models: rows and checkpoint in one transaction, and complaints that cannot be written set aside."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final
from uuid import UUID

import structlog

from eventlog.database import is_storage_away
from projections.case import AnyCase, ReadModel, Row
from projections.statements import arguments, trim, trim_arguments, upsert

log = structlog.get_logger()

Connection = Any  # asyncpg's connection or pool proxy, which have no usable type in common

# A commit lost in a crash takes its checkpoint with it, so nothing here is worth waiting for the disk. The plans are
# made while the tables are empty and kept, so they must not scan them.
SESSION: Final = """
SET synchronous_commit = off; SET enable_seqscan = off; SET enable_hashjoin = off; SET enable_mergejoin = off
"""
CHECKPOINTS: Final = "SELECT name, position FROM reading.checkpoints"
FIRST_CHECKPOINTS: Final = """
INSERT INTO reading.checkpoints (name, position, updated_at)
SELECT name, 0, now() FROM unnest($1::text[]) AS m (name) ON CONFLICT DO NOTHING
"""
MOVE: Final = """
UPDATE reading.checkpoints c SET position = $3, updated_at = now()
FROM unnest($1::text[], $2::bigint[]) AS o (name, position) WHERE c.name = o.name AND c.position = o.position
RETURNING c.name
"""
HOLD: Final = "SELECT name, position FROM reading.checkpoints ORDER BY name FOR UPDATE"
SET_ASIDE: Final = """
INSERT INTO reading.projection_failures (projection, complaint_id, position, error, failed_at)
VALUES ($1, $2, $3, $4, now())
ON CONFLICT (projection, complaint_id) DO UPDATE SET error = excluded.error, failed_at = excluded.failed_at
"""
MENDED: Final = "DELETE FROM reading.projection_failures WHERE projection = $1 AND complaint_id = $2"
FAILURES: Final = """
SELECT projection, complaint_id, position, error, failed_at FROM reading.projection_failures
ORDER BY failed_at, projection, complaint_id
"""


class CheckpointMoved(Exception):
    """Somebody else has moved the read models on: another follower, or a rebuild."""


@dataclass(frozen=True, slots=True)
class ProjectionFailure:
    """A complaint that a read model could not take in from `position` on; `error` is the class of the error."""

    projection: str
    complaint_id: UUID
    position: int
    error: str
    failed_at: datetime


@dataclass
class Rows:
    """What one read model has to write: for each table the rows of each case."""

    model: ReadModel
    cases: list[AnyCase] = field(default_factory=list)
    of_targets: list[list[Sequence[Row]]] = field(default_factory=list)
    failed: dict[UUID, Exception] = field(default_factory=dict)

    @classmethod
    def of(cls, model: ReadModel, cases: Sequence[AnyCase]) -> Rows:
        """The rows of all cases; one whose rows cannot be made is set aside."""
        rows = cls(model, of_targets=[[] for _ in model.targets])
        for case in cases:
            try:
                made = [target.rows(case) if case.complete or not target.once else () for target in model.targets]
            except Exception as error:  # whatever a projection does wrong stops this complaint and no other
                rows.failed[case.id] = error
                continue
            rows.cases.append(case)
            for of_target, some in zip(rows.of_targets, made, strict=True):
                of_target.append(some)
        return rows


async def read_checkpoints(connection: Connection, models: Sequence[ReadModel]) -> dict[str, int]:
    """Where each read model stands; one that has never been filled stands at 0."""
    await connection.execute(FIRST_CHECKPOINTS, [model.name for model in models])
    found = {row["name"]: row["position"] for row in await connection.fetch(CHECKPOINTS)}
    return {model.name: found[model.name] for model in models}


async def move_checkpoints(connection: Connection, before: Mapping[str, int], to: int) -> None:
    """Compares and sets, in the caller's transaction. Raises `CheckpointMoved`."""
    moved = await connection.fetch(MOVE, list(before), list(before.values()), to)
    if len(moved) != len(before):
        raise CheckpointMoved


async def write_rows(connection: Connection, rows: Rows) -> None:
    """Writes the rows of one read model in bulk, in the caller's transaction."""
    for target, of_cases in zip(rows.model.targets, rows.of_targets, strict=True):
        flat = [row for of_case in of_cases for row in of_case]
        if flat:
            await connection.execute(upsert(target), *arguments(target, flat))
        if target.many and rows.cases:
            await connection.execute(trim(target), *trim_arguments(rows.cases, of_cases))


async def write_one_by_one(connection: Connection, rows: Rows) -> dict[UUID, Exception]:
    """As `write_rows`, each case behind a savepoint of its own; returns those that failed and why."""
    failed: dict[UUID, Exception] = {}
    for number, case in enumerate(rows.cases):
        alone = Rows(rows.model, [case], [[of_cases[number]] for of_cases in rows.of_targets])
        try:
            async with connection.transaction():
                await write_rows(connection, alone)
        except Exception as error:
            if is_storage_away(error):
                raise
            failed[case.id] = error
    return failed


async def set_aside(
    connection: Connection, model: ReadModel, failed: Mapping[UUID, Exception], positions: Mapping[UUID, int]
) -> None:
    """Keeps a record of the complaints that this read model could not take in."""
    for id, error in failed.items():
        await connection.execute(SET_ASIDE, model.name, id, positions[id], type(error).__name__)
        log.error("projection_failed", projection=model.name, complaint_id=str(id), error=type(error).__name__)


async def read_failures(connection: Connection) -> list[ProjectionFailure]:
    """Every complaint that is set aside, the longest first."""
    return [ProjectionFailure(*row) for row in await connection.fetch(FAILURES)]
