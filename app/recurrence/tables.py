"""What the recurrence policy keeps: where issue points occurred, and whom it has to raise."""

from sqlalchemy import ARRAY, BigInteger, Column, DateTime, Index, LargeBinary, Table, Text, Uuid

from migrations.metadata import metadata

issue_occurrences = Table(
    "issue_occurrences",
    metadata,
    Column("complaint_id", Uuid, primary_key=True),
    Column("number", Text, nullable=False),
    Column("procedure", Text, nullable=False),
    Column("issue_point", Text, nullable=False),
    Column("occurred_at", DateTime(timezone=True), nullable=False),
    Column("position", BigInteger, nullable=False),  # of the event that made it one
    Column("customer", ARRAY(LargeBinary)),  # keyed hashes, in the order of KNOWN_BY
)
Index(
    "issue_occurrences_issue_idx",
    issue_occurrences.c.procedure,
    issue_occurrences.c.issue_point,
    issue_occurrences.c.position,
)

Index("issue_occurrences_customer_idx", issue_occurrences.c.customer, postgresql_using="gin")

recurrence_raises = Table(
    "recurrence_raises",
    metadata,
    Column("position", BigInteger, primary_key=True, autoincrement=False),
    Column("complaint_id", Uuid, nullable=False),
    Column("issue_point", Text, nullable=False),
    Column("other_ids", ARRAY(Uuid), nullable=False),
    Column("other_numbers", ARRAY(Text), nullable=False),
    Column("failed_at", DateTime(timezone=True)),
)
