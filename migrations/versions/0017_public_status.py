"""Numbers that are not of the day's sequence, and how often somebody has tried to read a public status page."""

from __future__ import annotations

from importlib import import_module

import sqlalchemy as sa
from alembic import op

from migrations.grants import grant

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

TRIES = "status_tries"
FORMER = import_module("migrations.versions.0011_open_matters").RESERVE_INTAKES.replace(
    "CREATE FUNCTION", "CREATE OR REPLACE FUNCTION"
)
# As it was, and besides: an intake without a day gets a key and its claims, and no number (0).
CHANGES = {
    "FROM wanted w GROUP BY w.prefix, w.day ORDER BY w.prefix, w.day\n": (
        "FROM wanted w WHERE w.day IS NOT NULL GROUP BY w.prefix, w.day ORDER BY w.prefix, w.day\n"
    ),
    "SELECT CASE WHEN p.counts = 1 THEN": "SELECT CASE WHEN p.counts = 1 AND p.day IS NOT NULL THEN",
    "JOIN counted USING (prefix, day)": "LEFT JOIN counted ON counted.prefix = p.prefix AND counted.day = p.day",
    "JOIN totals USING (prefix, day)": "LEFT JOIN totals ON totals.prefix = p.prefix AND totals.day = p.day",
}
# Each limit in the order given, the caller's first: who is turned away by one uses up nothing of the others. The rows
# of a call are locked in that order, and others afterwards, skipping those that are locked: nobody waits in a ring.
# An end further off than the limit lasts was written by a clock that has run back since.
TAKE = f"""
CREATE FUNCTION take_status_tries(limits text[], places integer[], most integer[], lasts interval[])
RETURNS interval LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    at timestamptz;
    until timestamptz;
BEGIN
    FOR i IN 1 .. cardinality(limits) LOOP
        at := clock_timestamp();
        SELECT t.ends_at INTO until FROM {TRIES} t
        WHERE t.counted = limits[i] AND t.place = places[i] AND t.tried >= most[i]
            AND t.ends_at > at AND t.ends_at <= at + 2 * lasts[i];
        IF FOUND THEN
            RETURN until - at;
        END IF;
        INSERT INTO {TRIES} AS t (counted, place, tried, ends_at) VALUES (limits[i], places[i], 1, at + lasts[i])
        ON CONFLICT (counted, place) DO UPDATE SET
            tried = CASE WHEN t.ends_at > at AND t.ends_at <= at + 2 * lasts[i] THEN t.tried + 1 ELSE 1 END,
            ends_at = CASE
                WHEN t.ends_at > at AND t.ends_at <= at + 2 * lasts[i] THEN t.ends_at ELSE at + lasts[i] END
        WHERE t.tried < most[i] OR t.ends_at <= at OR t.ends_at > at + 2 * lasts[i];
        IF NOT FOUND THEN
            RETURN lasts[i];
        END IF;
    END LOOP;
    DELETE FROM {TRIES} t USING (
        SELECT e.counted, e.place FROM {TRIES} e WHERE e.ends_at < clock_timestamp()
        ORDER BY e.ends_at LIMIT 8 FOR UPDATE SKIP LOCKED
    ) over
    WHERE t.counted = over.counted AND t.place = over.place;
    RETURN NULL;
END $$
"""


def upgrade() -> None:
    op.execute(_changed(FORMER))
    op.create_table(
        TRIES,
        sa.Column("counted", sa.Text, primary_key=True),
        sa.Column("place", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("tried", sa.BigInteger, nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
    )
    op.create_index("status_tries_ends_at_idx", TRIES, ["ends_at"])
    op.execute(TAKE)
    grant(op, TRIES, "SELECT, INSERT, UPDATE, DELETE")


def downgrade() -> None:
    op.execute("DROP FUNCTION take_status_tries")
    op.drop_table(TRIES)
    op.execute(FORMER)


def _changed(text: str) -> str:
    for before, after in CHANGES.items():
        if text.count(before) != 1:
            raise AssertionError(before)
        text = text.replace(before, after)
    return text
