"""The service's own tables: who may call, whose data key is which, the numbers given out, the published rules."""

from sqlalchemy import ARRAY, BigInteger, Boolean, Column, Date, DateTime, LargeBinary, Table, Text, Uuid

from projections.metadata import metadata

api_keys = Table(
    "api_keys",
    metadata,
    Column("id", Text, primary_key=True),
    Column("name", Text, nullable=False),
    Column("roles", ARRAY(Text), nullable=False),
    Column("unit", Text),
    Column("prefix", Text, nullable=False),
    Column("secret_hash", LargeBinary, nullable=False, unique=True),
    Column("created_at", DateTime(timezone=True), nullable=False),
    Column("revoked_at", DateTime(timezone=True)),
)

remembered_commands = Table(
    "remembered_commands",
    metadata,
    Column("command_id", Uuid, primary_key=True),
    Column("request_hash", LargeBinary, nullable=False),
    Column("originator_id", Uuid),
    Column("originator_version", BigInteger),
    Column("notification_id", BigInteger),
    Column("recorded_at", DateTime(timezone=True), nullable=False),
)

complainants = Table(
    "complainants",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("lookup", LargeBinary, unique=True),
    Column("wrapped_key", LargeBinary),
    Column("created_at", DateTime(timezone=True), nullable=False),
)

open_matters = Table(
    "open_matters",
    metadata,
    Column("lookup", LargeBinary, primary_key=True),  # of the complainant's telephone, e-mail or customer number
    Column("procedure", Text, primary_key=True),
    Column("issue_point", Text, primary_key=True),
    Column("complaint_ids", ARRAY(Uuid), nullable=False),  # what an intake about the same matter is compared with
    Column("since", DateTime(timezone=True), nullable=False),
)

complaint_numbers = Table(
    "complaint_numbers",
    metadata,
    Column("prefix", Text, primary_key=True),
    Column("day", Date, primary_key=True),
    Column("last", BigInteger, nullable=False),
)

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

deployment = Table(
    "deployment",
    metadata,
    Column("only_row", Boolean, primary_key=True),
    Column("sandbox", Boolean, nullable=False),
    Column("sandbox_now", DateTime(timezone=True)),
    Column("sandbox_was_set", Boolean, nullable=False, server_default="false"),
    Column("master_key_fingerprint", Text, nullable=False),
)
