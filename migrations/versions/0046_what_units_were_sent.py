"""A unit's own complaints are found in the order of its list, and by it searched: a row for each unit of each.

Filled from the table of complaints, which names the units already.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from migrations.grants import APP_ROLE

revision = "0046"
down_revision = "0045"
branch_labels = None
depends_on = None

OWN = f"""
DO $$
BEGIN
    IF EXISTS (SELECT FROM pg_roles WHERE rolname = '{APP_ROLE}' AND pg_has_role(current_user, oid, 'USAGE')) THEN
        ALTER TABLE reading.tracking_sent OWNER TO {APP_ROLE};
    END IF;
END $$
"""
READING, TABLE = "reading", "tracking_sent"
FILL = """
INSERT INTO reading.tracking_sent (complaint_id, ordinal, position, unit, receipt, due)
SELECT t.id, s.nth - 1, t.position, s.unit, t.received_at, t.due_at
FROM reading.tracking t CROSS JOIN LATERAL (
    SELECT unit, row_number() OVER (ORDER BY unit COLLATE "C") AS nth FROM unnest(t.sent_to) AS unit
) s
"""


def upgrade() -> None:
    op.create_table(
        TABLE,
        sa.Column("complaint_id", sa.Uuid, nullable=False),
        sa.Column("ordinal", sa.Integer, nullable=False),
        sa.Column("position", sa.BigInteger, nullable=False),
        sa.Column("unit", sa.Text, nullable=False),
        sa.Column("receipt", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due", sa.DateTime(timezone=True)),
        sa.PrimaryKeyConstraint("complaint_id", "ordinal"),
        schema=READING,
    )
    op.execute(FILL)
    for column in ("receipt", "due"):
        in_order = ["unit", column, "complaint_id"]
        op.create_index(f"{TABLE}_{'_'.join(in_order)}_idx", TABLE, in_order, schema=READING)
    op.execute(f"ANALYZE {READING}.{TABLE}")
    op.execute(OWN)


def downgrade() -> None:
    op.drop_table(TABLE, schema=READING)
