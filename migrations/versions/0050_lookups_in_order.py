"""What is looked up is found in the order of the receipt before the rest of it is read.

The rows follow from the log, so they are thrown away here, and the service writes them again when it starts.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0050"
down_revision = "0049"
branch_labels = None
depends_on = None

READING, TABLE, COLUMN = "reading", "lookups", "received_at"
START_OVER = (
    f"TRUNCATE {READING}.{TABLE}", f"DELETE FROM follower_checkpoints WHERE name = '{TABLE}'",
    f"DELETE FROM parked_streams WHERE follower = '{TABLE}'",
)  # fmt: skip


def upgrade() -> None:
    _start_over()
    op.add_column(TABLE, sa.Column(COLUMN, sa.DateTime(timezone=True), nullable=False), schema=READING)


def downgrade() -> None:
    _start_over()
    op.drop_column(TABLE, COLUMN, schema=READING)


def _start_over() -> None:
    for statement in START_OVER:
        op.execute(statement)
