"""By which issue point and in which district complaints are counted.

The rows follow from the log, so they are thrown away here, and the service writes them again when it starts.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None

READING = "reading"
TABLES = ("indicator_cases", "indicator_samples")
COLUMNS = ("issue_point", "district")
START_OVER = """
UPDATE follower_checkpoints SET position = 0 WHERE name = 'indicators';
DELETE FROM parked_streams WHERE follower = 'indicators'
"""


def upgrade() -> None:
    op.execute(f"TRUNCATE {', '.join(f'{READING}.{table}' for table in TABLES)}")
    for column in COLUMNS:
        op.add_column("indicator_cases", sa.Column(column, sa.Text), schema=READING)
    for statement in START_OVER.split(";"):
        op.execute(statement)


def downgrade() -> None:
    for column in COLUMNS:
        op.drop_column("indicator_cases", column, schema=READING)
