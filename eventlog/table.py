"""The table of the event log: the shape of the eventsourcing library, and what the product adds to it.

The library's own recorder can read it. `notification_id` is the position: gapless, from 1, and visible in
order. `command_id` and `request_hash` stand on the last event of an append, so that a command is remembered
for as long as its events are, and by the same commit.
"""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, DateTime, Index, LargeBinary, Table, Text, Uuid

from migrations.metadata import metadata

stored_events = Table(
    "stored_events",
    metadata,
    Column("originator_id", Uuid, primary_key=True),
    Column("originator_version", BigInteger, primary_key=True, autoincrement=False),
    Column("topic", Text, nullable=False),
    Column("state", LargeBinary, nullable=False),
    Column("notification_id", BigInteger, nullable=False),
    Column("actor", Text, nullable=False),
    Column("recorded_at", DateTime(timezone=True), nullable=False),
    Column("command_id", Uuid),
    Column("request_hash", LargeBinary),
)

Index(None, stored_events.c.notification_id, unique=True)
Index(None, stored_events.c.command_id, unique=True, postgresql_where=stored_events.c.command_id.is_not(None))
Index(None, stored_events.c.topic, stored_events.c.notification_id)
Index(None, stored_events.c.actor, stored_events.c.notification_id)
