"""Which units there are, and what they are called."""

from dataclasses import dataclass

from app.access.admission import Admission
from app.access.units import Unit
from domain.titles import Title
from domain.values import Actor
from procedures.rules import Rules


@dataclass(frozen=True)
class KnownUnit:
    """A unit. `named_by`: the codes of the procedures in force that name it; `own`: the deployment described it.

    `lead` is the id of who leads it; a machine is not told.
    """

    code: str
    titles: Title | None
    parent: str | None
    lead: str | None
    region: str | None
    named_by: list[str]
    own: bool
    members: int
    version: int


@dataclass(frozen=True)
class UnitList:
    items: list[KnownUnit]


@dataclass(frozen=True)
class UnitQueries:
    """For everybody with a key."""

    access: Admission
    rules: Rules

    def all(self, actor: Actor) -> UnitList:
        """By their codes."""
        return UnitList([self.view(unit, actor) for unit in self.access.units.all()])

    def one(self, code: str, actor: Actor) -> KnownUnit:
        """Raises `NoSuchUnit`."""
        return self.view(self.access.units.one(code), actor)

    def view(self, unit: Unit, actor: Actor) -> KnownUnit:
        people = self.access.directory.people
        asks = people.person(actor.id)
        named_by = [code for code, one in sorted(self.rules.procedures.items()) if unit.code in one.units]
        members = sum(one.present and one.unit == unit.code for one in people.known.values())
        lead = None if asks is not None and asks.is_machine else unit.lead
        return KnownUnit(
            unit.code, unit.titles, unit.parent, lead, unit.region, named_by, unit.own, members, unit.version
        )
