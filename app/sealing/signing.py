"""The keys that sign checkpoints (Ed25519): the first is made at the first start, each later one is vouched for.

The private key lies in the database, sealed with the master key; the public one is for everybody.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import asyncpg
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from eventlog.database import fetch
from eventlog.sealing import MasterKey
from proof.verify import PublicKey, introduction, signature_line

KEYS: Final = "SELECT ordinal, public_key, sealed_key, introduction FROM signing_keys ORDER BY ordinal"
KEEP: Final = """
INSERT INTO signing_keys (ordinal, public_key, sealed_key, introduction, made_at) VALUES ($1, $2, $3, $4, $5)
ON CONFLICT DO NOTHING RETURNING ordinal
"""
BOUND_TO: Final = b"signing key/"


@dataclass(frozen=True)
class SigningKey:
    """One key; `introduction` is the note by which the one before vouches for it, None for the first."""

    public: PublicKey
    private: Ed25519PrivateKey
    introduction: str | None = None

    @classmethod
    def new(cls, name: str | None = None) -> SigningKey:
        """`name`: that of the log; a new one, made from the key, where there is none yet."""
        private = Ed25519PrivateKey.generate()
        public = private.public_key().public_bytes_raw()
        return cls(PublicKey.of(name or f"redress/{hashlib.sha256(public).hexdigest()[:12]}", public), private)

    def signature(self, text: str) -> str:
        """The line under a note of this text."""
        return signature_line(self.public, self.private.sign(text.encode()))


class SigningKeys:
    """Those of a deployment. Every method raises `StorageAway`."""

    def __init__(self, pool: asyncpg.Pool, master: MasterKey) -> None:
        self._pool, self._master = pool, master

    async def all(self) -> list[SigningKey]:
        """From the first to the one that signs now. Raises `CannotUnseal`."""
        return [self._opened(row) for row in await fetch(self._pool, KEYS)]

    async def public(self) -> list[tuple[str, str | None]]:
        """Public keys and how they were introduced, from the first to the one that signs now."""
        return [(row["public_key"], row["introduction"]) for row in await fetch(self._pool, KEYS)]

    async def current(self, now: datetime) -> SigningKey:
        """The one that signs; made where there is none, once, whoever asks at the same time."""
        found = await self.all()
        if not found:
            await self._keep(1, SigningKey.new(), now)
            found = await self.all()
        return found[-1]

    async def rotate(self, now: datetime) -> SigningKey:
        """Another key signs from now on; the one before vouches for it."""
        before = await self.current(now)
        new = SigningKey.new(before.public.name)
        text = introduction(new.public)
        vouched = SigningKey(new.public, new.private, f"{text}\n{before.signature(text)}{new.signature(text)}")
        await self._keep(len(await self.all()) + 1, vouched, now)
        return await self.current(now)

    async def _keep(self, ordinal: int, key: SigningKey, now: datetime) -> None:
        public = str(key.public)
        sealed = self._master.seal_setting(key.private.private_bytes_raw(), BOUND_TO + public.encode())
        await fetch(self._pool, KEEP, ordinal, public, sealed, key.introduction, now)

    def _opened(self, row: Any) -> SigningKey:
        private = self._master.unseal_setting(row["sealed_key"], BOUND_TO + row["public_key"].encode())
        return SigningKey(
            PublicKey.parse(row["public_key"]), Ed25519PrivateKey.from_private_bytes(private), row["introduction"]
        )  # fmt: skip
