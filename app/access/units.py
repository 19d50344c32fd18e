"""Responsible units: those that procedures name, and the deployment's own, made and changed as recorded facts."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from app.access.changes import ONCE, Change, Repeat, UnitFact
from app.access.directory import Directory
from app.access.refusals import NoSuchUnit, NotNull, OfMachines, ReservedId, UnitBelowItself, UnitExists
from domain.errors import UnknownPerson, UnknownUnit
from domain.identity import is_reserved
from domain.near import near
from domain.titles import Title
from domain.values import Line, Slug


@dataclass(frozen=True)
class UnitTitles:
    """What a unit is called in Chinese and in English."""

    zh: Line
    en: Line


@dataclass(frozen=True)
class NewUnit:
    """A unit of the deployment. `parent`: the code of the one above it; `lead`: the id of who leads it."""

    code: Slug
    titles: UnitTitles
    parent: Slug | None = None
    lead: Line | None = None
    region: Line | None = None


@dataclass(frozen=True)
class ChangeUnit:
    """What becomes otherwise of a unit; what is left out stays as it is, and null takes it away."""

    titles: UnitTitles | None = None
    parent: Slug | None = None
    lead: Line | None = None
    region: Line | None = None


@dataclass(frozen=True)
class Unit:
    """A unit as it is now. `named_by`: the codes of the procedures that name it; `own`: the deployment made it."""

    code: str
    titles: Title | None
    parent: str | None = None
    lead: str | None = None
    region: str | None = None
    named_by: tuple[str, ...] = ()
    own: bool = False
    version: int = 0


class Units:
    """Every unit that there is."""

    def __init__(self, directory: Directory, named: Callable[[], Mapping[str, Title | None]]) -> None:
        """`named`: the units that procedures name, with what they call them."""
        self._directory, self._named = directory, named

    def titles(self) -> dict[str, Title | None]:
        """What every unit is called, by its code."""
        own = {code: self._own(facts).titles for code, facts in self._directory.unit_facts.items()}
        return {**self._named(), **own}

    @property
    def own(self) -> frozenset[str]:
        """The codes of those that the deployment made."""
        return frozenset(self._directory.unit_facts)

    def all(self) -> list[Unit]:
        """By their codes."""
        return [self.one(code) for code in sorted(self.titles())]

    def one(self, code: str) -> Unit:
        """Raises `NoSuchUnit`, with those that may be meant."""
        facts = self._directory.unit_facts.get(code)
        if facts is not None:
            return self._own(facts)
        named = self._named()
        if code not in named:
            raise NoSuchUnit(near=near(code, self.titles()) or None)
        return Unit(code, named[code])

    async def create(self, new: NewUnit, *, by: str, at: datetime, repeat: Repeat = ONCE) -> tuple[Unit, bool]:
        """A unit, and whether the same request had made it before. Raises the refusal, `StorageAway`."""
        async with self._directory.changing() as change:
            if await change.was_done(repeat):
                return self._own(self._directory.unit_facts[new.code][:1]), True
            unit = await self._add(change, new, by=by, at=at)
            await change.remember(repeat, at)
        return unit, False

    async def _add(self, change: Change, new: NewUnit, *, by: str, at: datetime) -> Unit:
        """One that a procedure names is described so."""
        if is_reserved(new.code) and new.code not in self._named():
            raise ReservedId("/code")
        if new.code in self._directory.unit_facts:
            raise UnitExists
        said = {"titles": vars(new.titles), "parent": new.parent, "lead": new.lead, "region": new.region}
        said = self._checked(new.code, said)
        return self._own([await change.record_unit(new.code, said, by=by, at=at)])

    async def change(
        self, code: str, said: Mapping[str, Any], *, by: str, at: datetime, based_on: Callable[[int], None]
    ) -> Unit:
        """`said`: the fields of a `ChangeUnit` that were given. Raises the refusal, `StorageAway`."""
        if "titles" in said and said["titles"] is None:
            raise NotNull("/titles")
        async with self._directory.changing() as change:
            unit = self.one(code)
            based_on(unit.version)
            plain = {field: vars(value) if isinstance(value, UnitTitles) else value for field, value in said.items()}
            new = {field: value for field, value in self._checked(code, plain).items() if value != _field(unit, field)}
            if not new:
                return unit
            before = self._directory.unit_facts.get(code, [])
            return self._own([*before, await change.record_unit(code, new, by=by, at=at)])

    def _checked(self, code: str, said: dict[str, Any]) -> dict[str, Any]:
        """The same with the lead's own id. Raises `UnknownUnit`, `UnitBelowItself`, `UnknownPerson`, `OfMachines`."""
        parent, lead = said.get("parent"), said.get("lead")
        if parent is not None:
            if parent not in self.titles():
                raise UnknownUnit("/parent", near(parent, self.titles()))
            if code in self._above(parent):
                raise UnitBelowItself("/parent")
        if lead is None:
            return said
        people = self._directory.people
        person = people.person(people.meant_by(lead))
        if person is None:
            raise UnknownPerson("/lead", near=tuple(one.id for one in people.near(lead)) or None)
        if person.is_machine:
            raise OfMachines("/lead")
        return {**said, "lead": person.id}

    def _above(self, code: str) -> list[str]:
        """A unit and all that are above it."""
        above: list[str] = []
        step: str | None = code
        while step is not None and step not in above:
            above.append(step)
            facts = self._directory.unit_facts.get(step)
            step = None if facts is None else self._own(facts).parent
        return above

    def _own(self, facts: list[UnitFact]) -> Unit:
        said: dict[str, Any] = {}
        for fact in facts:
            said |= fact.said
        code = facts[0].unit
        titles = Title(**said["titles"]) if "titles" in said else self._named().get(code)
        return Unit(
            code, titles, said.get("parent"), said.get("lead"), said.get("region"), own=True, version=len(facts)
        )


def _field(unit: Unit, field: str) -> Any:
    value = getattr(unit, field)
    return {"zh": value.zh, "en": value.en} if isinstance(value, Title) else value
