"""Incidents: their read model, the calls counted by the hour, and the surges found in them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from migrations.grants import APP_ROLE, grant

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

READING = "reading"

# The service's role makes and switches read models itself; ownership can be given away only by a login that may act as
# the new owner.
OWN = f"""
DO $$
BEGIN
    IF EXISTS (SELECT FROM pg_roles WHERE rolname = '{APP_ROLE}') THEN
        ALTER TABLE {READING}.incidents OWNER TO {APP_ROLE};
    END IF;
EXCEPTION
    WHEN insufficient_privilege THEN NULL;
END $$
"""
# Nothing recorded so far is an incident.
BEGIN_AT_THE_HEAD = f"""
INSERT INTO {READING}.checkpoints (name, position, updated_at)
SELECT 'incidents', max(notification_id), now() FROM stored_events HAVING max(notification_id) IS NOT NULL
ON CONFLICT DO NOTHING
"""


def upgrade() -> None:
    op.create_table(
        "incidents",
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("position", sa.BigInteger, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("number", sa.Text, nullable=False),
        sa.Column("procedure", sa.Text, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("title", sa.Text, nullable=False),
        sa.Column("occurred_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("restored_at", sa.DateTime(timezone=True)),
        sa.Column("closed_at", sa.DateTime(timezone=True)),
        sa.Column("due_at", sa.DateTime(timezone=True)),
        sa.Column("next_at", sa.DateTime(timezone=True)),
        sa.Column("last_event", sa.Text, nullable=False),
        sa.Column("last_event_at", sa.DateTime(timezone=True), nullable=False),
        schema=READING,
    )
    op.create_index("incidents_opened_at_id_idx", "incidents", ["opened_at", "id"], schema=READING)
    op.create_index(
        "incidents_next_at_idx", "incidents", ["next_at"], schema=READING,
        postgresql_where=sa.text("next_at IS NOT NULL"),
    )  # fmt: skip
    op.create_index(
        "tracking_occurred_at_id_idx", "tracking", ["occurred_at", "id"], schema=READING,
        postgresql_where=sa.text("occurred_at < received_at"),
    )  # fmt: skip
    grant(op, f"{READING}.incidents", "SELECT, INSERT, UPDATE, DELETE")
    op.execute(OWN)
    op.execute(BEGIN_AT_THE_HEAD)
    _count_calls()


def _count_calls() -> None:
    op.create_table(
        "call_volumes",
        sa.Column("source", sa.Text, primary_key=True),
        sa.Column("began_at", sa.DateTime(timezone=True), primary_key=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("calls", sa.Integer, nullable=False),
        sa.Column("reported_by", sa.Text, nullable=False),
        sa.Column("reported_at", sa.DateTime(timezone=True), nullable=False),
    )
    op.create_index("call_volumes_began_at_idx", "call_volumes", ["began_at"])
    op.create_table(
        "complaint_volumes",
        sa.Column("hour", sa.DateTime(timezone=True), primary_key=True),
        sa.Column("complaints", sa.Integer, nullable=False),
    )
    op.create_table(
        "call_surges",
        sa.Column("procedure", sa.Text, primary_key=True),
        sa.Column("source", sa.Text, primary_key=True),
        sa.Column("hour", sa.DateTime(timezone=True), primary_key=True),
        sa.Column("incident_id", sa.Uuid, nullable=False),
        sa.Column("calls", sa.Integer, nullable=False),
        sa.Column("usual", sa.Float, nullable=False),
        sa.Column("days", sa.Integer, nullable=False),
        sa.Column("multiple", sa.Float, nullable=False),
        sa.Column("opens", sa.Boolean, nullable=False),
        sa.Column("opened", sa.Boolean, nullable=False),
    )
    op.create_index(
        "call_surges_incident_id_idx", "call_surges", ["incident_id"], postgresql_where=sa.text("opens AND NOT opened")
    )
    grant(op, "call_volumes", "SELECT, INSERT")
    grant(op, "complaint_volumes", "SELECT, INSERT, UPDATE")
    grant(op, "call_surges", "SELECT, INSERT, UPDATE")


def downgrade() -> None:
    op.drop_table("call_surges")
    op.drop_table("complaint_volumes")
    op.drop_table("call_volumes")
    op.drop_index("tracking_occurred_at_id_idx", "tracking", schema=READING)
    op.drop_table("incidents", schema=READING)
    op.execute(f"DELETE FROM {READING}.checkpoints WHERE name = 'incidents'")
