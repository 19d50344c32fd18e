"""处理: what was done about it, and what the customer agreed to and heard."""

from typing import Annotated

from domain.complaint.events.event import ComplaintEvent, PersonalText
from domain.values import PERSONAL


class ProgressReported(ComplaintEvent):
    text: PersonalText


class InterimMeasureReported(ComplaintEvent):
    """临时处理措施: of one unit; None: of the whole case."""

    text: PersonalText
    unit: str | None = None


class MeetingHeld(ComplaintEvent):
    attendees: Annotated[tuple[str, ...], PERSONAL]
    decisions: PersonalText


class InvestigatorsSent(ComplaintEvent):
    people: Annotated[tuple[str, ...], PERSONAL]
    place: PersonalText


class SolutionAgreed(ComplaintEvent):
    """`remedies` are the kinds of solution in it: refund, exchange, apology …

    `unit` is whose plan it is; None: that of all who have the case. `anew`: whether these are other words than those on
    the table; `approved_before`: which of the round's approvals (from 0) were given for it just before, in its words.
    Both say what only the words tell, for those who do not read them; None in rows of before, which are compared.
    """

    text: PersonalText
    agreed: bool
    remedies: tuple[str, ...] = ()
    unit: str | None = None
    anew: bool | None = None
    approved_before: tuple[int, ...] | None = None


class Approved(ComplaintEvent):
    subject: PersonalText
    form: str
    by: str
    unit: str | None = None


class Executed(ComplaintEvent):
    measure: PersonalText
    unit: str | None = None


class CustomerInformed(ComplaintEvent):
    means: str
    text: PersonalText
