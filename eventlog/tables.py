"""The tables beside the log: followers, data keys, numbers given out, commands, the deployment."""

from sqlalchemy import ARRAY, BigInteger, Boolean, Column, Date, DateTime, Double, LargeBinary, Table, Text, Uuid, func

from migrations.metadata import metadata

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

deployment = Table(
    "deployment",
    metadata,
    Column("only_row", Boolean, primary_key=True),
    Column("sandbox", Boolean, nullable=False),
    Column("sandbox_now", DateTime(timezone=True)),
    Column("sandbox_was_set", Boolean, nullable=False, server_default="false"),
    Column("master_key_fingerprint", Text, nullable=False),
    Column("clock_accepted_at", DateTime(timezone=True)),  # when an operator last believed the database's clock
)

# What time it was when the steady clock of a machine said so many seconds since it was started.
clock_readings = Table(
    "clock_readings",
    metadata,
    Column("machine", Text, primary_key=True),
    Column("steady", Double, nullable=False),
    Column("at", DateTime(timezone=True), nullable=False),
)

# Of before the log had a time of its own: the rows whose time ran back, and the time at which they count instead.
log_setbacks = Table(
    "log_setbacks",
    metadata,
    Column("position", BigInteger, primary_key=True, autoincrement=False),
    Column("counts_from", DateTime(timezone=True), nullable=False),
)

follower_checkpoints = Table(
    "follower_checkpoints",
    metadata,
    Column("name", Text, primary_key=True),
    Column("position", BigInteger, nullable=False),
    Column("updated_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
)

parked_streams = Table(
    "parked_streams",
    metadata,
    Column("follower", Text, primary_key=True),
    Column("stream", Uuid, primary_key=True),
    Column("position", BigInteger, nullable=False),  # of the first event that was not taken in
    Column("error", Text, nullable=False),  # the class of the error: its text may hold personal data
    Column("parked_at", DateTime(timezone=True), nullable=False),
)
