"""The read models name nobody in clear: sealed columns, tags of people who are named, keyed hashes to search by.

What they hold follows from the log, so they are emptied here and filled again by the service when it starts, which has
the keys. Emptying gives the tables new files, and a column that is dropped takes its statistics along: of what stood in
clear nothing is left in the database but in the write-ahead log and in backups of before.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

READING = "reading"
TABLES = ("tracking", "tracking_search", "sla", "indicator_cases", "indicator_samples", "incidents")
ACCUSED = ("tracking", "sla", "indicator_cases")
START_OVER = """
UPDATE follower_checkpoints SET position = 0 WHERE name IN ('tracking', 'sla', 'indicators', 'incidents');
DELETE FROM parked_streams WHERE follower IN ('tracking', 'sla', 'indicators', 'incidents')
"""
GRAMS_INDEX = "tracking_search_grams_idx"


def upgrade() -> None:
    _empty()
    _replace_grams(sa.Integer, but_drop="text")
    for column in ("subject", "customer"):
        op.drop_column("tracking", column, schema=READING)
    op.drop_column("incidents", "title", schema=READING)
    for table in ("tracking", "incidents"):
        op.add_column(table, sa.Column("key_id", sa.Uuid, nullable=False), schema=READING)
        op.add_column(table, sa.Column("sealed", sa.LargeBinary), schema=READING)


def downgrade() -> None:
    _empty()
    _replace_grams(sa.Text)
    op.add_column("tracking_search", sa.Column("text", sa.Text, nullable=False), schema=READING)
    for table in ("tracking", "incidents"):
        op.drop_column(table, "sealed", schema=READING)
        op.drop_column(table, "key_id", schema=READING)
    op.add_column("tracking", sa.Column("subject", sa.Text, nullable=False), schema=READING)
    op.add_column("tracking", sa.Column("customer", sa.Text), schema=READING)
    op.add_column("incidents", sa.Column("title", sa.Text, nullable=False), schema=READING)


def _empty() -> None:
    op.execute("TRUNCATE " + ", ".join(f"{READING}.{table}" for table in TABLES))
    for table in ACCUSED:
        op.drop_column(table, "accused", schema=READING)
        op.add_column(table, sa.Column("accused", sa.ARRAY(sa.Text), nullable=False), schema=READING)
    for statement in START_OVER.split(";"):
        op.execute(statement)


def _replace_grams(items: type[sa.Integer] | type[sa.Text], but_drop: str | None = None) -> None:
    op.drop_index(GRAMS_INDEX, "tracking_search", schema=READING)
    for column in ("grams", *([but_drop] if but_drop else [])):
        op.drop_column("tracking_search", column, schema=READING)
    op.add_column("tracking_search", sa.Column("grams", sa.ARRAY(items), nullable=False), schema=READING)
    op.create_index(GRAMS_INDEX, "tracking_search", ["grams"], schema=READING, postgresql_using="gin")
