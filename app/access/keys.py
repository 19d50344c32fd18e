"""API keys: who is calling. A key is random, shown once, and stored as its SHA-256 with a short prefix.

Whose it is stands sealed beside its id: name and staff number.

Every process holds all keys in memory, so a database that is away for a moment locks nobody out. A new key is answered
once all processes take it, a revocation once none does (eventlog/editions.py).
"""

import hashlib
import json
import secrets
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Annotated, Any, Final
from uuid import UUID

import asyncpg
from annotated_types import Len, Predicate

from app.access.roles import GENERAL, check_roles
from domain.errors import Forbidden, Invalid, NotFound, Refused, TurnedAway
from domain.identity import is_filled_in, is_of_one_alphabet, is_reserved, is_same, levelled
from domain.people import People, Person
from domain.values import Actor, Line, Slug, has_no_repeats
from eventlog.database import StorageAway, fetch, is_storage_away
from eventlog.editions import editions_of
from eventlog.remembered import remember, was_done
from eventlog.sealing import MasterKey

EDITIONS: Final = "keys"
PREFIX: Final = 7  # characters of a key that lists show

ALL = """
SELECT id, sealed, once_clear, roles, unit, prefix, secret_hash, created_at, revoked_at FROM api_keys
ORDER BY created_at, id
"""
SEAL = "UPDATE api_keys SET sealed = $2, once_clear = NULL WHERE id = $1 AND once_clear IS NOT NULL"
# Counted, not dated: clocks of several machines differ. Keys are never deleted, and never come back.
CHANGES = "SELECT count(*) + count(revoked_at) FROM api_keys"
INSERT = """
INSERT INTO api_keys (id, sealed, roles, unit, prefix, secret_hash, created_at)
VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT DO NOTHING RETURNING id
"""
# The administrators' rows are locked first, always in one order: two requests cannot revoke the last two at once.
REVOKE = """
WITH admins AS MATERIALIZED (
    SELECT id FROM api_keys WHERE 'admin' = ANY(roles) AND revoked_at IS NULL ORDER BY id FOR UPDATE
)
UPDATE api_keys SET revoked_at = $2
WHERE id = $1 AND revoked_at IS NULL AND EXISTS (SELECT FROM admins WHERE id <> $1) RETURNING id
"""


StaffNumber = Annotated[str, Len(1, 64), Predicate(str.isprintable), Predicate(is_filled_in)]


class NotAuthenticated(TurnedAway): ...


class RoleNeeded(Forbidden):
    slug = "role-forbids"


class KeyExists(Refused): ...


class NoSuchKey(NotFound): ...


class LastAdministrator(Refused): ...


class ReservedId(Invalid): ...


class LookalikeId(Invalid): ...


@dataclass(frozen=True)
class NewKey:
    """Whom a key is for: the actor's id, name, roles, the unit they belong to, and their staff number (工号).

    The history shows the id levelled: trimmed, in small letters of normal width. Whoever is named in a complaint is
    known by any of the three: id, name, staff number.
    """

    id: Annotated[str, Len(1, 64), Predicate(str.isprintable), Predicate(is_filled_in)]
    name: Line
    roles: Annotated[tuple[Slug, ...], Len(1, 20), Predicate(has_no_repeats)]
    unit: Slug | None = None
    staff_no: StaffNumber | None = None


@dataclass(frozen=True)
class KeyView:
    """A key as lists show it: never the secret, only how it begins."""

    id: str
    name: str
    roles: list[str]
    unit: str | None
    staff_no: str | None
    prefix: str
    created_at: datetime
    revoked_at: datetime | None


@dataclass(frozen=True)
class CreatedKey:
    """A new key; `key` is shown this once."""

    id: str
    name: str
    roles: list[str]
    unit: str | None
    staff_no: str | None
    key: str = field(repr=False)


class ApiKeys:
    """All keys of the deployment."""

    def __init__(self, pool: asyncpg.Pool, master: MasterKey, roles: Collection[str] = GENERAL) -> None:
        """`roles` are those that a new key can have."""
        self._pool, self._master, self._roles = pool, master, roles
        self._actors: dict[bytes, Actor] = {}
        self.people = People()
        self._edition = -1

    async def open(self) -> None:
        """From now on it knows the keys, and learns what others change. Raises `StorageAway`."""
        await editions_of(self._pool).follow(EDITIONS, self._learn)

    async def close(self) -> None:
        await editions_of(self._pool).unfollow(EDITIONS)

    def actor_of(self, key: str | None) -> Actor:
        """Who calls with this key. Raises `NotAuthenticated`."""
        actor = None if key is None else self._actors.get(_hash(key))
        if actor is None:
            raise NotAuthenticated
        return actor

    @property
    def units(self) -> Collection[str]:
        """The units somebody belongs to."""
        return {actor.unit for actor in self._actors.values() if actor.unit is not None}

    def roles_of(self, id: str) -> frozenset[str]:
        """What an actor may do at present; nothing when they have no key."""
        return frozenset(role for actor in self._actors.values() if is_same(actor.id, id) for role in actor.roles)

    async def create(
        self,
        new: NewKey,
        *,
        at: datetime,
        secret: str | None = None,
        command_id: UUID | None = None,
        request_hash: bytes | None = None,
    ) -> tuple[CreatedKey, bool]:
        """The key, and whether it had been created before by the same command.

        Raises `KeyExists`, `ReservedId`, `LookalikeId`, `CommandIdReused`, `RoleMisspelt`, `UnitMissing`,
        `StorageAway`.

        The secret is made here unless one is given: the deployment's first administrator's, or a repeated request's.
        """
        id, key = levelled(new.id), secret or f"rk_{secrets.token_urlsafe(32)}"
        created = CreatedKey(id, new.name, list(new.roles), new.unit, new.staff_no, key)
        if command_id is not None and await was_done(self._pool, command_id, request_hash):
            await self._changed()  # whoever did it may have been killed before the others knew
            return created, True
        check_roles(new.roles, new.unit, self._roles)
        await self._check_id(new)
        sealed = self._sealed(id, new.name, new.staff_no)
        facts = (id, sealed, list(new.roles), new.unit, key[:PREFIX], _hash(key), at)
        if not await self._inserted(facts, command_id, request_hash, at):
            # Perhaps by the same request, sent twice at once.
            if command_id is None or not await was_done(self._pool, command_id, request_hash):
                raise KeyExists
            await self._changed()
            return created, True
        await self._changed()
        return created, False

    async def _check_id(self, new: NewKey) -> None:
        """Nobody is given an id that means somebody else, or can be taken for another one's."""
        if is_reserved(new.id):
            raise ReservedId("/id")
        if new.unit is not None and is_reserved(new.unit):
            raise ReservedId("/unit")
        if not is_of_one_alphabet(new.id):
            raise LookalikeId("/id")
        # Ids that were given out before they were levelled stay as they are.
        level = levelled(new.id)
        if any(key.id != level and is_same(key.id, level) for key in await self.all()):
            raise KeyExists

    async def _inserted(
        self, facts: Sequence[Any], command_id: UUID | None, request_hash: bytes | None, at: datetime
    ) -> bool:
        """False when there is such a key. Raises `CommandIdReused` for a command id of anything else."""
        try:
            async with self._pool.acquire() as connection, connection.transaction():
                if not await connection.fetch(INSERT, *facts):
                    return False
                if command_id is not None:
                    await remember(connection, command_id, request_hash, at)
                return True
        except Exception as error:
            if is_storage_away(error):
                raise StorageAway from error
            raise

    async def revoke(self, id: str, *, at: datetime) -> None:
        """Raises `NoSuchKey` where there is no such active key, and `LastAdministrator`."""
        if not id.isprintable():  # PostgreSQL could not even be asked for it
            raise NoSuchKey
        revoked = any([await fetch(self._pool, REVOKE, one, at) for one in dict.fromkeys((id, levelled(id)))])
        await self._changed()
        if not revoked:
            raise LastAdministrator if any(is_same(actor.id, id) for actor in self._actors.values()) else NoSuchKey

    async def all(self) -> list[KeyView]:
        return [
            KeyView(
                row["id"], name, list(row["roles"]), row["unit"], staff_no, row["prefix"], row["created_at"],
                row["revoked_at"],
            )
            for row in await self._rows() for name, staff_no in [self._opened(row)]
        ]  # fmt: skip

    async def _rows(self) -> list[asyncpg.Record]:
        """Every key, once what older versions kept in clear is sealed."""
        rows: list[asyncpg.Record] = await fetch(self._pool, ALL)
        clear = [(row["id"], row["once_clear"]) for row in rows if row["once_clear"] is not None]
        for id, said in clear:
            await fetch(self._pool, SEAL, id, self._sealed(id, *json.loads(said)))
        return await fetch(self._pool, ALL) if clear else rows

    def _sealed(self, id: str, name: str, staff_no: str | None) -> bytes:
        return self._master.seal_setting(json.dumps([name, staff_no]).encode(), _bound_to(id))

    def _opened(self, row: asyncpg.Record) -> tuple[str, str | None]:
        """Name and staff number. Raises `CannotUnseal`."""
        name, staff_no = json.loads(self._master.unseal_setting(row["sealed"], _bound_to(row["id"])))
        return name, staff_no

    async def refresh(self) -> None:
        """Takes in what is there. Raises `StorageAway`."""
        # Its number first: what is changed in between is learnt too early, never too late.
        edition = (await fetch(self._pool, CHANGES))[0][0]
        known = [(row, *self._opened(row)) for row in await self._rows()]
        if edition < self._edition:
            return  # what another task has read since is newer
        self._actors = {
            row["secret_hash"]: Actor(row["id"], frozenset(row["roles"]), row["unit"], name=name)
            for row, name, _ in known
            if row["revoked_at"] is None
        }
        self.people = People.of(
            Person(row["id"], name, frozenset(row["roles"]), row["unit"], staff_no, row["revoked_at"] is None)
            for row, name, staff_no in known
        )
        self._edition = edition

    async def _learn(self) -> int:
        if (await fetch(self._pool, CHANGES))[0][0] != self._edition:
            await self.refresh()
        return self._edition

    async def _changed(self) -> None:
        await self.refresh()
        await editions_of(self._pool).everybody_knows(EDITIONS, self._edition)


def _bound_to(id: str) -> bytes:
    return f"key/{id}/name".encode()


def _hash(key: str) -> bytes:
    # A key is 256 random bits, so a plain hash cannot be guessed from; a slow one would cost every request.
    return hashlib.sha256(key.encode("utf-8", "surrogateescape")).digest()


def require_role(actor: Actor, *roles: str) -> None:
    """Raises `RoleNeeded` unless the actor has one of the roles."""
    if not actor.roles.intersection(roles):
        raise RoleNeeded(roles=roles)
