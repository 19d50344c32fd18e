"""改派、撤回、增派: who was asked was corrected."""

from domain.complaint.events.event import ComplaintEvent, OptionalPersonalText, PersonalText


class Redirected(ComplaintEvent):
    """改派: `from_unit` has it no more, and `to_unit` was asked in its place; its clocks start here."""

    from_unit: str
    to_unit: str
    reason: PersonalText


class Recalled(ComplaintEvent):
    """撤回: the unit has it no more."""

    unit: str
    reason: PersonalText


class UnitAdded(ComplaintEvent):
    """增派: one more unit was asked; its clocks start here. `role`: lead or support."""

    unit: str
    role: str
    note: OptionalPersonalText = None
