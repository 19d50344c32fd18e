"""A log with complaints in it, and what follows it: opened on a real database as the service opens it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, Final
from uuid import UUID, uuid4

import asyncpg

from app.readmodels.follower import read_models_follower
from eventlog.codec import EventCodec
from eventlog.complainants import Complainants
from eventlog.database import create_pool
from eventlog.follower import Follower
from eventlog.log import Append, EventLog
from procedures.library import Library
from tests.eventlog.samples import named
from tests.facts import MONDAY_9AM, Fact
from tests.http.desk import MASTER

SOON: Final = 10.0
# As in every version of the schema.
OWNER: Final = "INSERT INTO complainants (id, wrapped_key, created_at) VALUES ($1, $2, $3)"


class ReadingSide:
    """The log, the keys and the library of one process."""

    def __init__(self, url: str, pool: asyncpg.Pool[asyncpg.Record], log: EventLog) -> None:
        self.url, self.pool, self.log = url, pool, log
        self.codec = EventCodec(MASTER)
        self.complainants = Complainants(pool, MASTER)
        self.library = Library.ready()
        self._versions: dict[str, int] = {}
        self._owners: dict[str, UUID] = {}

    async def record(self, complaint: str, *facts: Fact) -> int:
        """Appends what happened to a complaint of this name, sealed as ever; returns the position of the last."""
        if complaint not in self._owners:
            new = MASTER.new_data_key(uuid4())
            await self.pool.execute(OWNER, new.key.id, new.wrapped, MONDAY_9AM)
            self._owners[complaint] = new.key.id
        key = await self.complainants.key(self._owners[complaint])
        assert key is not None
        version = self._versions.get(complaint, 0)
        stored = [
            self.codec.stored(self._pinned(complaint, fact).event(version + n, named(complaint)), key)
            for n, fact in enumerate(facts, 1)
        ]
        at = facts[-1].time.astimezone(UTC)
        done = await self.log.append(Append(uuid4(), None, stored, [fact.actor.id for fact in facts], at))
        self._versions[complaint] = done.version
        return done.position

    def follower(self, **options: Any) -> Follower[Any]:
        """A follower as the service makes it, on the pool of this process."""
        return read_models_follower(self.pool, self.log, self.codec, self.complainants, self.library, **options)

    async def follow(self) -> None:
        """Lets the read models catch up with all that is recorded."""
        async with self.follower() as follower:
            assert await follower.reached(await self.log.head(), SOON)

    async def rows(self, table: str) -> list[dict[str, Any]]:
        """All rows of a table of the read models, in the order of its primary key."""
        order = {"sla": "complaint_id, ordinal", "tracking_search": "id, version"}.get(table, "1")
        return [dict(row) for row in await self.pool.fetch(f"SELECT * FROM reading.{table} ORDER BY {order}")]

    async def rows_of(self, table: str, complaint: str) -> list[dict[str, Any]]:
        return [row for row in await self.rows(table) if row["id"] == named(complaint)]

    async def row(self, complaint: str) -> dict[str, Any]:
        """The tracking row of a complaint."""
        return dict(await self.pool.fetchrow("SELECT * FROM reading.tracking WHERE id = $1", named(complaint)))

    def _pinned(self, complaint: str, fact: Fact) -> Fact:
        if fact.type.__name__ != "Received":
            return fact
        calendar = self.library.calendar("cn")
        pins = {"calendar_version": calendar.version, "complainant_id": self._owners[complaint]}
        return replace(fact, facts=fact.facts | pins)


@asynccontextmanager
async def reading_side(url: str, *, pool_size: int = 8) -> AsyncIterator[ReadingSide]:
    """One process's part of the service, opened on a migrated database."""
    pool = await create_pool(url, min_size=1, max_size=pool_size)
    try:
        async with EventLog(pool) as log:
            yield ReadingSide(url, pool, log)
    finally:
        pool.terminate()


def at(day: str) -> datetime:
    """Nine o'clock in Shanghai, in UTC."""
    return datetime.fromisoformat(f"{day}T09:00:00+08:00").astimezone(UTC)


def shown(rows: Sequence[dict[str, Any]], *columns: str) -> list[tuple[Any, ...]]:
    """The named columns of the rows."""
    return [tuple(row[column] for column in columns) for row in rows]
