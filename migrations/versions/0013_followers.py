"""One table of how far each follower of the log has come, and one of the streams that they have parked.

Views stand in for the tables that were there before, so that processes of the version before go on meanwhile, from and
to the same positions.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from migrations.grants import grant

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

CHECKPOINTS, PARKED = "follower_checkpoints", "parked_streams"
POLICIES = ("notifications", "recurrence", "call surges")
HOLD = "LOCK TABLE reading.checkpoints, policy_checkpoints, reading.projection_failures IN ACCESS EXCLUSIVE MODE"
BRING = f"""
INSERT INTO {CHECKPOINTS} (name, position, updated_at) SELECT name, position, updated_at FROM reading.checkpoints;
INSERT INTO {CHECKPOINTS} (name, position) SELECT name, position FROM policy_checkpoints;
INSERT INTO {PARKED} (follower, stream, position, error, parked_at)
SELECT projection, complaint_id, position, error, failed_at FROM reading.projection_failures;
DROP TABLE reading.checkpoints, policy_checkpoints, reading.projection_failures
"""
VIEWS = f"""
CREATE VIEW reading.checkpoints AS SELECT name, position, updated_at FROM {CHECKPOINTS};
CREATE VIEW policy_checkpoints AS SELECT name, position FROM {CHECKPOINTS};
CREATE VIEW reading.projection_failures AS
SELECT follower AS projection, stream AS complaint_id, position, error, parked_at AS failed_at FROM {PARKED}
"""
TAKE_BACK = f"""
INSERT INTO reading.checkpoints (name, position, updated_at)
SELECT name, position, updated_at FROM {CHECKPOINTS} WHERE name <> ALL(ARRAY{list(POLICIES)});
INSERT INTO policy_checkpoints (name, position)
SELECT name, position FROM {CHECKPOINTS} WHERE name = ANY(ARRAY{list(POLICIES)});
INSERT INTO reading.projection_failures (projection, complaint_id, position, error, failed_at)
SELECT follower, stream, position, error, parked_at FROM {PARKED} WHERE follower <> ALL(ARRAY{list(POLICIES)});
DROP TABLE {CHECKPOINTS}, {PARKED}
"""
USED = "SELECT, INSERT, UPDATE, DELETE"


def upgrade() -> None:
    op.execute(HOLD)
    op.create_table(
        CHECKPOINTS,
        sa.Column("name", sa.Text, primary_key=True),
        sa.Column("position", sa.BigInteger, nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False, server_default=sa.func.now()),
    )
    op.create_table(
        PARKED,
        sa.Column("follower", sa.Text, primary_key=True),
        sa.Column("stream", sa.Uuid, primary_key=True),
        sa.Column("position", sa.BigInteger, nullable=False),
        sa.Column("error", sa.Text, nullable=False),
        sa.Column("parked_at", sa.DateTime(timezone=True), nullable=False),
    )
    for statement in (*BRING.split(";"), *VIEWS.split(";")):
        op.execute(statement)
    for relation in (CHECKPOINTS, PARKED, "reading.checkpoints", "policy_checkpoints", "reading.projection_failures"):
        grant(op, relation, USED)


def downgrade() -> None:
    op.execute("DROP VIEW reading.checkpoints, policy_checkpoints, reading.projection_failures")
    for schema, name, column in (("reading", "checkpoints", True), (None, "policy_checkpoints", False)):
        op.create_table(
            name,
            sa.Column("name", sa.Text, primary_key=True),
            sa.Column("position", sa.BigInteger, nullable=False),
            *([sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False)] if column else []),
            schema=schema,
        )
    op.create_table(
        "projection_failures",
        sa.Column("projection", sa.Text, primary_key=True),
        sa.Column("complaint_id", sa.Uuid, primary_key=True),
        sa.Column("position", sa.BigInteger, nullable=False),
        sa.Column("error", sa.Text, nullable=False),
        sa.Column("failed_at", sa.DateTime(timezone=True), nullable=False),
        schema="reading",
    )
    for statement in TAKE_BACK.split(";"):
        op.execute(statement)
    for relation in ("reading.checkpoints", "policy_checkpoints", "reading.projection_failures"):
        grant(op, relation, USED)
