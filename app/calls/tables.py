"""What is kept of how each source of calls counts its events."""

from sqlalchemy import BigInteger, Column, DateTime, Table, Text

from migrations.metadata import metadata

# Stretches of numbers that were all heard; between two of them something is missing.
call_sequences = Table(
    "call_sequences",
    metadata,
    Column("source", Text, primary_key=True),
    Column("first", BigInteger, primary_key=True),
    Column("last", BigInteger, nullable=False),
    Column("first_at", DateTime(timezone=True), nullable=False),  # when the first of them arrived
)
