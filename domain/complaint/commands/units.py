"""派单: what is sent to the responsible units, and how they take it."""

from dataclasses import dataclass
from typing import Annotated

from annotated_types import Len, Predicate

from domain.complaint.commands.command import Command
from domain.values import ActorId, Slug, Text, has_no_repeats


@dataclass(frozen=True)
class DispatchComplaint(Command):
    """Without `units` the procedure's routes say which unit is competent for the category.

    `lead` is the one of them that leads the others; the first where none is named.
    """

    units: Annotated[tuple[Slug, ...], Len(0, 20), Predicate(has_no_repeats)] = ()
    owner: ActorId | None = None
    note: Text | None = None
    lead: Slug | None = None


@dataclass(frozen=True)
class AcceptWork(Command):
    unit: Slug | None = None
