"""The function that appends several streams in order and stops at the first one that has moved on."""

from __future__ import annotations

from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

# The lock is the one of append_events, taken in a statement of its own for the same reason; it may be taken twice.
# Whoever records clocks in the order in which they fell due must not record a later one while an earlier is refused.
APPEND_EVENTS_IN_ORDER = """
CREATE FUNCTION append_events_in_order(
    command_ids uuid[], streams uuid[], expected bigint[], sizes bigint[],
    owners bigint[], versions bigint[], topics text[], states bytea[],
    actors text[], recorded timestamptz[], event_commands uuid[], event_hashes bytea[]
)
RETURNS TABLE (outcome text, stream uuid, version bigint, "position" bigint, hash bytea)
LANGUAGE plpgsql VOLATILE
SET plan_cache_mode = force_generic_plan
SET enable_seqscan = off
AS $$
DECLARE
    tried bigint;
    events bigint;
BEGIN
    PERFORM pg_advisory_xact_lock(8243122721857004404);

    SELECT min(a.number) INTO tried
    FROM unnest(command_ids, streams, expected) WITH ORDINALITY AS a (command_id, stream, expected, number)
    LEFT JOIN LATERAL (
        SELECT s.originator_version FROM stored_events s
        WHERE s.originator_id = a.stream ORDER BY s.originator_version DESC LIMIT 1
    ) head ON true
    WHERE coalesce(head.originator_version, 0) <> a.expected
        AND NOT EXISTS (SELECT FROM stored_events s WHERE s.command_id = a.command_id);
    tried := coalesce(tried, cardinality(command_ids));
    SELECT coalesce(sum(u.size), 0) INTO events FROM unnest(sizes[1 : tried]) AS u (size);

    RETURN QUERY
    SELECT a.outcome, a.stream, a.version, a."position", a.hash FROM append_events(
        command_ids[1 : tried], streams[1 : tried], expected[1 : tried], sizes[1 : tried],
        owners[1 : events], versions[1 : events], topics[1 : events], states[1 : events],
        actors[1 : events], recorded[1 : events], event_commands[1 : events], event_hashes[1 : events]) a;

    RETURN QUERY
    SELECT 'held', u.stream, NULL::bigint, NULL::bigint, NULL::bytea
    FROM unnest(streams[tried + 1 :]) WITH ORDINALITY AS u (stream, number) ORDER BY u.number;
END $$
"""


def upgrade() -> None:
    op.execute(APPEND_EVENTS_IN_ORDER)


def downgrade() -> None:
    op.execute("DROP FUNCTION append_events_in_order")
