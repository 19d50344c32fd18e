"""上报、催办、督办: who heard of it, and who was pressed."""

from domain.cause import Cause
from domain.complaint.events.event import ComplaintEvent, PersonalText


class Escalated(ComplaintEvent):
    """Somebody above was told, or has to decide: the role, and why: in words, or the `cause` of the service's own."""

    to_role: str
    reason: PersonalText = ""
    cause: Cause | None = None


class Reminded(ComplaintEvent):
    """催办: the owner, and the unit; where none is named, all that have it."""

    text: PersonalText
    unit: str | None = None


class Supervised(ComplaintEvent):
    """督办: by a person, or by electronic supervision with a card against the unit that missed its time (`cause`).

    `rule` is where the rule of that clock stands in the pinned version of the procedure, counted from nought.
    """

    text: PersonalText = ""
    card: str | None = None
    unit: str | None = None
    cause: Cause | None = None
    rule: int | None = None
