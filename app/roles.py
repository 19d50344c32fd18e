"""Which roles a key can have: the general ones, and those that some version of some procedure names."""

from collections.abc import Collection, Sequence
from difflib import get_close_matches
from typing import Final

from domain.errors import Invalid
from procedures.library import Library

GENERAL: Final = frozenset({"agent", "manager", "unit", "quality", "auditor", "integration", "partner", "admin"})


class NoSuchRole(Invalid):
    """There is no such role, in general or in any procedure."""


class UnitMissing(Invalid):
    """A member of a unit sees and does only what was sent to it: name the unit."""


def roles_known_to(library: Library) -> frozenset[str]:
    """Of every version, for complaints stay with theirs."""
    roles = set(GENERAL)
    for published in library.published_procedures:
        procedure = library.procedure_at(published.code, published.version)
        roles.update(procedure.roles, procedure.sees, *procedure.steps.values())
    return frozenset(roles)


def check_roles(roles: Sequence[str], unit: str | None, known: Collection[str]) -> None:
    """Raises `NoSuchRole` with what may have been meant, `UnitMissing`."""
    for index, role in enumerate(roles):
        if role not in known:
            close = get_close_matches(role, known, 1)
            meant = f"Did you mean {close[0]}? " if close else ""
            raise NoSuchRole(f"/roles/{index}", f"{meant}There are {', '.join(sorted(known))}.")
    if "unit" in roles and unit is None:
        raise UnitMissing("/unit")
