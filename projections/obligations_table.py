"""待办: one row per thing that is owed of a complaint, by whom, until when.

`rule` is the place of its clock's rule in the pinned version of the procedure; None for what the close needs without a
limit. `owed_by` is `unit:<code>`, `role:<code>` or `person:<id>`.
"""

from typing import Final

from sqlalchemy import ARRAY, BigInteger, Boolean, Column, DateTime, Index, Integer, Table, Text, Uuid, text

from domain.complaint.obligations import obligations_of
from migrations.metadata import metadata
from projections.case import Case, Row, Target
from projections.tracking_table import SCHEMA

obligations = Table(
    "obligations",
    metadata,
    Column("complaint_id", Uuid, primary_key=True),
    Column("ordinal", Integer, primary_key=True, autoincrement=False),
    Column("position", BigInteger, nullable=False),
    Column("number", Text, nullable=False),
    Column("procedure", Text, nullable=False),
    Column("procedure_version", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("rule", Integer),
    Column("owed_by", Text, nullable=False),
    Column("step", Text, nullable=False),
    Column("unit", Text),
    Column("round", Integer, nullable=False),
    Column("arose_at", DateTime(timezone=True), nullable=False),
    Column("warn_at", DateTime(timezone=True)),
    Column("due_at", DateTime(timezone=True)),
    Column("soft", Boolean, nullable=False),
    Column("state", Text, nullable=False),
    Column("met_at", DateTime(timezone=True)),
    Column("accused", ARRAY(Text), nullable=False),  # tags, as everywhere in read models
    Column("sent_to", ARRAY(Text), nullable=False),
    schema=SCHEMA,
)

Index(
    None, obligations.c.owed_by, obligations.c.due_at,
    postgresql_where=text("met_at IS NULL AND state IN ('open', 'missed')"),
)  # fmt: skip
Index(None, obligations.c.due_at, obligations.c.complaint_id, obligations.c.ordinal)


def obligation_rows(case: Case) -> list[Row]:
    """A row for everything that was ever owed, in the order of the table's columns."""
    it = case.complaint
    accused, sent_to = case.seal.tags(it.accused), sorted(it.sent_to)
    return [
        (
            it.id, ordinal, case.position, it.number, it.procedure_code, it.procedure_version, one.name,
            None if one.rule is None else it.procedure.place_of(one.rule), str(one.owed_by), one.step, one.unit,
            one.round, one.arose_at, one.warn_at, one.due_at, one.soft, one.state, one.met_at, accused, sent_to,
        )
        for ordinal, one in enumerate(obligations_of(it))
    ]  # fmt: skip


OBLIGATIONS: Final = Target(obligations, obligation_rows, owner="complaint_id", many=True)
