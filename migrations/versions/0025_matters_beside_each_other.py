"""An intake says beside whom it may hold its matter, and is let in by the same statement that gives out its number.

Where another complaint is open of which the caller must not know, the new one is taken down beside it. That took two
statements more than where there is none, and how long it took told of it.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None

DEFINITION = "SELECT pg_get_functiondef(oid) FROM pg_proc WHERE proname = 'reserve_intakes'"
PARAMETERS = "claims_of integer[], claims bytea[], "
MORE_PARAMETERS = f"{PARAMETERS}known_of integer[], known uuid[], beside boolean[], "
GIVEN_BACK = "-- Who is held up by one claim gives back the others."
# An intake that knows everybody who holds its matter, under anything that identifies the customer, holds it too:
# beside them, or in their place.
JOINED = """IF cardinality(known) > 0 THEN
        PERFORM FROM unnest(claims_of, claims) AS c (of, lookup)
        JOIN open_matters m
            ON m.lookup = c.lookup AND m.procedure = prefixes[c.of] AND m.issue_point = issue_points[c.of]
        WHERE c.of = ANY(known_of)
        ORDER BY m.lookup, m.procedure, m.issue_point
        FOR UPDATE OF m;

        UPDATE open_matters m
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
            );
    END IF;

    """


def upgrade() -> None:
    _redefine((PARAMETERS, MORE_PARAMETERS), (GIVEN_BACK, JOINED + GIVEN_BACK))


def downgrade() -> None:
    _redefine((MORE_PARAMETERS, PARAMETERS), (JOINED, ""))


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
