"""处理意见、异议、裁定: the handling opinion, from its draft to the ruling on a dispute."""

from dataclasses import dataclass
from typing import Annotated

from annotated_types import Ge, Len

from domain.complaint.commands.command import Command
from domain.complaint.state import Ruling
from domain.values import LiabilityShare, Slug, Text

Revision = Annotated[int, Ge(1)]


@dataclass(frozen=True)
class DraftOpinion(Command):
    text: Text


@dataclass(frozen=True)
class ConfirmOpinion(Command):
    """`revision` is the one that is confirmed; the present one where it is left out."""

    unit: Slug | None = None
    revision: Revision | None = None


@dataclass(frozen=True)
class DisputeOpinion(Command):
    reason: Text
    proposal: Text | None = None
    unit: Slug | None = None
    revision: Revision | None = None


@dataclass(frozen=True)
class IssueRuling(Command):
    outcome: Ruling
    text: Text
    liability: Annotated[tuple[LiabilityShare, ...], Len(1, 20)]


@dataclass(frozen=True)
class ReviseOpinion(Command):
    text: Text
