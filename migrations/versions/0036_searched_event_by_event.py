"""Every event that holds text is searched, by a row of its own; and lists of what few have in common have an index.

The rows follow from the log, so they are thrown away here, and the service writes them again when it starts.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0036"
down_revision = "0035"
branch_labels = None
depends_on = None

READING, TABLE = "reading", "tracking_search"
KEY, STRETCH_INDEX = f"{TABLE}_pkey", f"{TABLE}_stretch_received_at_idx"
IN_ORDER = ("procedure", "status", "owner_actor")
UNITS_INDEX = "tracking_units_idx"
START_OVER = """
UPDATE follower_checkpoints SET position = 0 WHERE name = 'tracking';
DELETE FROM parked_streams WHERE follower = 'tracking'
"""


def upgrade() -> None:
    _empty()
    op.add_column(TABLE, sa.Column("version", sa.Integer, nullable=False), schema=READING)
    _key_by("id", "version")
    op.create_index(
        STRETCH_INDEX, TABLE, ["stretch", "received_at"], schema=READING, postgresql_where=sa.text("version = 1")
    )
    for column in IN_ORDER:
        op.create_index(_index_of(column), "tracking", [column, "received_at", "id"], schema=READING)
    op.create_index(UNITS_INDEX, "tracking", ["units"], schema=READING, postgresql_using="gin")


def downgrade() -> None:
    op.drop_index(UNITS_INDEX, "tracking", schema=READING)
    for column in IN_ORDER:
        op.drop_index(_index_of(column), "tracking", schema=READING)
    _empty()
    op.drop_column(TABLE, "version", schema=READING)
    _key_by("id")
    op.create_index(STRETCH_INDEX, TABLE, ["stretch", "received_at"], schema=READING)


def _index_of(column: str) -> str:
    return f"tracking_{column}_received_at_id_idx"


def _empty() -> None:
    op.execute(f"TRUNCATE {READING}.tracking, {READING}.{TABLE}")
    op.drop_index(STRETCH_INDEX, TABLE, schema=READING)
    op.drop_constraint(KEY, TABLE, schema=READING)
    for statement in START_OVER.split(";"):
        op.execute(statement)


def _key_by(*columns: str) -> None:
    op.create_primary_key(KEY, TABLE, list(columns), schema=READING)
