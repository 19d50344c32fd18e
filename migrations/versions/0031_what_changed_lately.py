"""The complaints of which something was recorded lately are found by the position of their last event."""

from __future__ import annotations

from alembic import op

revision = "0031"
down_revision = "0030"
branch_labels = None
depends_on = None

INDEX = "tracking_position_idx"


def upgrade() -> None:
    op.create_index(INDEX, "tracking", ["position"], schema="reading")


def downgrade() -> None:
    op.drop_index(INDEX, "tracking", schema="reading")
