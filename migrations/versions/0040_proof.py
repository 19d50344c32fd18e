"""The proof of the log: the hashes of its tree, the keys that sign, the signed checkpoints; nothing is ever changed.

A log that is there already is sealed by the first service that starts, from its first event on.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from migrations.grants import grant

revision = "0040"
down_revision = "0039"
branch_labels = None
depends_on = None

FULL = 256 * 32
REFUSE_CHANGE = """
CREATE FUNCTION refuse_change_of_proof() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the proof is permanent: % of % is refused', TG_OP, TG_TABLE_NAME
        USING ERRCODE = 'insufficient_privilege';
END $$
"""
# What a tile holds stays as it is: more may only be put behind it.
REFUSE_SHRINKING = f"""
CREATE FUNCTION refuse_change_of_tile() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF length(OLD.hashes) < {FULL} AND NEW.level = OLD.level AND NEW."index" = OLD."index"
        AND substr(NEW.hashes, 1, length(OLD.hashes)) = OLD.hashes THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'the proof is permanent: a tile only grows' USING ERRCODE = 'insufficient_privilege';
END $$
"""
PERMANENT = """
CREATE TRIGGER {table}_are_permanent BEFORE {operations} ON {table}
FOR EACH STATEMENT EXECUTE FUNCTION refuse_change_of_proof()
"""
GROWS = """
CREATE TRIGGER log_tiles_only_grow BEFORE UPDATE ON log_tiles
FOR EACH ROW EXECUTE FUNCTION refuse_change_of_tile()
"""


def upgrade() -> None:
    op.create_table(
        "log_tiles",
        sa.Column("level", sa.SmallInteger, primary_key=True, autoincrement=False),
        sa.Column("index", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("hashes", sa.LargeBinary, nullable=False),
    )
    # Hashes do not get smaller by compression.
    op.execute("ALTER TABLE log_tiles ALTER COLUMN hashes SET STORAGE EXTERNAL")
    op.create_table(
        "signing_keys",
        sa.Column("ordinal", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("public_key", sa.Text, nullable=False),
        sa.Column("sealed_key", sa.LargeBinary, nullable=False),
        sa.Column("introduction", sa.Text),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
    )
    op.create_table(
        "log_checkpoints",
        sa.Column("size", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("note", sa.Text, nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
    )
    op.create_table(
        "log_findings",
        sa.Column("position", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("found_at", sa.DateTime(timezone=True), nullable=False),
    )
    op.execute(REFUSE_CHANGE)
    op.execute(REFUSE_SHRINKING)
    op.execute(GROWS)
    op.execute("ALTER TABLE log_tiles ENABLE ALWAYS TRIGGER log_tiles_only_grow")
    for table, operations in (
        ("signing_keys", "UPDATE OR DELETE OR TRUNCATE"),
        ("log_checkpoints", "UPDATE OR DELETE OR TRUNCATE"),
        ("log_tiles", "DELETE OR TRUNCATE"),
    ):
        op.execute(PERMANENT.format(table=table, operations=operations))
        # ALWAYS: otherwise a session that plays replica (session_replication_role) may pass.
        op.execute(f"ALTER TABLE {table} ENABLE ALWAYS TRIGGER {table}_are_permanent")
    grant(op, "log_tiles", "SELECT, INSERT, UPDATE")
    grant(op, "signing_keys", "SELECT, INSERT")
    grant(op, "log_checkpoints", "SELECT, INSERT")
    grant(op, "log_findings", "SELECT, INSERT")


def downgrade() -> None:
    for table in ("log_findings", "log_checkpoints", "signing_keys", "log_tiles"):
        op.drop_table(table)
    op.execute("DROP FUNCTION refuse_change_of_proof")
    op.execute("DROP FUNCTION refuse_change_of_tile")
