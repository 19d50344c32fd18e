"""Whose it is what somebody owes who has left, or who may not do it.

The rows follow from the log, so they are thrown away here, and the service writes them again when it starts.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0029"
down_revision = "0028"
branch_labels = None
depends_on = None

READING = "reading"
START_OVER = """
TRUNCATE reading.sla, reading.obligations;
UPDATE follower_checkpoints SET position = 0 WHERE name = 'sla';
DELETE FROM parked_streams WHERE follower = 'sla'
"""


def upgrade() -> None:
    for statement in START_OVER.split(";"):
        op.execute(statement)
    op.add_column("obligations", sa.Column("otherwise", sa.Text), schema=READING)
    op.add_column("obligations", sa.Column("may", sa.ARRAY(sa.Text), nullable=False), schema=READING)


def downgrade() -> None:
    op.drop_column("obligations", "may", schema=READING)
    op.drop_column("obligations", "otherwise", schema=READING)
