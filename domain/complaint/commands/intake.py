"""受理: taking a complaint down, and completing what was taken down."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Annotated, Literal

from annotated_types import Len, Predicate

from domain.complaint.commands.command import Command
from domain.values import (
    ActorId,
    Channel,
    Complainant,
    Line,
    LongText,
    Slug,
    Text,
    TypedEmail,
    TypedNumber,
    has_no_repeats,
    is_plain_text,
)

OfTheComplainant = Literal["name", "phone", "email", "address", "customer_no"]

Answer = Annotated[str, Len(0, 8000), Predicate(is_plain_text)] | int | float | bool | None
Facts = Annotated[dict[Line, Answer], Len(0, 50)]


@dataclass(frozen=True)
class ReceiveComplaint(Command):
    """Take a complaint down. `occurred_at` is when it reached us, if that was earlier than now (late intake).

    `force` takes it down although the same customer has an open complaint about the same issue point.
    """

    procedure: Slug
    channel: Channel
    subject: Line
    content: LongText
    complainant: Complainant = field(default_factory=lambda: Complainant(anonymous=True))
    kind: Slug = "complaint"
    occurred_at: datetime | None = None
    wants: Text | None = None
    issue_point: Line | None = None
    accused: Annotated[tuple[ActorId, ...], Len(0, 50), Predicate(has_no_repeats)] = ()
    call_id: Line | None = None
    facts: Facts = field(default_factory=dict)
    force: bool = False


@dataclass(frozen=True)
class CheckCustomer(Command):
    """Compare the complainant with the customer system; without `matches` the deployment's own lookup is asked."""

    matches: bool | None = None
    findings: Text | None = None


@dataclass(frozen=True)
class CompleteForm(Command):
    """Answers to questions of the form that were still open, or that were answered wrongly."""

    facts: Annotated[dict[Line, Answer], Len(1, 50)]


@dataclass(frozen=True)
class CorrectComplainant(Command):
    """What was taken down wrong of who complains. What is not given stays; `remove` takes away what is not theirs."""

    reason: Text
    name: Annotated[Line, Len(1, 100)] | None = None
    phone: TypedNumber | None = None
    email: TypedEmail | None = None
    address: Annotated[Line, Len(1, 300)] | None = None
    customer_no: Annotated[Line, Len(1, 64)] | None = None
    remove: Annotated[tuple[OfTheComplainant, ...], Len(0, 5), Predicate(has_no_repeats)] = ()


@dataclass(frozen=True)
class CorrectSubject(Command):
    """What the complaint is called, where that was taken down wrong."""

    subject: Line
    reason: Text
