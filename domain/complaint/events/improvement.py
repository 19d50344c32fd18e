"""纠正/预防与回访: what was learned from it, whether it worked, and the end of the round."""

from datetime import date

from domain.complaint.events.intake import ComplaintEvent, OptionalPersonalText, PersonalText


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


class EffectConfirmed(ComplaintEvent):
    effective: bool
    findings: PersonalText


class CallbackDone(ComplaintEvent):
    """回访: whether the customer was reached, and is satisfied; with `unit`, with that department's part in it.

    `rated_by` says how a rating came in: instant (keyed in after the call), questionnaire, web or phone.
    """

    reached: bool
    satisfied: bool | None
    means: str
    remarks: OptionalPersonalText = None
    score: int | None = None
    unit: str | None = None
    rated_by: str | None = None


class Closed(ComplaintEvent):
    outcome: PersonalText
    justified: bool | None
    summary: PersonalText
    lessons: OptionalPersonalText = None


class Reopened(ComplaintEvent):
    """A new round begins; `round` is its number. Its clocks are its own."""

    reason: PersonalText
    round: int
