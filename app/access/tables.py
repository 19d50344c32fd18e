"""Who may call, and how often: the keys, and tries at what is public."""

from sqlalchemy import ARRAY, BigInteger, Column, DateTime, Index, Integer, LargeBinary, Table, Text
from sqlalchemy.dialects.postgresql import JSONB

from migrations.metadata import metadata

api_keys = Table(
    "api_keys",
    metadata,
    Column("id", Text, primary_key=True),
    Column("roles", ARRAY(Text), nullable=False),
    Column("unit", Text),
    Column("prefix", Text, nullable=False),
    Column("secret_hash", LargeBinary, nullable=False, unique=True),
    Column("created_at", DateTime(timezone=True), nullable=False),
    Column("revoked_at", DateTime(timezone=True)),
    Column("sealed", LargeBinary),  # name and staff number
    Column("once_clear", JSONB),  # the same as older versions kept it, until a service seals it
)

status_tries = Table(
    "status_tries",
    metadata,
    Column("counted", Text, primary_key=True),  # for what: a limit of tries.py, or the sum of those that were wrong
    Column("place", Integer, primary_key=True, autoincrement=False),  # of a keyed hash
    Column("tried", BigInteger, nullable=False),
    Column("ends_at", DateTime(timezone=True), nullable=False),
)

Index(None, status_tries.c.ends_at)
