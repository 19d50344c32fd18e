"""What proves the log: the hashes of its tree, the keys that sign, and the signed checkpoints. Rows are never changed.

A tile holds up to 256 hashes side by side: of level 0 the leaves, of each level above the roots of the tiles beneath.
One that is not full only grows.
"""

from sqlalchemy import BigInteger, Column, DateTime, LargeBinary, SmallInteger, Table, Text

from migrations.metadata import metadata

log_tiles = Table(
    "log_tiles",
    metadata,
    Column("level", SmallInteger, primary_key=True, autoincrement=False),
    Column("index", BigInteger, primary_key=True, autoincrement=False),
    Column("hashes", LargeBinary, nullable=False),
)

signing_keys = Table(
    "signing_keys",
    metadata,
    Column("ordinal", BigInteger, primary_key=True, autoincrement=False),  # the last one signs
    Column("public_key", Text, nullable=False),  # name+hash+key, as C2SP writes it
    Column("sealed_key", LargeBinary, nullable=False),
    Column("introduction", Text),  # the note by which the key before vouches for it
    Column("made_at", DateTime(timezone=True), nullable=False),
)

log_checkpoints = Table(
    "log_checkpoints",
    metadata,
    Column("size", BigInteger, primary_key=True, autoincrement=False),
    Column("note", Text, nullable=False),
    Column("made_at", DateTime(timezone=True), nullable=False),
)

# What a look at the whole history found, once for each position.
log_findings = Table(
    "log_findings",
    metadata,
    Column("position", BigInteger, primary_key=True, autoincrement=False),
    Column("kind", Text, nullable=False),
    Column("found_at", DateTime(timezone=True), nullable=False),
)
