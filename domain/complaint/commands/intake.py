"""受理与分类: taking a complaint down, saying what it is about, ending what needs no case."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Annotated

from annotated_types import Len, Predicate

from domain.values import (
    ActorId,
    Channel,
    Complainant,
    Line,
    Slug,
    Text,
    has_no_repeats,
)

People = Annotated[tuple[ActorId, ...], Len(1, 50), Predicate(has_no_repeats)]
Facts = Annotated[dict[Line, str | int | float | bool | None], Len(0, 50)]


@dataclass(frozen=True)
class Command:
    """Anything that can be asked of a complaint."""


@dataclass(frozen=True)
class ReceiveComplaint(Command):
    """Take a complaint down. `occurred_at` is when it reached us, if that was earlier than now (late intake).

    `force` takes it down although the same customer has an open complaint about the same issue point.
    """

    procedure: Slug
    channel: Channel
    subject: Line
    content: Text
    complainant: Complainant = field(default_factory=lambda: Complainant(anonymous=True))
    kind: Slug = "complaint"
    occurred_at: datetime | None = None
    wants: Text | None = None
    issue_point: Slug | None = None
    accused: Annotated[tuple[ActorId, ...], Len(0, 50), Predicate(has_no_repeats)] = ()
    call_id: Line | None = None
    facts: Facts = field(default_factory=dict)
    force: bool = False


@dataclass(frozen=True)
class ClassifyComplaint(Command):
    """What is left out stays as it is; the first classification names the category, and the severity where the
    procedure has severities.
    """

    severity: Slug | None = None
    category: Slug | None = None
    issue_point: Slug | None = None
    kind: Slug | None = None


@dataclass(frozen=True)
class RejectComplaint(Command):
    reason: Text


@dataclass(frozen=True)
class SettleOnTheSpot(Command):
    explanation: Text
    accepted: bool


@dataclass(frozen=True)
class WithdrawComplaint(Command):
    reason: Text


@dataclass(frozen=True)
class CheckCustomer(Command):
    """Compare the complainant with the customer system; without `matches` the deployment's own lookup is asked."""

    matches: bool | None = None
    findings: Text | None = None


@dataclass(frozen=True)
class CompleteForm(Command):
    """Answers to questions of the form that were still open, or that were answered wrongly."""

    facts: Annotated[dict[Line, str | int | float | bool | None], Len(1, 50)]
