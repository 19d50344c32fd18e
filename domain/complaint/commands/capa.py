"""纠正/预防措施: the report that is ordered from a unit, submitted and issued."""

from dataclasses import dataclass
from datetime import date

from domain.complaint.commands.command import Command
from domain.values import Line, Slug, Text


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
