"""The one clock of a deployment: its database's, as it goes on by a clock of this machine that cannot be set.

A wall clock may be set, or stepped when it is found to be wrong; the time since the machine was started cannot. Once a
second the two are compared. As long as they agree the database's clock is followed. When it leaps, time goes on here as
before: nothing is judged or recorded by a leap, and what judges by itself waits until both agree again, until an
operator accepts the database's clock as it is, or until it has kept to it for long enough to be believed
(docs/decisions/0019).
"""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final, Self

import asyncpg
import structlog

from eventlog.database import CONNECT_TIMEOUT, StorageAway, fetch, is_storage_away

log = structlog.get_logger()

PERIOD: Final = 1.0  # seconds between two comparisons
LONGEST_STEP: Final = 5.0  # seconds for which time goes on without a comparison
LONGEST_READING: Final = 2.0  # seconds
NOTED_EVERY: Final = 10.0  # seconds
BOUND: Final = 5.0  # seconds by which the two may differ
SETTLES: Final = 3600.0  # seconds after which a leap is taken for true

# One that names this start of this machine; elsewhere each start of the service begins anew.
BOOT_ID: Final = Path("/proc/sys/kernel/random/boot_id")
# With the time that a machine has slept, which its wall clock counts too.
STEADY: Final = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)

READ: Final = "SELECT clock_timestamp(), (SELECT clock_accepted_at FROM deployment)"
KNOWN: Final = "SELECT steady, at FROM clock_readings WHERE machine = $1"
NOTE: Final = """
INSERT INTO clock_readings (machine, steady, at) VALUES ($1, $2, $3)
ON CONFLICT (machine) DO UPDATE SET steady = excluded.steady, at = excluded.at
"""
ACCEPT: Final = "UPDATE deployment SET clock_accepted_at = clock_timestamp() RETURNING clock_accepted_at"


def steady() -> float:
    """Seconds since this machine was started."""
    return time.clock_gettime(STEADY)


def machine() -> str | None:
    """What this start of this machine is called; None where it has no name."""
    return BOOT_ID.read_text().strip() if BOOT_ID.exists() else None


async def database_time(pool: asyncpg.Pool) -> datetime:
    """What the database's clock says, for whoever asks once. Raises `StorageAway`."""
    moment: datetime = (await fetch(pool, READ))[0][0]
    return moment.astimezone(UTC)


async def accept_clock(pool: asyncpg.Pool) -> datetime:
    """Lets every process believe the database's clock as it is now; returns what it says. Raises `StorageAway`."""
    rows = await fetch(pool, ACCEPT)
    return rows[0][0].astimezone(UTC) if rows else await database_time(pool)


async def compared(pool: asyncpg.Pool) -> tuple[datetime, datetime | None]:
    """What the database's clock says, and what it should say by what this machine's services noted (None: nothing)."""
    now, expected = await database_time(pool), await _gone_on(pool, machine(), steady())
    return now, None if expected is None else expected.at


async def _gone_on(pool: asyncpg.Pool, machine: str | None, steady: float) -> Reading | None:
    """What time it is by what a process of this machine noted since the machine was started."""
    known = await fetch(pool, KNOWN, machine)
    if not known or steady < known[0]["steady"]:
        return None
    return Reading(Reading(known[0]["at"].astimezone(UTC), 0).after(steady - known[0]["steady"]), steady)


@dataclass(frozen=True, slots=True)
class Reading:
    """What time it was, and what the steady clock said then."""

    at: datetime
    steady: float

    def after(self, seconds: float) -> datetime:
        return self.at + timedelta(seconds=seconds)


class Reckoning:
    """What time it is, from readings of two clocks of which one may leap. Knows no clock itself."""

    def __init__(self, first: Reading, *, bound: float = BOUND, settles: float = SETTLES) -> None:
        self._bound, self._settles = timedelta(seconds=bound), settles
        self._begin(first)

    def _begin(self, reading: Reading) -> None:
        self._agreed = self._going = reading
        self._latest = reading.at
        self._leapt_since: float | None = None
        self.leap = timedelta(0)

    @property
    def agrees(self) -> bool:
        return self._leapt_since is None

    def now(self, steady: float) -> datetime:
        """The present moment; never before one that was told already."""
        self._latest = max(self._latest, self._at(steady))
        return self._latest

    def is_fresh(self, steady: float) -> bool:
        """Whether the clocks were compared a moment ago."""
        return 0 <= steady - self._going.steady <= LONGEST_STEP

    def take(self, read: Reading) -> None:
        """Compare with what the database's clock says now."""
        going = Reading(self._at(read.steady), read.steady)
        # A process that was stopped for a while, or cut off from the database, finds both further on.
        since = self._agreed.after(read.steady - self._agreed.steady)
        if min(abs(read.at - going.at), abs(read.at - since)) <= self._bound:
            self._agreed = self._going = read
            self._leapt_since, self.leap = None, timedelta(0)
            return
        leap = read.at - going.at
        if self._leapt_since is None or abs(leap - self.leap) > self._bound:
            self._leapt_since, self.leap = read.steady, leap
        self._going = going
        if read.steady - self._leapt_since >= self._settles:
            self.accept(read)

    def accept(self, read: Reading) -> None:
        """Believe the database's clock as it is."""
        self._begin(read)

    def _at(self, steady: float) -> datetime:
        """A steady clock that seems to leap is not believed either: time goes on by small steps alone."""
        return self._going.after(min(max(steady - self._going.steady, 0.0), LONGEST_STEP))


class DeploymentClock:
    """The reckoning of this process, kept up by a task of its own. Use it as an async context manager."""

    def __init__(self, pool: asyncpg.Pool, *, bound: float = BOUND, settles: float = SETTLES) -> None:
        self._pool, self._bound, self._settles = pool, bound, settles
        self._machine = machine()
        self._noted: float | None = None
        self._accepted: datetime | None = None
        self._task: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        """Goes on from what a process of this machine last noted. Raises `StorageAway`."""
        read, self._accepted, _ = await self._read()
        first = await _gone_on(self._pool, self._machine, read.steady) or read
        self._reckoning = Reckoning(first, bound=self._bound, settles=self._settles)
        self._take(read)
        self._task = asyncio.create_task(self._keep_up(), name="deployment clock")
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    def now(self) -> datetime:
        """The present moment in UTC."""
        return self._reckoning.now(steady())

    @property
    def agrees(self) -> bool:
        """Whether the database's clock goes on as it did: only then is anything judged that nobody asked for."""
        return self._reckoning.agrees and self._reckoning.is_fresh(steady())

    @property
    def leap(self) -> float:
        """By how many seconds the database's clock differs from what it should say; 0 while it agrees."""
        return self._reckoning.leap.total_seconds()

    async def compare(self) -> None:
        """Reads the database's clock once more. Raises `StorageAway`."""
        read, accepted, took = await self._read()
        if took > LONGEST_READING:
            return  # it says too little about when that was
        if accepted != self._accepted:
            self._accepted = accepted
            if not self._reckoning.agrees:
                self._reckoning.accept(read)
                log.warning("clock_accepted", now=read.at.isoformat())
        self._take(read)
        if self._machine is not None and (self._noted is None or read.steady - self._noted >= NOTED_EVERY):
            self._noted = read.steady
            await fetch(self._pool, NOTE, self._machine, read.steady, self.now())

    def _take(self, read: Reading) -> None:
        agreed, leap = self._reckoning.agrees, self._reckoning.leap
        self._reckoning.take(read)
        if agreed and not self._reckoning.agrees:
            log.error("clock_leapt", seconds=round(self.leap, 3), waits="what judges by itself")
        elif not agreed and self._reckoning.agrees:
            log.warning("clock_agrees_again", leapt=round(leap.total_seconds(), 3))

    async def _read(self) -> tuple[Reading, datetime | None, float]:
        """What the database's clock says, when an operator last accepted it, and how long it took to say so."""
        try:
            async with self._pool.acquire(timeout=CONNECT_TIMEOUT) as connection:
                before = steady()
                at, accepted = await connection.fetchrow(READ)
                after = steady()
        except Exception as error:
            if is_storage_away(error):
                raise StorageAway from error
            raise
        return Reading(at.astimezone(UTC), (before + after) / 2), accepted, after - before

    async def _keep_up(self) -> None:
        while True:
            await asyncio.sleep(PERIOD)
            try:
                await self.compare()
            except Exception as error:
                if not is_storage_away(error):
                    log.error("clock_not_compared", error=type(error).__name__)
