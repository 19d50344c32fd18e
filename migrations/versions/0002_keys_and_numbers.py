"""Who may call, whose data key seals whom, the numbers given out, the published rules, and what this database is."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from migrations.grants import grant

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

# One call per batch of intakes: new data keys and numbers. Its commit need not wait for the disk: the append that uses
# them commits later, and its flush of the write-ahead log covers everything before it.
# The plan is the generic one without sequential scans, because the first one is made on empty tables.
# Sorted throughout, so that two processes lock in the same order.
RESERVE_INTAKES = """
CREATE FUNCTION reserve_intakes(
    prefixes text[], days date[], ids uuid[], lookups bytea[], wrapped_keys bytea[], at timestamptz
)
RETURNS TABLE (number bigint, complainant_id uuid, wrapped_key bytea)
LANGUAGE plpgsql VOLATILE
SET plan_cache_mode = force_generic_plan
SET enable_seqscan = off
AS $$
BEGIN
    PERFORM set_config('synchronous_commit', 'off', true);

    INSERT INTO complainants AS c (id, lookup, wrapped_key, created_at)
    SELECT DISTINCT ON (coalesce(w.lookup, w.id::text::bytea)) w.id, w.lookup, w.wrapped, at
    FROM unnest(ids, lookups, wrapped_keys) AS w (id, lookup, wrapped)
    ORDER BY coalesce(w.lookup, w.id::text::bytea), w.id
    ON CONFLICT (lookup) DO NOTHING;

    RETURN QUERY
    WITH wanted AS (
        SELECT w.*, row_number() OVER (PARTITION BY w.prefix, w.day ORDER BY w.ord) AS nth
        FROM unnest(prefixes, days, ids, lookups) WITH ORDINALITY AS w (prefix, day, id, lookup, ord)
    ), counted AS (
        INSERT INTO complaint_numbers AS n (prefix, day, last)
        SELECT w.prefix, w.day, count(*) FROM wanted w GROUP BY w.prefix, w.day ORDER BY w.prefix, w.day
        ON CONFLICT (prefix, day) DO UPDATE SET last = n.last + excluded.last
        RETURNING n.prefix, n.day, n.last
    ), totals AS (
        SELECT w.prefix, w.day, count(*) AS taken FROM wanted w GROUP BY w.prefix, w.day
    )
    SELECT counted.last - totals.taken + w.nth, c.id, c.wrapped_key
    FROM wanted w
    JOIN counted USING (prefix, day)
    JOIN totals USING (prefix, day)
    CROSS JOIN LATERAL (
        SELECT k.id, k.wrapped_key FROM complainants k WHERE k.id = w.id AND w.lookup IS NULL
        UNION ALL
        SELECT k.id, k.wrapped_key FROM complainants k WHERE k.lookup = w.lookup
    ) c
    ORDER BY w.ord;
END $$
"""


def upgrade() -> None:
    op.create_table(
        "api_keys",
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("roles", sa.ARRAY(sa.Text), nullable=False),
        sa.Column("unit", sa.Text),
        sa.Column("prefix", sa.Text, nullable=False),
        sa.Column("secret_hash", sa.LargeBinary, nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revoked_at", sa.DateTime(timezone=True)),
        sa.Column("command_id", sa.Uuid),
        sa.Column("request_hash", sa.LargeBinary),
        sa.UniqueConstraint("secret_hash", name="api_keys_secret_hash_key"),
        sa.UniqueConstraint("command_id", name="api_keys_command_id_key"),
    )
    op.create_table(
        "complainants",
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("lookup", sa.LargeBinary),
        sa.Column("wrapped_key", sa.LargeBinary),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.UniqueConstraint("lookup", name="complainants_lookup_key"),
    )
    op.create_table(
        "complaint_numbers",
        sa.Column("prefix", sa.Text, primary_key=True),
        sa.Column("day", sa.Date, primary_key=True),
        sa.Column("last", sa.BigInteger, nullable=False),
    )
    op.create_table(
        "published_rules",
        sa.Column("kind", sa.Text, primary_key=True),
        sa.Column("code", sa.Text, primary_key=True),
        sa.Column("version", sa.Text, primary_key=True),
        sa.Column("content", sa.Text, nullable=False),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=False),
    )
    op.create_table(
        "deployment",
        sa.Column("only_row", sa.Boolean, primary_key=True),
        sa.Column("sandbox", sa.Boolean, nullable=False),
        sa.Column("sandbox_now", sa.DateTime(timezone=True)),
        sa.Column("sandbox_was_set", sa.Boolean, nullable=False, server_default="false"),
        sa.Column("master_key_fingerprint", sa.Text, nullable=False),
        sa.CheckConstraint("only_row", name="deployment_only_row_check"),
    )
    op.execute(RESERVE_INTAKES)
    grant(op, "api_keys", "SELECT, INSERT, UPDATE")
    grant(op, "complainants", "SELECT, INSERT, UPDATE")
    grant(op, "complaint_numbers", "SELECT, INSERT, UPDATE")
    grant(op, "published_rules", "SELECT, INSERT")
    grant(op, "deployment", "SELECT, INSERT, UPDATE")


def downgrade() -> None:
    op.execute("DROP FUNCTION reserve_intakes")
    for table in ("deployment", "published_rules", "complaint_numbers", "complainants", "api_keys"):
        op.drop_table(table)
