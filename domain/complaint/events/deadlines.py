"""时限: clocks that were extended, warned, were missed or moved."""

from datetime import datetime

from domain.complaint.events.event import ComplaintEvent, PersonalText


class Extended(ComplaintEvent):
    """延期: the running clock of this name (of this unit, where it has one) is due at `until` now."""

    clock: str
    until: datetime
    before: datetime
    reason: PersonalText
    unit: str | None = None


class DeadlineWarned(ComplaintEvent):
    """A clock came near its due time; with `due` it reached it, and is soft: it warns and never misses."""

    clock: str
    round: int
    started_at: datetime
    due_at: datetime
    unit: str | None = None
    due: bool = False
    told: tuple[str, ...] = ()


class DeadlineMissed(ComplaintEvent):
    """A clock passed its due time; judged against `due_at`, which stays the judgement whatever moves later.

    `owed_by` are the units that it is charged to; None: it was not noted, and is charged to `unit`.
    """

    clock: str
    round: int
    started_at: datetime
    due_at: datetime
    unit: str | None = None
    told: tuple[str, ...] = ()
    owed_by: tuple[str, ...] | None = None

    @property
    def charged_to(self) -> tuple[str, ...]:
        if self.owed_by is not None:
            return self.owed_by
        return () if self.unit is None else (self.unit,)


class DeadlineMissRetracted(ComplaintEvent):
    """撤销超时: a miss was judged wrongly, and counts no more; the clock is judged again by what happened.

    `told` were told of the miss. `cards` names, card by card, the units (None: none in particular) that were given one
    for it. `warns_again`: it was warned of before its time, too.
    """

    clock: str
    round: int
    started_at: datetime
    due_at: datetime
    reason: PersonalText
    unit: str | None = None
    told: tuple[str, ...] = ()
    cards: tuple[str | None, ...] = ()
    warns_again: bool = False


class DeadlineMoved(ComplaintEvent):
    """A clock follows another version of its calendar: due at `before` so far, at `after` from now on.

    The two are equal where the due time was provisional and is confirmed. Clocks that the complaint starts later follow
    that version too; what was judged or stopped before stays as it was. `reason` names the notice, nothing personal.
    """

    clock: str
    round: int
    started_at: datetime
    before: datetime
    after: datetime
    calendar_version: str
    reason: str
    approved_by: str
    asked_by: str
    unit: str | None = None
