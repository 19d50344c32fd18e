"""Where each issue point occurred, which complaints are still to be raised for it, and how far the policy has read."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from migrations.grants import grant

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

TABLES = ("issue_occurrences", "recurrence_raises", "policy_checkpoints")


def upgrade() -> None:
    op.create_table(
        "issue_occurrences",
        sa.Column("complaint_id", sa.Uuid, primary_key=True),
        sa.Column("number", sa.Text, nullable=False),
        sa.Column("procedure", sa.Text, nullable=False),
        sa.Column("issue_point", sa.Text, nullable=False),
        sa.Column("occurred_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("position", sa.BigInteger, nullable=False),
    )
    op.create_index("issue_occurrences_issue_idx", "issue_occurrences", ["procedure", "issue_point", "position"])
    op.create_table(
        "recurrence_raises",
        sa.Column("position", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("complaint_id", sa.Uuid, nullable=False),
        sa.Column("issue_point", sa.Text, nullable=False),
        sa.Column("other_ids", sa.ARRAY(sa.Uuid), nullable=False),
        sa.Column("other_numbers", sa.ARRAY(sa.Text), nullable=False),
        sa.Column("failed_at", sa.DateTime(timezone=True)),
    )
    op.create_table(
        "policy_checkpoints",
        sa.Column("name", sa.Text, primary_key=True),
        sa.Column("position", sa.BigInteger, nullable=False),
    )
    for table in TABLES:
        grant(op, table, "SELECT, INSERT, UPDATE, DELETE")


def downgrade() -> None:
    for table in reversed(TABLES):
        op.drop_table(table)
