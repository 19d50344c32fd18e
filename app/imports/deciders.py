"""Processes that decide the batches of an import, started for it and ended with it.

They are asked over a pipe, which also ends with whoever asks: a process whose importer was killed ends by itself.
What one has recorded by then stays, and is found there by the next that comes to those rows.
"""

import asyncio
import os
import pickle
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from itertools import count
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self
from uuid import UUID

from app.imports.batches import Batch, BatchDone, Staff
from app.imports.jobs import Import
from eventlog.database import StorageAway

MOST: Final = 4  # processes
PROGRAM: Final = ("-m", "app.imports.decider")
HOME: Final = Path(__file__).parents[2]  # from elsewhere, another package called app might be meant
PATIENCE: Final = 10.0  # seconds in which one that is asked to ends by itself


class DeciderEnded(Exception):
    """A process that decided batches has ended before it was told to: killed, or out of memory."""


class DeciderFailed(Exception):
    """A batch could not be decided, by a mistake of ours; the name of the error is the message."""


@dataclass(frozen=True)
class Deployment:
    """What a process needs to work for this deployment. Shown nowhere, and handed over by pipe alone."""

    database_url: str = field(repr=False)
    master_key: bytes = field(repr=False)


@dataclass(frozen=True)
class Task:
    """What a process is told first: for which import it works, under which rules and among whom."""

    deployment: Deployment
    import_id: UUID
    columns: Sequence[str]
    staff: Staff
    begun_at: datetime


@dataclass(frozen=True)
class Answer:
    """To the batch that was asked for as `number`. `away`: the database could not be reached; else `error` names it."""

    number: int
    done: BatchDone | None = None
    away: bool = False
    error: str = ""


class Deciders:
    """Use it as an async context manager."""

    def __init__(
        self, deployment: Deployment, one: Import, columns: Sequence[str], staff: Staff, begun_at: datetime
    ) -> None:
        self.processes = max(1, min(MOST, os.cpu_count() or 1))
        self._task = Task(deployment, one.id, columns, staff, begun_at)
        self._all: list[_Decider] = []

    async def __aenter__(self) -> Self:
        try:
            for _ in range(self.processes):
                self._all.append(await _Decider.started(self._task))
        except BaseException:
            await self._end()
            raise
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._end()

    async def done(self, batch: Batch) -> BatchDone:
        """By the one that has the least to do. Raises `StorageAway`, `DeciderEnded`, `DeciderFailed`."""
        return await min(self._all, key=lambda one: one.waiting).done(batch)

    async def _end(self) -> None:
        await asyncio.gather(*(one.end() for one in self._all))


class _Decider:
    """One process, and the batches that it was asked for."""

    def __init__(self, process: Process) -> None:
        self._process = process
        self._asked: dict[int, asyncio.Future[BatchDone]] = {}
        self._numbers = count(1)
        self._hearing = asyncio.create_task(self._hear(), name="import decider")

    @classmethod
    async def started(cls, task: Task) -> Self:
        # In a session of its own: who stops the service from a terminal does not stop this one in the middle.
        process = await asyncio.create_subprocess_exec(
            sys.executable, *PROGRAM, stdin=PIPE, stdout=PIPE, start_new_session=True, cwd=HOME
        )  # fmt: skip
        one = cls(process)
        await one._say(task)
        return one

    @property
    def waiting(self) -> int:
        return len(self._asked)

    async def done(self, batch: Batch) -> BatchDone:
        if self._hearing.done():
            raise DeciderEnded
        number = next(self._numbers)
        self._asked[number] = asyncio.get_running_loop().create_future()
        try:
            await self._say((number, batch))
            return await self._asked[number]
        finally:
            self._asked.pop(number, None)

    async def end(self) -> None:
        """It finishes what it is at, so that nothing of it is under way when the next one begins."""
        stdin = self._process.stdin
        assert stdin is not None
        stdin.close()
        try:
            async with asyncio.timeout(PATIENCE):
                await self._process.wait()
        except TimeoutError:
            with suppress(ProcessLookupError):
                self._process.kill()
            await self._process.wait()
        self._hearing.cancel()
        await asyncio.gather(self._hearing, return_exceptions=True)

    async def _say(self, said: Any) -> None:
        stdin = self._process.stdin
        assert stdin is not None
        try:
            stdin.write(framed(said))
            await stdin.drain()
        except (BrokenPipeError, ConnectionResetError, RuntimeError):
            raise DeciderEnded from None

    async def _hear(self) -> None:
        assert self._process.stdout is not None
        try:
            while (answer := await heard(self._process.stdout)) is not None:
                self._answer(answer)
        finally:
            for asked in self._asked.values():
                if not asked.done():
                    asked.set_exception(DeciderEnded())

    def _answer(self, answer: Answer) -> None:
        asked = self._asked.get(answer.number)
        if asked is None or asked.done():
            return  # nobody waits for it any more
        if answer.done is not None:
            asked.set_result(answer.done)
        else:
            asked.set_exception(StorageAway() if answer.away else DeciderFailed(answer.error))


def framed(said: Any) -> bytes:
    """As it travels over the pipe: its length in 8 bytes, and what is said. Both ends are our own program."""
    packed = pickle.dumps(said, pickle.HIGHEST_PROTOCOL)
    return len(packed).to_bytes(8) + packed


async def heard(pipe: asyncio.StreamReader) -> Any:
    """The next that is said; None once nobody is there any more."""
    try:
        length = int.from_bytes(await pipe.readexactly(8))
        return pickle.loads(await pipe.readexactly(length))
    except (asyncio.IncompleteReadError, ConnectionResetError):
        return None
