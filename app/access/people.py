"""Who somebody is, as it follows from what was recorded of them: a fact is never changed, only followed by another.

Roles and unit hold from a moment on, which may lie before or after that of recording; everything else holds from when
it was recorded.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Literal

from domain.people import MACHINES, Person
from domain.titles import Language
from domain.values import Actor

Kind = Literal["person", "machine"]
DATED: Final = ("roles", "unit")
PERSONAL_FIELDS: Final = frozenset({"name", "staff_no", "email", "phone", "reason"})
TIMES: Final = frozenset({"active_from", "active_to"})


@dataclass(frozen=True)
class PersonFact:
    """What was recorded of somebody at once: `said` by field; `since`: from when roles and unit are so."""

    ordinal: int
    person: str
    recorded_at: datetime
    recorded_by: str | None
    since: datetime | None
    said: Mapping[str, Any]


@dataclass(frozen=True)
class PersonAt:
    """Somebody as they are at a moment. `active_to` is the first moment at which they are gone."""

    id: str
    kind: Kind
    name: str
    staff_no: str | None
    roles: tuple[str, ...]
    unit: str | None
    email: str | None
    phone: str | None
    language: Language | None
    active_from: datetime | None
    active_to: datetime | None
    left_with_key: bool

    def is_active(self, at: datetime) -> bool:
        has_begun = self.active_from is None or self.active_from <= at
        return has_begun and (self.active_to is None or at < self.active_to)

    @property
    def is_machine(self) -> bool:
        return self.kind == "machine"

    @property
    def actor(self) -> Actor:
        return Actor(self.id, frozenset(self.roles), self.unit, name=self.name)

    def meant(self, at: datetime) -> Person:
        """The same as rules know people."""
        return Person(self.id, self.name, frozenset(self.roles), self.unit, self.staff_no, self.is_active(at))


@dataclass(frozen=True)
class PersonRecord:
    """All that was recorded of somebody, in order; the first fact made them."""

    facts: tuple[PersonFact, ...]

    @property
    def id(self) -> str:
        return self.facts[0].person

    @property
    def version(self) -> int:
        return len(self.facts)

    @property
    def at_first(self) -> "PersonRecord":
        """As they were when they were made."""
        return PersonRecord(self.facts[:1])

    def followed_by(self, fact: PersonFact) -> "PersonRecord":
        return PersonRecord((*self.facts, fact))

    def value(self, field: str, at: datetime) -> Any:
        """What a field is at a moment."""
        return self._said(at).get(field)

    def at(self, moment: datetime) -> PersonAt:
        said = self._said(moment)
        value = said.get
        return PersonAt(
            self.id, said["kind"], value("name") or self.id, value("staff_no"), tuple(value("roles") or ()),
            value("unit"), value("email"), value("phone"), value("language"), value("active_from"), value("active_to"),
            bool(value("left_with_key")),
        )  # fmt: skip

    def _said(self, at: datetime) -> dict[str, Any]:
        """Every field as it is at a moment; of two facts of one moment the one that was recorded later counts."""
        said: dict[str, Any] = {}
        since: dict[str, datetime | None] = {}
        for fact in self.facts:
            for field, value in fact.said.items():
                if field in DATED:
                    if (fact.since is not None and fact.since > at) or _is_before(fact.since, since.get(field)):
                        continue
                    since[field] = fact.since
                said[field] = value
        return said

    def turns(self) -> Iterator[datetime]:
        """The moments at which something of them becomes otherwise by itself."""
        yield from (fact.since for fact in self.facts if fact.since is not None)
        for field in TIMES:
            last = next((fact.said[field] for fact in reversed(self.facts) if field in fact.said), None)
            if last is not None:
                yield last


def _is_before(one: datetime | None, other: datetime | None) -> bool:
    """Of moments from which something is so; None is from the beginning."""
    return other is not None and (one is None or one < other)


def kind_of(roles: Iterable[str]) -> Kind:
    """What somebody with these roles is where nobody says it."""
    return "machine" if set(roles) <= MACHINES else "person"


