"""How far each read model has come, and which complaints it could not take in."""

from sqlalchemy import BigInteger, Column, DateTime, Table, Text, Uuid

from migrations.metadata import metadata
from projections.incidents_table import INCIDENTS
from projections.indicators_table import INDICATOR_ROWS
from projections.sla_table import SLA
from projections.tracking_table import SCHEMA, TRACKING

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
