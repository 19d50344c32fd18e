"""By what a customer who complains again is known: keyed hashes of telephone (also with the name), e-mail, number.

Rows from before have none of them, and are found by the data key as they were.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None

TABLE = "issue_occurrences"
INDEX = "issue_occurrences_customer_idx"


def upgrade() -> None:
    op.add_column(TABLE, sa.Column("customer", sa.ARRAY(sa.LargeBinary)))
    op.create_index(INDEX, TABLE, ["customer"], postgresql_using="gin")


def downgrade() -> None:
    op.drop_index(INDEX, TABLE)
    op.drop_column(TABLE, "customer")
