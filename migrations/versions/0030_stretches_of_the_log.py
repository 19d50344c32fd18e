"""What complaints are searched by is cut into stretches of the log, so that the index need not give all that there are.

The rows follow from the log, so they are thrown away here, and the service writes them again when it starts.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0030"
down_revision = "0029"
branch_labels = None
depends_on = None

READING = "reading"
GRAMS_INDEX, STRETCH_INDEX = "tracking_search_grams_idx", "tracking_search_stretch_received_at_idx"
START_OVER = """
UPDATE follower_checkpoints SET position = 0 WHERE name = 'tracking';
DELETE FROM parked_streams WHERE follower = 'tracking'
"""


def upgrade() -> None:
    _empty()
    op.add_column("tracking_search", sa.Column("stretch", sa.Integer, nullable=False), schema=READING)
    received_at = sa.Column("received_at", sa.DateTime(timezone=True), nullable=False)
    op.add_column("tracking_search", received_at, schema=READING)
    _fill_in_grams()
    op.create_index(STRETCH_INDEX, "tracking_search", ["stretch", "received_at"], schema=READING)


def downgrade() -> None:
    _empty()
    op.drop_index(STRETCH_INDEX, "tracking_search", schema=READING)
    for column in ("stretch", "received_at"):
        op.drop_column("tracking_search", column, schema=READING)
    _fill_in_grams()


def _empty() -> None:
    op.execute(f"TRUNCATE {READING}.tracking, {READING}.tracking_search")
    op.drop_index(GRAMS_INDEX, "tracking_search", schema=READING)
    op.drop_column("tracking_search", "grams", schema=READING)
    for statement in START_OVER.split(";"):
        op.execute(statement)


def _fill_in_grams() -> None:
    """As the last column, which it is in the table's description."""
    op.add_column("tracking_search", sa.Column("grams", sa.ARRAY(sa.Integer), nullable=False), schema=READING)
    op.create_index(GRAMS_INDEX, "tracking_search", ["grams"], schema=READING, postgresql_using="gin")
