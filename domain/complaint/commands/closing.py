"""结案: what ends a complaint, and what opens it again."""

from dataclasses import dataclass

from domain.complaint.commands.command import Command
from domain.values import Line, Means, RatedBy, Score, Slug, Text


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
class ConfirmEffect(Command):
    effective: bool
    findings: Text


@dataclass(frozen=True)
class RecordCallback(Command):
    """`unit` is whose part the customer judges, where it is one department's and not the whole handling."""

    reached: bool
    means: Means
    satisfied: bool | None = None
    score: Score | None = None
    remarks: Text | None = None
    unit: Slug | None = None
    rated_by: RatedBy | None = None


@dataclass(frozen=True)
class CloseComplaint(Command):
    """`lessons` is what the organisation learned from it (经验教训)."""

    outcome: Line
    summary: Text
    justified: bool | None = None
    lessons: Text | None = None


@dataclass(frozen=True)
class ReopenComplaint(Command):
    reason: Text
