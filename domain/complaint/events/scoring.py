"""不纳入考核: what of a complaint does not count in the indicators."""

from domain.complaint.events.event import ComplaintEvent, PersonalText


class ExcludedFromScoring(ComplaintEvent):
    """不纳入考核: what a unit (None: everybody) did here does not count, in some indicators or (none named) in any."""

    reason: PersonalText
    evidence: PersonalText
    unit: str | None = None
    indicators: tuple[str, ...] = ()


class IncludedInScoring(ComplaintEvent):
    """恢复考核: everything that was left out of the scoring counts again."""

    reason: PersonalText
