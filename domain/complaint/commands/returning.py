"""退单: a unit sends back what is not its own."""

from dataclasses import dataclass

from domain.complaint.commands.command import Command
from domain.values import Line, Slug, Text


@dataclass(frozen=True)
class ReturnWork(Command):
    ground: Text
    legal_basis: Line
    evidence: Text | None = None
    unit: Slug | None = None
