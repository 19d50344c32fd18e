"""改派、撤回、增派: who was asked is corrected."""

from dataclasses import dataclass

from domain.complaint.commands.command import Command
from domain.complaint.state import UnitRole
from domain.values import Slug, Text


@dataclass(frozen=True)
class RedirectComplaint(Command):
    """Takes the case from one unit and gives it to another, which starts anew."""

    from_: Slug
    to: Slug
    reason: Text


@dataclass(frozen=True)
class RecallComplaint(Command):
    """Takes the case from a unit; from the last one, and it waits to be dispatched again."""

    unit: Slug
    reason: Text


@dataclass(frozen=True)
class AddUnit(Command):
    """Asks one more unit; as `lead` it leads from then on, and whoever led before supports it."""

    unit: Slug
    role: UnitRole = "support"
    note: Text | None = None
