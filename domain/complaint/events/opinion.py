"""派单、异议、裁定: what was sent to the responsible units, and what they answered."""

from domain.complaint.events.intake import ComplaintEvent, OptionalPersonalText, PersonalText
from domain.values import LiabilityShare


class OpinionDrafted(ComplaintEvent):
    text: PersonalText


class Dispatched(ComplaintEvent):
    """派单: the handling record was sent. Clocks of the receivers start here, not when they open it."""

    units: tuple[str, ...]
    owner: str | None = None
    note: OptionalPersonalText = None


class Accepted(ComplaintEvent):
    unit: str


class Returned(ComplaintEvent):
    """退单: a unit sent the matter back with its legal ground."""

    unit: str
    ground: PersonalText
    legal_basis: PersonalText
    evidence: OptionalPersonalText = None


class OpinionConfirmed(ComplaintEvent):
    unit: str
    revision: int


class OpinionDisputed(ComplaintEvent):
    """异议: a unit disputes the handling opinion."""

    unit: str
    revision: int
    reason: PersonalText
    proposal: OptionalPersonalText = None


class RulingIssued(ComplaintEvent):
    """裁定: upheld or overturned, with the liability shares. `final` when the last instance ruled."""

    outcome: str
    text: PersonalText
    liability: tuple[LiabilityShare, ...] = ()
    final: bool = False


class OpinionRevised(ComplaintEvent):
    text: PersonalText
    revision: int
