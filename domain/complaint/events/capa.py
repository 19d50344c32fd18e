"""纠正/预防措施: a report was ordered from a unit, submitted and issued."""

from datetime import date

from domain.complaint.events.event import ComplaintEvent, PersonalText


class CAPARequested(ComplaintEvent):
    unit: str
    reason: PersonalText


class CAPASubmitted(ComplaintEvent):
    """纠正/预防措施报告: cause, correction and prevention, who is responsible, and by when."""

    unit: str
    cause: PersonalText
    corrective: PersonalText
    preventive: PersonalText
    responsible: PersonalText
    complete_by: date


class CAPAIssued(ComplaintEvent):
    unit: str
