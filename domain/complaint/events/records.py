"""记录: what came to belong to a complaint, and who was named in it."""

from domain.complaint.events.event import ComplaintEvent, NamedPeople, NamedPerson, OptionalPersonalText, PersonalText
from domain.values import LinkedComplaint


class AccusedNamed(ComplaintEvent):
    """Who is accused; by the system itself, whose fault was graded and who had not been named.

    `unmatched`: those of them of whom nobody knew who is meant.
    """

    people: NamedPeople
    unmatched: NamedPeople = ()


class AccusedMatched(ComplaintEvent):
    """Who is meant by one of the accused as they were named; `people` holds them, or nobody."""

    accused: NamedPerson
    people: NamedPeople = ()
    reason: OptionalPersonalText = None


class AttachmentAdded(ComplaintEvent):
    """A recording, form or picture that belongs to the complaint: where it lies and what it hashes to."""

    name: PersonalText
    kind: str
    reference: PersonalText
    media_type: str | None = None
    size: int | None = None
    sha256: str | None = None
    evidence: str | None = None


class NoteAdded(ComplaintEvent):
    text: PersonalText


class ComplaintsLinked(ComplaintEvent):
    complaints: tuple[LinkedComplaint, ...]
    relation: str = "related"


class ComplaintsUnlinked(ComplaintEvent):
    """`reason` stands on the side where the link was taken back; the other side follows it without words."""

    complaints: tuple[LinkedComplaint, ...]
    reason: OptionalPersonalText = None
