"""上报、催办、督办: who hears of it, and who is pressed."""

from dataclasses import dataclass

from domain.complaint.commands.command import Command
from domain.values import Card, Slug, Text


@dataclass(frozen=True)
class EscalateComplaint(Command):
    to_role: Slug
    reason: Text


@dataclass(frozen=True)
class Remind(Command):
    text: Text


@dataclass(frozen=True)
class Supervise(Command):
    text: Text
    card: Card | None = None
