"""One row per clock of a complaint, with the instant at which it has to be judged next.

The clock runner finds what is due through the index over `next_at` alone. A complaint's clocks are numbered in the
order in which the domain gives them (`ordinal`): two clocks may share name, unit, round and start, after a
reclassification for example. `owed_by` are the units that it is charged to. `rule` is the place of the clock's rule
in the pinned version of the procedure, counted from nought.
"""

from typing import Final

from sqlalchemy import ARRAY, BigInteger, Boolean, Column, DateTime, Index, Integer, Table, Text, Uuid

from domain.clocks.clock import next_judgement_at
from domain.complaint.owers import units_owing
from migrations.metadata import metadata
from projections.case import Case, ReadModel, Row, Target
from projections.obligations_table import OBLIGATIONS
from projections.tracking_table import SCHEMA

sla = Table(
    "sla",
    metadata,
    Column("complaint_id", Uuid, primary_key=True),
    Column("ordinal", Integer, primary_key=True, autoincrement=False),
    Column("position", BigInteger, nullable=False),
    Column("number", Text, nullable=False),
    Column("procedure", Text, nullable=False),
    Column("clock", Text, nullable=False),
    Column("unit", Text),
    Column("round", Integer, nullable=False),
    Column("started_at", DateTime(timezone=True), nullable=False),
    Column("warn_at", DateTime(timezone=True)),
    Column("due_at", DateTime(timezone=True), nullable=False),
    Column("stopped_at", DateTime(timezone=True)),
    Column("state", Text, nullable=False),
    Column("soft", Boolean, nullable=False),
    Column("provisional", Boolean, nullable=False),
    Column("next_at", DateTime(timezone=True)),
    Column("accused", ARRAY(Text), nullable=False),  # tags, as everywhere in read models
    Column("sent_to", ARRAY(Text), nullable=False),
    Column("procedure_version", Text, nullable=False),
    Column("rule", Integer, nullable=False),
    Column("owed_by", ARRAY(Text), nullable=False),
    schema=SCHEMA,
)

Index(None, sla.c.next_at, postgresql_where=sla.c.next_at.is_not(None))
Index(None, sla.c.due_at, sla.c.complaint_id, sla.c.ordinal)


def sla_rows(case: Case) -> list[Row]:
    """A row for every clock the complaint has ever had, in the order of the table's columns."""
    it = case.complaint
    judged = it.judged
    accused, sent_to = case.seal.tags(it.accused), sorted(it.sent_to)
    return [
        (
            it.id, ordinal, case.position, it.number, it.procedure_code, clock.name, clock.unit, clock.round,
            clock.started_at, clock.warn_at, clock.due_at, clock.stopped_at, clock.state, clock.soft,
            clock.provisional, next_judgement_at([clock], judged), accused, sent_to,
            it.procedure_version, it.procedure.place_of(clock.rule), units_owing(it, clock),
        )
        for ordinal, clock in enumerate(it.clocks)
    ]  # fmt: skip


SLA: Final = ReadModel("sla", (Target(sla, sla_rows, owner="complaint_id", many=True), OBLIGATIONS))
