"""The keys of somebody: any number, each with a name, perhaps an end, perhaps narrowed; lost ones are taken away.

Whoever has none stays who they are.
"""

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Annotated, Final

from annotated_types import Ge, Le, Len, Predicate

from app.access.administrators import must_stay_administered
from app.access.changes import ONCE, Change, Repeat
from app.access.directory import Directory
from app.access.key import Key, hash_of, id_of, new_secret, prefix_of
from app.access.people import PersonRecord
from app.access.refusals import (
    ExpiresInThePast,
    HasLeft,
    KeyHasEnded,
    NoSuchKey,
    OutOfReach,
    ScopesOfCallerExceeded,
)
from app.access.scopes import check_scopes, is_within
from app.access.staffing import REACH, Staffing
from domain.values import Line, has_no_repeats

OVERLAP: Final = 24  # hours in which the old key holds beside the new one
LONGEST_OVERLAP: Final = 24 * 90

Scopes = Annotated[tuple[Annotated[str, Len(1, 64)], ...], Len(1, 50), Predicate(has_no_repeats)]


@dataclass(frozen=True)
class NewPersonKey:
    """A key that somebody gets. `expires_at`: the first moment at which it is not taken.

    `scopes`: what the key is narrowed to; without them it may do all that its person may.
    """

    name: Line
    expires_at: datetime | None = None
    scopes: Scopes | None = None


@dataclass(frozen=True)
class RotateKey:
    """`overlap_hours`: for how long the old key holds beside the new one."""

    overlap_hours: Annotated[int, Ge(0), Le(LONGEST_OVERLAP)] = OVERLAP
    expires_at: datetime | None = None


@dataclass(frozen=True)
class PersonKeyView:
    """A key as lists show it: never the secret, only how it begins. `used_at` is at most a minute late."""

    key_id: str
    name: str | None
    prefix: str
    scopes: list[str] | None
    created_at: datetime
    expires_at: datetime | None
    revoked_at: datetime | None
    used_at: datetime | None
    active: bool


@dataclass(frozen=True)
class CreatedPersonKey(PersonKeyView):
    """A new key; `key` is shown this once. `replaces`: the id of the one that it was rotated from."""

    person: str = ""
    key: str = field(default="", repr=False)
    replaces: str | None = None


class PersonKeys:
    """The keys of everybody."""

    def __init__(self, directory: Directory, staffing: Staffing) -> None:
        self._directory, self._staffing = directory, staffing

    async def add(
        self, id: str, new: NewPersonKey, *, by: str, at: datetime, secret: str | None = None, repeat: Repeat = ONCE,
        own: Collection[str] | None = None,
    ) -> tuple[Key, str, bool]:  # fmt: skip
        """A new key of somebody, its secret, and whether the same request had made it before.

        `secret` is made here unless one is given; `own`: the scopes of the key that asks for it. Who was gone because
        their key was taken away is back. Raises the refusal, `StorageAway`.
        """
        check_scopes(new.scopes or ())
        check_may_issue(new.scopes, own)
        async with self._directory.changing() as change:
            record = self._staffing.one(id)
            if secret is not None and await change.was_done(repeat):
                return self._directory.keys[hash_of(secret)], secret, True
            _check_end(new.expires_at, at)
            person = record.at(at)
            if person.active_to is not None and person.active_to <= at:
                if not person.left_with_key:
                    raise HasLeft(active_to=person.active_to)
                await change.record(record.id, {"active_to": None, "left_with_key": False}, by=by, at=at)
            key, secret = await issue(change, record.id, new, by, at, secret)
            await change.remember(repeat, at)
        return key, secret, False

    async def rotate(
        self, id: str, key_id: str, asked: RotateKey, *, by: str, at: datetime, secret: str | None = None,
        repeat: Repeat = ONCE, own: Collection[str] | None = None,
    ) -> tuple[Key, str, bool]:  # fmt: skip
        """A new key like one that ends after the overlap; answers as `add`. Raises the refusal, `StorageAway`."""
        async with self._directory.changing() as change:
            old = self.one(self._staffing.one(id), key_id)
            check_may_issue(None if old.scopes is None else tuple(old.scopes), own)
            if secret is not None and await change.was_done(repeat):
                return self._directory.keys[hash_of(secret)], secret, True
            if not old.is_usable(at):
                raise KeyHasEnded
            _check_end(asked.expires_at, at)
            ends = at + timedelta(hours=asked.overlap_hours)
            if old.expires_at is None or ends < old.expires_at:
                await change.end_key(old, revoked_at=None, expires_at=ends)
            key, secret = await issue(change, old.person, _like(old, asked, at), by, at, secret, rotated=old.id)
            await change.remember(repeat, at)
        return key, secret, False

    async def revoke(self, id: str, key_id: str, *, by: str, at: datetime) -> None:
        """No process takes it any more when this is done. Raises `NoSuchKey`, `LastAdministrator`, `StorageAway`."""
        async with self._directory.changing() as change:
            key = self.one(self._staffing.one(id), key_id)
            if key.revoked_at is not None:
                raise NoSuchKey
            ended = await change.end_key(key, revoked_at=at, expires_at=key.expires_at)
            must_stay_administered(self._directory, at, keys=[ended])
            await change.record(key.person, {"keys_revoked": (key.id,)}, by=by, at=at)

    def one(self, record: PersonRecord, id: str) -> Key:
        """Raises `NoSuchKey`."""
        found = next((key for key in self._directory.keys_of(record.id) if key.id == id), None)
        if found is None:
            raise NoSuchKey
        return found


def check_may_issue(asked: Collection[str] | None, own: Collection[str] | None) -> None:
    """A narrowed key makes none that may do more. Raises `ScopesOfCallerExceeded`."""
    if not is_within(asked, own):
        raise ScopesOfCallerExceeded(scopes=tuple(sorted(own or ())))


async def issue(
    change: Change, person: str, new: NewPersonKey, by: str, at: datetime, secret: str | None, *,
    rotated: str | None = None,
) -> tuple[Key, str]:  # fmt: skip
    """A key within a change; its secret is made here unless one is given."""
    secret = secret or new_secret()
    hash, scopes = hash_of(secret), None if new.scopes is None else frozenset(new.scopes)
    key = Key(id_of(hash), person, new.name, prefix_of(secret), hash, scopes, at, new.expires_at, None, None)
    await change.insert_key(key)
    said = {"keys_added": (key.id,), **({} if rotated is None else {"keys_rotated": (rotated,)})}
    await change.record(person, said, by=by, at=at)
    return key, secret


def _like(old: Key, asked: RotateKey, at: datetime) -> NewPersonKey:
    """A key that was to hold for so long is followed by one that holds for as long."""
    span = None if old.expires_at is None else at + (old.expires_at - old.created_at)
    scopes = None if old.scopes is None else tuple(sorted(old.scopes))
    return NewPersonKey(old.name or old.prefix, asked.expires_at or span, scopes)


def _check_end(expires_at: datetime | None, at: datetime) -> None:
    if expires_at is not None and expires_at <= at:
        raise ExpiresInThePast("/expires_at")
    if expires_at is not None and expires_at > at + REACH["active_to"][1]:
        raise OutOfReach("/expires_at")


def key_view(key: Key, at: datetime, used_at: datetime | None) -> PersonKeyView:
    scopes = None if key.scopes is None else sorted(key.scopes)
    return PersonKeyView(
        key.id, key.name, key.prefix, scopes, key.created_at, key.expires_at, key.revoked_at, used_at, key.is_usable(at)
    )
