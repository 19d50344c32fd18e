"""What is kept of how each source of calls counts its events, and of what agents' seats went over to."""

from sqlalchemy import BigInteger, Column, DateTime, Index, Table, Text

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

# What agents' seats went over to, each change once, by the time that its source says.
seat_changes = Table(
    "seat_changes",
    metadata,
    Column("position", BigInteger, primary_key=True, autoincrement=False),
    Column("agent", Text, nullable=False),  # levelled, as lists hold people
    Column("source", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("at", DateTime(timezone=True), nullable=False),
    Column("number", BigInteger, nullable=False),  # the source's own count; -1 where it has none
)
Index("seat_changes_agent_at_idx", seat_changes.c.agent, seat_changes.c.at)
