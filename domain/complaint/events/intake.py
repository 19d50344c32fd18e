"""受理: a complaint was taken down, and what was taken down was completed."""

from dataclasses import field
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from eventsourcing.domain import AggregateCreated

from domain.complaint.events.event import ComplaintEvent, NamedPeople, OptionalPersonalText, PersonalText
from domain.values import ONCE_CLEAR, PERSONAL, PLACES, Complainant, CustomerAnswer

District = Annotated[str | None, PLACES]


class Received(ComplaintEvent, AggregateCreated):
    """客户投诉单: a complaint was taken down. Pins the procedure's and the calendar's version for good.

    `queue`: a machine took it down, and it waits for somebody of this role.
    `unmatched`: of the accused those of whom nobody knew who is meant.
    `old_number` is what another system called it, where it was taken over from one.
    `district` is where it happened, as far as reports may count by it; the answer itself stands sealed in `facts`.
    """

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
    accused: NamedPeople = ()
    call_id: Annotated[str | None, PERSONAL, ONCE_CLEAR] = None
    query_code: OptionalPersonalText = None
    queue: str | None = None
    district: District = None
    unmatched: NamedPeople = ()
    old_number: OptionalPersonalText = None


class CustomerChecked(ComplaintEvent):
    """What the complainant said of themselves was compared with the customer system, by whom `source` says.

    `answer` is what the system said; `findings` what a person found.
    """

    matches: bool
    source: str
    findings: OptionalPersonalText = None
    answer: CustomerAnswer | None = None


class FormCompleted(ComplaintEvent):
    """Questions of the procedure's form that were answered after the intake; `district` as in `Received`."""

    facts: Annotated[dict[str, Any], PERSONAL]
    district: District = None


class ComplainantCorrected(ComplaintEvent):
    """更正: who complains, as they are known from here on; `changed` names what was taken down wrong of them."""

    complainant: Annotated[Complainant, PERSONAL]
    changed: tuple[str, ...]
    reason: PersonalText


class SubjectCorrected(ComplaintEvent):
    """更正: what the complaint is called from here on."""

    subject: PersonalText
    reason: PersonalText
