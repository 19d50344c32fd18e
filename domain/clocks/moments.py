"""What happened to a complaint or an incident, as far as its clocks go by it."""

from dataclasses import dataclass
from datetime import datetime

from domain.procedure.moments import MomentName


@dataclass(slots=True)  # frozen would make every fold two microseconds slower
class Moment:
    """Something that starts or stops clocks, named as procedures name it.

    `name` is an event's name or one of the facts that follow from several events (`OpinionFinal`,
    `UnitAsked`). `unit` is set where the fact concerns one unit, `subject` where it concerns one clock or severity;
    `started_at` and `calendar_version` where a clock follows another version of its calendar from now on; `version` is
    that of the complaint with this event.
    """

    name: MomentName
    at: datetime
    round: int
    unit: str | None = None
    subject: str | None = None
    until: datetime | None = None
    started_at: datetime | None = None
    calendar_version: str | None = None
    version: int | None = None

    @property
    def order(self) -> tuple[datetime, int]:
        """Which of two moments came first; those of one event are simultaneous, those of one instant need not be."""
        return self.at, self.version or 0
