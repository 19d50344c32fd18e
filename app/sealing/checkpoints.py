"""Signed checkpoints: how many events there are and the root over them, kept for ever."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

import asyncpg

from app.sealing.signing import SigningKeys
from app.sealing.tiles import root_at, sealed_size
from eventlog.database import fetch
from proof.verify import Checkpoint

NEWEST: Final = "SELECT size, note, made_at FROM log_checkpoints ORDER BY size DESC LIMIT 1"
KEEP: Final = """
INSERT INTO log_checkpoints (size, note, made_at) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING RETURNING size
"""
AT: Final = "SELECT size, note, made_at FROM log_checkpoints WHERE size = $1"
BETWEEN: Final = "SELECT size, note, made_at FROM log_checkpoints WHERE size BETWEEN $1 AND $2 ORDER BY size"
BEFORE: Final = "SELECT size, note, made_at FROM log_checkpoints WHERE size < $1 ORDER BY size DESC LIMIT $2"


@dataclass(frozen=True)
class SignedCheckpoint:
    """`note`: the signed note itself (C2SP), over the first `size` events."""

    size: int
    note: str
    made_at: datetime


class Checkpoints:
    """Those of a deployment. Every method raises `StorageAway`."""

    def __init__(self, pool: asyncpg.Pool, keys: SigningKeys, now: Callable[[], datetime]) -> None:
        self._pool, self._keys, self._now = pool, keys, now

    async def newest(self) -> SignedCheckpoint | None:
        return _of(await fetch(self._pool, NEWEST))

    async def make(self) -> SignedCheckpoint:
        """A checkpoint over all that is sealed; the newest one where nothing was added since."""
        size, newest = await sealed_size(self._pool), await self.newest()
        if newest is not None and newest.size >= size:
            return newest
        now = self._now().astimezone(UTC).replace(microsecond=0)
        key = await self._keys.current(now)
        root = await root_at(self._pool, size)
        text = str(Checkpoint(key.public.name, size, root, now.isoformat().replace("+00:00", "Z")))
        await fetch(self._pool, KEEP, size, f"{text}\n{key.signature(text)}", now)
        made = _of(await fetch(self._pool, AT, size))
        if made is None:
            raise AssertionError("what was kept a moment ago is there")
        return made

    async def between(self, first: int, last: int) -> list[SignedCheckpoint]:
        """Over so many events, from the first to the last."""
        return [_signed(row) for row in await fetch(self._pool, BETWEEN, first, last)]

    async def before(self, size: int, limit: int) -> list[SignedCheckpoint]:
        """Those over fewer events than `size`, the newest first."""
        return [_signed(row) for row in await fetch(self._pool, BEFORE, size, limit)]


def _of(rows: list[asyncpg.Record]) -> SignedCheckpoint | None:
    return _signed(rows[0]) if rows else None


def _signed(row: Any) -> SignedCheckpoint:
    return SignedCheckpoint(row["size"], row["note"], row["made_at"].astimezone(UTC))
