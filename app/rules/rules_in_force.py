"""The rules while the service runs: versions are published into them, and those of other processes are learnt.

A version is answered once all processes know it (eventlog/editions.py); a process also looks when it meets a complaint
pinned to a version that it does not know.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Mapping
from datetime import datetime
from typing import Final, Self, TypeVar
from uuid import UUID

import asyncpg
import structlog

from app.rules.published_rules import LOCK, OF_CODE, ONE, KeptVersion, keep, keep_packaged, kept_after, with_kept
from domain.errors import Refused
from domain.limits.calendar import Calendar
from domain.procedure.procedure import Procedure
from eventlog.database import StorageAway, is_storage_away
from eventlog.editions import editions_of
from eventlog.remembered import remember, was_done
from procedures.library import Library, Published
from procedures.publishing import Kind, says_the_same

log = structlog.get_logger()
Answer = TypeVar("Answer")
EDITIONS: Final = "rules"


class VersionIsPublished(Refused): ...


class RulesInForce:
    """`procedures.rules.Rules` of one process. As an async context manager it keeps learning by itself."""

    def __init__(self, pool: asyncpg.Pool, library: Library, last: int) -> None:
        """Use `load`. `last` is the number of the last version that the library knows."""
        self._pool, self._library, self._last = pool, library, last
        self._learning = asyncio.Lock()

    @classmethod
    async def load(cls, pool: asyncpg.Pool, now: datetime) -> Self:
        """All that was ever published here; packaged files that are new are published now.

        Raises `procedures.library.VersionChanged` when a file was edited without a new version, and `StorageAway`.
        """
        await _storage(keep_packaged(pool, now))
        kept = await _storage(kept_after(pool, 0))
        return cls(pool, with_kept(Library.ready(), kept), kept[-1].ordinal)

    async def __aenter__(self) -> Self:
        await editions_of(self._pool).follow(EDITIONS, self._newest)
        return self

    async def __aexit__(self, *_: object) -> None:
        await editions_of(self._pool).unfollow(EDITIONS)

    # Asking

    @property
    def procedures(self) -> Mapping[str, Procedure]:
        return self._library.procedures

    @property
    def calendars(self) -> Mapping[str, Calendar]:
        return self._library.calendars

    @property
    def published_procedures(self) -> tuple[Published, ...]:
        return self._library.published_procedures

    @property
    def published_calendars(self) -> tuple[Published, ...]:
        return self._library.published_calendars

    def procedure(self, code: str) -> Procedure:
        return self._library.procedure(code)

    def procedure_at(self, code: str, version: str) -> Procedure:
        return self._library.procedure_at(code, version)

    def calendar(self, code: str) -> Calendar:
        return self._library.calendar(code)

    def calendar_at(self, code: str, version: str) -> Calendar:
        return self._library.calendar_at(code, version)

    async def versions(self, kind: Kind, code: str) -> list[KeptVersion]:
        """Every version of one code, the last published first. Raises `StorageAway`."""
        return [KeptVersion.of(row) for row in await _storage(self._pool.fetch(OF_CODE, kind, code))]

    async def version(self, kind: Kind, code: str, version: str) -> KeptVersion | None:
        """Raises `StorageAway`."""
        row = await _storage(self._pool.fetchrow(ONE, kind, code, version))
        return None if row is None else KeptVersion.of(row)

    # Learning

    async def learn(self) -> None:
        """Takes in what was published since, here or by another process. Raises `StorageAway`."""
        for kept in await _storage(kept_after(self._pool, self._last)):
            async with self._learning:
                if kept.ordinal > self._last:  # else learnt by another task meanwhile
                    await self._take_in(kept)

    async def _take_in(self, kept: KeptVersion) -> None:
        try:
            # A large file takes a second to read: the others' requests go on meanwhile.
            self._library = await asyncio.to_thread(with_kept, self._library, [kept])
        except ValueError as error:
            # A newer release may write what this one cannot read; whoever is pinned to it waits for that release.
            code, version = kept.published.code, kept.published.version
            log.error("rules_not_readable", code=code, version=version, error=type(error).__name__)
        self._last = kept.ordinal

    async def _newest(self) -> int:
        await self.learn()
        return self._last

    # Publishing

    async def publish(
        self,
        kind: Kind,
        published: Published,
        at: datetime,
        *,
        command_id: UUID | None = None,
        request_hash: bytes | None = None,
    ) -> tuple[KeptVersion, bool]:
        """The version as it is kept, and whether the same command had published it before; it is the current one now.

        The same version with the same content changes nothing. Raises `VersionIsPublished` where the content is
        another, `CommandIdReused`, `StorageAway`.
        """
        if command_id is not None and await was_done(self._pool, command_id, request_hash):
            before = await self.version(kind, published.code, published.version)
            if before is not None:
                return before, True
        kept = await _storage(self._kept(kind, published, at, command_id, request_hash))
        await editions_of(self._pool).everybody_knows(EDITIONS, await self._newest())
        return kept, False

    async def _kept(
        self, kind: Kind, published: Published, at: datetime, command_id: UUID | None, request_hash: bytes | None
    ) -> KeptVersion:
        key = (kind, published.code, published.version)
        async with self._pool.acquire() as connection, connection.transaction():
            await connection.execute(LOCK)
            kept = await keep(connection, kind, published, at)
            if kept is None:
                kept = KeptVersion.of(await connection.fetchrow(ONE, *key))
                if not await asyncio.to_thread(says_the_same, kind, kept.published.text, published.text, self):
                    raise VersionIsPublished
            if command_id is not None:
                await remember(connection, command_id, request_hash, at)
        return kept


async def _storage(work: Awaitable[Answer]) -> Answer:
    try:
        return await work
    except Exception as error:
        if is_storage_away(error):
            raise StorageAway from error
        raise
