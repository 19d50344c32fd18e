"""What is owed has an id of its own, and is found in order: of each ower, in each state.

The rows follow from the log, so they are thrown away here, and the service writes them again when it starts.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0038"
down_revision = "0037"
branch_labels = None
depends_on = None

READING = "reading"
START_OVER = """
TRUNCATE reading.sla, reading.obligations, reading.incidents, reading.incident_obligations;
UPDATE follower_checkpoints SET position = 0 WHERE name IN ('sla', 'incidents');
DELETE FROM parked_streams WHERE follower IN ('sla', 'incidents')
"""
TABLES = {
    "obligations": ("complaint_id", ["owed_by", "otherwise"]),
    "incident_obligations": ("incident_id", ["owed_by"]),
}


def upgrade() -> None:
    for statement in START_OVER.split(";"):
        op.execute(statement)
    for table, (owner, whose) in TABLES.items():
        op.drop_index(f"{table}_owed_by_due_at_idx", table, schema=READING)
        op.drop_index(f"{table}_due_at_{owner}_ordinal_idx", table, schema=READING)
        op.add_column(table, sa.Column("id", sa.Uuid, nullable=False), schema=READING)
        op.add_column(table, sa.Column("falls_due", sa.DateTime(timezone=True), nullable=False), schema=READING)
        op.alter_column(table, "owed_by", type_=sa.Text(collation="C"), schema=READING)
        if "otherwise" in whose:
            op.alter_column(table, "otherwise", nullable=False, schema=READING)
            op.add_column(table, sa.Column("instead", sa.Text), schema=READING)
        in_order = ["state", "falls_due", owner, "ordinal"]
        op.create_index(f"{table}_owed_by_in_order_idx", table, [*whose, *in_order], schema=READING)
        op.create_index(f"{table}_in_order_idx", table, in_order, schema=READING)


def downgrade() -> None:
    for statement in START_OVER.split(";"):
        op.execute(statement)
    for table, (owner, whose) in TABLES.items():
        op.drop_index(f"{table}_owed_by_in_order_idx", table, schema=READING)
        op.drop_index(f"{table}_in_order_idx", table, schema=READING)
        if "otherwise" in whose:
            op.drop_column(table, "instead", schema=READING)
            op.alter_column(table, "otherwise", nullable=True, schema=READING)
        op.alter_column(table, "owed_by", type_=sa.Text(), schema=READING)
        op.drop_column(table, "falls_due", schema=READING)
        op.drop_column(table, "id", schema=READING)
        op.create_index(
            f"{table}_owed_by_due_at_idx", table, ["owed_by", "due_at"], schema=READING,
            postgresql_where=sa.text("met_at IS NULL AND state IN ('open', 'missed')"),
        )  # fmt: skip
        op.create_index(f"{table}_due_at_{owner}_ordinal_idx", table, ["due_at", owner, "ordinal"], schema=READING)
