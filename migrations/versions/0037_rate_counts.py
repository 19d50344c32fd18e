"""How often keys call, added up over all processes. What is counted in a window is worth nothing after a crash."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from migrations.grants import grant

revision = "0037"
down_revision = "0036"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "rate_counts",
        sa.Column("what", sa.Text, primary_key=True),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("calls", sa.BigInteger, nullable=False),
        prefixes=["UNLOGGED"],
    )
    grant(op, "rate_counts", "SELECT, INSERT, UPDATE")


def downgrade() -> None:
    op.drop_table("rate_counts")
