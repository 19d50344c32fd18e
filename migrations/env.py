"""What alembic runs: connects with asyncpg to `config.attributes["url"]` and applies the versions.

A module that defines tables must be imported here, or `check` believes that its tables are to be dropped.
"""

from __future__ import annotations

import asyncio
import importlib

import asyncpg
from alembic import context
from sqlalchemy import Connection, text
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool

from migrations.metadata import metadata

MODULES_WITH_TABLES = (
    "eventlog.table",
    "eventlog.tables",
    "app.access.tables",
    "app.rules.tables",
    "app.notifications.tables",
    "app.calls.tables",
    "app.recurrence.tables",
    "app.sealing.tables",
    "app.clocks.deadline_moves_table",
    "app.imports.schema",
    "app.surges.tables",
    "projections.progress",
)
SCHEMAS = {None, "reading"}

MIGRATION_LOCK = 0x72656472_6D696772  # "redrmigr"


def is_compared(name: str | None, kind: str, _parents: object) -> bool:
    """Whether `check` looks at it: our schemas, and not what a rebuild has under way or an operator keeps beside."""
    return kind != "schema" or name in SCHEMAS


def apply(connection: Connection) -> None:
    context.configure(connection=connection, target_metadata=metadata, include_schemas=True, include_name=is_compared)
    with context.begin_transaction():
        connection.execute(text(f"SELECT pg_advisory_xact_lock({MIGRATION_LOCK})"))
        context.run_migrations()


async def connect_and_apply(url: str) -> None:
    # asyncpg reads the URL itself: SQLAlchemy understands neither `sslmode=` nor several hosts in it.
    engine = create_async_engine(
        "postgresql+asyncpg://", async_creator=lambda: asyncpg.connect(url, timeout=10), poolclass=NullPool
    )
    async with engine.connect() as connection:
        await connection.run_sync(apply)
    await engine.dispose()


for module in MODULES_WITH_TABLES:
    importlib.import_module(module)

asyncio.run(connect_and_apply(context.config.attributes["url"]))
