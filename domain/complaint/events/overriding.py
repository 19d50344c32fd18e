"""放行: what the procedure asks for was set aside for one complaint, and why."""

from domain.complaint.events.event import ComplaintEvent, PersonalText


class NeedOverridden(ComplaintEvent):
    """`need` is asked for no longer, at whatever step the procedure asks for it."""

    need: str
    reason: PersonalText
