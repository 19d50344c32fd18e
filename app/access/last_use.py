"""When each key was used last: counted in memory, written once a minute for all of them, and when the service ends."""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime
from typing import Final

import asyncpg

from app.access.key import Key
from eventlog.database import StorageAway, fetch

EVERY: Final = 60.0  # seconds
WRITE: Final = """
UPDATE person_keys SET used_at = greatest(person_keys.used_at, used.at)
FROM unnest($1::text[], $2::timestamptz[]) AS used (id, at) WHERE person_keys.id = used.id
"""
READ: Final = "SELECT id, used_at FROM person_keys WHERE person = $1"


class LastUse:
    """Of the keys that this process let in. Use `open` where it has to be written."""

    def __init__(self, pool: asyncpg.Pool, now: Callable[[], datetime], *, every: float = EVERY) -> None:
        """`every`: seconds between two writings."""
        self._pool, self._now, self._every = pool, now, every
        self._used: dict[str, datetime] = {}
        self._task: asyncio.Task[None] | None = None

    async def open(self) -> None:
        self._task = asyncio.create_task(self._write_for_ever(), name="last use of keys")

    async def close(self) -> None:
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
        with suppress(StorageAway):
            await self.write()

    def note(self, key: Key) -> None:
        self._used[key.id] = self._now()

    async def write(self) -> None:
        """Writes what was noted since. Raises `StorageAway`; it is written the next time then."""
        used, self._used = self._used, {}
        if not used:
            return
        try:
            # In one order: two processes that write the same keys must not wait for each other.
            ids = sorted(used)
            await fetch(self._pool, WRITE, ids, [used[id] for id in ids])
        except BaseException:
            self._used = {**used, **self._used}
            raise

    async def of(self, person: str) -> dict[str, datetime]:
        """When the keys of somebody were used last, by the id of the key. Raises `StorageAway`."""
        written = {row["id"]: row["used_at"] for row in await fetch(self._pool, READ, person) if row["used_at"]}
        return {id: max(written.get(id, at), at) for id, at in (written | self._used).items()}

    async def _write_for_ever(self) -> None:
        while True:
            await asyncio.sleep(self._every)
            with suppress(StorageAway):
                await self.write()
