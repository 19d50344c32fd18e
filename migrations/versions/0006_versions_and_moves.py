"""The order in which versions of rules were published, and by whom; and the moves of open complaints to a calendar."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from migrations.grants import grant

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

# What is there was published by the starts of the service, one after the other.
NUMBER = """
UPDATE published_rules p SET ordinal = n.ordinal FROM (
    SELECT kind, code, version, row_number() OVER (ORDER BY published_at, kind, code, version) AS ordinal
    FROM published_rules
) n WHERE (n.kind, n.code, n.version) = (p.kind, p.code, p.version)
"""


def upgrade() -> None:
    op.add_column("published_rules", sa.Column("ordinal", sa.BigInteger))
    op.add_column("published_rules", sa.Column("published_by", sa.Text))
    op.execute(NUMBER)
    op.alter_column("published_rules", "ordinal", nullable=False)
    op.create_unique_constraint("published_rules_ordinal_key", "published_rules", ["ordinal"])
    op.create_table(
        "deadline_moves",
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("ordinal", sa.BigInteger, sa.Identity(always=True), nullable=False),
        sa.Column("calendar", sa.Text, nullable=False),
        sa.Column("version", sa.Text, nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("approved_by", sa.Text, nullable=False),
        sa.Column("asked_by", sa.Text, nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("total", sa.Integer),
        sa.Column("looked_at", sa.Integer, nullable=False, server_default="0"),
        sa.Column("complaints", sa.Integer, nullable=False, server_default="0"),
        sa.Column("clocks", sa.Integer, nullable=False, server_default="0"),
        sa.Column("overdue", sa.Integer, nullable=False, server_default="0"),
        sa.Column("failed", sa.ARRAY(sa.Uuid), nullable=False, server_default="{}"),
        sa.Column("last_complaint", sa.Uuid),
        sa.Column("worker", sa.Uuid),
        sa.Column("leased_until", sa.DateTime(timezone=True)),
        sa.Column("finished_at", sa.DateTime(timezone=True)),
    )
    op.create_index(
        "deadline_moves_waiting_idx", "deadline_moves", ["ordinal"], postgresql_where=sa.text("finished_at IS NULL")
    )
    grant(op, "deadline_moves", "SELECT, INSERT, UPDATE")


def downgrade() -> None:
    op.drop_table("deadline_moves")
    op.drop_column("published_rules", "published_by")
    op.drop_column("published_rules", "ordinal")
