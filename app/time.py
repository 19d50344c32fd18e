"""The time of a sandbox, which stands still until it is set; a real deployment's is in deployment_clock.py.

Whether a database is a sandbox is decided at its first start and never again: a rehearsed history must not be mistaken
for a real one.
"""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Final, Self

import asyncpg

from domain.errors import Invalid, Refused
from eventlog.database import fetch

EARLIEST: Final = datetime(2000, 1, 1, tzinfo=UTC)
LATEST: Final = datetime(2100, 1, 1, tzinfo=UTC)
LONGEST_JUMP: Final = timedelta(days=5 * 366)

CREATE = """
INSERT INTO deployment (only_row, sandbox, sandbox_now, master_key_fingerprint)
VALUES (true, $1, CASE WHEN $1 THEN clock_timestamp() END, $2) ON CONFLICT DO NOTHING
"""
DEPLOYED = "SELECT sandbox, master_key_fingerprint FROM deployment"
SANDBOX = "SELECT sandbox_now, sandbox_was_set FROM deployment WHERE sandbox"
# Compared in the same statement: whoever else sets it, it never goes back once something was recorded in it.
SET = """
UPDATE deployment SET sandbox_now = $1, sandbox_was_set = true
WHERE sandbox AND (sandbox_now <= $1 OR (NOT sandbox_was_set AND NOT EXISTS (SELECT FROM stored_events)))
RETURNING sandbox_now
"""


class WrongDeployment(Exception):
    """This database cannot be served like this; `reason` says why, in words in wording/command_line.py."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class SandboxClockGoesForward(Refused): ...


class TimeOutOfRange(Invalid): ...


class TimeWithoutOffset(Invalid): ...


class SandboxTime:
    """A clock that stands still until it is set. It is kept in the database, so it survives a restart.

    One process serves a sandbox: another one that has it open learns of a setting only when it is opened anew.
    """

    def __init__(self, pool: asyncpg.Pool, now: datetime, was_set: bool) -> None:
        self.moving = asyncio.Lock()
        self._pool, self._now, self._was_set = pool, now, was_set

    @classmethod
    async def open(cls, pool: asyncpg.Pool) -> Self:
        """Continues where the sandbox stood. Raises `StorageAway`, and `WrongDeployment` for a database that is none.

        Call `check_deployment` first: it makes a new database a sandbox.
        """
        rows = await fetch(pool, SANDBOX)
        if not rows:
            raise WrongDeployment("no-sandbox")
        return cls(pool, rows[0]["sandbox_now"].astimezone(UTC), rows[0]["sandbox_was_set"])

    @property
    def was_set(self) -> bool:
        """Whether it was ever set. The first setting may go anywhere while nothing has been recorded."""
        return self._was_set

    def now(self) -> datetime:
        """The sandbox's moment in UTC."""
        return self._now

    def check(self, to: datetime, *, nothing_recorded: bool) -> None:
        """Raises the refusal that `set` would raise; `nothing_recorded`: the log is empty."""
        if to.tzinfo is None:
            raise TimeWithoutOffset("/now")
        if not EARLIEST <= to < LATEST:
            raise TimeOutOfRange("/now")
        if nothing_recorded and not self._was_set:
            return
        if to < self._now:
            raise SandboxClockGoesForward(now=self._now)
        if to - self._now > LONGEST_JUMP:
            raise TimeOutOfRange("/now")

    async def set(self, to: datetime) -> None:
        """Sets the clock. Raises `SandboxClockGoesForward` for an earlier time, and `StorageAway`."""
        to = to.astimezone(UTC)
        if not await fetch(self._pool, SET, to):
            raise SandboxClockGoesForward
        self._now, self._was_set = to, True


async def check_deployment(pool: asyncpg.Pool, *, sandbox: bool, fingerprint: str) -> None:
    """Marks a new database as a sandbox or not, with its master key's fingerprint; compares it at every later start.

    Raises `WrongDeployment` where they differ, and `StorageAway`.
    """
    await fetch(pool, CREATE, sandbox, fingerprint)
    (deployed,) = await fetch(pool, DEPLOYED)
    if deployed["sandbox"] and not sandbox:
        raise WrongDeployment("sandbox")
    if sandbox and not deployed["sandbox"]:
        raise WrongDeployment("real")
    if deployed["master_key_fingerprint"] != fingerprint:
        raise WrongDeployment("another-master-key")
