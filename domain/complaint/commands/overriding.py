"""放行: something that the procedure asks for is set aside for one complaint."""

from dataclasses import dataclass

from domain.complaint.commands.command import Command
from domain.values import Slug, Text


@dataclass(frozen=True)
class OverrideNeed(Command):
    """`need` is one of those that the procedure lets be set aside; it may be left out where one alone is missing."""

    reason: Text
    need: Slug | None = None
