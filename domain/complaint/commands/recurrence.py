"""重复投诉: what follows when an issue point recurs; only the service itself asks for it."""

from dataclasses import dataclass

from domain.complaint.commands.command import Command
from domain.values import LinkedComplaint


@dataclass(frozen=True)
class RaiseSeverity(Command):
    """Raise a general complaint because its issue point recurred, or who complains; `others` are those it refers to.

    `issue_point` is what was counted (`counted_as`).
    """

    issue_point: str
    others: tuple[LinkedComplaint, ...]
