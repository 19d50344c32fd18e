"""The tables of imports: what is taken over, its file while it is read, and the report by row, which only grows."""

from sqlalchemy import BigInteger, Boolean, Column, DateTime, Index, Integer, LargeBinary, Table, Text, Uuid

from migrations.metadata import metadata

imports = Table(
    "imports",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("asked_by", Text, nullable=False),
    Column("dry_run", Boolean, nullable=False),
    Column("state", Text, nullable=False),
    Column("sealed", LargeBinary, nullable=False),  # the name of the file, and the mapping
    Column("content_hash", LargeBinary, nullable=False),
    Column("created_at", DateTime(timezone=True), nullable=False),
    Column("started_at", DateTime(timezone=True)),
    Column("ended_at", DateTime(timezone=True)),
    Column("rows_done", Integer, nullable=False),
    Column("rows_total", Integer),
    Column("counts", Text, nullable=False),
    Column("format", Text),
    Column("encoding", Text),
    Column("failure", Text),
    Column("position", BigInteger, nullable=False, server_default="0"),
)

import_parts = Table(
    "import_parts",
    metadata,
    Column("import_id", Uuid, primary_key=True),
    Column("part", Integer, primary_key=True, autoincrement=False),
    Column("sealed", LargeBinary, nullable=False),
)

import_rows = Table(
    "import_rows",
    metadata,
    Column("import_id", Uuid, primary_key=True),
    Column("row", Integer, primary_key=True, autoincrement=False),
    Column("outcome", Text, nullable=False),
    Column("complaint_id", Uuid),
    Column("sealed", LargeBinary, nullable=False),
    Index("import_rows_of_complaint", "import_id", "complaint_id"),
)
