"""Who asks the storage at the same time is answered together: while one batch is under way the next one gathers."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Final, Generic, TypeVar

from eventlog.patience import StorageWait, for_many

MOST_AT_ONCE: Final = 256

Question = TypeVar("Question")
Answer = TypeVar("Answer")


class Gathering(Generic[Question, Answer]):
    """One kind of question. `ask` answers a batch of them, in their order."""

    def __init__(self, name: str, ask: Callable[[Sequence[Question]], Awaitable[Sequence[Answer]]]) -> None:
        self._name, self._ask = name, ask
        self._waiting: list[tuple[Question, asyncio.Future[Answer]]] = []
        self._asking: asyncio.Task[None] | None = None

    async def answer(self, question: Question) -> Answer:
        """Raises what `ask` raises, and `StorageAway`."""
        answer: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()
        self._waiting.append((question, answer))
        if self._asking is None:
            self._asking = for_many(self._ask_all(), self._name)
        with StorageWait():
            return await answer

    async def _ask_all(self) -> None:
        try:
            while self._waiting:
                left = [waiting for waiting in self._waiting if not waiting[1].done()]  # without those who gave up
                batch, self._waiting = left[:MOST_AT_ONCE], left[MOST_AT_ONCE:]
                await self._ask_batch(batch)
        finally:
            self._asking = None

    async def _ask_batch(self, batch: Sequence[tuple[Question, asyncio.Future[Answer]]]) -> None:
        try:
            answers = await self._ask([question for question, _ in batch])
        except Exception as error:  # each of them gets it; the next batch may fare better
            for _, future in batch:
                if not future.done():
                    future.set_exception(error)
            return
        for (_, future), answer in zip(batch, answers, strict=True):
            if not future.done():
                future.set_result(answer)
