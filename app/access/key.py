"""A key: 256 random bits, shown once. Only their hash is stored, and how they begin."""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime
from typing import Final

BEGINNING: Final = "rk_"
SHOWN: Final = 7  # characters of a key that lists show
OF_ID: Final = 16  # digits of its hash that a key is named by


@dataclass(frozen=True)
class Key:
    """A key of somebody, without its secret. `scopes`: None where it may do all that its person may."""

    id: str
    person: str
    name: str | None
    prefix: str
    secret_hash: bytes
    scopes: frozenset[str] | None
    created_at: datetime
    expires_at: datetime | None
    revoked_at: datetime | None
    used_at: datetime | None
    ordinal: int = 0

    def is_usable(self, at: datetime) -> bool:
        return self.revoked_at is None and (self.expires_at is None or at < self.expires_at)


def new_secret() -> str:
    return f"{BEGINNING}{secrets.token_urlsafe(32)}"


def hash_of(key: str) -> bytes:
    # A key is 256 random bits, so a plain hash cannot be guessed from; a slow one would cost every request.
    return hashlib.sha256(key.encode("utf-8", "surrogateescape")).digest()


def prefix_of(key: str) -> str:
    return key[:SHOWN]


def id_of(secret_hash: bytes) -> str:
    """What a key is called where it is rotated or revoked; the same for the same key."""
    return f"k-{secret_hash.hex()[-OF_ID:]}"
