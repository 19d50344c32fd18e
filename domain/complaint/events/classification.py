"""分类: what a complaint turned out to be about."""

from domain.complaint.events.event import ComplaintEvent


class Classified(ComplaintEvent):
    """What the complaint is about and how grave it is; a procedure without severities leaves the severity out."""

    severity: str | None
    category: str
    issue_point: str | None = None
    kind: str | None = None
