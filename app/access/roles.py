"""Which roles a key can have: the general ones, and those that some version of some procedure names."""

from collections.abc import Collection, Iterator, Sequence
from difflib import get_close_matches
from typing import Final

from domain.errors import Invalid
from procedures.rules import Rules

ALMOST: Final = 0.9  # of the letters in common: manger means manager, but supervision need not mean supervisor
GENERAL: Final = frozenset({"agent", "manager", "unit", "quality", "auditor", "integration", "partner", "admin"})


class RoleMisspelt(Invalid): ...


class UnitMissing(Invalid): ...


def roles_known_to(rules: Rules) -> frozenset[str]:
    """Of every version, for complaints stay with theirs."""
    roles = set(GENERAL)
    for published in rules.published_procedures:
        procedure = rules.procedure_at(published.code, published.version)
        roles.update(procedure.roles, procedure.sees, *procedure.steps.values())
    return frozenset(roles)


class RolesInForce(Collection[str]):
    """What `roles_known_to` says at the moment it is asked, for procedures are published while the service runs."""

    def __init__(self, rules: Rules) -> None:
        self._rules = rules

    def __contains__(self, role: object) -> bool:
        return role in roles_known_to(self._rules)

    def __iter__(self) -> Iterator[str]:
        return iter(roles_known_to(self._rules))

    def __len__(self) -> int:
        return len(roles_known_to(self._rules))


def check_roles(roles: Sequence[str], unit: str | None, known: Collection[str]) -> None:
    """Raises `RoleMisspelt`, `UnitMissing`.

    A role that nothing knows yet may belong to a procedure still to be published; until then it may do nothing.
    """
    for index, role in enumerate(roles):
        close = [] if role in known else get_close_matches(role, known, 1, ALMOST)
        if close:
            raise RoleMisspelt(f"/roles/{index}", close=close[0], known=tuple(sorted(known)))
    if "unit" in roles and unit is None:
        raise UnitMissing("/unit")
