"""补偿: a charge verified, a compensation proposed, approved and paid."""

from decimal import Decimal

from domain.complaint.events.event import ComplaintEvent, OptionalPersonalText, PersonalText


class ChargeVerified(ComplaintEvent):
    """查证: whether the charge was wrong, before anything is refunded.

    `charge` is which one it is of, by the number (from 0) of its first verification: what only the item tells, for
    those who do not read it. None in rows of before, which are compared.
    """

    charged: Decimal
    due: Decimal
    wrong: bool
    findings: PersonalText
    item: OptionalPersonalText = None
    charge: int | None = None


class CompensationProposed(ComplaintEvent):
    """`of_charge` is which verified charge it makes good, from 0; then `amount` follows from that charge.

    `times` is how many times over the charge is made good; None in rows of before: any payment stood for the whole.
    """

    amount: Decimal
    currency: str
    basis: PersonalText
    method: str
    of_charge: int | None = None
    times: int | None = None
    why_not_credit: OptionalPersonalText = None


class CompensationApproved(ComplaintEvent):
    amount: Decimal
    currency: str
    remarks: OptionalPersonalText = None


class CompensationRefused(ComplaintEvent):
    amount: Decimal
    currency: str
    remarks: OptionalPersonalText = None


class CompensationPaid(ComplaintEvent):
    amount: Decimal
    currency: str
    method: str
    reference: OptionalPersonalText = None
