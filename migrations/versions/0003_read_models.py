"""The read models, how far they have come, and the schema in which they are rebuilt.

The service's role owns them, because it makes and switches them itself; everything in them follows from the log.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from migrations.grants import APP_ROLE, grant

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

READING = "reading"
REBUILDING = "rebuilding"
TABLES = ("tracking", "tracking_search", "sla", "checkpoints", "projection_failures")

ENTER = f"""
DO $$
BEGIN
    IF EXISTS (SELECT FROM pg_roles WHERE rolname = '{APP_ROLE}') THEN
        GRANT USAGE, CREATE ON SCHEMA {READING}, {REBUILDING} TO {APP_ROLE};
    END IF;
END $$
"""

# Ownership can be given away only by a login that may act as the new owner, which is what USAGE of a role means.
OWN = f"""
DO $$
DECLARE
    name text;
BEGIN
    IF EXISTS (SELECT FROM pg_roles WHERE rolname = '{APP_ROLE}') THEN
        FOREACH name IN ARRAY ARRAY[{", ".join(f"'{table}'" for table in TABLES)}] LOOP
            EXECUTE format('ALTER TABLE {READING}.%I OWNER TO {APP_ROLE}', name);
        END LOOP;
    END IF;
EXCEPTION
    WHEN insufficient_privilege THEN NULL;
END $$
"""


def upgrade() -> None:
    op.execute(f"CREATE SCHEMA {READING}")
    op.execute(f"CREATE SCHEMA {REBUILDING}")
    _create_tracking()
    _create_sla()
    op.create_table(
        "checkpoints",
        sa.Column("name", sa.Text, primary_key=True),
        sa.Column("position", sa.BigInteger, nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        schema=READING,
    )
    op.create_table(
        "projection_failures",
        sa.Column("projection", sa.Text, primary_key=True),
        sa.Column("complaint_id", sa.Uuid, primary_key=True),
        sa.Column("position", sa.BigInteger, nullable=False),
        sa.Column("error", sa.Text, nullable=False),
        sa.Column("failed_at", sa.DateTime(timezone=True), nullable=False),
        schema=READING,
    )
    op.execute(ENTER)
    for table in TABLES:
        grant(op, f"{READING}.{table}", "SELECT, INSERT, UPDATE, DELETE")
    op.execute(OWN)


def _create_tracking() -> None:
    op.create_table(
        "tracking",
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("position", sa.BigInteger, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("number", sa.Text, nullable=False),
        sa.Column("procedure", sa.Text, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("status", sa.Text, nullable=False),
        sa.Column("severity", sa.Text),
        sa.Column("category", sa.Text),
        sa.Column("issue_point", sa.Text),
        sa.Column("channel", sa.Text, nullable=False),
        sa.Column("subject", sa.Text, nullable=False),
        sa.Column("customer", sa.Text),
        sa.Column("owner_actor", sa.Text),
        sa.Column("owner_unit", sa.Text),
        sa.Column("units", sa.ARRAY(sa.Text), nullable=False),
        sa.Column("unit_states", sa.ARRAY(sa.Text), nullable=False),
        sa.Column("accused", sa.ARRAY(sa.Text), nullable=False),
        sa.Column("sent_to", sa.ARRAY(sa.Text), nullable=False),
        sa.Column("round", sa.Integer, nullable=False),
        sa.Column("occurred_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True)),
        sa.Column("closed_at", sa.DateTime(timezone=True)),
        sa.Column("last_event", sa.Text, nullable=False),
        sa.Column("last_event_at", sa.DateTime(timezone=True), nullable=False),
        schema=READING,
    )
    op.create_index("tracking_received_at_id_idx", "tracking", ["received_at", "id"], schema=READING)
    op.create_index("tracking_due_at_id_idx", "tracking", ["due_at", "id"], schema=READING)
    op.create_index("tracking_number_idx", "tracking", ["number"], schema=READING)
    op.create_index("tracking_sent_to_idx", "tracking", ["sent_to"], schema=READING, postgresql_using="gin")
    op.create_table(
        "tracking_search",
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("position", sa.BigInteger, nullable=False),
        sa.Column("text", sa.Text, nullable=False),
        sa.Column("grams", sa.ARRAY(sa.Text), nullable=False),
        schema=READING,
    )
    op.create_index("tracking_search_grams_idx", "tracking_search", ["grams"], schema=READING, postgresql_using="gin")


def _create_sla() -> None:
    op.create_table(
        "sla",
        sa.Column("complaint_id", sa.Uuid, primary_key=True),
        sa.Column("ordinal", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("position", sa.BigInteger, nullable=False),
        sa.Column("number", sa.Text, nullable=False),
        sa.Column("procedure", sa.Text, nullable=False),
        sa.Column("clock", sa.Text, nullable=False),
        sa.Column("unit", sa.Text),
        sa.Column("round", sa.Integer, nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("warn_at", sa.DateTime(timezone=True)),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("stopped_at", sa.DateTime(timezone=True)),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("soft", sa.Boolean, nullable=False),
        sa.Column("provisional", sa.Boolean, nullable=False),
        sa.Column("next_at", sa.DateTime(timezone=True)),
        sa.Column("accused", sa.ARRAY(sa.Text), nullable=False),
        sa.Column("sent_to", sa.ARRAY(sa.Text), nullable=False),
        schema=READING,
    )
    op.create_index(
        "sla_next_at_idx", "sla", ["next_at"], schema=READING, postgresql_where=sa.text("next_at IS NOT NULL")
    )
    op.create_index("sla_due_at_complaint_id_ordinal_idx", "sla", ["due_at", "complaint_id", "ordinal"], schema=READING)


def downgrade() -> None:
    op.execute(f"DROP SCHEMA {REBUILDING} CASCADE")
    op.execute(f"DROP SCHEMA {READING} CASCADE")
