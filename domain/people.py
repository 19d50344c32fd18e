"""Who is meant where somebody is named: by their id in any spelling, by their staff number, or by what they are called.

Everybody who was ever recorded is known, people and systems; whose time it is now is there.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from functools import cached_property
from typing import Final

from domain.identity import each_once, levelled
from domain.scripts import simplified

# Systems take down and hand on; no case is theirs, and nobody can ask them what became of it.
MACHINES: Final = frozenset({"integration", "partner"})
NEAR: Final = 0.6  # of the characters in common
MOST_NEAR: Final = 3


@dataclass(frozen=True)
class Person:
    """Somebody who works with the service, or did. `present`: whether their time is now, with a key or without."""

    id: str
    name: str = ""
    roles: frozenset[str] = frozenset()
    unit: str | None = None
    staff_no: str | None = None
    present: bool = True

    @property
    def is_machine(self) -> bool:
        return bool(self.roles) and self.roles <= MACHINES

    @property
    def names(self) -> tuple[str, ...]:
        """What they are called besides their id, levelled."""
        return tuple(filter(None, map(levelled, (self.name, self.staff_no or ""))))

    @cached_property
    def called(self) -> frozenset[str]:
        """The same, and their id, as they are compared with what somebody wrote."""
        return frozenset(map(as_called, (self.id, *self.names)))


def as_called(name: str) -> str:
    """A name or staff number as it is compared: 王 静 and 王靜 are 王静, with a blank and in traditional characters."""
    return simplified(levelled(name)).replace(" ", "")


@dataclass(frozen=True)
class People:
    """Everybody known, by their levelled ids; and by what they are called the ids of those who are there."""

    known: Mapping[str, Person] = field(default_factory=dict)
    present: Mapping[str, frozenset[str]] = field(default_factory=dict)

    @classmethod
    def of(cls, people: Iterable[Person]) -> "People":
        known = {levelled(person.id): person for person in people}
        present: dict[str, set[str]] = {}
        for id, person in known.items():
            for name in person.called if person.present else ():
                present.setdefault(name, set()).add(id)
        return cls(known, {name: frozenset(ids) for name, ids in present.items()})

    def person(self, id: str) -> Person | None:
        return self.known.get(levelled(id))

    def is_a_person(self, id: str) -> bool:
        """Whether it is the id of a person, who may have left; not that of a system."""
        person = self.person(id)
        return person is not None and not person.is_machine

    @property
    def ids_present(self) -> frozenset[str]:
        return frozenset(id for id, person in self.known.items() if person.present)

    def is_present(self, id: str) -> bool:
        """Whether it is somebody whose time is now."""
        person = self.person(id)
        return person is not None and person.present

    def roles_of(self, id: str) -> frozenset[str]:
        """What somebody who is there may do; nothing, where they have left or never came."""
        person = self.person(id)
        return person.roles if person is not None and person.present else frozenset()

    def those_called(self, name: str) -> frozenset[str]:
        """The ids of those who are there and called so; several where a name is not one person's alone."""
        return self.present.get(as_called(name), frozenset())

    def meant_by(self, person: str) -> str:
        """The id of the only one who is called so; what was said where it is an id, or nobody's or several's name."""
        named = self.those_called(person)
        return next(iter(named)) if len(named) == 1 and levelled(person) not in self.known else person

    def all_meant_by(self, people: Iterable[str]) -> tuple[str, ...]:
        """The ids of those who are meant, each once."""
        return each_once(map(self.meant_by, people))

    def with_those_meant(self, people: Iterable[str]) -> tuple[str, ...]:
        """What was said, a name as it is theirs, and behind it the ids of those who are meant by their name."""
        said = tuple(people)
        return each_once((*map(self._as_theirs, said), *map(self.meant_by, said)))

    def _as_theirs(self, said: str) -> str:
        person = self.person(self.meant_by(said))
        names = () if person is None else (levelled(person.id), *person.names)
        return next((name for name in names if as_called(name) == as_called(said)), said)

    def unmatched(self, people: Iterable[str]) -> list[str]:
        """Those who are nobody's id, nor what one of the others is called: nobody is kept out for them."""
        said = list(people)
        names = {name for id in said if (person := self.person(id)) is not None for name in person.names}
        return [one for one in said if levelled(one) not in self.known and levelled(one) not in names]

    def near(self, said: str) -> list[Person]:
        """Those who are there and are written almost so, the nearest first; of several of one name all."""
        ids: Iterable[str] = sorted(self.those_called(said))
        if not ids:
            spelled = {id: {id} for id in self.ids_present} | dict(self.present)
            close = get_close_matches(as_called(said), spelled, MOST_NEAR, NEAR)
            ids = dict.fromkeys(id for one in close for id in sorted(spelled[one]))
        return [self.known[id] for id in ids]
