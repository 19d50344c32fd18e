"""Calls show what came of them, and callers who complained of somebody are found.

Of the calls that there are nothing came: their rows stay as they are.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0041"
down_revision = "0040"
branch_labels = None
depends_on = None

READING = "reading"
COLUMNS = {"complaints": sa.ARRAY(sa.Uuid), "refused": sa.ARRAY(sa.Text)}


def upgrade() -> None:
    for name, kind in COLUMNS.items():
        op.add_column("calls", sa.Column(name, kind, nullable=False, server_default="{}"), schema=READING)
        op.alter_column("calls", name, server_default=None, schema=READING)
    op.create_index("calls_complaints_idx", "calls", ["complaints"], schema=READING, postgresql_using="gin")
    op.create_index(
        "calls_refused_idx", "calls", ["began_at", "id"], schema=READING,
        postgresql_where=sa.text("refused <> ARRAY[]::text[]"),
    )  # fmt: skip
    op.create_index(
        "tracking_accusers_idx", "tracking", ["key_id"], schema=READING,
        postgresql_where=sa.text("accused <> ARRAY[]::text[]"),
    )  # fmt: skip


def downgrade() -> None:
    op.drop_index("tracking_accusers_idx", "tracking", schema=READING)
    op.drop_index("calls_refused_idx", "calls", schema=READING)
    op.drop_index("calls_complaints_idx", "calls", schema=READING)
    for name in COLUMNS:
        op.drop_column("calls", name, schema=READING)
