"""查明: faults, apologies and notices."""

from dataclasses import dataclass
from typing import Annotated

from annotated_types import Ge, Le, Len, Predicate

from domain.complaint.commands.command import Command, People
from domain.values import ActorId, Means, Slug, Text, has_no_repeats


@dataclass(frozen=True)
class GradeFault(Command):
    """1 is the slightest fault of an agent, 3 the gravest; what each means stands in the procedure's file."""

    agent: ActorId
    grade: Annotated[int, Ge(1), Le(3)]
    findings: Text


@dataclass(frozen=True)
class RecordApology(Command):
    """`by` are the people at fault who apologised, `leader` the superior who did so with them."""

    by: People
    leader: ActorId
    means: Means
    text: Text | None = None


@dataclass(frozen=True)
class IssueNotice(Command):
    """A named notice to those whose liability is proven; `unit` or `people`, or both."""

    text: Text
    penalty: Text
    unit: Slug | None = None
    people: Annotated[tuple[ActorId, ...], Len(0, 50), Predicate(has_no_repeats)] = ()
