"""派单、异议、裁定: what is sent to the responsible units, and what they answer."""

from dataclasses import dataclass
from typing import Annotated, Literal

from annotated_types import Len, Predicate

from domain.complaint.commands.intake import Command
from domain.values import (
    ActorId,
    LiabilityShare,
    Line,
    Slug,
    Text,
    has_no_repeats,
)


@dataclass(frozen=True)
class DraftOpinion(Command):
    text: Text


@dataclass(frozen=True)
class DispatchComplaint(Command):
    """Without `units` the procedure's routes say which unit is competent for the category."""

    units: Annotated[tuple[Slug, ...], Len(0, 20), Predicate(has_no_repeats)] = ()
    owner: ActorId | None = None
    note: Text | None = None


@dataclass(frozen=True)
class AcceptWork(Command):
    unit: Slug | None = None


@dataclass(frozen=True)
class ReturnWork(Command):
    ground: Text
    legal_basis: Line
    evidence: Text | None = None
    unit: Slug | None = None


@dataclass(frozen=True)
class ConfirmOpinion(Command):
    unit: Slug | None = None


@dataclass(frozen=True)
class DisputeOpinion(Command):
    reason: Text
    proposal: Text | None = None
    unit: Slug | None = None


@dataclass(frozen=True)
class IssueRuling(Command):
    outcome: Literal["upheld", "overturned"]
    text: Text
    liability: Annotated[tuple[LiabilityShare, ...], Len(1, 20)]


@dataclass(frozen=True)
class ReviseOpinion(Command):
    text: Text
