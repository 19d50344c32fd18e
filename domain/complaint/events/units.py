"""派单: what was sent to the responsible units, and how they took it."""

from domain.complaint.events.event import ComplaintEvent, OptionalPersonalText


class Dispatched(ComplaintEvent):
    """派单: the handling record was sent. Clocks of the receivers start here, not when they open it.

    `lead` leads the others; None where nobody was said to.
    """

    units: tuple[str, ...]
    owner: str | None = None
    note: OptionalPersonalText = None
    lead: str | None = None


class Accepted(ComplaintEvent):
    unit: str
