"""What is kept of how many calls and complaints came in, by the hour, and of the surges found in them."""

from sqlalchemy import Boolean, Column, DateTime, Float, Index, Integer, Table, Text, Uuid

from migrations.metadata import metadata

call_volumes = Table(
    "call_volumes",
    metadata,
    Column("source", Text, primary_key=True),  # the telephone system that counted
    Column("began_at", DateTime(timezone=True), primary_key=True),
    Column("ended_at", DateTime(timezone=True), nullable=False),
    Column("calls", Integer, nullable=False),
    Column("reported_by", Text, nullable=False),
    Column("reported_at", DateTime(timezone=True), nullable=False),
)
Index(None, call_volumes.c.began_at)

calls_begun = Table(
    "calls_begun",
    metadata,
    Column("source", Text, primary_key=True),  # that told of them, call by call
    Column("hour", DateTime(timezone=True), primary_key=True),
    Column("calls", Integer, nullable=False),
)
Index(None, calls_begun.c.hour)

complaint_volumes = Table(
    "complaint_volumes",
    metadata,
    Column("hour", DateTime(timezone=True), primary_key=True),
    Column("complaints", Integer, nullable=False),
)

call_surges = Table(
    "call_surges",
    metadata,
    Column("procedure", Text, primary_key=True),
    Column("source", Text, primary_key=True),
    Column("hour", DateTime(timezone=True), primary_key=True),
    Column("incident_id", Uuid, nullable=False),
    Column("calls", Integer, nullable=False),
    Column("usual", Float, nullable=False),
    Column("days", Integer, nullable=False),
    Column("multiple", Float, nullable=False),
    Column("opens", Boolean, nullable=False),  # whether this is the hour for which the incident is opened
    Column("opened", Boolean, nullable=False),
)
Index(
    "call_surges_incident_id_idx",
    call_surges.c.incident_id,
    postgresql_where=call_surges.c.opens & ~call_surges.c.opened,
)
