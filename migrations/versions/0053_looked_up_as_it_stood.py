"""What complaints were found by before it was corrected is looked up through an index, too."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0053"
down_revision = "0052"
branch_labels = None
depends_on = None

READING, TABLE, COLUMN = "reading", "lookups", "found_by_before"
INDEX = f"{TABLE}_{COLUMN}_idx"


def upgrade() -> None:
    corrected = sa.text(f"{COLUMN} <> ARRAY[]::bigint[]")
    op.create_index(
        INDEX, TABLE, [COLUMN], schema=READING, postgresql_using="gin", postgresql_where=corrected
    )


def downgrade() -> None:
    op.drop_index(INDEX, TABLE, schema=READING)
