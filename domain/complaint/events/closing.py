"""结案: what ended a complaint, and what opened it again."""

from uuid import UUID

from domain.cause import Cause
from domain.complaint.events.event import ComplaintEvent, OptionalPersonalText, PersonalText


class Rejected(ComplaintEvent):
    reason: PersonalText


class SettledOnTheSpot(ComplaintEvent):
    explanation: PersonalText
    accepted: bool


class Withdrawn(ComplaintEvent):
    reason: PersonalText


class EffectConfirmed(ComplaintEvent):
    effective: bool
    findings: PersonalText


class CallbackDone(ComplaintEvent):
    """回访: whether the customer was reached, and is satisfied; with `unit`, with that department's part in it.

    `rated_by` says how a rating came in: instant (keyed in after the call), questionnaire, web or phone. `call`: the
    stream of the call that it follows from, where the telephone system told of it.
    """

    reached: bool
    satisfied: bool | None
    means: str
    remarks: OptionalPersonalText = None
    score: int | None = None
    unit: str | None = None
    rated_by: str | None = None
    call: UUID | None = None


class Closed(ComplaintEvent):
    outcome: PersonalText
    justified: bool | None
    summary: PersonalText
    lessons: OptionalPersonalText = None


class Reopened(ComplaintEvent):
    """A new round begins; `round` is its number. Its stages have their own clocks. `cause`: why it began by itself."""

    round: int
    reason: PersonalText = ""
    cause: Cause | None = None
