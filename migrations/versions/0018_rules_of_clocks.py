"""By which rule of the procedure a clock runs: several may share its name.

The rows follow from the log, so they are thrown away here, and the service writes them again when it starts.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

READING = "reading"
START_OVER = """
UPDATE follower_checkpoints SET position = 0 WHERE name = 'sla';
DELETE FROM parked_streams WHERE follower = 'sla'
"""


def upgrade() -> None:
    op.execute(f"TRUNCATE {READING}.sla")
    op.add_column("sla", sa.Column("procedure_version", sa.Text, nullable=False), schema=READING)
    op.add_column("sla", sa.Column("rule", sa.Integer, nullable=False), schema=READING)
    for statement in START_OVER.split(";"):
        op.execute(statement)


def downgrade() -> None:
    op.drop_column("sla", "rule", schema=READING)
    op.drop_column("sla", "procedure_version", schema=READING)
