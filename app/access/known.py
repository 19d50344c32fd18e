"""Which roles and units there are: those of the product, of every version of every procedure, and the deployment's own.

A slip in a key or a person makes no new one.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from app.access.refusals import RoleMisspelt, UnitMissing
from domain.errors import UnknownUnit
from domain.near import near
from domain.titles import Title
from procedures.rules import Rules, every_procedure
from wording.people import ROLES

GENERAL: Final = frozenset({"agent", "manager", "unit", "quality", "auditor", "integration", "partner", "admin"})


@dataclass(frozen=True)
class KnownNames:
    """What there is at the moment it is asked, with what it is called: procedures are published while it runs."""

    roles: Callable[[], Mapping[str, Title | None]]
    units: Callable[[], Mapping[str, Title | None]]

    def check_roles(self, roles: Iterable[str], pointer: str = "/roles") -> None:
        """Raises `RoleMisspelt`."""
        known = self.roles()
        for index, role in enumerate(roles):
            if role not in known:
                raise RoleMisspelt(f"{pointer}/{index}", near(role, known), tuple(sorted(known)))

    def check_unit(self, unit: str, pointer: str = "/unit") -> None:
        """Raises `UnknownUnit`."""
        known = self.units()
        if unit not in known:
            raise UnknownUnit(pointer, near(unit, known))


def check_member(roles: Sequence[str], unit: str | None) -> None:
    """A unit's member sees what was sent to that unit. Raises `UnitMissing`."""
    if "unit" in roles and unit is None:
        raise UnitMissing("/unit")


def roles_known_to(rules: Rules) -> dict[str, Title | None]:
    """Of every version, for complaints stay with theirs."""
    roles: dict[str, Title | None] = {role: ROLES.get(role) for role in sorted(GENERAL)}
    for procedure in every_procedure(rules):
        named = {role for step in procedure.steps.values() for role in step}
        for role in sorted({*procedure.roles, *procedure.sees, *named} - roles.keys()):
            roles[role] = procedure.roles.get(role)
    return roles


def units_named_by(rules: Rules) -> dict[str, Title | None]:
    """The units that any version of any procedure names."""
    return {code: title for procedure in every_procedure(rules) for code, title in procedure.units.items()}
