"""An intake that is taken down whoever holds its matter joins them at once, however many come at the same time.

It had to name all who held the matter, and of sixty at the same instant one was let in each time that all had asked.
A request that is repeated gives its claim to the complaint it made the first time also where others hold the matter.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0032"
down_revision = "0031"
branch_labels = None
depends_on = None

DEFINITION = "SELECT pg_get_functiondef(oid) FROM pg_proc WHERE proname = 'reserve_intakes'"
PARAMETERS = "beside boolean[], at timestamp with time zone"
MORE_PARAMETERS = "beside boolean[], forced uuid[], at timestamp with time zone"
ONE_COMES_FIRST = """SELECT DISTINCT ON (c.lookup, prefixes[c.of], issue_points[c.of])
        c.lookup, prefixes[c.of], issue_points[c.of], ARRAY[complaints[c.of]], at
    FROM unnest(claims_of, claims) AS c (of, lookup)
    ORDER BY c.lookup, prefixes[c.of], issue_points[c.of], complaints[c.of]
    ON CONFLICT DO NOTHING;"""
# Of those that are not forced one comes first, and those that are stand beside it. All rows in one order, or two of
# these statements could wait for each other.
FORCED_JOIN = """SELECT w.lookup, w.prefix, w.issue_point, array_agg(w.id ORDER BY w.is_forced, w.id), at
    FROM (
        SELECT c.lookup, prefixes[c.of] AS prefix, issue_points[c.of] AS issue_point, complaints[c.of] AS id,
            complaints[c.of] = ANY(forced) AS is_forced,
            row_number() OVER (
                PARTITION BY c.lookup, prefixes[c.of], issue_points[c.of], complaints[c.of] = ANY(forced)
                ORDER BY complaints[c.of]
            ) AS nth
        FROM unnest(claims_of, claims) AS c (of, lookup)
    ) w
    WHERE w.is_forced OR w.nth = 1
    GROUP BY w.lookup, w.prefix, w.issue_point
    ORDER BY w.lookup, w.prefix, w.issue_point
    ON CONFLICT (lookup, procedure, issue_point) DO UPDATE
    SET since = excluded.since, complaint_ids = m.complaint_ids || ARRAY(
            SELECT i.id FROM unnest(excluded.complaint_ids) AS i (id) WHERE i.id = ANY(forced)
        )
    WHERE excluded.complaint_ids && forced;"""
TARGET, NAMED_TARGET = "INSERT INTO open_matters (", "INSERT INTO open_matters AS m ("


def upgrade() -> None:
    _redefine((PARAMETERS, MORE_PARAMETERS), (ONE_COMES_FIRST, FORCED_JOIN), (TARGET, NAMED_TARGET))


def downgrade() -> None:
    _redefine((MORE_PARAMETERS, PARAMETERS), (FORCED_JOIN, ONE_COMES_FIRST), (NAMED_TARGET, TARGET))


def _redefine(*changes: tuple[str, str]) -> None:
    """The function with these texts exchanged; another list of parameters would make another function of it."""
    connection = op.get_bind()
    definition: str = connection.execute(sa.text(DEFINITION)).scalar_one()
    for before, after in changes:
        if before not in definition:
            raise RuntimeError("reserve_intakes is not as the migrations before left it")
        definition = definition.replace(before, after)
    op.execute("DROP FUNCTION reserve_intakes")
    connection.exec_driver_sql(definition)
