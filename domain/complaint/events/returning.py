"""退单: a unit sent back what is not its own."""

from domain.complaint.events.event import ComplaintEvent, OptionalPersonalText, PersonalText


class Returned(ComplaintEvent):
    """退单: a unit sent the matter back with its legal ground."""

    unit: str
    ground: PersonalText
    legal_basis: PersonalText
    evidence: OptionalPersonalText = None
