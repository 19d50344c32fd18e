"""Who a route lets in: the one table of it is the routes themselves, and every caller is held against theirs."""

from collections.abc import Collection, Container
from dataclasses import dataclass
from typing import Final

from app.access.keys import require_role
from app.access.refusals import ScopeNeeded
from app.access.scopes import PARTS, allows, scope_of
from domain.values import Actor

NO_PART: Final = "own"  # what everybody with a key may ask of themselves


@dataclass(frozen=True)
class Guard:
    """`part`: to which part of the API a route belongs (scopes.py). `roles`: one of these is needed, where some are.

    `step`: the step of a procedure that it takes, which a role of that procedure may.
    """

    method: str
    part: str
    roles: tuple[str, ...] = ()
    step: str | None = None

    def __post_init__(self) -> None:
        if self.part not in (*PARTS, NO_PART):
            raise ValueError(f"{self.part}: say to which part of the API these routes belong")

    def check(self, actor: Actor, scopes: Collection[str] | None) -> None:
        """Raises `ScopeNeeded`, `RoleNeeded`."""
        if not self._is_in_scope(scopes):
            raise ScopeNeeded(scope=scope_of(self.part, self.method))
        if self.roles:
            require_role(actor, *self.roles)

    def lets_in(self, actor: Actor, scopes: Collection[str] | None, steps: Container[str]) -> bool:
        """Whether somebody may use the route at all; `steps` are those that some procedure lets them take."""
        has_role = not self.roles or not actor.roles.isdisjoint(self.roles)
        return self._is_in_scope(scopes) and has_role and (self.step is None or self.step in steps)

    def _is_in_scope(self, scopes: Collection[str] | None) -> bool:
        return self.part == NO_PART or allows(scopes, scope_of(self.part, self.method))
