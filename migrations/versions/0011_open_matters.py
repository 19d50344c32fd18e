"""Which customer has which issue point open: what an intake is compared with, so that a repeat becomes a reminder."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from migrations.grants import grant

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

# As in 0002, and besides: an intake with an issue point claims the matter under everything that identifies its
# customer, so that of two at the same time one comes first. Where other complaints hold it, no number is given out (0),
# and they are named; whether one of them is still open is for the caller to find out from their streams.
RESERVE_INTAKES = """
CREATE FUNCTION reserve_intakes(
    prefixes text[], days date[], ids uuid[], lookups bytea[], wrapped_keys bytea[], complaints uuid[],
    issue_points text[], claims_of int[], claims bytea[], at timestamptz
)
RETURNS TABLE (number bigint, complainant_id uuid, wrapped_key bytea, held_by uuid[], held_since timestamptz)
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

    INSERT INTO open_matters (lookup, procedure, issue_point, complaint_ids, since)
    SELECT DISTINCT ON (c.lookup, prefixes[c.of], issue_points[c.of])
        c.lookup, prefixes[c.of], issue_points[c.of], ARRAY[complaints[c.of]], at
    FROM unnest(claims_of, claims) AS c (of, lookup)
    ORDER BY c.lookup, prefixes[c.of], issue_points[c.of], complaints[c.of]
    ON CONFLICT DO NOTHING;

    -- Who is held up by one claim gives back the others.
    IF EXISTS (
        SELECT FROM unnest(claims_of, claims) AS c (of, lookup)
        JOIN open_matters m
            ON m.lookup = c.lookup AND m.procedure = prefixes[c.of] AND m.issue_point = issue_points[c.of]
        WHERE NOT m.complaint_ids @> ARRAY[complaints[c.of]]
    ) THEN
        WITH claimed AS (
            SELECT c.of, m.lookup, m.procedure, m.issue_point, m.complaint_ids = ARRAY[complaints[c.of]] AS alone,
                bool_or(NOT m.complaint_ids @> ARRAY[complaints[c.of]]) OVER (PARTITION BY c.of) AS is_held
            FROM unnest(claims_of, claims) AS c (of, lookup)
            JOIN open_matters m
                ON m.lookup = c.lookup AND m.procedure = prefixes[c.of] AND m.issue_point = issue_points[c.of]
        )
        DELETE FROM open_matters o USING claimed c
        WHERE c.alone AND c.is_held
            AND o.lookup = c.lookup AND o.procedure = c.procedure AND o.issue_point = c.issue_point;
    END IF;

    RETURN QUERY
    WITH held AS (
        SELECT DISTINCT ON (c.of) c.of, m.complaint_ids AS holders, m.since
        FROM unnest(claims_of, claims) AS c (of, lookup)
        JOIN open_matters m
            ON m.lookup = c.lookup AND m.procedure = prefixes[c.of] AND m.issue_point = issue_points[c.of]
        WHERE NOT m.complaint_ids @> ARRAY[complaints[c.of]]
        ORDER BY c.of, m.since
    ), wanted AS (
        SELECT w.*, held.holders, held.since, CASE WHEN held.of IS NULL THEN 1 ELSE 0 END AS counts
        FROM unnest(prefixes, days, ids, lookups) WITH ORDINALITY AS w (prefix, day, id, lookup, ord)
        LEFT JOIN held ON held.of = w.ord
    ), placed AS (
        SELECT w.*, sum(w.counts) OVER (PARTITION BY w.prefix, w.day ORDER BY w.ord) AS nth FROM wanted w
    ), counted AS (
        INSERT INTO complaint_numbers AS n (prefix, day, last)
        SELECT w.prefix, w.day, sum(w.counts) FROM wanted w GROUP BY w.prefix, w.day ORDER BY w.prefix, w.day
        ON CONFLICT (prefix, day) DO UPDATE SET last = n.last + excluded.last
        RETURNING n.prefix, n.day, n.last
    ), totals AS (
        SELECT w.prefix, w.day, sum(w.counts) AS taken FROM wanted w GROUP BY w.prefix, w.day
    )
    SELECT CASE WHEN p.counts = 1 THEN (counted.last - totals.taken + p.nth)::bigint ELSE 0 END, c.id, c.wrapped_key,
        p.holders, p.since
    FROM placed p
    JOIN counted USING (prefix, day)
    JOIN totals USING (prefix, day)
    CROSS JOIN LATERAL (
        SELECT k.id, k.wrapped_key FROM complainants k WHERE k.id = p.id AND p.lookup IS NULL
        UNION ALL
        SELECT k.id, k.wrapped_key FROM complainants k WHERE k.lookup = p.lookup
    ) c
    ORDER BY p.ord;
END $$
"""
FORMER_RESERVE_INTAKES = """
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
        "open_matters",
        sa.Column("lookup", sa.LargeBinary, primary_key=True),
        sa.Column("procedure", sa.Text, primary_key=True),
        sa.Column("issue_point", sa.Text, primary_key=True),
        sa.Column("complaint_ids", sa.ARRAY(sa.Uuid), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
    )
    op.execute("DROP FUNCTION reserve_intakes")
    op.execute(RESERVE_INTAKES)
    grant(op, "open_matters", "SELECT, INSERT, UPDATE, DELETE")


def downgrade() -> None:
    op.execute("DROP FUNCTION reserve_intakes")
    op.drop_table("open_matters")
    op.execute(FORMER_RESERVE_INTAKES)
