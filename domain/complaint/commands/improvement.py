"""纠正/预防与回访: what is learned from it, whether it worked, and the end of the round."""

from dataclasses import dataclass
from datetime import date

from domain.complaint.commands.intake import Command
from domain.values import (
    Line,
    Means,
    RatedBy,
    Score,
    Slug,
    Text,
)


@dataclass(frozen=True)
class RequestCAPA(Command):
    unit: Slug
    reason: Text


@dataclass(frozen=True)
class SubmitCAPA(Command):
    cause: Text
    corrective: Text
    preventive: Text
    responsible: Line
    complete_by: date
    unit: Slug | None = None


@dataclass(frozen=True)
class IssueCAPA(Command):
    unit: Slug | None = None


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
