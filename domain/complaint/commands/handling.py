"""处理: what is done about it, and what the customer agrees to and hears."""

from dataclasses import dataclass
from typing import Annotated, Literal

from annotated_types import Len, Predicate

from domain.complaint.commands.command import Command
from domain.values import ActorId, Line, Means, Slug, Text, has_no_repeats


@dataclass(frozen=True)
class ReportProgress(Command):
    text: Text


@dataclass(frozen=True)
class ReportInterimMeasure(Command):
    """`unit` is whose measure it is, where somebody else reports it; without one it is the whole case's."""

    text: Text
    unit: Slug | None = None


@dataclass(frozen=True)
class HoldMeeting(Command):
    attendees: Annotated[tuple[Line, ...], Len(1, 100)]
    decisions: Text


@dataclass(frozen=True)
class SendInvestigators(Command):
    people: Annotated[tuple[Line, ...], Len(1, 50)]
    place: Line


@dataclass(frozen=True)
class AgreeSolution(Command):
    """`remedies` are the kinds of solution in it, of those that the procedure lists.

    `unit` is whose plan it is, a member's own where it is left out; of others, without one it is that of all.
    """

    text: Text
    agreed: bool
    remedies: Annotated[tuple[Slug, ...], Len(0, 20), Predicate(has_no_repeats)] = ()
    unit: Slug | None = None


@dataclass(frozen=True)
class Approve(Command):
    """`unit` is the department whose head approves, where each has to; a member's own where it is left out."""

    subject: Line
    form: Literal["oral", "written"]
    by: ActorId
    unit: Slug | None = None


@dataclass(frozen=True)
class ExecuteMeasure(Command):
    measure: Text
    unit: Slug | None = None


@dataclass(frozen=True)
class InformCustomer(Command):
    means: Means
    text: Text
