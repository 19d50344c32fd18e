"""Who is there while a procedure is walked: two people of each role of the file, and members of two units."""

from dataclasses import dataclass
from typing import Final

from domain.people import People as Everybody
from domain.people import Person
from domain.procedure.procedure import OWN_UNIT, Procedure
from domain.values import Actor

SOMEBODY: Final = "somebody-1"
SOMEBODY_ELSE: Final = "somebody-2"
SOMEBODY_UNKNOWN: Final = "somebody-unknown"
A_UNIT: Final = "unit-a"
ANOTHER_UNIT: Final = "unit-b"


@dataclass(frozen=True)
class People:
    """`right` is the unit that is competent, `other` one that is asked beside it or by mistake."""

    right: str
    other: str
    of_role: dict[str, tuple[Actor, ...]]
    known: Everybody

    @classmethod
    def of(cls, procedure: Procedure) -> "People":
        right, other = (*procedure.units, A_UNIT, ANOTHER_UNIT)[:2]
        roles = dict.fromkeys(role for roles in procedure.steps.values() for role in roles)
        of_units = {"unit", *(role for role, unit in procedure.heads.items() if unit == OWN_UNIT)}
        of_role = {
            role: _one_of_each(role, (right, other)) if role in of_units else _two_of(role, procedure) for role in roles
        }
        actors = [actor for people in of_role.values() for actor in people]
        there = [Person(actor.id, roles=actor.roles, unit=actor.unit) for actor in actors]
        there += [Person(id, roles=frozenset({"agent"})) for id in (SOMEBODY, SOMEBODY_ELSE)]
        return cls(right, other, of_role, Everybody.of(there))

    def who_may(self, procedure: Procedure, step: str) -> list[Actor]:
        """Everybody who may take the step as the file has it; the first of each role come first."""
        groups = [self.of_role[role] for role in procedure.steps.get(step, ())]
        return [person for place in range(2) for group in groups for person in group[place : place + 1]]


def _one_of_each(role: str, units: tuple[str, str]) -> tuple[Actor, ...]:
    return tuple(Actor(f"{role}-of-{unit}", frozenset({role}), unit) for unit in units)


def _two_of(role: str, procedure: Procedure) -> tuple[Actor, ...]:
    """A second one is needed where nobody may decide upon what is their own."""
    unit = procedure.heads.get(role)
    return tuple(Actor(f"{role}-{number}", frozenset({role}), unit) for number in (1, 2))
