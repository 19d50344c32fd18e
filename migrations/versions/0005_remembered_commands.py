"""Commands that left no event: their ids are remembered too, beside those of the events, in one name space.

An append looks them up where it looks up those of the events, and both are written under the same lock, so that a
command id is given out once. Keys' requests move here from `api_keys`.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from migrations.grants import grant

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

SEEN_AMONG_EVENTS = """
            SELECT s.originator_id, s.originator_version, s.notification_id, s.request_hash, true AS is_seen
            FROM stored_events s WHERE s.command_id = a.command_id LIMIT 1
"""
SEEN_ANYWHERE = """
            SELECT s.originator_id, s.originator_version, s.notification_id, s.request_hash, true AS is_seen
            FROM stored_events s WHERE s.command_id = a.command_id
            UNION ALL
            SELECT r.originator_id, r.originator_version, r.notification_id, r.request_hash, true
            FROM remembered_commands r WHERE r.command_id = a.command_id
            LIMIT 1
"""

# As in 0001, with another look-up of the commands seen.
APPEND_EVENTS = """
CREATE OR REPLACE FUNCTION append_events(
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
                WHEN seen.is_seen THEN 'seen'
                WHEN coalesce(head.originator_version, 0) <> a.expected THEN 'conflict'
                ELSE 'done'
            END AS outcome
        FROM unnest(command_ids, streams, expected, sizes)
            WITH ORDINALITY AS a (command_id, stream, expected, size, number)
        LEFT JOIN LATERAL (
            {seen}
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

# Answers with what was known before, or with no row: then it is known from now on. The lock is that of the appends,
# and is taken in a statement of its own, so that the next one sees what its last holder committed.
REMEMBER_COMMAND = """
CREATE FUNCTION remember_command(
    command uuid, hash bytea, stream uuid, version bigint, "position" bigint, at timestamptz
)
RETURNS TABLE (originator_id uuid, originator_version bigint, notification_id bigint, request_hash bytea)
LANGUAGE plpgsql VOLATILE
AS $$
#variable_conflict use_column
BEGIN
    IF current_setting('transaction_isolation') <> 'read committed' THEN
        RAISE EXCEPTION 'remember_command needs READ COMMITTED: any other snapshot is older than its lock';
    END IF;
    IF current_setting('synchronous_commit') = 'off' THEN
        PERFORM set_config('synchronous_commit', 'on', true);
    END IF;

    PERFORM pg_advisory_xact_lock(8243122721857004404);

    RETURN QUERY
    SELECT s.originator_id, s.originator_version, s.notification_id, s.request_hash
    FROM stored_events s WHERE s.command_id = command
    UNION ALL
    SELECT r.originator_id, r.originator_version, r.notification_id, r.request_hash
    FROM remembered_commands r WHERE r.command_id = command
    LIMIT 1;
    IF FOUND THEN
        RETURN;
    END IF;

    INSERT INTO remembered_commands (
        command_id, request_hash, originator_id, originator_version, notification_id, recorded_at
    ) VALUES (command, hash, stream, version, "position", at);
END $$
"""


def upgrade() -> None:
    op.create_table(
        "remembered_commands",
        sa.Column("command_id", sa.Uuid, primary_key=True),
        sa.Column("request_hash", sa.LargeBinary, nullable=False),
        sa.Column("originator_id", sa.Uuid),
        sa.Column("originator_version", sa.BigInteger),
        sa.Column("notification_id", sa.BigInteger),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
    )
    op.execute(
        "INSERT INTO remembered_commands (command_id, request_hash, recorded_at) "
        "SELECT command_id, request_hash, created_at FROM api_keys WHERE command_id IS NOT NULL"
    )
    op.drop_column("api_keys", "command_id")
    op.drop_column("api_keys", "request_hash")
    op.execute(APPEND_EVENTS.format(seen=SEEN_ANYWHERE.strip()))
    op.execute(REMEMBER_COMMAND)
    grant(op, "remembered_commands", "SELECT, INSERT")


def downgrade() -> None:
    op.execute("DROP FUNCTION remember_command")
    op.execute(APPEND_EVENTS.format(seen=SEEN_AMONG_EVENTS.strip()))
    op.add_column("api_keys", sa.Column("command_id", sa.Uuid))
    op.add_column("api_keys", sa.Column("request_hash", sa.LargeBinary))
    op.create_unique_constraint("api_keys_command_id_key", "api_keys", ["command_id"])
    op.drop_table("remembered_commands")
