"""What agents' seats went over to may be made anew from the log, by the role that follows it."""

from __future__ import annotations

from alembic import op

from migrations.grants import grant

revision = "0051"
down_revision = "0050"
branch_labels = None
depends_on = None


def upgrade() -> None:
    grant(op, "seat_changes", "DELETE")


def downgrade() -> None:
    """A right that is not used takes nothing from the schema before."""
