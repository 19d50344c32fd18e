"""暂停计时: clocks that stood still, and ran on."""

from datetime import datetime

from domain.complaint.events.event import ComplaintEvent, OptionalPersonalText, PersonalText


class ClocksPaused(ComplaintEvent):
    """暂停计时: these clocks (of `unit`, where one is named) stand still until `until` at the latest.

    `clock` is the one that was asked for; without it all that ran, also those of a severity that is not known yet.
    """

    until: datetime
    reason: PersonalText
    clocks: tuple[str, ...]
    clock: str | None = None
    unit: str | None = None


class ClocksResumed(ComplaintEvent):
    """恢复计时: by a person, or by itself at the agreed bound `until`, which is then when the pause ended."""

    clocks: tuple[str, ...]
    clock: str | None = None
    unit: str | None = None
    until: datetime | None = None
    reason: OptionalPersonalText = None
