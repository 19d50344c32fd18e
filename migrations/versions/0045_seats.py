"""What agents' seats went over to, read from the beginning of the log."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from migrations.grants import grant

revision = "0045"
down_revision = "0044"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "seat_changes",
        sa.Column("position", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("agent", sa.Text, nullable=False),
        sa.Column("source", sa.Text, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("number", sa.BigInteger, nullable=False),
    )
    op.create_index("seat_changes_agent_at_idx", "seat_changes", ["agent", "at"])
    grant(op, "seat_changes", "SELECT, INSERT")


def downgrade() -> None:
    op.drop_table("seat_changes")
