"""The event log: its table, the function that appends a batch to it, and the trigger that keeps it as it is."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from migrations.grants import create_app_role, grant

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

# The lock is taken in a statement of its own: a volatile function takes a new snapshot for each statement under
# READ COMMITTED, so the second statement sees everything that the previous holder of the lock committed.
# Rows are never deleted, so the highest position is the gapless counter; a counter row of its own would leave one
# dead row per batch, which a single long read elsewhere keeps alive and makes every later batch walk through.
# The plan is the generic one and avoids sequential scans, because the first one is made on an empty table.
# `sizes` and `owners` connect appends and events: owner n is the n-th append.
APPEND_EVENTS = """
CREATE FUNCTION append_events(
    command_ids uuid[], streams uuid[], expected bigint[], sizes bigint[],
    owners bigint[], versions bigint[], topics text[], states bytea[],
    actors text[], recorded timestamptz[], event_commands uuid[], event_hashes bytea[]
)
RETURNS TABLE (outcome text, stream uuid, version bigint, "position" bigint, hash bytea)
LANGUAGE plpgsql VOLATILE
SET plan_cache_mode = force_generic_plan
SET enable_seqscan = off
AS $$
BEGIN
    IF current_setting('transaction_isolation') <> 'read committed' THEN
        RAISE EXCEPTION 'append_events needs READ COMMITTED: any other snapshot is older than its lock';
    END IF;
    IF current_setting('synchronous_commit') = 'off' THEN
        PERFORM set_config('synchronous_commit', 'on', true);
    END IF;

    PERFORM pg_advisory_xact_lock(8243122721857004404);

    RETURN QUERY
    WITH judged AS MATERIALIZED (
        SELECT a.number, a.stream, a.size, seen.originator_id, seen.originator_version, seen.notification_id,
            seen.request_hash, coalesce(head.originator_version, 0) AS current,
            CASE
                WHEN seen.notification_id IS NOT NULL THEN 'seen'
                WHEN coalesce(head.originator_version, 0) <> a.expected THEN 'conflict'
                ELSE 'done'
            END AS outcome
        FROM unnest(command_ids, streams, expected, sizes)
            WITH ORDINALITY AS a (command_id, stream, expected, size, number)
        LEFT JOIN LATERAL (
            SELECT s.originator_id, s.originator_version, s.notification_id, s.request_hash
            FROM stored_events s WHERE s.command_id = a.command_id LIMIT 1
        ) seen ON true
        LEFT JOIN LATERAL (
            SELECT s.originator_version FROM stored_events s
            WHERE s.originator_id = a.stream ORDER BY s.originator_version DESC LIMIT 1
        ) head ON true
    ), placed AS MATERIALIZED (
        SELECT j.*, newest.notification_id
            + sum(CASE j.outcome WHEN 'done' THEN j.size ELSE 0 END) OVER (ORDER BY j.number)::bigint AS last_position
        FROM judged j,
            (SELECT coalesce(max(s.notification_id), 0) AS notification_id FROM stored_events s) newest
    ), inserted AS (
        INSERT INTO stored_events (originator_id, originator_version, topic, state, notification_id,
            actor, recorded_at, command_id, request_hash)
        SELECT p.stream, e.version, e.topic, e.state, p.last_position - (p.current + p.size - e.version),
            e.actor, e.recorded_at, e.command_id, e.request_hash
        FROM unnest(owners, versions, topics, states, actors, recorded, event_commands, event_hashes)
            AS e (owner, version, topic, state, actor, recorded_at, command_id, request_hash)
        JOIN placed p ON p.number = e.owner AND p.outcome = 'done'
    )
    SELECT p.outcome,
        CASE p.outcome WHEN 'seen' THEN p.originator_id ELSE p.stream END,
        CASE p.outcome WHEN 'seen' THEN p.originator_version WHEN 'done' THEN p.current + p.size ELSE p.current END,
        CASE p.outcome WHEN 'seen' THEN p.notification_id WHEN 'done' THEN p.last_position END,
        p.request_hash
    FROM placed p ORDER BY p.number;
END $$
"""

REFUSE_CHANGE = """
CREATE FUNCTION refuse_change_of_events() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'events are permanent: % of stored_events is refused', TG_OP
        USING ERRCODE = 'insufficient_privilege';
END $$
"""

REFUSE_CHANGE_TRIGGER = """
CREATE TRIGGER stored_events_are_permanent BEFORE UPDATE OR DELETE OR TRUNCATE ON stored_events
FOR EACH STATEMENT EXECUTE FUNCTION refuse_change_of_events()
"""


def upgrade() -> None:
    op.create_table(
        "stored_events",
        sa.Column("originator_id", sa.Uuid, nullable=False),
        sa.Column("originator_version", sa.BigInteger, nullable=False, autoincrement=False),
        sa.Column("topic", sa.Text, nullable=False),
        sa.Column("state", sa.LargeBinary, nullable=False),
        sa.Column("notification_id", sa.BigInteger, nullable=False),
        sa.Column("actor", sa.Text, nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("command_id", sa.Uuid),
        sa.Column("request_hash", sa.LargeBinary),
        sa.PrimaryKeyConstraint("originator_id", "originator_version", name="stored_events_pkey"),
    )
    op.create_index("stored_events_notification_id_idx", "stored_events", ["notification_id"], unique=True)
    op.create_index(
        "stored_events_command_id_idx",
        "stored_events",
        ["command_id"],
        unique=True,
        postgresql_where=sa.text("command_id IS NOT NULL"),
    )
    op.create_index("stored_events_topic_notification_id_idx", "stored_events", ["topic", "notification_id"])
    op.create_index("stored_events_actor_notification_id_idx", "stored_events", ["actor", "notification_id"])
    op.execute(REFUSE_CHANGE)
    op.execute(REFUSE_CHANGE_TRIGGER)
    # ALWAYS: otherwise a session that plays replica (session_replication_role) may pass.
    op.execute("ALTER TABLE stored_events ENABLE ALWAYS TRIGGER stored_events_are_permanent")
    op.execute(APPEND_EVENTS)
    create_app_role(op)
    grant(op, "stored_events", "SELECT, INSERT")
    grant(op, "alembic_version", "SELECT")


def downgrade() -> None:
    op.execute("DROP FUNCTION append_events")
    op.drop_table("stored_events")
    op.execute("DROP FUNCTION refuse_change_of_events")
