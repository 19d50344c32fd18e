"""How far each read model has come, and which complaints it could not take in."""

from sqlalchemy import BigInteger, Column, DateTime, Table, Text, Uuid

from projections.incidents import INCIDENTS
from projections.indicators import INDICATOR_ROWS
from projections.metadata import metadata
from projections.sla import SLA
from projections.tracking import SCHEMA, TRACKING

READ_MODELS = (TRACKING, SLA, INDICATOR_ROWS, INCIDENTS)

checkpoints = Table(
    "checkpoints",
    metadata,
    Column("name", Text, primary_key=True),
    Column("position", BigInteger, nullable=False),
    Column("updated_at", DateTime(timezone=True), nullable=False),
    schema=SCHEMA,
)

projection_failures = Table(
    "projection_failures",
    metadata,
    Column("projection", Text, primary_key=True),
    Column("complaint_id", Uuid, primary_key=True),
    Column("position", BigInteger, nullable=False),  # of the first event that was not taken in
    Column("error", Text, nullable=False),  # the class of the error: its text may hold personal data
    Column("failed_at", DateTime(timezone=True), nullable=False),
    schema=SCHEMA,
)
