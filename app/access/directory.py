"""Everybody who may call, their keys, and the deployment's own units: in memory, in every process.

A database that is away for a moment locks nobody out. A change is answered once all processes know it
(eventlog/editions.py). What is recorded is numbered by one count, under one lock, so everybody reads on from what they
know.
"""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

import asyncpg

from app.access.changes import Change, UnitFact, bound_to_fact, bound_to_key
from app.access.key import Key, hash_of
from app.access.people import TIMES, PersonAt, PersonFact, PersonRecord
from app.access.refusals import KeyHasExpired, NotAuthenticated, PersonNotActive
from domain.identity import levelled
from domain.people import People, Person
from domain.values import Actor
from eventlog.database import StorageAway, fetch, is_storage_away
from eventlog.editions import editions_of
from eventlog.leader_lock import lock_key
from eventlog.sealing import MasterKey

EDITIONS: Final = "keys"
EDITION: Final = """
SELECT greatest(
    (SELECT coalesce(max(ordinal), 0) FROM people_facts), (SELECT coalesce(max(ordinal), 0) FROM unit_facts),
    (SELECT coalesce(max(ordinal), 0) FROM person_keys)
)
"""
LOCK: Final = f"SELECT pg_advisory_xact_lock({lock_key('people and keys')})"
FACTS: Final = """
SELECT ordinal, person, recorded_at, recorded_by, since, said, sealed, once_clear FROM people_facts WHERE ordinal > $1
ORDER BY ordinal
"""
SEAL: Final = "UPDATE people_facts SET sealed = $2, once_clear = NULL WHERE ordinal = $1 AND once_clear IS NOT NULL"
UNITS: Final = """
SELECT ordinal, unit, recorded_at, recorded_by, said FROM unit_facts WHERE ordinal > $1 ORDER BY ordinal
"""
KEYS: Final = """
SELECT id, person, prefix, secret_hash, scopes, created_at, expires_at, revoked_at, used_at, sealed, ordinal
FROM person_keys WHERE ordinal > $1 ORDER BY ordinal
"""
NEVER: Final = datetime(9999, 1, 1, tzinfo=UTC)
Ask = Callable[..., Awaitable[list[asyncpg.Record]]]


@dataclass(frozen=True)
class Caller:
    """Who calls, and with which of their keys."""

    actor: Actor
    key: Key


@dataclass(frozen=True)
class _Present:
    """Everybody as they are from one moment until another."""

    since: datetime
    until: datetime
    people: People
    by_id: Mapping[str, PersonAt]
    actors: Mapping[str, Actor]


@dataclass(frozen=True)
class _Stand:
    """Somebody as they are from one moment until another. `actor`: None where they are not there."""

    record: PersonRecord
    since: datetime
    until: datetime
    person: PersonAt
    meant: Person
    actor: Actor | None


def _standing(record: PersonRecord, now: datetime) -> _Stand:
    person, until = record.at(now), min((turn for turn in record.turns() if turn > now), default=NEVER)
    actor = person.actor if person.is_active(now) else None
    return _Stand(record, now, until, person, person.meant(now), actor)


class Directory:
    """Everybody and their keys. Use `open` where it has to follow what others change."""

    def __init__(self, pool: asyncpg.Pool, master: MasterKey, now: Callable[[], datetime]) -> None:
        self.pool, self.now, self._master = pool, now, master
        self.records: dict[str, PersonRecord] = {}  # by the id as it is kept
        self.keys: dict[bytes, Key] = {}  # by the hash of their secret
        self._theirs: dict[str, dict[str, Key]] = {}
        self.unit_facts: dict[str, list[UnitFact]] = {}
        self._by_level: dict[str, str] = {}
        self._edition = -1
        self._turns = asyncio.Lock()  # of this process: those who wait for their turn hold no connection
        self._present: _Present | None = None
        self._stand: dict[str, _Stand] = {}

    async def open(self) -> None:
        """From now on it knows everybody, and learns what others change. Raises `StorageAway`."""
        await editions_of(self.pool).follow(EDITIONS, self._learn)

    async def close(self) -> None:
        await editions_of(self.pool).unfollow(EDITIONS)

    @property
    def edition(self) -> int:
        """How many changes it knows of."""
        return self._edition

    # Who is who

    def caller_with(self, secret: str | None) -> Caller:
        """Who calls with this key. Raises `NotAuthenticated`; why it is not taken is said to whoever has it."""
        key = None if secret is None else self.keys.get(hash_of(secret))
        if key is None or key.revoked_at is not None:
            raise NotAuthenticated
        if not key.is_usable(self.now()):
            raise KeyHasExpired(expired_at=key.expires_at)
        actor = self.present.actors.get(key.person)
        if actor is None:
            raise PersonNotActive
        return Caller(actor, key)

    def find(self, id: str) -> PersonRecord | None:
        """Somebody by their id, however it is spelled."""
        return self.records.get(id) or self.records.get(self._by_level.get(levelled(id), ""))

    @property
    def people(self) -> People:
        """Everybody, as rules know people."""
        return self.present.people

    @property
    def members_units(self) -> frozenset[str]:
        """The units that somebody belongs to who is there."""
        return frozenset(actor.unit for actor in self.present.actors.values() if actor.unit is not None)

    def roles_of(self, id: str) -> frozenset[str]:
        """What somebody may do at present; nothing when they are not there."""
        return self.present.people.roles_of(id)

    def keys_of(self, person: str) -> list[Key]:
        """Every key that somebody ever had, the oldest first."""
        return sorted(self._theirs.get(person, {}).values(), key=lambda key: key.created_at)

    @property
    def present(self) -> _Present:
        now = self.now()
        if self._present is None or not self._present.since <= now < self._present.until:
            self._present = self._at(now)
        return self._present

    def _at(self, now: datetime) -> _Present:
        before, self._stand = self._stand, {}
        for id, record in self.records.items():
            known = before.get(id)
            # Of thousands few change at once: the others are as they were until their time comes.
            still = known is not None and known.record is record and known.since <= now < known.until
            self._stand[id] = known if known is not None and still else _standing(record, now)
        stands = self._stand.values()
        return _Present(
            now, min((stand.until for stand in stands), default=NEVER), People.of(stand.meant for stand in stands),
            {id: stand.person for id, stand in self._stand.items()},
            {id: stand.actor for id, stand in self._stand.items() if stand.actor is not None},
        )  # fmt: skip

    # What changes

    @asynccontextmanager
    async def changing(self) -> AsyncIterator["Change"]:
        """One change at a time in the whole deployment, decided on what all know; everybody knows when this ends.

        Raises `StorageAway`.
        """
        try:
            async with self._turns, self.pool.acquire() as connection, connection.transaction():
                await connection.execute(LOCK)
                await self._take_in(connection.fetch)
                yield Change(connection, self._master, self._edition)
        except Exception as error:
            if is_storage_away(error):
                raise StorageAway from error
            raise
        await self.everybody_knows()

    async def everybody_knows(self) -> None:
        await self.refresh()
        await editions_of(self.pool).everybody_knows(EDITIONS, self._edition)

    async def refresh(self) -> None:
        """Takes in what is there. Raises `StorageAway`, `CannotUnseal`."""
        await self._take_in(lambda query, *values: fetch(self.pool, query, *values))

    async def _take_in(self, ask: Ask) -> None:
        # Its number first: what is changed in between is learnt too early, never too late.
        edition = (await ask(EDITION))[0][0]
        known = max(self._edition, 0)
        facts, units, keys = [await ask(query, known) for query in (FACTS, UNITS, KEYS)]
        if any(row["once_clear"] is not None for row in facts):
            facts = await self._sealed_at_last(ask, facts)
        for row in facts:
            self._take_fact(row)
        for row in units:
            self._take_unit(row)
        for row in keys:
            self._take_key(row)
        self._edition, self._present = max(self._edition, edition), None

    async def _learn(self) -> int:
        if (await fetch(self.pool, EDITION))[0][0] != self._edition:
            await self.refresh()
        return self._edition

    async def _sealed_at_last(self, ask: Ask, rows: list[asyncpg.Record]) -> list[asyncpg.Record]:
        """The same, once what older versions kept in clear is sealed."""
        for row in rows:
            if row["once_clear"] is not None:
                sealed = self._master.seal_setting(row["once_clear"].encode(), _as_key_of(row["person"]))
                await ask(SEAL, row["ordinal"], sealed)
        return await ask(FACTS, rows[0]["ordinal"] - 1)

    def _take_fact(self, row: asyncpg.Record) -> None:
        record = self.records.get(row["person"])
        if record is not None and record.facts[-1].ordinal >= row["ordinal"]:
            return  # another task has read it since
        fact = PersonFact(
            row["ordinal"], row["person"], row["recorded_at"].astimezone(UTC), row["recorded_by"],
            _utc(row["since"]), self._said(row),
        )  # fmt: skip
        self.records[fact.person] = PersonRecord((fact,)) if record is None else record.followed_by(fact)
        self._by_level[levelled(fact.person)] = fact.person

    def _said(self, row: asyncpg.Record) -> dict[str, Any]:
        said: dict[str, Any] = json.loads(row["said"])
        if row["sealed"] is not None:
            said |= self._personal(row)
        if "roles" in said:
            said["roles"] = tuple(said["roles"])
        for field in TIMES & said.keys():
            said[field] = said[field] and datetime.fromisoformat(said[field]).astimezone(UTC)
        return said

    def _personal(self, row: asyncpg.Record) -> dict[str, Any]:
        """Raises `CannotUnseal`."""
        if row["recorded_by"] is None:
            name, staff_no = json.loads(self._master.unseal_setting(row["sealed"], _as_key_of(row["person"])))
            return {"name": name, "staff_no": staff_no}
        bound_to = bound_to_fact(row["person"], row["ordinal"])
        personal: dict[str, Any] = json.loads(self._master.unseal_setting(row["sealed"], bound_to))
        return personal

    def _take_unit(self, row: asyncpg.Record) -> None:
        facts = self.unit_facts.setdefault(row["unit"], [])
        if not facts or facts[-1].ordinal < row["ordinal"]:
            recorded_at = row["recorded_at"].astimezone(UTC)
            facts.append(
                UnitFact(row["ordinal"], row["unit"], recorded_at, row["recorded_by"], json.loads(row["said"]))
            )

    def _take_key(self, row: asyncpg.Record) -> None:
        known = self.keys.get(row["secret_hash"])
        if known is not None and known.ordinal > row["ordinal"]:
            return
        name = row["sealed"] and self._master.unseal_setting(row["sealed"], bound_to_key(row["id"])).decode()
        scopes = None if row["scopes"] is None else frozenset(row["scopes"])
        key = Key(
            row["id"], row["person"], name, row["prefix"], row["secret_hash"], scopes,
            row["created_at"].astimezone(UTC), _utc(row["expires_at"]), _utc(row["revoked_at"]), _utc(row["used_at"]),
            row["ordinal"],
        )  # fmt: skip
        self.keys[key.secret_hash] = self._theirs.setdefault(key.person, {})[key.id] = key


def _utc(at: datetime | None) -> datetime | None:
    return None if at is None else at.astimezone(UTC)


def _as_key_of(person: str) -> bytes:
    """What the name on a key of before was bound to."""
    return f"key/{person}/name".encode()
