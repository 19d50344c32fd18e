"""查明: faults, apologies and notices."""

from typing import Annotated

from domain.complaint.events.event import ComplaintEvent, NamedPeople, NamedPerson, OptionalPersonalText, PersonalText
from domain.values import AGAINST_PEOPLE


class FaultGraded(ComplaintEvent):
    """An agent's fault: part of the finding, and of the agent's record. Only quality staff see what it says."""

    agent: NamedPerson
    grade: Annotated[int, AGAINST_PEOPLE]
    findings: PersonalText


class ApologyMade(ComplaintEvent):
    """道歉: the people at fault and their leader apologised to the customer."""

    by: NamedPeople
    leader: NamedPerson
    means: str
    text: OptionalPersonalText = None


class NoticeIssued(ComplaintEvent):
    """责任通报: those whose liability is proven were named, with the penalty."""

    text: PersonalText
    penalty: PersonalText
    unit: str | None = None
    people: NamedPeople = ()
