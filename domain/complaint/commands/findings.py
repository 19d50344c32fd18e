"""查明与补偿: faults, apologies and notices; a charge verified, a compensation proposed, approved and paid."""

from dataclasses import dataclass
from typing import Annotated, Literal

from annotated_types import Ge, Le, Len, Predicate

from domain.complaint.commands.intake import Command, People
from domain.values import (
    ActorId,
    Line,
    Means,
    Money,
    Slug,
    Text,
    has_no_repeats,
)


@dataclass(frozen=True)
class GradeFault(Command):
    """1 is the slightest fault of an agent, 3 the gravest; what each means stands in the procedure's file."""

    agent: ActorId
    grade: Annotated[int, Ge(1), Le(3)]
    findings: Text


@dataclass(frozen=True)
class RecordApology(Command):
    """`by` are the people at fault who apologised, `leader` the superior who did so with them."""

    by: People
    leader: ActorId
    means: Means
    text: Text | None = None


@dataclass(frozen=True)
class IssueNotice(Command):
    """A named notice to those whose liability is proven; `unit` or `people`, or both."""

    text: Text
    penalty: Text
    unit: Slug | None = None
    people: Annotated[tuple[ActorId, ...], Len(0, 50), Predicate(has_no_repeats)] = ()


@dataclass(frozen=True)
class VerifyCharge(Command):
    """查证: what was charged, what was due, and whether the charge was wrong."""

    charged: Money
    due: Money
    wrong: bool
    findings: Text
    item: Line | None = None


@dataclass(frozen=True)
class ProposeCompensation(Command):
    """Without `amount` it is computed, where the basis is a verified billing error.

    `basis` is one of the procedure's, where it lists some. `why_not_credit` says why cash, where credit comes first.
    """

    basis: Line
    method: Literal["credit", "cash", "transfer", "goods", "service", "voucher"]
    amount: Money | None = None
    currency: Annotated[str, Len(3, 3)] = "CNY"
    why_not_credit: Text | None = None


@dataclass(frozen=True)
class ApproveCompensation(Command):
    """Approves the proposal that is open; `approved: false` refuses it.

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
