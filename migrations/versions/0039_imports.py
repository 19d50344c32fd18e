"""Imports: complaints that are taken over from another system. What is said of them is sealed; a report only grows."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import UUID

from migrations.grants import grant

revision = "0039"
down_revision = "0038"
branch_labels = None
depends_on = None

APPEND_ONLY = """
CREATE TRIGGER import_rows_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON import_rows
FOR EACH STATEMENT EXECUTE FUNCTION refuse_change_of_report()
"""
REFUSE = """
CREATE FUNCTION refuse_change_of_report() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'what an import came to is permanent';
END $$
"""


def upgrade() -> None:
    time = sa.DateTime(timezone=True)
    op.create_table(
        "imports",
        sa.Column("id", UUID, primary_key=True),
        sa.Column("asked_by", sa.Text, nullable=False),
        sa.Column("dry_run", sa.Boolean, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("sealed", sa.LargeBinary, nullable=False),
        sa.Column("content_hash", sa.LargeBinary, nullable=False),
        sa.Column("created_at", time, nullable=False),
        sa.Column("started_at", time),
        sa.Column("ended_at", time),
        sa.Column("rows_done", sa.Integer, nullable=False),
        sa.Column("rows_total", sa.Integer),
        sa.Column("counts", sa.Text, nullable=False),
        sa.Column("format", sa.Text),
        sa.Column("encoding", sa.Text),
        sa.Column("failure", sa.Text),
        sa.Column("position", sa.BigInteger, nullable=False, server_default="0"),
    )
    op.create_table(
        "import_parts",
        sa.Column("import_id", UUID, primary_key=True),
        sa.Column("part", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("sealed", sa.LargeBinary, nullable=False),
    )
    op.create_table(
        "import_rows",
        sa.Column("import_id", UUID, primary_key=True),
        sa.Column("row", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("outcome", sa.Text, nullable=False),
        sa.Column("complaint_id", UUID),
        sa.Column("sealed", sa.LargeBinary, nullable=False),
    )
    op.execute(REFUSE)
    op.execute(APPEND_ONLY)
    grant(op, "imports", "SELECT, INSERT, UPDATE, DELETE")
    grant(op, "import_parts", "SELECT, INSERT, DELETE")
    grant(op, "import_rows", "SELECT, INSERT")


def downgrade() -> None:
    for table in ("import_rows", "import_parts", "imports"):
        op.drop_table(table)
    op.execute("DROP FUNCTION refuse_change_of_report")
