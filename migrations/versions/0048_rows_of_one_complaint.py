"""Which row of an import told of a complaint before: a dry run has nothing else to know it by."""

from __future__ import annotations

from alembic import op

revision = "0048"
down_revision = "0047"
branch_labels = None
depends_on = None

NAME = "import_rows_of_complaint"


def upgrade() -> None:
    op.create_index(NAME, "import_rows", ["import_id", "complaint_id"])


def downgrade() -> None:
    op.drop_index(NAME, "import_rows")
