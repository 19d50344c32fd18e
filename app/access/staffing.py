"""Who works here: people and machines are made, and what they are changes, each as a recorded fact."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, fields
from datetime import datetime, timedelta
from typing import Annotated, Any, Final

from annotated_types import Len, Predicate

from app.access.administrators import must_stay_administered
from app.access.changes import ONCE, Change, Repeat
from app.access.directory import Directory
from app.access.known import KnownNames, check_member
from app.access.people import DATED, Kind, PersonFact, PersonRecord, kind_of
from app.access.refusals import (
    EndsBeforeItBegins,
    LookalikeId,
    NoSuchPerson,
    NothingDated,
    NotNull,
    OfMachines,
    OfPeople,
    OutOfReach,
    PersonExists,
    ReservedId,
)
from domain.emails import as_email
from domain.errors import Refused
from domain.identity import is_filled_in, is_of_one_alphabet, is_reserved, levelled
from domain.people import MACHINES
from domain.phone_numbers import as_phone_number
from domain.titles import Language
from domain.values import Line, Slug, TypedEmail, TypedNumber, has_no_repeats

YEAR: Final = timedelta(days=365)
# How far back and ahead a moment may lie: somebody may have been promoted weeks ago, or be about to move.
REACH: Final = {
    "from_": (10 * YEAR, 2 * YEAR),
    "active_from": (60 * YEAR, 2 * YEAR),
    "active_to": (60 * YEAR, 60 * YEAR),
}
MACHINE: Final = "root"  # signs what is done on the machine itself
NEVER_NULL: Final = ("name", "roles", "from_", "reason")

PersonId = Annotated[str, Len(1, 64), Predicate(str.isprintable), Predicate(is_filled_in)]
StaffNumber = Annotated[str, Len(1, 64), Predicate(str.isprintable), Predicate(is_filled_in)]
Roles = Annotated[tuple[Slug, ...], Len(1, 20), Predicate(has_no_repeats)]


@dataclass(frozen=True)
class NewPerson:
    """A person, or a machine (`kind`), that works with the service.

    `kind` follows from the roles where it is left out. `active_to` is the first moment at which they are gone.
    """

    id: PersonId
    name: Line
    roles: Roles
    kind: Kind | None = None
    unit: Slug | None = None
    staff_no: StaffNumber | None = None
    email: TypedEmail | None = None
    phone: TypedNumber | None = None
    language: Language | None = None
    active_from: datetime | None = None
    active_to: datetime | None = None


@dataclass(frozen=True)
class ChangePerson:
    """What becomes otherwise of somebody; what is left out stays as it is, and null takes it away.

    `from`: from when roles and unit are so, where it is not from now on.
    """

    name: Line | None = None
    roles: Roles | None = None
    unit: Slug | None = None
    staff_no: StaffNumber | None = None
    email: TypedEmail | None = None
    phone: TypedNumber | None = None
    language: Language | None = None
    active_from: datetime | None = None
    active_to: datetime | None = None
    from_: datetime | None = None
    reason: Line | None = None


DATED_FIELDS: Final = frozenset(DATED)
OPTIONAL: Final = tuple(
    field.name for field in fields(NewPerson) if field.default is None and field.name not in ("kind", "unit")
)


class Staffing:
    """Everybody who works with the deployment."""

    def __init__(self, directory: Directory, known: KnownNames) -> None:
        self._directory, self._known = directory, known

    def one(self, id: str) -> PersonRecord:
        """Raises `NoSuchPerson`, with those who may be meant."""
        record = self._directory.find(id) if id.isprintable() else None
        if record is None:
            raise NoSuchPerson(near=tuple(one.id for one in self._directory.people.near(id)) or None)
        return record

    async def add(
        self, change: Change, new: NewPerson, *, by: str, at: datetime, exists: type[Refused] = PersonExists
    ) -> PersonRecord:
        """Somebody new, within a change. Raises the refusal."""
        kind = new.kind or kind_of(new.roles)
        self._known.check_roles(new.roles)
        check_kind(kind, new.roles)
        check_member(new.roles, new.unit)
        check_id(new.id)
        if new.unit is not None:
            self._check_unit(new.unit)
        _check_period(new.active_from, new.active_to)
        # Ids that were given out before they were levelled stay as they are.
        if self._directory.find(new.id) is not None:
            raise exists()
        optional = _as_kept({name: getattr(new, name) for name in OPTIONAL if getattr(new, name) is not None})
        said = {"kind": kind, "name": new.name, "roles": new.roles, "unit": new.unit, **optional}
        return PersonRecord((await change.record(levelled(new.id), said, by=by, at=at),))

    async def create(
        self, new: NewPerson, *, by: str, at: datetime, repeat: Repeat = ONCE
    ) -> tuple[PersonRecord, bool]:
        """Somebody new, and whether the same request had made them before. Raises the refusal, `StorageAway`."""
        async with self._directory.changing() as change:
            if await change.was_done(repeat):
                return self.one(new.id).at_first, True
            record = await self.add(change, new, by=by, at=at)
            await change.remember(repeat, at)
        return record, False

    async def change(
        self, id: str, said: Mapping[str, Any], *, by: str, at: datetime, based_on: Callable[[int], None]
    ) -> PersonRecord:
        """Records what is otherwise than before, if anything is.

        `said`: the fields of a `ChangePerson` that were given. `based_on` is asked with the
        version, and refuses. Raises the refusal, `StorageAway`.
        """
        self._check(said, at)
        said = _as_kept(said)
        async with self._directory.changing() as change:
            record = self.one(id)
            based_on(record.version)
            since = said.get("from_") or at
            new = {
                field: value for field, value in said.items()
                if field not in ("from_", "reason") and value != record.value(field, since if field in DATED else at)
            }  # fmt: skip
            if not new:
                return record
            if "active_to" in new:
                new["left_with_key"] = False
            if said.get("reason") is not None:
                new["reason"] = said["reason"]
            planned = record.followed_by(PersonFact(change.next_ordinal, record.id, at, by, since, new))
            _check_person(planned, at)
            must_stay_administered(self._directory, at, planned)
            dated = since if DATED_FIELDS & new.keys() else None
            return record.followed_by(await change.record(record.id, new, by=by, at=at, since=dated))

    def _check(self, said: Mapping[str, Any], at: datetime) -> None:
        """Raises the refusal of what is wrong in itself."""
        for field in NEVER_NULL:
            if field in said and said[field] is None:
                raise NotNull(f"/{field.rstrip('_')}")
        if "roles" in said:
            self._known.check_roles(said["roles"])
        if said.get("unit") is not None:
            self._check_unit(said["unit"])
        if said.get("from_") is not None and not DATED_FIELDS & said.keys():
            raise NothingDated("/from")
        for field, (back, ahead) in REACH.items():
            moment = said.get(field)
            if moment is not None and not at - back <= moment <= at + ahead:
                raise OutOfReach(f"/{field.rstrip('_')}")

    def _check_unit(self, unit: str) -> None:
        if is_reserved(unit) and unit not in self._known.units():  # a procedure may well have a department of service
            raise ReservedId("/unit")
        self._known.check_unit(unit)


def _as_kept(said: Mapping[str, Any]) -> dict[str, Any]:
    """With number and address in the one way in which they are kept. Raises `NotAPhoneNumber`, `NotAnEmail`."""
    as_it_is = {"email": as_email, "phone": as_phone_number}
    ways = {name: as_it_is[name] for name in as_it_is if said.get(name) is not None}
    return {**said, **{name: way(said[name], f"/{name}") for name, way in ways.items()}}


def check_id(id: str) -> None:
    """Nobody is given an id that means somebody else, or can be taken for another one's."""
    if is_reserved(id):
        raise ReservedId("/id")
    if not is_of_one_alphabet(id):
        raise LookalikeId("/id")


def check_kind(kind: str, roles: Iterable[str]) -> None:
    """A machine has roles of machines and no others, a person has at least one of people."""
    others = [index for index, role in enumerate(roles) if role not in MACHINES]
    if kind == "machine" and others:
        raise OfPeople(f"/roles/{others[0]}")
    if kind == "person" and not others:
        raise OfMachines("/roles")


def _check_person(record: PersonRecord, at: datetime) -> None:
    """That somebody is possible now and whenever they become otherwise."""
    for moment in (at, *(turn for turn in record.turns() if turn > at)):
        person = record.at(moment)
        check_kind(person.kind, person.roles)
        check_member(person.roles, person.unit)
    now = record.at(at)
    _check_period(now.active_from, now.active_to)


def _check_period(active_from: datetime | None, active_to: datetime | None) -> None:
    if active_from is not None and active_to is not None and active_to <= active_from:
        raise EndsBeforeItBegins("/active_to")
