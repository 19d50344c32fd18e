"""突发事件日志: one row per incident of the centre, with the instant at which its clocks have to be judged next."""

from typing import Final

from sqlalchemy import BigInteger, Column, DateTime, Index, Integer, LargeBinary, Table, Text, Uuid

from domain.clocks.clock import next_due_at
from migrations.metadata import metadata
from projections.case import IncidentCase, ReadModel, Row, Target
from projections.obligations_table import INCIDENT_OBLIGATIONS
from projections.tracking_table import SCHEMA

SEALED: Final = "incidents.sealed"

incidents = Table(
    "incidents",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("position", BigInteger, nullable=False),
    Column("version", Integer, nullable=False),
    Column("number", Text, nullable=False),
    Column("procedure", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("key_id", Uuid, nullable=False),  # whose data key opens what is sealed
    Column("sealed", LargeBinary),  # the title; shown as the reader's sight allows
    Column("occurred_at", DateTime(timezone=True), nullable=False),
    Column("opened_at", DateTime(timezone=True), nullable=False),
    Column("restored_at", DateTime(timezone=True)),
    Column("closed_at", DateTime(timezone=True)),
    Column("due_at", DateTime(timezone=True)),
    Column("next_at", DateTime(timezone=True)),
    Column("last_event", Text, nullable=False),
    Column("last_event_at", DateTime(timezone=True), nullable=False),
    schema=SCHEMA,
)

Index(None, incidents.c.opened_at, incidents.c.id)
Index(None, incidents.c.next_at, postgresql_where=incidents.c.next_at.is_not(None))


def incident_rows(case: IncidentCase) -> list[Row]:
    """The incident's one row, in the order of the table's columns."""
    it = case.incident
    due_at = None if it.state == "closed" else next_due_at(it.clocks)
    return [
        (
            it.id, case.position, it.version, it.number, it.procedure_code, it.kind, it.state, it.key_id,
            case.seal.column(SEALED, it.title), it.occurred_at, it.opened_at, it.restored_at, it.closed_at, due_at,
            it.next_judgement_at, it.last_event, it.last_event_at,
        )
    ]  # fmt: skip


INCIDENTS: Final = ReadModel(
    "incidents", (Target(incidents, incident_rows, owner="id"), INCIDENT_OBLIGATIONS), of=IncidentCase
)
