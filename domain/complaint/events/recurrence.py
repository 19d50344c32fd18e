"""重复投诉: what followed when an issue point recurred."""

from domain.complaint.events.event import ComplaintEvent
from domain.values import LinkedComplaint


class SeverityRaised(ComplaintEvent):
    """The system raised the severity because the issue point recurred; `others` are the complaints it refers to.

    Where the same customer complained again it need not have an issue point.
    """

    severity: str
    before: str
    issue_point: str | None
    others: tuple[LinkedComplaint, ...] = ()
