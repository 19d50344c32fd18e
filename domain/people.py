"""Who is meant where a complaint names somebody: by their id in any spelling, or by what they are called."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from domain.identity import each_once, levelled


@dataclass(frozen=True)
class People:
    """Everybody who was ever given a key, people and systems; all ids and names are levelled.

    `called`: what each was called. `present`: who has a key now, by what they are called.
    """

    called: Mapping[str, frozenset[str]] = field(default_factory=dict)
    present: Mapping[str, frozenset[str]] = field(default_factory=dict)

    @classmethod
    def of(cls, keys: Iterable[tuple[str, str, bool]]) -> "People":
        """Of each key the id, the name, and whether it is in force."""
        called: dict[str, set[str]] = {}
        present: dict[str, set[str]] = {}
        for id, name, in_force in keys:
            called.setdefault(levelled(id), set()).add(levelled(name))
            if in_force:
                present.setdefault(levelled(name), set()).add(levelled(id))
        return cls(*({key: frozenset(found) for key, found in each.items()} for each in (called, present)))

    def meant_by(self, person: str) -> str:
        """The id of the only one who is called so; what was said where it is an id, or nobody's or several's name."""
        named = self.present.get(levelled(person), frozenset())
        return next(iter(named)) if len(named) == 1 and levelled(person) not in self.called else person

    def with_those_meant(self, people: Iterable[str]) -> tuple[str, ...]:
        """What was said, and behind it the ids of those who are meant by their name."""
        said = tuple(people)
        return each_once((*said, *map(self.meant_by, said)))

    def unmatched(self, people: Iterable[str]) -> list[str]:
        """Those who are nobody's id, nor what one of the others is called: nobody is kept out for them."""
        said = list(people)
        names = {name for id in said for name in self.called.get(levelled(id), ())}
        return [one for one in said if levelled(one) not in self.called and levelled(one) not in names]
