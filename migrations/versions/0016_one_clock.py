"""What the machines of a deployment know of its clock, so that a service that starts anew notices a leap, too."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from migrations.grants import grant

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "clock_readings",
        sa.Column("machine", sa.Text, primary_key=True),
        sa.Column("steady", sa.Double, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
    )
    op.add_column("deployment", sa.Column("clock_accepted_at", sa.DateTime(timezone=True)))
    grant(op, "clock_readings", "SELECT, INSERT, UPDATE")


def downgrade() -> None:
    op.drop_column("deployment", "clock_accepted_at")
    op.drop_table("clock_readings")
