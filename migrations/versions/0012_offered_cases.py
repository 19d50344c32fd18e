"""Which cases were handed over to whom and wait to be accepted: what the next shift looks at first."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

READING = "reading"
INDEX = "tracking_offered_to_idx"


def upgrade() -> None:
    # Nothing recorded so far was handed over.
    op.add_column("tracking", sa.Column("offered_to", sa.Text), schema=READING)
    op.create_index(
        INDEX, "tracking", ["offered_to"], schema=READING, postgresql_where=sa.text("offered_to IS NOT NULL")
    )


def downgrade() -> None:
    op.drop_index(INDEX, "tracking", schema=READING)
    op.drop_column("tracking", "offered_to", schema=READING)
