"""The bridge while it runs: it listens to one system, keeps what it hears, and posts it; each for itself.

A system that cannot be reached is called again; a service that is away, and a disk that is full, are waited for.
"""

import asyncio
import sqlite3
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime
from typing import Final, Protocol

from softphone.posting import Poster, Report
from softphone.said import Adapter, OpenCall, Said
from softphone.spool import Spool

READ_AT_ONCE: Final = 64 * 1024
WAITING_AT_MOST: Final = 100_000  # events that a full disk keeps in memory; then no more is read
FIRST_PAUSE: Final = 0.5
LONGEST_PAUSE: Final = 15.0
Connect = Callable[[], Awaitable[tuple[asyncio.StreamReader, asyncio.StreamWriter]]]


class Keeps(Protocol):
    """Whoever has open calls: an adapter, or the webhooks."""

    calls: dict[str, OpenCall]


class Keeper:
    """Puts what was said into the spool, in order, as soon as the disk takes it."""

    def __init__(self, spool: Spool, source: str, poster: Poster, report: Report) -> None:
        self._spool, self._source, self._poster, self._report = spool, source, poster, report
        self._waiting: deque[tuple[list[Said], list[OpenCall], asyncio.Future[None]]] = deque()
        self._count, self._news, self._room = 0, asyncio.Event(), asyncio.Event()
        self._room.set()

    async def keep(self, said: Sequence[Said], of: Keeps) -> None:
        """Returns when it is on the disk."""
        await (await self.hand_over(said, of))

    async def hand_over(self, said: Sequence[Said], of: Keeps) -> "asyncio.Future[None]":
        """Returns at once, unless too much waits for the disk already, with what is done when it is on it."""
        now = datetime.now(UTC)
        timed = [one if one.at is not None else replace(one, at=now) for one in said]
        calls = [replace(call, legs=list(call.legs)) for call in of.calls.values()]
        kept = asyncio.get_running_loop().create_future()
        self._waiting.append((timed, calls, kept))
        self._count += len(timed)
        self._news.set()
        if self._count > WAITING_AT_MOST:
            self._room.clear()
            await self._room.wait()
        return kept

    async def run(self) -> None:
        """For ever. When it is stopped, what was handed over and is not on the disk yet is put there."""
        try:
            while True:
                while self._waiting:
                    said, calls, kept = self._waiting[0]
                    await self._kept(said, calls)
                    self._waiting.popleft()
                    self._count -= len(said)
                    self._room.set()
                    if not kept.done():  # whoever waited for it may be gone
                        kept.set_result(None)
                self._news.clear()
                await self._news.wait()
        finally:
            with suppress(sqlite3.Error):  # a disk that is full at the end takes no more
                for said, calls, _ in self._waiting:
                    self._spool.keep(said, self._source, datetime.now(UTC), calls)

    async def _kept(self, said: Sequence[Said], calls: Sequence[OpenCall]) -> None:
        pause, was_full = FIRST_PAUSE, False
        while True:
            try:
                self._spool.keep(said, self._source, datetime.now(UTC), calls)
            except sqlite3.Error as error:
                if not was_full:
                    self._report("spool-full", {"error": str(error)})
                was_full = True
                self._poster.news.set()  # what it posts makes room
                await asyncio.sleep(pause)
                pause = min(2 * pause, LONGEST_PAUSE)
                continue
            if was_full:
                self._report("spool-has-room", {})
            self._poster.news.set()
            return


class Listener:
    """Reads a system that is connected to, again and again."""

    def __init__(self, adapter: Adapter, connect: Connect, keeper: Keeper, report: Report) -> None:
        self._adapter, self._connect, self._keeper, self._report = adapter, connect, keeper, report

    async def run(self) -> None:
        """For ever. Raises `Refused` where the system lets nobody in who signs in so."""
        pause, is_away = FIRST_PAUSE, False
        while True:
            try:
                reader, writer = await self._connect()
                self._report("connected", {})
                pause, is_away = FIRST_PAUSE, False
                await self._read(reader, writer)
                self._report("disconnected", {})
            except (OSError, ValueError) as error:
                if not is_away:
                    self._report("phone-away", {"error": str(error) or type(error).__name__})
                is_away = True
            await asyncio.sleep(pause)
            pause = min(2 * pause, LONGEST_PAUSE)

    async def _read(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await self._send(writer, self._adapter.greeting())
            while received := await reader.read(READ_AT_ONCE):
                await self._keeper.hand_over(list(self._adapter.take(received)), self._adapter)
                await self._send(writer, self._adapter.reply())
        finally:
            writer.close()
            with suppress(OSError):
                await writer.wait_closed()

    @staticmethod
    async def _send(writer: asyncio.StreamWriter, sent: bytes) -> None:
        if sent:
            writer.write(sent)
            await writer.drain()


async def run_together(*parts: Awaitable[None]) -> None:
    """Until one of them ends, or this is cancelled; what one raises comes out."""
    tasks = [asyncio.ensure_future(part) for part in parts]
    try:
        done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        for task in done:
            task.result()
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


