"""客户投诉处理追踪表: one row per complaint. What its texts are searched by is in search_table.py."""

from typing import Final
from uuid import UUID

import asyncpg
from sqlalchemy import (
    ARRAY,
    BigInteger,
    Column,
    DateTime,
    Index,
    Integer,
    LargeBinary,
    PrimaryKeyConstraint,
    Table,
    Text,
    Uuid,
    text,
)

from domain.clocks.clock import next_due_at
from migrations.metadata import metadata
from projections.case import Case, Row

SCHEMA: Final = "reading"
SEALED: Final = "tracking.sealed"

tracking = Table(
    "tracking",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("position", BigInteger, nullable=False),
    Column("version", Integer, nullable=False),
    Column("number", Text, nullable=False),
    Column("procedure", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("status", Text, nullable=False),
    Column("severity", Text),
    Column("category", Text),
    Column("issue_point", Text),
    Column("channel", Text, nullable=False),
    Column("key_id", Uuid, nullable=False),  # whose data key opens what is sealed
    Column("sealed", LargeBinary),  # subject and customer; shown as the reader's sight allows
    Column("owner_actor", Text),
    Column("owner_unit", Text),
    Column("units", ARRAY(Text), nullable=False),
    Column("unit_states", ARRAY(Text), nullable=False),  # of `units`, in the same order
    Column("accused", ARRAY(Text), nullable=False),  # tags, as everywhere in read models
    Column("sent_to", ARRAY(Text), nullable=False),
    Column("round", Integer, nullable=False),
    Column("occurred_at", DateTime(timezone=True), nullable=False),
    Column("received_at", DateTime(timezone=True), nullable=False),
    Column("due_at", DateTime(timezone=True)),
    Column("closed_at", DateTime(timezone=True)),
    Column("last_event", Text, nullable=False),
    Column("last_event_at", DateTime(timezone=True), nullable=False),
    Column("offered_to", Text),  # whom it was handed over to and who has not accepted yet
    Column("owner_role", Text),  # in whose queue it waits that is nobody's yet
    schema=SCHEMA,
)

Index(None, tracking.c.received_at, tracking.c.id)
Index(None, tracking.c.due_at, tracking.c.id)
Index(None, tracking.c.last_event_at, tracking.c.id)
Index(None, tracking.c.closed_at, tracking.c.id)
Index(None, tracking.c.number)
Index(None, tracking.c.position)
# Those entered late alone (an outage, a letter): in most, the two times are one.
Index(None, tracking.c.occurred_at, tracking.c.id, postgresql_where=tracking.c.occurred_at < tracking.c.received_at)
# What few complaints have in common is found in the order of the list, too.
Index(None, tracking.c.procedure, tracking.c.received_at, tracking.c.id)
Index(None, tracking.c.status, tracking.c.received_at, tracking.c.id)
Index(None, tracking.c.owner_actor, tracking.c.received_at, tracking.c.id)
Index(None, tracking.c.key_id, tracking.c.received_at)
Index("tracking_open_of_caller_idx", tracking.c.key_id, tracking.c.received_at,
      postgresql_where=tracking.c.closed_at.is_(None))  # fmt: skip
Index("tracking_accusers_idx", tracking.c.key_id, postgresql_where=tracking.c.accused != text("ARRAY[]::text[]"))
Index(None, tracking.c.units, postgresql_using="gin")
Index(None, tracking.c.sent_to, postgresql_using="gin")
Index(None, tracking.c.owner_role, postgresql_where=tracking.c.owner_role.is_not(None))
Index(None, tracking.c.offered_to, postgresql_where=tracking.c.offered_to.is_not(None))

# To which units it was sent, a row for each: a unit's own list is found in its order, however few are theirs of many.
tracking_sent = Table(
    "tracking_sent",
    metadata,
    Column("complaint_id", Uuid, nullable=False),
    Column("ordinal", Integer, nullable=False),
    Column("position", BigInteger, nullable=False),
    Column("unit", Text, nullable=False),
    # The times of its row in `tracking`, whose names are other ones, since both are asked together.
    Column("receipt", DateTime(timezone=True), nullable=False),
    Column("due", DateTime(timezone=True)),
    PrimaryKeyConstraint("complaint_id", "ordinal"),
    schema=SCHEMA,
)

Index(None, tracking_sent.c.unit, tracking_sent.c.receipt, tracking_sent.c.complaint_id)
Index(None, tracking_sent.c.unit, tracking_sent.c.due, tracking_sent.c.complaint_id)


def tracking_rows(case: Case) -> list[Row]:
    """The complaint's one row, in the order of the table's columns."""
    it = case.complaint
    return [
        (
            it.id, case.position, it.version, it.number, it.procedure_code, it.kind, it.status, it.severity,
            it.category, it.issue_point, it.channel, it.complainant_id,
            case.seal.column(SEALED, [it.subject, it.complainant.name]), it.owner.actor, it.owner.unit,
            [unit.unit for unit in it.this_round.units], [unit.state for unit in it.this_round.units],
            case.seal.tags(it.accused), sorted(it.sent_to), it.round, it.occurred_at, it.received_at,
            next_due_at(it.clocks), it.closed_at, it.last_event, it.last_event_at,
            None if it.offer is None else it.offer.to, it.owner.role,
        )
    ]  # fmt: skip


def sent_rows(case: Case) -> list[Row]:
    """A row for each unit that the complaint was sent to."""
    it = case.complaint
    due = next_due_at(it.clocks)
    return [(it.id, n, case.position, unit, it.received_at, due) for n, unit in enumerate(sorted(it.sent_to))]


LONGEST_NUMBER: Final = 80
NUMBERED: Final = "SELECT id FROM reading.tracking WHERE number = $1"
NEAREST: Final = """
(SELECT id FROM reading.tracking WHERE number <= $1 ORDER BY number DESC LIMIT 1)
UNION ALL (SELECT id FROM reading.tracking WHERE number > $1 ORDER BY number LIMIT 1) LIMIT 1
"""


async def nearest_numbered(pool: asyncpg.Pool, number: str) -> UUID | None:
    """The id of the complaint with this number, or with one beside it; None where there are no complaints.

    As far as the read model has come. Whoever asks by number does the same work for one that there is not.
    """
    found: UUID | None = await pool.fetchval(NEAREST, number)
    return found
