"""What is owed of incidents; and what is owed of complaints without a limit, from when it can be done until it is done.

The rows follow from the log, so they are thrown away here, and the service writes them again when it starts.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from migrations.grants import APP_ROLE

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None

READING = "reading"
# As for every read model: the service's role makes and switches it itself.
OWN = f"""
DO $$
BEGIN
    IF EXISTS (SELECT FROM pg_roles WHERE rolname = '{APP_ROLE}') THEN
        ALTER TABLE {READING}.incident_obligations OWNER TO {APP_ROLE};
    END IF;
EXCEPTION
    WHEN insufficient_privilege THEN NULL;
END $$
"""
START_OVER = """
TRUNCATE reading.sla, reading.obligations, reading.incidents;
UPDATE follower_checkpoints SET position = 0 WHERE name IN ('sla', 'incidents');
DELETE FROM parked_streams WHERE follower IN ('sla', 'incidents')
"""


def upgrade() -> None:
    op.create_table(
        "incident_obligations",
        sa.Column("incident_id", sa.Uuid, primary_key=True),
        sa.Column("ordinal", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("position", sa.BigInteger, nullable=False),
        sa.Column("number", sa.Text, nullable=False),
        sa.Column("procedure", sa.Text, nullable=False),
        sa.Column("procedure_version", sa.Text, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("rule", sa.Integer),
        sa.Column("owed_by", sa.Text, nullable=False),
        sa.Column("step", sa.Text, nullable=False),
        sa.Column("unit", sa.Text),
        sa.Column("round", sa.Integer, nullable=False),
        sa.Column("arose_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("warn_at", sa.DateTime(timezone=True)),
        sa.Column("due_at", sa.DateTime(timezone=True)),
        sa.Column("soft", sa.Boolean, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("met_at", sa.DateTime(timezone=True)),
        sa.Column("kind", sa.Text, nullable=False),
        schema=READING,
    )
    op.create_index(
        "incident_obligations_owed_by_due_at_idx", "incident_obligations", ["owed_by", "due_at"], schema=READING,
        postgresql_where=sa.text("met_at IS NULL AND state IN ('open', 'missed')"),
    )  # fmt: skip
    op.create_index(
        "incident_obligations_due_at_incident_id_ordinal_idx", "incident_obligations",
        ["due_at", "incident_id", "ordinal"], schema=READING,
    )  # fmt: skip
    op.execute(OWN)
    for statement in START_OVER.split(";"):
        op.execute(statement)


def downgrade() -> None:
    op.drop_table("incident_obligations", schema=READING)
