"""What only the service itself asks for."""

from dataclasses import dataclass

from domain.complaint.commands.intake import Command
from domain.values import (
    LinkedComplaint,
)


@dataclass(frozen=True)
class RaiseSeverity(Command):
    """Raise a general complaint because its issue point recurred; `others` are those it refers to."""

    issue_point: str
    others: tuple[LinkedComplaint, ...]


@dataclass(frozen=True)
class MoveDeadlines(Command):
    """Let the clocks that still run follow another version of the complaint's calendar; `asked_by` started the move."""

    reason: str
    approved_by: str
    asked_by: str


@dataclass(frozen=True)
class JudgeClocks(Command):
    """Record every warning and miss that is due by now."""
