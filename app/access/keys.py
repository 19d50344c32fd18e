"""A key for somebody new, in one step: a person with one key, who leaves when it is taken away.

So integrations know it that make keys alone; staffing.py and person_keys.py do the same apart.
"""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from app.access.administrators import must_stay_administered
from app.access.changes import ONCE, Repeat
from app.access.directory import Directory
from app.access.person_keys import NewPersonKey, issue
from app.access.refusals import KeyExists, NoSuchKey, RoleNeeded
from app.access.staffing import MACHINE, NewPerson, PersonId, Roles, Staffing, StaffNumber
from domain.identity import levelled
from domain.values import Actor, Line, Slug


@dataclass(frozen=True)
class NewKey:
    """Whom a key is for: the actor's id, name, roles, the unit they belong to, and their staff number (工号).

    The history shows the id levelled: trimmed, in small letters of normal width. Whoever is named in a complaint is
    known by any of the three: id, name, staff number.
    """

    id: PersonId
    name: Line
    roles: Roles
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
    """All keys of the deployment, each with whom it belongs to."""

    def __init__(self, directory: Directory, staffing: Staffing) -> None:
        self._directory, self._staffing = directory, staffing

    async def create(
        self,
        new: NewKey,
        *,
        at: datetime,
        by: str = MACHINE,
        secret: str | None = None,
        repeat: Repeat = ONCE,
    ) -> tuple[CreatedKey, bool]:
        """The key, and whether it had been created before by the same command.

        The secret is made here unless one is given: the deployment's first administrator's, or a repeated request's.
        Raises `CommandIdReused`, `StorageAway`, or the refusal.
        """
        person = NewPerson(new.id, new.name, new.roles, unit=new.unit, staff_no=new.staff_no)
        async with self._directory.changing() as change:
            if await change.was_done(repeat):
                return _created(levelled(new.id), new, secret or ""), True
            record = await self._staffing.add(change, person, by=by, at=at, exists=KeyExists)
            _, secret = await issue(change, record.id, NewPersonKey(new.name), by, at, secret)
            await change.remember(repeat, at)
        return _created(record.id, new, secret), False

    async def revoke(self, id: str, *, at: datetime, by: str = MACHINE) -> None:
        """Takes away every key of somebody, who has left by that until they get another one.

        Raises `NoSuchKey` where they have none that is taken, `LastAdministrator`, `StorageAway`.
        """
        async with self._directory.changing() as change:
            record = self._directory.find(id) if id.isprintable() else None  # PostgreSQL could not be asked otherwise
            active = [key for key in self._directory.keys_of(record.id) if key.is_usable(at)] if record else []
            if record is None or not active:
                raise NoSuchKey
            ended = [await change.end_key(key, revoked_at=at, expires_at=key.expires_at) for key in active]
            said: dict[str, Any] = {"keys_revoked": tuple(key.id for key in ended)}
            if record.at(at).is_active(at):
                said |= {"active_to": at, "left_with_key": True}
            gone = record.followed_by(await change.record(record.id, said, by=by, at=at))
            must_stay_administered(self._directory, at, gone, ended)

    async def all(self) -> list[KeyView]:
        """Raises `StorageAway`."""
        await self._directory.refresh()
        present = self._directory.present.by_id
        return [
            KeyView(
                person.id, person.name, list(person.roles), person.unit, person.staff_no, key.prefix, key.created_at,
                key.revoked_at,
            )
            for key in sorted(self._directory.keys.values(), key=lambda key: (key.created_at, key.person, key.ordinal))
            for person in [present[key.person]]
        ]  # fmt: skip


def _created(id: str, new: NewKey, secret: str) -> CreatedKey:
    return CreatedKey(id, new.name, list(new.roles), new.unit, new.staff_no, secret)


def require_role(actor: Actor, *roles: str) -> None:
    """Raises `RoleNeeded` unless the actor has one of the roles."""
    if not actor.roles.intersection(roles):
        raise RoleNeeded(roles=roles)
