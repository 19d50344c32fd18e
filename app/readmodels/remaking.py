"""Remaking from the log what followers keep beside the read models, by their own code.

What they write goes by the bare names of their tables, and twins of these in the session's temporary schema are found
first. Their checkpoint is held meanwhile, so the twins come exactly as far as the tables that serve.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import asyncpg
from sqlalchemy import Table

from eventlog.checkpoints import Connection, begin, hold_checkpoints, read_parked
from eventlog.consumer import Batch, Consumer
from eventlog.database import CONNECT_TIMEOUT
from eventlog.log import EventLog

CHUNK: Final = 4000  # events
TWIN: Final = "CREATE TEMPORARY TABLE {table} (LIKE public.{table} INCLUDING ALL) ON COMMIT DROP"
COMPARE: Final = """
SELECT (SELECT count(*) FROM (TABLE public.{table} EXCEPT ALL TABLE pg_temp.{table}) o) AS gone,
    (SELECT count(*) FROM (TABLE pg_temp.{table} EXCEPT ALL TABLE public.{table}) n) AS new
"""
PUT_IN_PLACE: Final = (
    "DELETE FROM public.{table}", "INSERT INTO public.{table} SELECT * FROM pg_temp.{table}"
)  # fmt: skip


@dataclass(frozen=True)
class Kept:
    """What a follower makes of the log, and the tables that it alone writes to."""

    consumer: Consumer[Any]
    tables: tuple[Table, ...]

    @property
    def name(self) -> str:
        return self.consumer.names[0]


@dataclass(frozen=True)
class Remade:
    """How a table differed from what the log says: rows that should not have been there, and rows that were missing."""

    table: str
    gone: int
    new: int


async def remake(
    pool: asyncpg.Pool[asyncpg.Record], log: EventLog, kept: Kept, *, dry_run: bool = False
) -> list[Remade]:
    """How its tables differed; with `dry_run` they stay as they are. Raises `StorageAway` or what asyncpg raises."""
    async with pool.acquire(timeout=CONNECT_TIMEOUT) as connection:
        await begin(connection, [kept.name])
        remaking = connection.transaction()
        await remaking.start()
        try:
            until = (await hold_checkpoints(connection, [kept.name]))[kept.name]
            for table in kept.tables:
                await connection.execute(TWIN.format(table=table.name))
            await _fill(connection, log, kept.consumer, until)
            found = [await _put_in_place(connection, table.name) for table in kept.tables]
        except BaseException:
            await remaking.rollback()
            raise
        await (remaking.rollback() if dry_run else remaking.commit())
    return [one for one in found if one.gone or one.new]


async def _fill(connection: Connection, log: EventLog, consumer: Consumer[Any], until: int) -> None:
    # What is parked is left to its follower, which takes it in when it can.
    waits = {one.stream: one.position for one in await read_parked(connection, consumer.names)}
    name, position, topics = consumer.names[0], 0, sorted(consumer.topics or ())
    while events := await log.after(position, CHUNK, topics=topics, until=until):
        position = events[-1].position
        taken = [one for one in events if one.position < waits.get(one.originator_id, until + 1)]
        items = (await consumer.prepared(Batch(taken, position)))[name].items if taken else ()
        if items:
            await consumer.write(connection, name, [item.value for item in items])


async def _put_in_place(connection: Connection, table: str) -> Remade:
    gone, new = await connection.fetchrow(COMPARE.format(table=table))
    if gone or new:
        for statement in PUT_IN_PLACE:
            await connection.execute(statement.format(table=table))
    return Remade(table, gone, new)


def names_of(kept: Sequence[Kept]) -> list[str]:
    return [one.name for one in kept]
