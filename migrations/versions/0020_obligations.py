"""What is owed, by whom, beside when it is due; and what is owed without a limit.

The rows follow from the log, so they are thrown away here, and the service writes them again when it starts.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from migrations.grants import APP_ROLE

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None

READING = "reading"
# As for every read model: the service's role makes and switches it itself.
OWN = f"""
DO $$
BEGIN
    IF EXISTS (SELECT FROM pg_roles WHERE rolname = '{APP_ROLE}') THEN
        ALTER TABLE {READING}.obligations OWNER TO {APP_ROLE};
    END IF;
EXCEPTION
    WHEN insufficient_privilege THEN NULL;
END $$
"""
CLOCKS = """
TRUNCATE reading.sla;
UPDATE follower_checkpoints SET position = 0 WHERE name = 'sla';
DELETE FROM parked_streams WHERE follower = 'sla'
"""


def upgrade() -> None:
    op.create_table(
        "obligations",
        sa.Column("complaint_id", sa.Uuid, primary_key=True),
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
        sa.Column("accused", sa.ARRAY(sa.Text), nullable=False),
        sa.Column("sent_to", sa.ARRAY(sa.Text), nullable=False),
        schema=READING,
    )
    op.create_index(
        "obligations_owed_by_due_at_idx", "obligations", ["owed_by", "due_at"], schema=READING,
        postgresql_where=sa.text("met_at IS NULL AND state IN ('open', 'missed')"),
    )  # fmt: skip
    op.create_index(
        "obligations_due_at_complaint_id_ordinal_idx", "obligations", ["due_at", "complaint_id", "ordinal"],
        schema=READING,
    )  # fmt: skip
    op.execute(OWN)
    for statement in CLOCKS.split(";"):
        op.execute(statement)


def downgrade() -> None:
    op.drop_table("obligations", schema=READING)
