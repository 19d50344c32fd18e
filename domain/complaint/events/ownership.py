"""首问责任与移交: who became the owner."""

from domain.complaint.events.event import ComplaintEvent, OptionalPersonalText


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


class OwnerReleased(ComplaintEvent):
    """The owner's unit has the case no more: it waits for somebody of the role `queue`."""

    before: str
    queue: str | None = None
