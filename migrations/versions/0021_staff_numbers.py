"""Staff numbers of those who have keys: a complaint names somebody by what it knows of them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("api_keys", sa.Column("staff_no", sa.Text))


def downgrade() -> None:
    op.drop_column("api_keys", "staff_no")
