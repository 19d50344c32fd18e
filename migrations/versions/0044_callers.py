"""The complaints of whoever calls are found by their key, the newest first."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0044"
down_revision = "0043"
branch_labels = None
depends_on = None

READING = "reading"
NEWEST = ["key_id", "received_at"]


def upgrade() -> None:
    op.create_index("tracking_key_id_received_at_idx", "tracking", NEWEST, schema=READING)
    op.create_index(
        "tracking_open_of_caller_idx", "tracking", NEWEST, schema=READING,
        postgresql_where=sa.text("closed_at IS NULL"),
    )  # fmt: skip


def downgrade() -> None:
    op.drop_index("tracking_open_of_caller_idx", "tracking", schema=READING)
    op.drop_index("tracking_key_id_received_at_idx", "tracking", schema=READING)
