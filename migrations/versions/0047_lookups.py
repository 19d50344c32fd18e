"""What complaints are looked up by, exactly: customers, old numbers, answers of the form; all of it keyed hashes.

A migration has no key, so the table is filled from the log by the service that starts, or by `redress rebuild lookups`.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from migrations.grants import APP_ROLE

revision = "0047"
down_revision = "0046"
branch_labels = None
depends_on = None

READING, TABLE = "reading", "lookups"
OWN = f"""
DO $$
BEGIN
    IF EXISTS (SELECT FROM pg_roles WHERE rolname = '{APP_ROLE}' AND pg_has_role(current_user, oid, 'USAGE')) THEN
        ALTER TABLE {READING}.{TABLE} OWNER TO {APP_ROLE};
    END IF;
END $$
"""
START_OVER = (
    f"DELETE FROM follower_checkpoints WHERE name = '{TABLE}'",
    f"DELETE FROM parked_streams WHERE follower = '{TABLE}'",
)  # fmt: skip


def upgrade() -> None:
    op.create_table(
        TABLE,
        sa.Column("complaint_id", sa.Uuid, primary_key=True),
        sa.Column("position", sa.BigInteger, nullable=False),
        sa.Column("person", sa.LargeBinary),
        sa.Column("found_by", sa.ARRAY(sa.BigInteger), nullable=False),
        sa.Column("found_by_before", sa.ARRAY(sa.BigInteger), nullable=False),
        schema=READING,
    )
    op.create_index(f"{TABLE}_found_by_idx", TABLE, ["found_by"], schema=READING, postgresql_using="gin")
    op.execute(OWN)
    _start_over()


def downgrade() -> None:
    op.drop_table(TABLE, schema=READING)
    _start_over()


def _start_over() -> None:
    for statement in START_OVER:
        op.execute(statement)
