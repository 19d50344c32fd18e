"""The outbox, its recipients, and who has read what. No complainant's data are in it: messages are made when sent."""

from sqlalchemy import BigInteger, Boolean, Column, DateTime, Index, Integer, LargeBinary, Table, Text, Uuid, text
from sqlalchemy.dialects.postgresql import JSONB

from migrations.metadata import metadata

recipients = Table(
    "recipients",
    metadata,
    Column("kind", Text, primary_key=True),  # role, unit or actor
    Column("code", Text, primary_key=True),
    Column("sealed", LargeBinary),  # name, addresses and settings
    Column("once_clear", JSONB),  # the same as older versions kept it, until a service seals it
    Column("webhook_secret", LargeBinary),  # sealed
    Column("since", BigInteger, nullable=False),  # the log's head when the recipient was made: told of later events
)

notifications = Table(
    "notifications",
    metadata,
    Column("id", Uuid, primary_key=True),  # follows from position, recipient and channel
    Column("position", BigInteger, nullable=False),
    Column("complaint_id", Uuid, nullable=False),  # the stream: a complaint, an incident, a procedure's reports
    Column("procedure", Text, nullable=False),
    Column("number", Text, nullable=False),
    Column("event", Text, nullable=False),
    Column("recipient_kind", Text, nullable=False),
    Column("recipient", Text, nullable=False),  # the code, an actor's sealed; empty for the complainant
    Column("channel", Text, nullable=False),  # console, email, sms or webhook
    Column("urgent", Boolean, nullable=False),
    Column("digest", Boolean, nullable=False),  # waits to be joined with others
    Column("message_id", Uuid, nullable=False),  # shared by those that are sent as one message
    Column("state", Text, nullable=False),  # waiting, sending, sent, dead or cancelled
    Column("due_at", DateTime(timezone=True), nullable=False),
    Column("attempts", Integer, nullable=False, server_default="0"),
    Column("claimed_until", DateTime(timezone=True)),
    Column("error", Text),
    Column("created_at", DateTime(timezone=True), nullable=False),
    Column("ended_at", DateTime(timezone=True)),  # sent, given up or cancelled
)
Index("notifications_fact_idx", *[
    notifications.c[name] for name in ("position", "recipient_kind", "recipient", "channel")
], unique=True)  # fmt: skip
Index("notifications_waiting_idx", notifications.c.due_at, postgresql_where=text("state = 'waiting'"))
Index("notifications_sending_idx", notifications.c.claimed_until, postgresql_where=text("state = 'sending'"))
Index("notifications_dead_idx", notifications.c.position, postgresql_where=text("state = 'dead'"))
Index("notifications_message_idx", notifications.c.message_id)
Index("notifications_recipient_idx", *[
    notifications.c[name] for name in ("recipient_kind", "recipient", "position")
])  # fmt: skip

notification_reads = Table(
    "notification_reads",
    metadata,
    Column("notification_id", Uuid, primary_key=True),
    Column("actor", Text, primary_key=True),  # sealed
    Column("read_at", DateTime(timezone=True), nullable=False),
)
