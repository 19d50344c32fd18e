"""In one process, those who change the same thing do so one after the other, in the order in which they came."""

from asyncio import Lock, timeout
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Final
from uuid import UUID
from weakref import WeakValueDictionary

from eventlog.patience import StorageWait

PATIENCE: Final = 2.0  # seconds: whoever is before may be waiting for the database much longer


class Turns:
    """Whoever has waited for too long goes ahead; the log has the last word on who was first."""

    def __init__(self, patience: float = PATIENCE) -> None:
        self._patience = patience
        self._turns: WeakValueDictionary[UUID, Lock] = WeakValueDictionary()

    @asynccontextmanager
    async def take(self, id: UUID) -> AsyncIterator[None]:
        turn = self._turns.get(id)
        mine: bool
        if turn is None:
            turn = self._turns[id] = Lock()
            mine = await turn.acquire()  # at once: nobody else has it
        else:
            mine = await self._comes(turn)
        try:
            yield
        finally:
            if mine:
                turn.release()

    async def _comes(self, turn: Lock) -> bool:
        with suppress(TimeoutError):
            with StorageWait():  # whoever is before waits for the storage
                async with timeout(self._patience):
                    return await turn.acquire()
        return False
