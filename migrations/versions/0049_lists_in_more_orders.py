"""The list of complaints is given in order of what happened last and of the close, too."""

from __future__ import annotations

from alembic import op

revision = "0049"
down_revision = "0048"
branch_labels = None
depends_on = None

READING, TABLE, COLUMNS = "reading", "tracking", ("last_event_at", "closed_at")


def upgrade() -> None:
    for column in COLUMNS:
        op.create_index(f"{TABLE}_{column}_id_idx", TABLE, [column, "id"], schema=READING)


def downgrade() -> None:
    for column in COLUMNS:
        op.drop_index(f"{TABLE}_{column}_id_idx", TABLE, schema=READING)
