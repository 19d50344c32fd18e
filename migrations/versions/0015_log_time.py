"""The log's own time: the database's clock, decided under the lock of the appends, and never running back.

What was recorded before went by the clocks of machines, and may have run back. Such rows stay as they are; beside them
stands the time at which they count, the highest of those before. So the log as it stood at a moment is always all of
it up to a position.
"""

from __future__ import annotations

from typing import Final

import sqlalchemy as sa
from alembic import op

from migrations.grants import grant

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

# Processes of the version before wait here, and go on with the new function.
HOLD = "SELECT pg_advisory_xact_lock(8243122721857004404)"

SETBACKS = """
INSERT INTO log_setbacks (position, counts_from)
SELECT notification_id, highest FROM (
    SELECT notification_id, recorded_at, max(recorded_at) OVER (ORDER BY notification_id) AS highest FROM stored_events
) e WHERE recorded_at < highest
"""

# `proposed` is the time by which the sender decided: the database's clock as it goes on by a clock that cannot leap
# (app/time.py). The two differ by the time that the append waited. Where they differ by more than an append may wait,
# the database's clock has leapt, and what it says is not believed until both agree again. A sandbox's time is its own,
# and so is that of a log without a deployment around it.
LOG_TIME = """
CREATE FUNCTION log_time(proposed timestamptz) RETURNS timestamptz
LANGUAGE plpgsql VOLATILE
SET enable_seqscan = off
AS $$
DECLARE
    own timestamptz := clock_timestamp();
    is_real boolean := coalesce((SELECT NOT d.sandbox FROM deployment d), false);
BEGIN
    RETURN greatest(
        CASE WHEN is_real AND own - proposed BETWEEN interval '-60 s' AND interval '60 s' THEN own ELSE proposed END,
        (SELECT s.recorded_at FROM stored_events s ORDER BY s.notification_id DESC LIMIT 1),
        (SELECT b.counts_from FROM log_setbacks b ORDER BY b.position DESC LIMIT 1)
    );
END $$
"""

# By halves: the times at which rows count only grow with their positions, which have no gaps.
POSITION_AS_OF = """
CREATE FUNCTION position_as_of(moment timestamptz) RETURNS bigint
LANGUAGE plpgsql STABLE
SET plan_cache_mode = force_generic_plan
SET enable_seqscan = off
AS $$
DECLARE
    low bigint := 0;
    high bigint;
    middle bigint;
    recorded timestamptz;
BEGIN
    SELECT coalesce(max(s.notification_id), 0) INTO high FROM stored_events s;
    WHILE low < high LOOP
        middle := low + (high - low + 1) / 2;
        SELECT coalesce((SELECT b.counts_from FROM log_setbacks b WHERE b.position = middle), s.recorded_at)
        INTO recorded FROM stored_events s WHERE s.notification_id = middle;
        IF recorded <= moment THEN
            low := middle;
        ELSE
            high := middle - 1;
        END IF;
    END LOOP;
    RETURN low;
END $$
"""

# As in 0005, with one time for all that it appends, decided once it holds the lock.
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
{declared}BEGIN
    IF current_setting('transaction_isolation') <> 'read committed' THEN
        RAISE EXCEPTION 'append_events needs READ COMMITTED: any other snapshot is older than its lock';
    END IF;
    IF current_setting('synchronous_commit') = 'off' THEN
        PERFORM set_config('synchronous_commit', 'on', true);
    END IF;

    PERFORM pg_advisory_xact_lock(8243122721857004404);
{decided}
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
            SELECT s.originator_id, s.originator_version, s.notification_id, s.request_hash, true AS is_seen
            FROM stored_events s WHERE s.command_id = a.command_id
            UNION ALL
            SELECT r.originator_id, r.originator_version, r.notification_id, r.request_hash, true
            FROM remembered_commands r WHERE r.command_id = a.command_id
            LIMIT 1
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
            e.actor, {time}, e.command_id, e.request_hash
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
BY_THE_LOG: Final = {
    "declared": "DECLARE\n    at timestamptz;\n",
    "decided": "    at := log_time((SELECT max(r.recorded_at) FROM unnest(recorded) AS r (recorded_at)));\n",
    "time": "at",
}
BY_THE_SENDER: Final = {"declared": "", "decided": "", "time": "e.recorded_at"}


def upgrade() -> None:
    op.execute(HOLD)
    op.create_table(
        "log_setbacks",
        sa.Column("position", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("counts_from", sa.DateTime(timezone=True), nullable=False),
    )
    op.execute(SETBACKS)
    op.execute(LOG_TIME)
    op.execute(POSITION_AS_OF)
    op.execute(APPEND_EVENTS.format(**BY_THE_LOG))
    grant(op, "log_setbacks", "SELECT")


def downgrade() -> None:
    op.execute(APPEND_EVENTS.format(**BY_THE_SENDER))
    op.execute("DROP FUNCTION position_as_of, log_time")
    op.drop_table("log_setbacks")
