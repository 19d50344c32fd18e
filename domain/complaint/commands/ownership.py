"""首问责任与移交: who owns the case."""

from dataclasses import dataclass

from domain.complaint.commands.command import Command
from domain.values import ActorId, Text


@dataclass(frozen=True)
class Assign(Command):
    to: ActorId


@dataclass(frozen=True)
class HandOver(Command):
    """The owner stays the owner until `to` has accepted; handing over to the present owner takes the offer back."""

    to: ActorId
    note: Text | None = None


@dataclass(frozen=True)
class AcceptHandOver(Command):
    """`to` is whoever accepts; it may be left out."""

    to: ActorId | None = None
