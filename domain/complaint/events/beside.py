"""What was said of a complaint beside its path: who owns it, who heard of it, what belongs to it."""

from domain.complaint.events.intake import ComplaintEvent, OptionalPersonalText, PersonalText
from domain.values import LinkedComplaint


class Escalated(ComplaintEvent):
    """Somebody above was told, or has to decide: the role, and why. A reason the system gives is not personal."""

    to_role: str
    reason: PersonalText


class Reminded(ComplaintEvent):
    text: PersonalText


class Supervised(ComplaintEvent):
    """督办: by a person, or by electronic supervision with a card against the unit that missed its time."""

    text: PersonalText
    card: str | None = None
    unit: str | None = None


class Assigned(ComplaintEvent):
    to: str


class HandedOver(ComplaintEvent):
    """交接: offered to `to`; `before` stays the owner until it is accepted. Offered to `before`, it is taken back."""

    to: str
    before: str | None = None
    note: OptionalPersonalText = None


class HandoverAccepted(ComplaintEvent):
    """The receiver took the case over and is its owner from now on."""

    to: str
    unit: str | None = None


class AccusedNamed(ComplaintEvent):
    people: tuple[str, ...]


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


class ExcludedFromScoring(ComplaintEvent):
    """不纳入考核: what a unit (None: everybody) did here does not count, in some indicators or (none named) in any."""

    reason: PersonalText
    evidence: PersonalText
    unit: str | None = None
    indicators: tuple[str, ...] = ()


class IncludedInScoring(ComplaintEvent):
    """恢复考核: everything that was left out of the scoring counts again."""

    reason: PersonalText
