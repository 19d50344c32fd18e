"""Names and staff numbers on keys, addresses of those who are told, and districts stand in no table in clear.

A migration has no master key. What stands in clear is moved to a column of which the database keeps no statistics, and
the first service that starts, or command that asks for keys, seals it there. The rows that are counted by district
follow from the log, and are written again by the service; what the log holds of before stays in it.

A step back empties the address book, and keys are called by their ids: nobody can open here what was sealed.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None

INDICATORS = "reading.indicator_cases, reading.indicator_samples"
START_OVER = """
UPDATE follower_checkpoints SET position = 0 WHERE name = 'indicators';
DELETE FROM parked_streams WHERE follower = 'indicators'
"""


def upgrade() -> None:
    for table in ("api_keys", "recipients"):
        op.add_column(table, sa.Column("sealed", sa.LargeBinary))
        op.add_column(table, sa.Column("once_clear", JSONB))
        op.execute(f"ALTER TABLE {table} ALTER once_clear SET STATISTICS 0")
    op.execute("UPDATE api_keys SET once_clear = jsonb_build_array(name, staff_no)")
    op.execute("UPDATE recipients SET once_clear = settings")
    op.drop_column("api_keys", "name")
    op.drop_column("api_keys", "staff_no")
    op.drop_column("recipients", "settings")
    _count_again()


def downgrade() -> None:
    op.add_column("api_keys", sa.Column("name", sa.Text))
    op.add_column("api_keys", sa.Column("staff_no", sa.Text))
    op.execute("UPDATE api_keys SET name = coalesce(once_clear ->> 0, id), staff_no = once_clear ->> 1")
    op.alter_column("api_keys", "name", nullable=False)
    op.execute("DELETE FROM recipients WHERE once_clear IS NULL")
    op.add_column("recipients", sa.Column("settings", JSONB))
    op.execute("UPDATE recipients SET settings = once_clear")
    op.alter_column("recipients", "settings", nullable=False)
    for table in ("api_keys", "recipients"):
        op.drop_column(table, "once_clear")
        op.drop_column(table, "sealed")
    _count_again()


def _count_again() -> None:
    op.execute(f"TRUNCATE {INDICATORS}")
    op.drop_column("indicator_cases", "district", schema="reading")
    op.add_column("indicator_cases", sa.Column("district", sa.Text), schema="reading")
    for statement in START_OVER.split(";"):
        op.execute(statement)
