"""What a procedure says about compensation: how much for what, in which form, and who approves which amount."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from domain.titles import Title


@dataclass(frozen=True)
class Authority:
    """Who approves compensation up to an amount (of the procedure's currency); None: any amount."""

    roles: tuple[str, ...]
    up_to: Decimal | None = None


@dataclass(frozen=True)
class CompensationRule:
    """How customers are compensated.

    `verified_first`: nothing is refunded before the charge was found wrong. `times`: a billing error is made good so
    many times over (2 x (charged - due)), for the `billing_errors` listed; other bases only where `other_bases`.
    `credit_first`: cash only with the reason why credit does not do. `authority` is in rising order of amounts.
    """

    currency: str = "CNY"
    verified_first: bool = False
    times: int = 1
    billing_errors: Mapping[str, Title] = field(default_factory=dict)
    other_bases: bool = True
    credit_first: bool = False
    authority: tuple[Authority, ...] = ()

    def is_billing_error(self, basis: str) -> bool:
        """Whether a ground is one of those listed, by its code or as people call it."""
        return any(basis in (code, title.zh, title.en) for code, title in self.billing_errors.items())

    def may_approve(self, amount: Decimal) -> tuple[str, ...] | None:
        """The roles that approve this amount; None where the file has no table, and the step's roles do."""
        if not self.authority:
            return None
        fitting = (line for line in self.authority if line.up_to is None or amount <= line.up_to)
        allowed = [line.roles for line in fitting]
        return tuple(dict.fromkeys(role for roles in allowed for role in roles))
