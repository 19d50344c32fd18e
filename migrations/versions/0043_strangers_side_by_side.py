"""Intakes of strangers who have a telephone in common are let in together, however many come at the same time.

One was let in each time that all of them had read those before it: of a hundred behind one switchboard most gave up.
Whoever is held up after all takes what they claimed out of what others hold, too.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0043"
down_revision = "0042"
branch_labels = None
depends_on = None

DEFINITION = "SELECT pg_get_functiondef(oid) FROM pg_proc WHERE proname = 'reserve_intakes'"
PARAMETERS = "forced uuid[], at timestamp with time zone"
MORE_PARAMETERS = "forced uuid[], strangers uuid[], at timestamp with time zone"
FIRST = """                ORDER BY complaints[c.of]
            ) AS nth
        FROM unnest(claims_of, claims) AS c (of, lookup)
    ) w
    WHERE w.is_forced OR w.nth = 1"""
STRANGERS_FIRST = """                ORDER BY complaints[c.of] = ANY(strangers) DESC, complaints[c.of]
            ) AS nth
        FROM unnest(claims_of, claims) AS c (of, lookup)
    ) w
    WHERE w.is_forced OR w.nth = 1 OR w.id = ANY(strangers)"""
ONE_JOINS = """UPDATE open_matters m
        SET complaint_ids = CASE WHEN beside[c.of] THEN m.complaint_ids ELSE '{}' END || complaints[c.of], since = at
        FROM unnest(claims_of, claims) AS c (of, lookup)
        WHERE m.lookup = c.lookup AND m.procedure = prefixes[c.of] AND m.issue_point = issue_points[c.of]
            AND c.of = ANY(known_of) AND NOT m.complaint_ids @> ARRAY[complaints[c.of]]
            AND NOT EXISTS (
                SELECT FROM unnest(claims_of, claims) AS o (of, lookup)
                JOIN open_matters x
                    ON x.lookup = o.lookup AND x.procedure = prefixes[o.of] AND x.issue_point = issue_points[o.of]
                CROSS JOIN unnest(x.complaint_ids) AS holder
                WHERE o.of = c.of AND holder <> complaints[o.of]
                    AND holder NOT IN (SELECT k.id FROM unnest(known_of, known) AS k (of, id) WHERE k.of = o.of)
            );"""
# Those who are strangers to each other stand in nobody's way; of the others one joins.
STRANGERS_JOIN = """WITH knowing AS MATERIALIZED (
            SELECT k.of, array_agg(k.id) || complaints[k.of] || CASE
                WHEN complaints[k.of] = ANY(strangers) THEN strangers ELSE '{}' END AS ids
            FROM unnest(known_of, known) AS k (of, id) GROUP BY k.of
        ), claimed AS MATERIALIZED (
            SELECT k.of, k.ids, m.lookup, m.procedure, m.issue_point, m.complaint_ids, complaints[k.of] AS id
            FROM knowing k
            JOIN unnest(claims_of, claims) AS c (of, lookup) ON c.of = k.of
            JOIN open_matters m
                ON m.lookup = c.lookup AND m.procedure = prefixes[k.of] AND m.issue_point = issue_points[k.of]
        ), let_in AS (
            SELECT c.*, row_number() OVER (
                PARTITION BY c.lookup, c.procedure, c.issue_point ORDER BY c.id = ANY(strangers) DESC, c.id
            ) AS nth
            FROM claimed c
            WHERE NOT c.complaint_ids @> ARRAY[c.id]
                AND NOT EXISTS (SELECT FROM claimed o WHERE o.of = c.of AND NOT o.complaint_ids <@ o.ids)
        ), joining AS (
            SELECT j.lookup, j.procedure, j.issue_point, bool_or(beside[j.of]) AS beside,
                array_agg(j.id ORDER BY j.id) AS ids
            FROM let_in j WHERE j.nth = 1 OR j.id = ANY(strangers) GROUP BY j.lookup, j.procedure, j.issue_point
        )
        UPDATE open_matters m
        SET complaint_ids = CASE WHEN j.beside THEN m.complaint_ids ELSE '{}' END || j.ids, since = at
        FROM joining j
        WHERE m.lookup = j.lookup AND m.procedure = j.procedure AND m.issue_point = j.issue_point;"""
ALONE = """        WITH claimed AS (
            SELECT c.of, m.lookup, m.procedure, m.issue_point, m.complaint_ids = ARRAY[complaints[c.of]] AS alone,
                bool_or(NOT m.complaint_ids @> ARRAY[complaints[c.of]]) OVER (PARTITION BY c.of) AS is_held
            FROM unnest(claims_of, claims) AS c (of, lookup)
            JOIN open_matters m
                ON m.lookup = c.lookup AND m.procedure = prefixes[c.of] AND m.issue_point = issue_points[c.of]
        )
        DELETE FROM open_matters o USING claimed c
        WHERE c.alone AND c.is_held
            AND o.lookup = c.lookup AND o.procedure = c.procedure AND o.issue_point = c.issue_point;"""
AMONG_OTHERS = """        WITH claimed AS (
            SELECT complaints[c.of] AS id, m.lookup, m.procedure, m.issue_point,
                bool_or(NOT m.complaint_ids @> ARRAY[complaints[c.of]]) OVER (PARTITION BY c.of) AS is_held
            FROM unnest(claims_of, claims) AS c (of, lookup)
            JOIN open_matters m
                ON m.lookup = c.lookup AND m.procedure = prefixes[c.of] AND m.issue_point = issue_points[c.of]
        ), given_back AS (
            SELECT c.lookup, c.procedure, c.issue_point, array_agg(c.id) AS ids
            FROM claimed c WHERE c.is_held GROUP BY c.lookup, c.procedure, c.issue_point
        ), left_empty AS (
            DELETE FROM open_matters o USING given_back g
            WHERE o.lookup = g.lookup AND o.procedure = g.procedure AND o.issue_point = g.issue_point
                AND o.complaint_ids <@ g.ids
        )
        UPDATE open_matters o
        SET complaint_ids = ARRAY(
            SELECT i.id FROM unnest(o.complaint_ids) WITH ORDINALITY AS i (id, nth)
            WHERE i.id <> ALL(g.ids) ORDER BY i.nth
        )
        FROM given_back g
        WHERE o.lookup = g.lookup AND o.procedure = g.procedure AND o.issue_point = g.issue_point
            AND o.complaint_ids && g.ids AND NOT o.complaint_ids <@ g.ids;"""


def upgrade() -> None:
    _redefine(
        (PARAMETERS, MORE_PARAMETERS), (FIRST, STRANGERS_FIRST), (ONE_JOINS, STRANGERS_JOIN), (ALONE, AMONG_OTHERS)
    )


def downgrade() -> None:
    _redefine(
        (MORE_PARAMETERS, PARAMETERS), (STRANGERS_FIRST, FIRST), (STRANGERS_JOIN, ONE_JOINS), (AMONG_OTHERS, ALONE)
    )


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
