"""Who may call, how often, and who did: people, their keys and units, sources of calls, tries, the access log."""

from sqlalchemy import (
    ARRAY,
    BigInteger,
    Column,
    DateTime,
    Identity,
    Index,
    Integer,
    LargeBinary,
    Table,
    Text,
    Uuid,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

from migrations.metadata import metadata

# Append-only. `ordinal` is drawn from one count for people, keys and units, under one lock.
people_facts = Table(
    "people_facts",
    metadata,
    Column("ordinal", BigInteger, primary_key=True, autoincrement=False),
    Column("person", Text, nullable=False),
    Column("recorded_at", DateTime(timezone=True), nullable=False),
    Column("recorded_by", Text),  # nobody: taken over from the keys of before, and sealed as they were
    Column("since", DateTime(timezone=True)),  # from when roles and unit are so; null: from the beginning
    Column("said", JSONB, nullable=False),  # what of the person became so, but for what is personal
    Column("sealed", LargeBinary),  # the rest: name, staff number, e-mail, telephone, reason
    Column("once_clear", JSONB),  # the same as older versions kept it, until a service seals it
)

call_sources = Table(
    "call_sources",
    metadata,
    Column("id", Text, primary_key=True),
    Column("sealed", LargeBinary, nullable=False),  # its name
    Column("secret", LargeBinary, nullable=False),  # sealed, as the one before it
    Column("former", LargeBinary),
    Column("former_until", DateTime(timezone=True)),
    Column("ends_after", Integer, nullable=False),  # seconds of silence
    Column("created_at", DateTime(timezone=True), nullable=False),
    Column("removed_at", DateTime(timezone=True)),
    Column("edition", BigInteger, nullable=False),
    Column("unattended", Text),  # what comes of a call that nobody took up, JSON
)

# Append-only.
unit_facts = Table(
    "unit_facts",
    metadata,
    Column("ordinal", BigInteger, primary_key=True, autoincrement=False),
    Column("unit", Text, nullable=False),
    Column("recorded_at", DateTime(timezone=True), nullable=False),
    Column("recorded_by", Text, nullable=False),
    Column("said", JSONB, nullable=False),
)

person_keys = Table(
    "person_keys",
    metadata,
    Column("id", Text, primary_key=True),
    Column("person", Text, nullable=False),
    Column("prefix", Text, nullable=False),
    Column("secret_hash", LargeBinary, nullable=False, unique=True),
    Column("scopes", ARRAY(Text)),
    Column("created_at", DateTime(timezone=True), nullable=False),
    Column("expires_at", DateTime(timezone=True)),
    Column("revoked_at", DateTime(timezone=True)),
    Column("used_at", DateTime(timezone=True)),
    Column("sealed", LargeBinary),  # what the key is called
    Column("ordinal", BigInteger, nullable=False),  # of its last change
)

Index(None, person_keys.c.ordinal)

status_tries = Table(
    "status_tries",
    metadata,
    Column("counted", Text, primary_key=True),  # for what: a limit of tries.py, or the sum of those that were wrong
    Column("place", Integer, primary_key=True, autoincrement=False),  # of a keyed hash
    Column("tried", BigInteger, nullable=False),
    Column("ends_at", DateTime(timezone=True), nullable=False),
)

Index(None, status_tries.c.ends_at)

rate_counts = Table(
    "rate_counts",
    metadata,
    Column("what", Text, primary_key=True),  # a hash of a key and its limit
    Column("ends_at", DateTime(timezone=True), nullable=False),
    Column("calls", BigInteger, nullable=False),
    prefixes=["UNLOGGED"],
)

access_log = Table(
    "access_log",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("at", DateTime(timezone=True), nullable=False),
    Column("kind", Text, nullable=False),
    Column("outcome", Text, nullable=False),
    Column("actor", Text),  # None: nobody whom we know
    Column("via", Text),  # the system that acted for them
    Column("method", Text, nullable=False),
    Column("path", Text, nullable=False),  # as the API describes it: {id}, never what stood in its place
    Column("status", Integer, nullable=False),
    Column("problem", Text),
    Column("complaint", Uuid),
    Column("incident", Uuid),
    Column("shown", ARRAY(Uuid), nullable=False),
    Column("people", Integer, nullable=False),
    Column("times", Integer, nullable=False),
    Column("credential", Text),  # how the key begins
    Column("caller", Text),  # a keyed hash of an address
)

Index("access_log_at_idx", access_log.c.at, access_log.c.id)
Index("access_log_actor_idx", access_log.c.actor, access_log.c.at, access_log.c.id)
Index("access_log_complaint_idx", access_log.c.complaint, postgresql_where=text("complaint IS NOT NULL"))
Index("access_log_shown_idx", access_log.c.shown, postgresql_using="gin")
Index(
    "access_log_sign_in_idx", access_log.c.actor, access_log.c.at,
    postgresql_where=text("kind = 'sign-in' AND outcome = 'granted'"),
)  # fmt: skip
