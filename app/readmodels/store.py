"""Writing read models: the rows of many cases in bulk, or one by one where one of them is at fault."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from uuid import UUID

from eventlog.checkpoints import Connection
from eventlog.database import is_storage_away
from projections.case import AnyCase, ReadModel, Row
from projections.statements import arguments, trim, trim_arguments, upsert

CaseRows = tuple[AnyCase, list[Sequence[Row]]]  # a case, and for each table of a read model its rows


@dataclass
class Rows:
    """What one read model has to write: for each table the rows of each case."""

    model: ReadModel
    cases: list[AnyCase] = field(default_factory=list)
    of_targets: list[list[Sequence[Row]]] = field(default_factory=list)
    failed: dict[UUID, Exception] = field(default_factory=dict)

    @classmethod
    def of(cls, model: ReadModel, cases: Sequence[AnyCase]) -> Rows:
        """The rows of all cases, and why those of some could not be made."""
        made: list[CaseRows] = []
        failed: dict[UUID, Exception] = {}
        for case in cases:
            try:
                made.append((case, rows_of(model, case)))
            except Exception as error:  # whatever a projection does wrong stops this complaint and no other
                failed[case.id] = error
        return replace(cls.joined(model, made), failed=failed)

    @classmethod
    def joined(cls, model: ReadModel, made: Sequence[CaseRows]) -> Rows:
        """The rows of several cases, table by table."""
        of_targets = [[rows[number] for _, rows in made] for number in range(len(model.targets))]
        return cls(model, [case for case, _ in made], of_targets)


def rows_of(model: ReadModel, case: AnyCase) -> list[Sequence[Row]]:
    """For each table of a read model the rows of a case."""
    return [target.rows(case) for target in model.targets]


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
