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
    """`unit` is who is reminded beside the owner, where several have it."""

    text: Text
    unit: Slug | None = None


@dataclass(frozen=True)
class Supervise(Command):
    """`unit` is whom it is for, and whose card it is, where several have it."""

    text: Text
    card: Card | None = None
    unit: Slug | None = None
