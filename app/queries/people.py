"""Who works here, as those see it who may: what they are, what they will be, their keys, and how they became so."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final, Literal
from uuid import UUID

from app.access.admission import Admission
from app.access.keys import require_role
from app.access.people import DATED, Kind, PersonAt, PersonFact, PersonRecord
from app.access.person_keys import PersonKeyView, key_view
from app.access.privileges import READS_PEOPLE, READS_PERSONAL_DATA_OF_PEOPLE
from app.access.trail import shown_in_clear
from app.queries.paging import After, Listed, Rows
from domain.titles import Language
from domain.values import Actor

PeopleState = Literal["coming", "active", "left"]
NO_ID: Final = UUID(int=0)


@dataclass(frozen=True)
class PeopleFilter:
    """Which people; of each the values any of which fits, nothing for all."""

    kind: tuple[str, ...] = ()
    role: tuple[str, ...] = ()
    unit: tuple[str, ...] = ()
    state: tuple[str, ...] = ()


@dataclass(frozen=True)
class PersonRow:
    """Somebody who works with the service. `keys`: how many of theirs are taken now.

    E-mail and telephone are shown to administrators and auditors; they are null for others.
    """

    id: str
    kind: Kind
    name: str
    staff_no: str | None
    roles: list[str]
    unit: str | None
    email: str | None
    phone: str | None
    language: Language | None
    active_from: datetime | None
    active_to: datetime | None
    state: PeopleState
    keys: int


@dataclass(frozen=True)
class ComingChange:
    """What somebody will be from a moment on; what is null stays as it is."""

    since: datetime
    roles: list[str] | None = None
    unit: str | None = None


@dataclass(frozen=True)
class PersonView(PersonRow):
    """`coming`: changes of roles and unit that lie ahead. `version` counts what was recorded."""

    coming: list[ComingChange] = field(default_factory=list)
    version: int = 1


@dataclass(frozen=True)
class Became:
    """A field before and after."""

    before: Any
    after: Any


@dataclass(frozen=True)
class PersonChange:
    """What was recorded of somebody at once. `since`: from when roles and unit are so, where that is another moment.

    `recorded_by` is null for what was there before people were known apart from their keys.
    """

    version: int
    recorded_at: datetime
    recorded_by: str | None
    since: datetime | None
    reason: str | None
    changes: dict[str, Became]


@dataclass(frozen=True)
class PersonHistory:
    """Everything that was recorded of somebody, in order."""

    items: list[PersonChange]


@dataclass(frozen=True)
class PersonKeyList:
    items: list[PersonKeyView]


@dataclass(frozen=True)
class PeopleQueries:
    """Itself the source of its list: what this process knows is in it when it is asked."""

    access: Admission

    def rows(self, actor: Actor, wanted: PeopleFilter) -> Rows[PersonRow]:
        """In the order in which they came. Raises `RoleNeeded`."""
        require_role(actor, *READS_PEOPLE)

        async def page(after: After | None, limit: int) -> Listed[PersonRow]:
            fitting = self._fitting(wanted, 0 if after is None else after.ordinal)
            found = [record for record, _ in zip(fitting, range(limit + 1), strict=False)]
            last = After(None, NO_ID, _ordinal(found[limit - 1])) if len(found) > limit else None
            return Listed([self._row(record, actor) for record in found[:limit]], last)

        return Rows(PersonRow, self, page)

    def one(self, id: str, actor: Actor, as_of: datetime | None = None) -> PersonView:
        """As they are, or were or will be. Raises `RoleNeeded`, `NoSuchPerson`."""
        require_role(actor, *READS_PEOPLE)
        return self.view(self.access.staffing.one(id), actor, as_of)

    def view(self, record: PersonRecord, actor: Actor, as_of: datetime | None = None) -> PersonView:
        row = self._row(record, actor, as_of)
        coming = list(_coming(record, as_of or self.access.directory.now()))
        return PersonView(**vars(row), coming=coming, version=record.version)

    def history(self, id: str, actor: Actor) -> PersonHistory:
        """Raises `RoleNeeded`, `NoSuchPerson`."""
        require_role(actor, *READS_PERSONAL_DATA_OF_PEOPLE)
        facts = self.access.staffing.one(id).facts
        shown_in_clear()
        return PersonHistory([_change(facts, number) for number in range(len(facts))])

    async def keys(self, id: str, actor: Actor) -> PersonKeyList:
        """The oldest first. Raises `RoleNeeded`, `NoSuchPerson`, `StorageAway`."""
        require_role(actor, *READS_PERSONAL_DATA_OF_PEOPLE)
        person, now = self.access.staffing.one(id).id, self.access.directory.now()
        used = await self.access.last_use.of(person)
        keys = self.access.directory.keys_of(person)
        return PersonKeyList([key_view(key, now, used.get(key.id)) for key in keys])

    async def must_reach(self, position: int) -> None:
        """It follows nothing that it could be behind."""

    async def position(self) -> int:
        return self.access.directory.edition

    def _fitting(self, wanted: PeopleFilter, after: int) -> Iterator[PersonRecord]:
        now = self.access.directory.now()
        for record in sorted(self.access.directory.records.values(), key=_ordinal):
            person = self.access.directory.present.by_id[record.id]
            if (
                _ordinal(record) > after
                and (not wanted.kind or person.kind in wanted.kind)
                and (not wanted.role or not set(wanted.role).isdisjoint(person.roles))
                and (not wanted.unit or person.unit in wanted.unit)
                and (not wanted.state or _state(person, now) in wanted.state)
            ):
                yield record

    def _row(self, record: PersonRecord, actor: Actor, as_of: datetime | None = None) -> PersonRow:
        now = self.access.directory.now()
        person, sees_all = record.at(as_of or now), not actor.roles.isdisjoint(READS_PERSONAL_DATA_OF_PEOPLE)
        if sees_all:
            shown_in_clear()
        keys = sum(key.is_usable(now) for key in self.access.directory.keys_of(record.id))
        return PersonRow(
            person.id, person.kind, person.name, person.staff_no, list(person.roles), person.unit,
            person.email if sees_all else None, person.phone if sees_all else None, person.language,
            person.active_from, person.active_to, _state(person, as_of or now), keys,
        )  # fmt: skip


def _ordinal(record: PersonRecord) -> int:
    return record.facts[0].ordinal


def _state(person: PersonAt, at: datetime) -> PeopleState:
    if person.is_active(at):
        return "active"
    return "coming" if person.active_from is not None and at < person.active_from else "left"


def _coming(record: PersonRecord, after: datetime) -> Iterator[ComingChange]:
    """By what was recorded last of each moment."""
    moments = sorted({fact.since for fact in record.facts if fact.since is not None and fact.since > after})
    before = record.at(after)
    for moment in moments:
        then = record.at(moment)
        roles, unit = then.roles != before.roles, then.unit != before.unit
        if roles or unit:
            yield ComingChange(moment, list(then.roles) if roles else None, then.unit if unit else None)
        before = then


def _change(facts: Iterable[PersonFact], number: int) -> PersonChange:
    """What a fact says, beside what was so before it."""
    facts = tuple(facts)
    fact, before = facts[number], facts[:number]
    changes = {
        name: Became(_before(before, name, fact), after) for name, after in fact.said.items()
        if name not in ("reason", "left_with_key")
    }  # fmt: skip
    return PersonChange(
        number + 1, fact.recorded_at, fact.recorded_by, fact.since, fact.said.get("reason"), changes
    )  # fmt: skip


def _before(facts: tuple[PersonFact, ...], name: str, fact: PersonFact) -> Any:
    if not facts or name.startswith("keys_"):
        return None
    at = fact.since if fact.since is not None and name in DATED else fact.recorded_at
    return PersonRecord(facts).value(name, at)
