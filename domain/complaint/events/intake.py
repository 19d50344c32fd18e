"""受理与分类: a complaint was taken down, and what it turned out to be about."""

from dataclasses import field
from datetime import datetime
from typing import Annotated, Any, ClassVar
from uuid import UUID

from eventsourcing.domain import AggregateCreated, AggregateEvent

from domain.values import PERSONAL, By, Complainant, LinkedComplaint

PersonalText = Annotated[str, PERSONAL]
OptionalPersonalText = Annotated[str | None, PERSONAL]


class ComplaintEvent(AggregateEvent):
    """The root of all events of a complaint."""

    TOPIC: ClassVar[str]
    actor: By

    def apply(self, aggregate: Any) -> None:
        aggregate.when(self)


class Received(ComplaintEvent, AggregateCreated):
    """客户投诉单: a complaint was taken down. Pins the procedure's and the calendar's version for good."""

    number: str
    procedure: str
    procedure_version: str
    calendar: str
    calendar_version: str
    kind: str
    channel: str
    occurred_at: datetime
    complainant_id: UUID
    anonymous: bool
    complainant: Annotated[Complainant, PERSONAL]
    subject: PersonalText
    content: PersonalText
    wants: OptionalPersonalText = None
    facts: Annotated[dict[str, Any], PERSONAL] = field(default_factory=dict)
    issue_point: str | None = None
    accused: tuple[str, ...] = ()
    call_id: str | None = None


class Classified(ComplaintEvent):
    """What the complaint is about and how grave it is; a procedure without severities leaves the severity out."""

    severity: str | None
    category: str
    issue_point: str | None = None
    kind: str | None = None


class SeverityRaised(ComplaintEvent):
    """The system raised the severity because the issue point recurred; `others` are the complaints it refers to."""

    severity: str
    before: str
    issue_point: str
    others: tuple[LinkedComplaint, ...] = ()


class Rejected(ComplaintEvent):
    reason: PersonalText


class SettledOnTheSpot(ComplaintEvent):
    explanation: PersonalText
    accepted: bool


class Withdrawn(ComplaintEvent):
    reason: PersonalText


class CustomerChecked(ComplaintEvent):
    """What the complainant said of themselves was compared with the customer system, by whom `source` says."""

    matches: bool
    source: str
    findings: OptionalPersonalText = None


class FormCompleted(ComplaintEvent):
    """Questions of the procedure's form that were answered after the intake."""

    facts: Annotated[dict[str, Any], PERSONAL]
