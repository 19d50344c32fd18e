"""处理意见、异议、裁定: the handling opinion, and how a dispute was ended."""

from domain.complaint.events.event import ComplaintEvent, OptionalPersonalText, PersonalText
from domain.values import LiabilityShare


class OpinionDrafted(ComplaintEvent):
    text: PersonalText


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
    """裁定: upheld or overturned, with the liability shares. `final` when the last instance ruled.

    `asked` are the units that it makes liable and that did not have the case: they have it from here on.
    """

    outcome: str
    text: PersonalText
    liability: tuple[LiabilityShare, ...] = ()
    final: bool = False
    asked: tuple[str, ...] = ()


class OpinionRevised(ComplaintEvent):
    text: PersonalText
    revision: int
