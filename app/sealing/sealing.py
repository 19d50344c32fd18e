"""Follows the log and gives each event its leaf; signs a checkpoint every minute in which something was recorded."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from datetime import datetime
from time import monotonic
from typing import ClassVar, Final, Self

import asyncpg

from app.sealing.checkpoints import Checkpoints
from app.sealing.signing import SigningKeys
from app.sealing.tiles import append_leaves
from eventlog.checkpoints import Connection
from eventlog.codec import EventCodec
from eventlog.consumer import Batch, Consumer, Item, Prepared
from eventlog.database import StorageAway
from eventlog.follower import Follower
from eventlog.log import EventLog
from eventlog.sealing import MasterKey
from proof.leaf import event_leaf

NAME: Final = "seal"
SECONDS: Final = 60.0  # between two checkpoints, while something is recorded
AT_THE_END: Final = 2.0  # seconds that a service which stops waits for its last leaves
BATCH: Final = 1024

Leaf = tuple[int, bytes]


class Leaves(Consumer[Leaf]):
    """Gives each event its leaf. `every`: seconds between two checkpoints."""

    names = (NAME,)
    gathers: ClassVar[float] = 0.01

    def __init__(self, checkpoints: Checkpoints, every: float = SECONDS) -> None:
        self._checkpoints, self._every = checkpoints, every
        self._unsigned_since: float | None = None
        self._is_begun = False

    async def prepared(self, batch: Batch) -> Mapping[str, Prepared[Leaf]]:
        made: Prepared[Leaf] = Prepared()
        for one in batch.events:
            leaf = event_leaf(
                one.position, one.recorded_at, one.originator_id, one.originator_version, one.topic, one.actor,
                one.state,
            )  # fmt: skip
            made.items.append(Item(one.originator_id, one.position, (one.position, leaf)))
        return {NAME: made}

    async def write(self, connection: Connection, name: str, values: Sequence[Leaf]) -> None:
        await append_leaves(connection, dict(values))
        if self._unsigned_since is None:
            self._unsigned_since = monotonic()

    async def afterwards(self) -> None:
        if not self._is_begun:
            # Over nothing perhaps: from the first moment on there is something to hold.
            if await self._checkpoints.newest() is None:
                await self._checkpoints.make()
            self._is_begun = True
        if self._unsigned_since is not None and monotonic() - self._unsigned_since >= self._every:
            await self._checkpoints.make()
            self._unsigned_since = None

    def start_over(self) -> None:
        # Perhaps another process left something unsigned; where it did not, no checkpoint is made.
        self._unsigned_since = monotonic()


class Sealing:
    """All that seals a log; use it as an async context manager. When it ends, what is sealed is signed."""

    def __init__(
        self,
        pool: asyncpg.Pool,
        log: EventLog,
        codec: EventCodec,
        master: MasterKey,
        now: Callable[[], datetime],
        every: float = SECONDS,
    ) -> None:
        """`now` is the deployment's clock, in a sandbox too: checkpoints are told to people outside."""
        self.keys = SigningKeys(pool, master)
        self.checkpoints = Checkpoints(pool, self.keys, now)
        self.follower = Follower(pool, log, codec, Leaves(self.checkpoints, every), batch_size=BATCH)
        self._log, self._now = log, now

    async def __aenter__(self) -> Self:
        await self.follower.__aenter__()
        return self

    async def __aexit__(self, *_: object) -> None:
        with suppress(StorageAway):
            await self.sealed(AT_THE_END)
        await self.follower.__aexit__()
        with suppress(StorageAway):
            await self.checkpoints.make()

    async def sealed(self, seconds: float) -> bool:
        """Waits until all that is recorded by now is sealed, by whichever process; False when the time ran out."""
        return await self.follower.reached(await self._log.head(), seconds)
