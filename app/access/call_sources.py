"""Telephone systems that post their events: each source has a secret of its own, for signatures as Standard Webhooks.

A secret is random, shown once, and kept sealed; after a rotation the one before holds on for a day. Every process holds
all sources in memory, as it holds the keys (keys.py).
"""

import hashlib
import hmac
import json
import re
import secrets
from base64 import b64decode, b64encode
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from typing import Annotated, Any, Final
from uuid import UUID

import asyncpg
from annotated_types import Ge, Le

from app.access.refusals import ReservedId
from domain.call.unattended import Unattended
from domain.errors import NotFound, Refused, TurnedAway
from domain.identity import is_reserved
from domain.values import Line, Slug
from eventlog.database import StorageAway, fetch, is_storage_away
from eventlog.editions import editions_of
from eventlog.remembered import remember, was_done
from eventlog.sealing import MasterKey

EDITIONS: Final = "call sources"
SECRET_BYTES: Final = 24
PREFIX: Final = "whsec_"
OVERLAP: Final = timedelta(hours=24)
DRIFT: Final = timedelta(minutes=5)
FOUR_HOURS: Final = 4 * 3600

ALL = """
SELECT id, sealed, secret, former, former_until, ends_after, unattended, created_at, edition FROM call_sources
WHERE removed_at IS NULL ORDER BY id
"""
EDITION = "SELECT coalesce(sum(edition), 0)::bigint AS edition FROM call_sources"
INSERT = """
INSERT INTO call_sources AS s (id, sealed, secret, ends_after, unattended, created_at, edition)
VALUES ($1, $2, $3, $4, $5, $6, 1)
ON CONFLICT (id) DO UPDATE SET sealed = excluded.sealed, secret = excluded.secret, former = NULL, former_until = NULL,
    ends_after = excluded.ends_after, unattended = excluded.unattended, removed_at = NULL, edition = s.edition + 1
WHERE s.removed_at IS NOT NULL RETURNING id
"""
ROTATE = """
UPDATE call_sources SET former = secret, former_until = $3, secret = $2, edition = edition + 1
WHERE id = $1 AND removed_at IS NULL RETURNING id
"""
REMOVE = """
UPDATE call_sources SET removed_at = $2, former = NULL, edition = edition + 1
WHERE id = $1 AND removed_at IS NULL RETURNING id
"""
_SIGNATURE: Final = re.compile(r"v1,([A-Za-z0-9+/]{43}=)")


class CallSourceExists(Refused): ...


class NoSuchCallSource(NotFound): ...


class NotSigned(TurnedAway):
    """The signature does not hold: which of the reasons, without a word about what would."""


@dataclass(frozen=True)
class NewCallSource:
    """A telephone system: the `source` of its events, and what people call it.

    A call of which nothing is heard for `ends_after` seconds is presumed to have ended. `unattended`: what a call that
    nobody took up comes to, though its source sends no form; null: nothing.
    """

    id: Slug
    name: Line
    ends_after: Annotated[int, Ge(60), Le(7 * 24 * 3600)] = FOUR_HOURS
    unattended: Unattended | None = None


@dataclass(frozen=True)
class CallSource:
    """A source as lists show it, without its secret. Until `former_until` the secret before holds, too."""

    id: str
    name: str
    ends_after: int
    unattended: Unattended | None
    created_at: datetime
    former_until: datetime | None


@dataclass(frozen=True)
class CreatedCallSource:
    """A new source, or one with a new secret; `secret` is shown this once."""

    id: str
    name: str
    ends_after: int
    unattended: Unattended | None
    secret: str = field(repr=False)


@dataclass(frozen=True)
class _Known:
    shown: CallSource
    secret: bytes = field(repr=False)
    former: bytes | None = field(repr=False)


class CallSources:
    """All sources of the deployment."""

    def __init__(self, pool: asyncpg.Pool, master: MasterKey, is_person: Callable[[str], bool]) -> None:
        """`is_person`: whether an id is a person's: what a source does by itself is recorded under its own."""
        self._pool, self._master, self._is_person = pool, master, is_person
        self._known: dict[str, _Known] = {}
        self._edition = -1

    async def open(self) -> None:
        """From now on it knows the sources, and learns what others change. Raises `StorageAway`."""
        await editions_of(self._pool).follow(EDITIONS, self._learn)

    async def close(self) -> None:
        await editions_of(self._pool).unfollow(EDITIONS)

    def all(self) -> list[CallSource]:
        return [one.shown for one in self._known.values()]

    def one(self, id: str) -> CallSource:
        """Raises `NoSuchCallSource`."""
        return self._one(id).shown

    def ends_after(self, id: str) -> int:
        """After how many seconds of silence a call of a source has ended, also of one that nobody registered."""
        known = self._known.get(id)
        return FOUR_HOURS if known is None else known.shown.ends_after

    def means_another(self, source: str) -> bool:
        """Whether it is no name for a telephone system: under it, what it does would be a person's doing."""
        return is_reserved(source) or self._is_person(source)

    def unattended(self, id: str) -> Unattended | None:
        """What a call of a source comes to that nobody took up; nothing, of one that nobody registered."""
        known = self._known.get(id)
        return None if known is None else known.shown.unattended

    def check(self, source: str, headers: Mapping[str, str], body: bytes, at: datetime) -> None:
        """Raises `NotSigned` unless the source has signed just this body, not long ago."""
        id, said_at, signatures = (headers.get(f"webhook-{name}", "") for name in ("id", "timestamp", "signature"))
        known = self._known.get(source)
        if not re.fullmatch(r"[0-9]{1,12}", said_at, re.ASCII) or not _SIGNATURE.search(signatures):
            raise NotSigned(malformed=True)
        if abs(at.timestamp() - int(said_at)) > DRIFT.total_seconds():
            raise NotSigned(stale=True)
        # The same work for a source that there is not.
        valid = [bytes(SECRET_BYTES)] if known is None else [known.secret]
        if known is not None and known.former is not None and at < (known.shown.former_until or at):
            valid.append(known.former)
        signed = f"{id}.{said_at}.".encode() + body
        given = [b64decode(found) for found in _SIGNATURE.findall(signatures)]
        fits = [hmac.compare_digest(hmac.digest(key, signed, hashlib.sha256), one) for key in valid for one in given]
        if known is None or not any(fits):
            raise NotSigned(wrong=True)

    async def create(
        self, new: NewCallSource, *, at: datetime, command_id: UUID | None = None, request_hash: bytes | None = None
    ) -> tuple[CreatedCallSource, bool]:
        """The source with its secret, and whether the same command had created it before.

        Raises `ReservedId`, `CallSourceExists`, `CommandIdReused`, `StorageAway`.
        """
        if self.means_another(new.id):
            raise ReservedId("/id")
        secret = self._secret_for(command_id)
        created = CreatedCallSource(new.id, new.name, new.ends_after, new.unattended, _as_text(secret))
        if command_id is not None and await was_done(self._pool, command_id, request_hash):
            return created, True
        sealed = self._master.seal_setting(new.name.encode(), _bound_to(new.id, "name"))
        unattended = None if new.unattended is None else json.dumps(asdict(new.unattended))
        facts = (new.id, sealed, self._sealed(new.id, secret), new.ends_after, unattended, at)
        if not await self._done(INSERT, facts, at, command_id, request_hash):
            raise CallSourceExists
        return created, False

    async def rotate(
        self, id: str, *, at: datetime, command_id: UUID | None = None, request_hash: bytes | None = None
    ) -> tuple[CreatedCallSource, bool]:
        """The source with a new secret; the one before holds for another day.

        Raises `NoSuchCallSource`, `CommandIdReused`, `StorageAway`.
        """
        shown, secret = self.one(id), self._secret_for(command_id)
        created = CreatedCallSource(id, shown.name, shown.ends_after, shown.unattended, _as_text(secret))
        if command_id is not None and await was_done(self._pool, command_id, request_hash):
            return created, True
        facts = (id, self._sealed(id, secret), at + OVERLAP)
        if not await self._done(ROTATE, facts, at, command_id, request_hash):
            raise NoSuchCallSource
        return created, False

    async def remove(self, id: str, *, at: datetime) -> None:
        """Its secret holds no more; its calls stay. Raises `NoSuchCallSource`, `StorageAway`."""
        if not await self._done(REMOVE, (id, at), at, None, None):
            raise NoSuchCallSource

    async def _done(
        self, statement: str, facts: tuple[Any, ...], at: datetime, command_id: UUID | None, request_hash: bytes | None
    ) -> bool:
        """False where nothing was changed; otherwise every process knows it."""
        try:
            async with self._pool.acquire() as connection, connection.transaction():
                if not await connection.fetch(statement, *facts):
                    return False
                if command_id is not None:
                    await remember(connection, command_id, request_hash, at)
        except Exception as error:
            if is_storage_away(error):
                raise StorageAway from error
            raise
        await self.refresh()
        await editions_of(self._pool).everybody_knows(EDITIONS, self._edition)
        return True

    async def refresh(self) -> None:
        """Takes in what is there. Raises `StorageAway`."""
        edition = (await fetch(self._pool, EDITION))[0][0]
        known = {row["id"]: self._opened(row) for row in await fetch(self._pool, ALL)}
        if edition >= self._edition:
            self._known, self._edition = known, edition

    async def _learn(self) -> int:
        if (await fetch(self._pool, EDITION))[0][0] != self._edition:
            await self.refresh()
        return self._edition

    def _one(self, id: str) -> _Known:
        known = self._known.get(id)
        if known is None:
            raise NoSuchCallSource
        return known

    def _opened(self, row: asyncpg.Record) -> _Known:
        id = row["id"]
        name = self._master.unseal_setting(row["sealed"], _bound_to(id, "name")).decode()
        said = None if row["unattended"] is None else Unattended(**json.loads(row["unattended"]))
        shown = CallSource(id, name, row["ends_after"], said, row["created_at"], row["former_until"])
        former = None if row["former"] is None else self._opened_secret(id, row["former"])
        return _Known(shown, self._opened_secret(id, row["secret"]), former)

    def _sealed(self, id: str, secret: bytes) -> bytes:
        return self._master.seal_setting(secret, _bound_to(id, "secret"))

    def _opened_secret(self, id: str, sealed: bytes) -> bytes:
        return self._master.unseal_setting(sealed, _bound_to(id, "secret"))

    def _secret_for(self, command_id: UUID | None) -> bytes:
        """Random; the same again where the same request is repeated."""
        if command_id is None:
            return secrets.token_bytes(SECRET_BYTES)
        return hashlib.sha256(f"call source {self._master.secret_for(command_id)}".encode()).digest()[:SECRET_BYTES]


def _bound_to(id: str, what: str) -> bytes:
    return f"call source/{id}/{what}".encode()


def _as_text(secret: bytes) -> str:
    return PREFIX + b64encode(secret).decode()
