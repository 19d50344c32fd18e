"""放行: what the procedure asks for is passed over for one complaint: a need of it, or whose step something is."""

from dataclasses import dataclass

from domain.complaint.commands.command import Command
from domain.values import Slug, Text


@dataclass(frozen=True)
class OverrideNeed(Command):
    """`need` is one of those that the procedure lets be set aside; it may be left out where one alone is missing."""

    reason: Text
    need: Slug | None = None


@dataclass(frozen=True)
class TakeInEmergency(Command):
    """紧急代办: `step` is taken by an administrator, in the place of those whose step it is."""

    reason: Text
    step: Command
