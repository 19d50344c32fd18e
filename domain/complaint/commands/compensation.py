"""补偿: a charge verified, a compensation proposed, approved and paid."""

from dataclasses import dataclass
from typing import Annotated, Literal

from annotated_types import Len

from domain.complaint.commands.command import Command
from domain.values import Line, Money, Text


@dataclass(frozen=True)
class VerifyCharge(Command):
    """查证: what was charged, what was due, and whether the charge was wrong; of one charge the newest counts.

    `item` says which charge it is: the call record or the line of the bill. Without it, it is known by its height.
    """

    charged: Money
    due: Money
    wrong: bool
    findings: Text
    item: Line | None = None


@dataclass(frozen=True)
class ProposeCompensation(Command):
    """Without `amount` it is computed, where the basis is a verified billing error.

    `basis` is one of the procedure's, where it lists some. `item` is the charge that is made good, as it was verified;
    without it the one verified last of those that something is left of. `why_not_credit` says why another way than
    credit to the account, where credit comes first.
    """

    basis: Line
    method: Literal["credit", "cash", "transfer", "goods", "service", "voucher"]
    amount: Money | None = None
    currency: Annotated[str, Len(3, 3)] = "CNY"
    why_not_credit: Text | None = None
    item: Line | None = None


@dataclass(frozen=True)
class ApproveCompensation(Command):
    """Approves the proposal that is open, naming its `amount`; `approved: false` refuses it.

    What is given of `amount`, `currency`, `basis` and `method` has to be what was proposed.
    """

    approved: bool = True
    amount: Money | None = None
    currency: Annotated[str, Len(3, 3)] | None = None
    basis: Line | None = None
    method: Literal["credit", "cash", "transfer", "goods", "service", "voucher"] | None = None
    remarks: Text | None = None


@dataclass(frozen=True)
class PayCompensation(Command):
    """Records that what was approved was paid; `reference` is the voucher of the payment.

    What is given of `amount`, `currency`, `basis` and `method` has to be what was approved.
    """

    amount: Money | None = None
    currency: Annotated[str, Len(3, 3)] | None = None
    basis: Line | None = None
    method: Literal["credit", "cash", "transfer", "goods", "service", "voucher"] | None = None
    reference: Line | None = None
