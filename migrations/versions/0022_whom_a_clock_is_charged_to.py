"""The units that a clock is charged to, also one of the whole case; and a miss counts on the day its limit ran out.

The rows follow from the log, so they are thrown away here, and the service writes them again when it starts.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None

READING = "reading"
TABLES = ("sla", "indicator_cases", "indicator_samples")
START_OVER = """
UPDATE follower_checkpoints SET position = 0 WHERE name IN ('sla', 'indicators');
DELETE FROM parked_streams WHERE follower IN ('sla', 'indicators')
"""


def upgrade() -> None:
    op.execute(f"TRUNCATE {', '.join(f'{READING}.{table}' for table in TABLES)}")
    op.add_column("sla", sa.Column("owed_by", sa.ARRAY(sa.Text), nullable=False), schema=READING)
    for statement in START_OVER.split(";"):
        op.execute(statement)


def downgrade() -> None:
    op.drop_column("sla", "owed_by", schema=READING)
