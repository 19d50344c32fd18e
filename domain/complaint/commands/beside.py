"""What may be said of a complaint at nearly any time: who owns it, who hears of it, what belongs to it."""

from dataclasses import dataclass
from typing import Annotated, Literal
from uuid import UUID

from annotated_types import Ge, Le, Len, Predicate

from domain.complaint.commands.intake import Command, People
from domain.values import (
    ActorId,
    Card,
    Line,
    Slug,
    Text,
    has_no_repeats,
    is_hex,
    is_not_blank,
)


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


@dataclass(frozen=True)
class NameAccused(Command):
    people: People


@dataclass(frozen=True)
class Attach(Command):
    """`reference` is where the file lies (an address in the recording system or file store); `sha256` is in hex.

    `evidence` is which of the procedure's pieces of evidence it is.
    """

    name: Line
    kind: Literal["recording", "form", "letter", "picture", "report", "other"]
    reference: Annotated[str, Len(1, 1000), Predicate(is_not_blank)]
    media_type: Line | None = None
    size: Annotated[int, Ge(0), Le(2**50)] | None = None
    sha256: Annotated[str, Len(64, 64), Predicate(is_hex)] | None = None
    evidence: Slug | None = None


@dataclass(frozen=True)
class AddNote(Command):
    text: Text


@dataclass(frozen=True)
class LinkComplaints(Command):
    complaints: Annotated[tuple[UUID, ...], Len(1, 100), Predicate(has_no_repeats)]
    relation: Literal["related", "duplicate", "recurrence"] = "related"


@dataclass(frozen=True)
class ExcludeFromScoring(Command):
    """Leave a complaint out of the indicators: of one unit or of all, some indicators or (none named) all of them."""

    reason: Text
    evidence: Text
    unit: Slug | None = None
    indicators: Annotated[tuple[Slug, ...], Len(0, 20), Predicate(has_no_repeats)] = ()


@dataclass(frozen=True)
class IncludeInScoring(Command):
    """Take back every exclusion of this complaint."""

    reason: Text
