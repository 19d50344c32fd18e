"""Why somebody is not let in, or something of people, keys and units is not done."""

from collections.abc import Mapping

from domain.errors import Forbidden, Invalid, NotFound, Refused, TurnedAway
from domain.titles import Title


class NotAuthenticated(TurnedAway): ...


class KeyHasExpired(NotAuthenticated): ...


class PersonNotActive(NotAuthenticated): ...


class RoleNeeded(Forbidden):
    slug = "role-forbids"


class ScopeNeeded(Forbidden):
    slug = "scope-forbids"


class ScopesOfCallerExceeded(Forbidden):
    slug = "scope-exceeded"


class KeyExists(Refused): ...


class PersonExists(Refused): ...


class UnitExists(Refused): ...


class NoSuchKey(NotFound): ...


class NoSuchPerson(NotFound): ...


class NoSuchUnit(NotFound): ...


class LastAdministrator(Refused): ...


class HasLeft(Refused): ...


class KeyHasEnded(Refused): ...


class ReservedId(Invalid): ...


class LookalikeId(Invalid): ...


class RoleMisspelt(Invalid):
    """`near` are those that are written nearly so, by code."""

    def __init__(self, pointer: str, near: Mapping[str, Title | None], known: tuple[str, ...]) -> None:
        super().__init__(pointer, known=known, **({"near": dict(near)} if near else {}))
        self.near = near


class UnitMissing(Invalid): ...


class OfMachines(Invalid):
    """A person has a role of machines alone."""


class OfPeople(Invalid):
    """A machine has a role of people."""


class EndsBeforeItBegins(Invalid): ...


class OutOfReach(Invalid):
    """A time that lies too far away to be meant."""


class NothingDated(Invalid): ...


class NotNull(Invalid): ...


class UnknownScope(Invalid):
    """`near` are those that are written nearly so."""


class ExpiresInThePast(Invalid): ...


class UnitBelowItself(Invalid): ...
