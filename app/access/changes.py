"""What is recorded of people, keys and units at once: each fact and each key with the next number of one count."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from app.access.key import Key
from app.access.people import PERSONAL_FIELDS, PersonFact
from eventlog.remembered import remember, was_done
from eventlog.sealing import MasterKey

INSERT_FACT: Final = """
INSERT INTO people_facts (ordinal, person, recorded_at, recorded_by, since, said, sealed)
VALUES ($1, $2, $3, $4, $5, $6, $7)
"""
INSERT_UNIT: Final = (
    "INSERT INTO unit_facts (ordinal, unit, recorded_at, recorded_by, said) VALUES ($1, $2, $3, $4, $5)"
)
INSERT_KEY: Final = """
INSERT INTO person_keys (id, person, prefix, secret_hash, scopes, created_at, expires_at, sealed, ordinal)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
"""
END_KEY: Final = """
UPDATE person_keys SET revoked_at = $2, expires_at = $3, ordinal = $4 WHERE id = $1
"""


@dataclass(frozen=True)
class UnitFact:
    """What was recorded of a unit at once."""

    ordinal: int
    unit: str
    recorded_at: datetime
    recorded_by: str
    said: Mapping[str, Any]


@dataclass(frozen=True)
class Repeat:
    """What tells that a request was made before: its command's id, and the hash of what was asked."""

    command_id: UUID | None = None
    request_hash: bytes | None = None


ONCE: Final = Repeat()


class Change:
    """What is recorded at once, each with the next number. Made by `Directory.changing`."""

    def __init__(self, connection: Any, master: MasterKey, edition: int) -> None:
        self.connection, self._master, self._last = connection, master, edition

    async def was_done(self, repeat: Repeat) -> bool:
        """Whether a request was done before. Raises `CommandIdReused` where it was another one."""
        id = repeat.command_id
        return id is not None and await was_done(self.connection, id, repeat.request_hash)

    async def remember(self, repeat: Repeat, at: datetime) -> None:
        """Remembers the request; last in a change, for it takes the lock of the appends. Raises `CommandIdReused`."""
        if repeat.command_id is not None:
            await remember(self.connection, repeat.command_id, repeat.request_hash, at)

    @property
    def next_ordinal(self) -> int:
        return self._last + 1

    def _next(self) -> int:
        self._last += 1
        return self._last

    async def record(
        self, person: str, said: Mapping[str, Any], *, by: str, at: datetime, since: datetime | None = None
    ) -> PersonFact:
        """Records what of somebody became so. The personal part is sealed."""
        fact = PersonFact(self._next(), person, at, by, since, said)
        plain = {field: _plain(value) for field, value in said.items()}
        personal = {field: plain.pop(field) for field in PERSONAL_FIELDS & plain.keys()}
        sealed = self._master.seal_setting(json.dumps(personal).encode(), bound_to_fact(person, fact.ordinal))
        facts = (fact.ordinal, person, at, by, since, json.dumps(plain), sealed if personal else None)
        await self.connection.execute(INSERT_FACT, *facts)
        return fact

    async def record_unit(self, unit: str, said: Mapping[str, Any], *, by: str, at: datetime) -> UnitFact:
        fact = UnitFact(self._next(), unit, at, by, said)
        await self.connection.execute(INSERT_UNIT, fact.ordinal, unit, at, by, json.dumps(dict(said)))
        return fact

    async def insert_key(self, key: Key) -> None:
        sealed = key.name and self._master.seal_setting(key.name.encode(), bound_to_key(key.id))
        scopes = None if key.scopes is None else sorted(key.scopes)
        await self.connection.execute(
            INSERT_KEY, key.id, key.person, key.prefix, key.secret_hash, scopes, key.created_at, key.expires_at, sealed,
            self._next(),
        )  # fmt: skip

    async def end_key(self, key: Key, *, revoked_at: datetime | None, expires_at: datetime | None) -> Key:
        await self.connection.execute(END_KEY, key.id, revoked_at, expires_at, self._next())
        return replace(key, revoked_at=revoked_at, expires_at=expires_at)


def _plain(value: Any) -> Any:
    """A field as JSON has it."""
    if isinstance(value, datetime):
        return value.isoformat()
    return list(value) if isinstance(value, tuple) else value


def bound_to_fact(person: str, ordinal: int) -> bytes:
    return f"person/{person}/{ordinal}".encode()


def bound_to_key(id: str) -> bytes:
    return f"person key/{id}/name".encode()
