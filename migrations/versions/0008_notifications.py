"""Who is to be told of what, through which channel, and what became of it."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

from migrations.grants import grant

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

TABLES = ("recipients", "notifications", "notification_reads")


def upgrade() -> None:
    op.create_table(
        "recipients",
        sa.Column("kind", sa.Text, primary_key=True),
        sa.Column("code", sa.Text, primary_key=True),
        sa.Column("settings", JSONB, nullable=False),
        sa.Column("webhook_secret", sa.LargeBinary),
        sa.Column("since", sa.BigInteger, nullable=False),
    )
    _create_notifications()
    op.create_table(
        "notification_reads",
        sa.Column("notification_id", sa.Uuid, primary_key=True),
        sa.Column("actor", sa.Text, primary_key=True),
        sa.Column("read_at", sa.DateTime(timezone=True), nullable=False),
    )
    for table in TABLES:
        grant(op, table, "SELECT, INSERT, UPDATE, DELETE")


def _create_notifications() -> None:
    op.create_table(
        "notifications",
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("position", sa.BigInteger, nullable=False),
        sa.Column("complaint_id", sa.Uuid, nullable=False),
        sa.Column("procedure", sa.Text, nullable=False),
        sa.Column("number", sa.Text, nullable=False),
        sa.Column("event", sa.Text, nullable=False),
        sa.Column("recipient_kind", sa.Text, nullable=False),
        sa.Column("recipient", sa.Text, nullable=False),
        sa.Column("channel", sa.Text, nullable=False),
        sa.Column("urgent", sa.Boolean, nullable=False),
        sa.Column("digest", sa.Boolean, nullable=False),
        sa.Column("message_id", sa.Uuid, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("attempts", sa.Integer, nullable=False, server_default="0"),
        sa.Column("claimed_until", sa.DateTime(timezone=True)),
        sa.Column("error", sa.Text),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True)),
    )
    table = "notifications"
    fact = ["position", "recipient_kind", "recipient", "channel"]
    op.create_index("notifications_fact_idx", table, fact, unique=True)
    for name, column, state in (
        ("notifications_waiting_idx", "due_at", "waiting"),
        ("notifications_sending_idx", "claimed_until", "sending"),
        ("notifications_dead_idx", "position", "dead"),
    ):
        op.create_index(name, table, [column], postgresql_where=sa.text(f"state = '{state}'"))
    op.create_index("notifications_message_idx", table, ["message_id"])
    op.create_index("notifications_recipient_idx", table, ["recipient_kind", "recipient", "position"])


def downgrade() -> None:
    for table in reversed(TABLES):
        op.drop_table(table)
