"""In whose queue a case waits that is nobody's yet: what voicemail, forms and partners leave for whoever is free."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None

READING = "reading"
INDEX = "tracking_owner_role_idx"


def upgrade() -> None:
    # Nothing recorded so far waits in a queue.
    op.add_column("tracking", sa.Column("owner_role", sa.Text), schema=READING)
    op.create_index(
        INDEX, "tracking", ["owner_role"], schema=READING, postgresql_where=sa.text("owner_role IS NOT NULL")
    )


def downgrade() -> None:
    op.drop_index(INDEX, "tracking", schema=READING)
    op.drop_column("tracking", "owner_role", schema=READING)
