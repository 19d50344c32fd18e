"""What happens to incidents by itself, in one process of all: clocks judged, and incidents opened when calls surge."""

from __future__ import annotations

import asyncio
from typing import Final, Self

import asyncpg

from app.clocks.incident_clocks import IncidentClocks
from app.surges.call_surges import CallSurges
from eventlog.leader_lock import LeaderLock

NAME: Final = "incidents"


class IncidentRunner:
    """To be used as an async context manager. Without `clocks` (in a sandbox) only surges are looked for."""

    def __init__(self, pool: asyncpg.Pool, surges: CallSurges, clocks: IncidentClocks | None) -> None:
        self.lock = LeaderLock(pool, NAME)
        self._surges, self._clocks = surges, clocks
        self._task: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        self._task = asyncio.create_task(self.lock.run(self._run), name=NAME)
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    async def _run(self) -> None:
        try:
            async with asyncio.TaskGroup() as group:
                group.create_task(self._surges.run())
                if self._clocks is not None:
                    group.create_task(self._clocks.run())
        except ExceptionGroup as failed:
            raise failed.exceptions[0] from None  # whoever holds the lock asks whether the storage is away
