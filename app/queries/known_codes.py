"""Which codes a filter may name: those of the product, and those of any version of any procedure."""

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

import asyncpg

from app.access.admission import Admission
from domain.identity import PERSON, PREFIXES, ROLE, UNIT, levelled
from domain.indicators import INDICATORS
from domain.near import near
from domain.people import MACHINES, People
from domain.procedure.procedure import Procedure
from domain.values import Actor
from eventlog.database import fetch
from procedures.rules import Rules, every_procedure
from projections.indicators_query import NOBODY
from wording.subjects import SUBJECTS

OF_PROCEDURES: Final[Mapping[str, Callable[[Procedure], Collection[str]]]] = {
    "procedures": lambda it: (it.code,),
    "kinds": lambda it: it.kinds,
    "severities": lambda it: it.severities,
    "categories": lambda it: it.categories,
    "units": lambda it: it.units,
    "clocks": lambda it: {rule.name for rule in it.clocks},
    "roles": lambda it: it.roles,
}
OF_PREFIX: Final = {UNIT: "units", ROLE: "roles", PERSON: "people"}
SYSTEM: Final = "system"  # signs what the service does by itself
OF_THE_HISTORY: Final = """
SELECT EXISTS (SELECT FROM stored_events WHERE actor = $1)
    OR EXISTS (SELECT FROM reading.tracking WHERE owner_actor = $1 OR offered_to = $1)
"""


@dataclass(frozen=True)
class KnownCodes:
    """What exists now or existed once, for complaints stay with their rules and with the people who had them."""

    pool: asyncpg.Pool
    rules: Rules
    access: Admission

    @property
    def people(self) -> People:
        return self.access.directory.people

    async def knows(self, subject: str, code: str, asked_by: Actor) -> bool:
        """Whether a code of a subject exists. A machine is not told whether somebody does. Raises `StorageAway`."""
        subject, code = _meant(subject, code)
        match subject:
            case "people":
                return await self._knows_person(code, asked_by)
            case "owers":
                return True  # me
            case "categories":
                return code == NOBODY or any(_has_category(one, code) for one in every_procedure(self.rules))
        return code in self._beside(subject) or any(
            code in OF_PROCEDURES[subject](one) for one in self._having(subject)
        )

    def near(self, subject: str, code: str, asked_by: Actor) -> list[str]:
        """Those that are written almost so, the nearest first."""
        subject, code = _meant(subject, code)
        if subject == "people":
            return [] if asked_by.roles <= MACHINES else [person.id for person in self.people.near(code)]
        return list(near(code, dict.fromkeys(self._every(subject))))

    async def _knows_person(self, code: str, asked_by: Actor) -> bool:
        """Whoever was ever given a key; and whoever acted or owns a case without one, as older histories have it."""
        if code in (NOBODY, SYSTEM) or asked_by.roles <= MACHINES or self.people.person(code) is not None:
            return True
        return bool((await fetch(self.pool, OF_THE_HISTORY, levelled(code)))[0][0])

    def _beside(self, subject: str) -> Collection[str]:
        """What no procedure says."""
        if subject in OF_PROCEDURES:
            return {"units": self.access.units_to_ask(), "roles": SUBJECTS["roles"]}.get(subject, ())
        return INDICATORS if subject == "indicators" else SUBJECTS[subject]

    def _having(self, subject: str) -> Iterator[Procedure]:
        return every_procedure(self.rules) if subject in OF_PROCEDURES else iter(())

    def _every(self, subject: str) -> Iterator[str]:
        yield from self._beside(subject)
        for procedure in self._having(subject):
            yield from OF_PROCEDURES[subject](procedure)


def _meant(subject: str, code: str) -> tuple[str, str]:
    """The subject that the prefix of an owner or ower names, and the code behind it; other owners are people."""
    prefix = next((one for one in PREFIXES if code.startswith(one)), "")
    if subject == "owners" and prefix != ROLE:
        return "people", code
    if subject in ("owners", "owers") and prefix:
        return OF_PREFIX[prefix], code.removeprefix(prefix)
    return subject, code


def _has_category(procedure: Procedure, code: str) -> bool:
    """Listed, below an open one, or above one that is listed: a filter includes what is below."""
    is_above = any(listed.startswith(f"{code}.") for listed in procedure.categories)
    return is_above or procedure.knows_category(code)
