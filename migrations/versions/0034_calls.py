"""Calls: who may post them, and the read model of them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from migrations.grants import APP_ROLE, grant

revision = "0034"
down_revision = "0033"
branch_labels = None
depends_on = None

READING = "reading"
# As for every read model: the service's role makes and switches it itself.
OWN = f"""
DO $$
BEGIN
    IF EXISTS (SELECT FROM pg_roles WHERE rolname = '{APP_ROLE}') THEN
        ALTER TABLE {READING}.calls OWNER TO {APP_ROLE};
    END IF;
EXCEPTION
    WHEN insufficient_privilege THEN NULL;
END $$
"""


def upgrade() -> None:
    op.create_table(
        "call_sources",
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("sealed", sa.LargeBinary, nullable=False),
        sa.Column("secret", sa.LargeBinary, nullable=False),
        sa.Column("former", sa.LargeBinary),
        sa.Column("former_until", sa.DateTime(timezone=True)),
        sa.Column("ends_after", sa.Integer, nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("removed_at", sa.DateTime(timezone=True)),
        sa.Column("edition", sa.BigInteger, nullable=False),
    )
    grant(op, "call_sources", "SELECT, INSERT, UPDATE")
    op.create_table(
        "calls",
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("position", sa.BigInteger, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("source", sa.Text, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("direction", sa.Text, nullable=False),
        sa.Column("key_id", sa.Uuid, nullable=False),
        sa.Column("sealed", sa.LargeBinary),
        sa.Column("caller", sa.LargeBinary),
        sa.Column("agents", sa.ARRAY(sa.Text), nullable=False),
        sa.Column("queue", sa.Text),
        sa.Column("began_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("offered_at", sa.DateTime(timezone=True)),
        sa.Column("answered_at", sa.DateTime(timezone=True)),
        sa.Column("ended_at", sa.DateTime(timezone=True)),
        sa.Column("wait_ms", sa.BigInteger),
        sa.Column("talk_ms", sa.BigInteger),
        sa.Column("score", sa.Integer),
        sa.Column("heard_at", sa.DateTime(timezone=True)),
        schema=READING,
    )
    op.create_index("calls_began_at_id_idx", "calls", ["began_at", "id"], schema=READING)
    op.create_index(
        "calls_caller_began_at_idx", "calls", ["caller", "began_at"], schema=READING,
        postgresql_where=sa.text("caller IS NOT NULL"),
    )  # fmt: skip
    op.create_index(
        "calls_heard_at_idx", "calls", ["heard_at"], schema=READING, postgresql_where=sa.text("heard_at IS NOT NULL")
    )
    op.create_index("calls_agents_idx", "calls", ["agents"], schema=READING, postgresql_using="gin")
    op.execute(OWN)


def downgrade() -> None:
    op.drop_table("calls", schema=READING)
    op.drop_table("call_sources")
