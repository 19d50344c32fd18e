"""A consumer that notes what it takes in, without looking whether it has it already; and a process of it that dies.

`python -m tests.eventlog.following WHEN URL`: WHEN is `before` or `after` the commit of its second batch, or `never`.
"""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any, ClassVar, Final
from uuid import UUID

import asyncpg

from domain.complaint.events import Classified, NoteAdded, Received
from eventlog.checkpoints import Connection
from eventlog.codec import EventCodec, UnreadableEvent
from eventlog.consumer import Batch, Consumer, Item, Prepared
from eventlog.follower import Follower
from eventlog.log import Recorded
from tests.eventlog.samples import OpenLog, append_of, named, open_log
from tests.http.desk import MASTER

SOON: Final = 20.0
WANTED: Final = (Received.TOPIC, Classified.TOPIC)
UNWANTED: Final = NoteAdded.TOPIC
TABLE: Final = """
CREATE TABLE taken (ordinal bigserial, follower text, position bigint, stream uuid, version bigint);
GRANT SELECT, INSERT ON taken TO redress_app; GRANT USAGE ON SEQUENCE taken_ordinal_seq TO redress_app;
"""
TAKE: Final = "INSERT INTO taken (follower, position, stream, version) VALUES ($1, $2, $3, $4)"
TAKEN: Final = "SELECT follower, position, stream, version FROM taken ORDER BY ordinal"

Taken = tuple[str, int, UUID, int]


class Taking(Consumer[Recorded]):
    """Takes in whatever it wants, and goes wrong where the test says."""

    topics = frozenset(WANTED)

    def __init__(self, *names: str) -> None:
        self.names = names or ("taking",)
        self.prepared_batches: list[list[int]] = []
        self.cannot_prepare: dict[UUID, Exception] = {}
        self.cannot_write: set[tuple[str, int]] = set()  # names, and positions
        self.knows = {*WANTED, UNWANTED}
        self.idle_turns = 0
        self.forgotten = 0
        self.first_unfinished: int | None = None

    async def prepared(self, batch: Batch) -> Mapping[str, Prepared[Recorded]]:
        self.prepared_batches.append([event.position for event in batch.events])
        for event in batch.events:
            if event.originator_id in self.cannot_prepare:
                raise self.cannot_prepare[event.originator_id]
            if event.topic not in self.knows:
                raise UnreadableEvent(event)
        items = [Item(event.originator_id, event.position, event) for event in batch.events]
        return {name: Prepared(list(items)) for name in self.names}

    async def write(self, connection: Connection, name: str, values: Sequence[Recorded]) -> None:
        for event in values:
            await connection.execute(TAKE, name, event.position, event.originator_id, event.originator_version)
            if (name, event.position) in self.cannot_write:
                raise ZeroDivisionError

    async def afterwards(self) -> None:
        self.idle_turns += 1

    async def unfinished(self) -> int | None:
        return self.first_unfinished

    def start_over(self) -> None:
        self.forgotten += 1


class TakingOnOneConnection(Taking):
    """The same, on a connection that it keeps."""

    keeps_connection = True


class Dying(Taking):
    """The same, in a process whose end is near."""

    when: ClassVar[str]
    calls = 0

    async def write(self, connection: Connection, name: str, values: Sequence[Recorded]) -> None:
        await super().write(connection, name, values)
        self.calls += 1
        if (self.when, self.calls) == ("before", 2):
            os.kill(os.getpid(), signal.SIGKILL)

    async def afterwards(self) -> None:
        if (self.when, self.calls) == ("after", 2):
            os.kill(os.getpid(), signal.SIGKILL)


class FollowedLog:
    """A log, and what was taken in from it."""

    def __init__(self, url: str, opened: OpenLog) -> None:
        self.url, self.log, self.pool = url, opened.log, opened.pool
        self._versions: dict[str, int] = {}

    async def record(self, stream: str, *topics: str) -> int:
        """Appends events to a stream; returns the position of the last."""
        at = self._versions.get(stream, 0)
        done = await self.log.append(append_of(stream, *topics, after=at))
        self._versions[stream] = done.version
        return done.position

    def follower(self, consumer: Consumer[Any], **options: Any) -> Follower[Any]:
        return Follower(self.pool, self.log, EventCodec(MASTER), consumer, **options)

    async def caught_up(self, consumer: Consumer[Any], **options: Any) -> None:
        """Follows up to the head, and no longer."""
        async with self.follower(consumer, **options) as follower:
            assert await follower.reached(await self.log.head(), SOON)

    async def taken(self, follower: str = "taking") -> list[int]:
        """The positions that this one took in, in the order in which it did."""
        return [position for name, position, _, _ in await self.pool.fetch(TAKEN) if name == follower]

    async def versions_of(self, stream: str) -> list[int]:
        """What was taken in of a stream, in the order in which it was."""
        return [version for _, _, of, version in await self.pool.fetch(TAKEN) if of == named(stream)]


@asynccontextmanager
async def followed_log(url: str, *, through: str | None = None) -> AsyncIterator[FollowedLog]:
    """A log on a migrated database with a table to note in; connected to by the address `through`."""
    administrator = await asyncpg.connect(url)
    if await administrator.fetchval("SELECT to_regclass('taken') IS NULL"):
        await administrator.execute(TABLE)
    await administrator.close()
    async with open_log(through or url) as opened:
        yield FollowedLog(url, opened)


async def killed(when: str, url: str) -> None:
    """Runs such a process to its end."""
    arguments = [sys.executable, "-m", "tests.eventlog.following", when, url]
    process = await asyncio.create_subprocess_exec(*arguments, stdout=subprocess.DEVNULL)
    async with asyncio.timeout(60):
        assert await process.wait() == -signal.SIGKILL


async def run(when: str, url: str) -> None:
    Dying.when = when
    async with followed_log(url) as followed, followed.follower(Dying(), batch_size=3):
        await asyncio.sleep(50)
    sys.exit("nothing killed it")


if __name__ == "__main__":
    asyncio.run(run(sys.argv[1], sys.argv[2]))
