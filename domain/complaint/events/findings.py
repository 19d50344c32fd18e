"""查明与补偿: faults, apologies and notices; charges verified, compensation proposed, approved and paid."""

from decimal import Decimal

from domain.complaint.events.intake import ComplaintEvent, OptionalPersonalText, PersonalText


class FaultGraded(ComplaintEvent):
    """An agent's fault: part of the finding, and of the agent's record. Only quality staff see what it says."""

    agent: str
    grade: int
    findings: PersonalText


class ApologyMade(ComplaintEvent):
    """道歉: the people at fault and their leader apologised to the customer."""

    by: tuple[str, ...]
    leader: str
    means: str
    text: OptionalPersonalText = None


class NoticeIssued(ComplaintEvent):
    """责任通报: those whose liability is proven were named, with the penalty."""

    text: PersonalText
    penalty: PersonalText
    unit: str | None = None
    people: tuple[str, ...] = ()


class ChargeVerified(ComplaintEvent):
    """查证: whether the charge was wrong, before anything is refunded."""

    charged: Decimal
    due: Decimal
    wrong: bool
    findings: PersonalText
    item: OptionalPersonalText = None


class CompensationProposed(ComplaintEvent):
    """`of_charge` is which verified charge it makes good, from 0; then `amount` follows from that charge."""

    amount: Decimal
    currency: str
    basis: PersonalText
    method: str
    of_charge: int | None = None
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
