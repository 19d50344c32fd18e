"""The read model of the indicators: what every complaint counts for, and which events made it so."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from migrations.grants import APP_ROLE, grant

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

READING = "reading"
TABLES = ("indicator_cases", "indicator_samples")

# The service's role makes and switches read models itself; ownership can be given away only by a login that may act as
# the new owner.
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
    op.create_table(
        "indicator_cases",
        sa.Column("complaint_id", sa.Uuid, primary_key=True),
        sa.Column("position", sa.BigInteger, nullable=False),
        sa.Column("number", sa.Text, nullable=False),
        sa.Column("procedure", sa.Text, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("category", sa.Text),
        sa.Column("agent", sa.Text),
        sa.Column("accused", sa.ARRAY(sa.Text), nullable=False),
        sa.Column("sent_to", sa.ARRAY(sa.Text), nullable=False),
        schema=READING,
    )
    op.create_table(
        "indicator_samples",
        sa.Column("complaint_id", sa.Uuid, primary_key=True),
        sa.Column("ordinal", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("position", sa.BigInteger, nullable=False),
        sa.Column("indicator", sa.Text, nullable=False),
        sa.Column("day", sa.Date, nullable=False),
        sa.Column("unit", sa.Text),
        sa.Column("whole", sa.Boolean, nullable=False),
        sa.Column("fits", sa.Boolean, nullable=False),
        sa.Column("amount", sa.Numeric),
        sa.Column("currency", sa.Text),
        sa.Column("excluded_by", sa.BigInteger),
        sa.Column("counted", sa.ARRAY(sa.BigInteger), nullable=False),
        sa.Column("fitting", sa.ARRAY(sa.BigInteger), nullable=False),
        schema=READING,
    )
    op.create_index("indicator_samples_day_indicator_idx", "indicator_samples", ["day", "indicator"], schema=READING)
    for table in TABLES:
        grant(op, f"{READING}.{table}", "SELECT, INSERT, UPDATE, DELETE")
    op.execute(OWN)


def downgrade() -> None:
    for table in TABLES:
        op.drop_table(table, schema=READING)
