"""What a call of a source comes to that nobody took up."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0052"
down_revision = "0051"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("call_sources", sa.Column("unattended", sa.Text))


def downgrade() -> None:
    op.drop_column("call_sources", "unattended")
