"""时限: what is put off, moved and judged; only the first is a person's step."""

from dataclasses import dataclass
from datetime import datetime

from domain.complaint.commands.command import Command
from domain.values import Slug, Text


@dataclass(frozen=True)
class ExtendDeadline(Command):
    clock: Slug
    until: datetime
    reason: Text
    unit: Slug | None = None


@dataclass(frozen=True)
class RetractMiss(Command):
    """Take back the misses of a clock that was not missed; of one unit, round or due time where that is named."""

    clock: Slug
    reason: Text
    unit: Slug | None = None
    round: int | None = None
    due_at: datetime | None = None


@dataclass(frozen=True)
class MoveDeadlines(Command):
    """Let the clocks that still run follow another version of the complaint's calendar; `asked_by` started the move."""

    reason: str
    approved_by: str
    asked_by: str
