"""A data key and a number are on disk before anything is recorded under them.

They used to be committed without waiting for the disk, since the append that uses them waits, and stands later in the
write-ahead log. That holds for one life of the database only: an append that is sent again after a crash found its key
and its number gone, and what was sealed with that key could never be read.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None

AT_ONCE = """IF current_setting('synchronous_commit') = 'off' THEN
        PERFORM set_config('synchronous_commit', 'on', true);
    END IF;"""
LATER = "PERFORM set_config('synchronous_commit', 'off', true);"
DEFINITION = "SELECT pg_get_functiondef(oid) FROM pg_proc WHERE proname = 'reserve_intakes'"


def upgrade() -> None:
    _replace(LATER, AT_ONCE)


def downgrade() -> None:
    _replace(AT_ONCE, LATER)


def _replace(before: str, after: str) -> None:
    connection = op.get_bind()
    definition: str = connection.execute(sa.text(DEFINITION)).scalar_one()
    if before not in definition:
        raise RuntimeError("reserve_intakes is not as the migrations before left it")
    connection.exec_driver_sql(definition.replace(before, after))
