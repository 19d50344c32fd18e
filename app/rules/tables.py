"""Every published version of a procedure or calendar."""

from sqlalchemy import BigInteger, Column, DateTime, Table, Text

from migrations.metadata import metadata

published_rules = Table(
    "published_rules",
    metadata,
    Column("kind", Text, primary_key=True),  # procedure or calendar
    Column("code", Text, primary_key=True),
    Column("version", Text, primary_key=True),
    Column("content", Text, nullable=False),
    Column("published_at", DateTime(timezone=True), nullable=False),
    Column("ordinal", BigInteger, nullable=False, unique=True),  # in the order of publication
    Column("published_by", Text),  # None: came with a release of the product
)
