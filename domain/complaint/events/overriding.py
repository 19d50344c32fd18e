"""放行: what the procedure asks for was passed over for one complaint, and why."""

from domain.complaint.events.event import ComplaintEvent, PersonalText


class NeedOverridden(ComplaintEvent):
    """`need` is asked for no longer, at whatever step the procedure asks for it."""

    need: str
    reason: PersonalText


class Overridden(ComplaintEvent):
    """紧急代办: an administrator took the `step` that the event before says, in the place of these roles."""

    step: str
    in_place_of: tuple[str, ...]
    reason: PersonalText
