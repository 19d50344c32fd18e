"""暂停计时: clocks stand still, and run on."""

from dataclasses import dataclass
from datetime import datetime

from domain.complaint.commands.command import Command
from domain.values import Slug, Text


@dataclass(frozen=True)
class PauseClocks(Command):
    """Without `clock` all that run, without `unit` those of every unit; they run on by themselves at `until`."""

    reason: Text
    until: datetime
    clock: Slug | None = None
    unit: Slug | None = None


@dataclass(frozen=True)
class ResumeClocks(Command):
    """Without `clock` all that are paused are meant, without `unit` those of every unit."""

    clock: Slug | None = None
    reason: Text | None = None
    unit: Slug | None = None
