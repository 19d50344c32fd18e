"""Which of the numbers of a source's events were heard, and how many real calls came in by the hour.

The numbers are read from the beginning of the log; calls are counted from now on.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from migrations.grants import grant

revision = "0042"
down_revision = "0041"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "call_sequences",
        sa.Column("source", sa.Text, primary_key=True),
        sa.Column("first", sa.BigInteger, primary_key=True),
        sa.Column("last", sa.BigInteger, nullable=False),
        sa.Column("first_at", sa.DateTime(timezone=True), nullable=False),
    )
    grant(op, "call_sequences", "SELECT, INSERT, DELETE")
    op.create_table(
        "calls_begun",
        sa.Column("source", sa.Text, primary_key=True),
        sa.Column("hour", sa.DateTime(timezone=True), primary_key=True),
        sa.Column("calls", sa.Integer, nullable=False),
    )
    op.create_index("calls_begun_hour_idx", "calls_begun", ["hour"])
    grant(op, "calls_begun", "SELECT, INSERT, UPDATE")


def downgrade() -> None:
    op.drop_table("calls_begun")
    op.drop_table("call_sequences")
