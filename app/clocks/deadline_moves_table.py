"""The moves of open complaints to a version of their calendar: what was asked for, and how far each has come."""

from sqlalchemy import ARRAY, BigInteger, Column, DateTime, Identity, Index, Integer, Table, Text, Uuid

from migrations.metadata import metadata

deadline_moves = Table(
    "deadline_moves",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("ordinal", BigInteger, Identity(always=True), nullable=False),
    Column("calendar", Text, nullable=False),
    Column("version", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("approved_by", Text, nullable=False),
    Column("asked_by", Text, nullable=False),
    Column("asked_at", DateTime(timezone=True), nullable=False),
    Column("total", Integer),
    Column("looked_at", Integer, nullable=False, server_default="0"),
    Column("complaints", Integer, nullable=False, server_default="0"),
    Column("clocks", Integer, nullable=False, server_default="0"),
    Column("overdue", Integer, nullable=False, server_default="0"),
    Column("failed", ARRAY(Uuid), nullable=False, server_default="{}"),
    Column("last_complaint", Uuid),
    Column("worker", Uuid),
    Column("leased_until", DateTime(timezone=True)),
    Column("finished_at", DateTime(timezone=True)),
)
Index("deadline_moves_waiting_idx", deadline_moves.c.ordinal, postgresql_where=deadline_moves.c.finished_at.is_(None))
