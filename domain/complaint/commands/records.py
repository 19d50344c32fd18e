"""记录: what belongs to a complaint, and who is named in it."""

from dataclasses import dataclass
from typing import Annotated, Literal
from uuid import UUID

from annotated_types import Ge, Le, Len, Predicate

from domain.complaint.commands.command import Command, People
from domain.values import (
    ActorId,
    Line,
    LongText,
    Slug,
    Text,
    has_no_repeats,
    is_file_name,
    is_hex,
    is_safe_address,
)


@dataclass(frozen=True)
class NameAccused(Command):
    people: People


@dataclass(frozen=True)
class MatchAccused(Command):
    """Decides who is meant by one of the accused, as they were named; `person` is null or `nobody` for nobody of ours.

    A decision can be corrected by another one, also of those who were found by their name.
    """

    accused: ActorId
    person: ActorId | None
    reason: Text


@dataclass(frozen=True)
class Attach(Command):
    """`reference` is where the file lies, an https address of the recording system or file store; `sha256` is in hex.

    `evidence` is which of the procedure's pieces of evidence it is.
    """

    name: Annotated[Line, Predicate(is_file_name)]
    kind: Literal["recording", "form", "letter", "picture", "report", "other"]
    reference: Annotated[str, Len(1, 1000), Predicate(is_safe_address)]
    media_type: Line | None = None
    size: Annotated[int, Ge(0), Le(2**50)] | None = None
    sha256: Annotated[str, Len(64, 64), Predicate(is_hex)] | None = None
    evidence: Slug | None = None


@dataclass(frozen=True)
class AddNote(Command):
    text: LongText


@dataclass(frozen=True)
class LinkComplaints(Command):
    complaints: Annotated[tuple[UUID, ...], Len(1, 100), Predicate(has_no_repeats)]
    relation: Literal["related", "duplicate", "recurrence"] = "related"


@dataclass(frozen=True)
class UnlinkComplaints(Command):
    """Takes links back that were wrong, on both sides."""

    complaints: Annotated[tuple[UUID, ...], Len(1, 100), Predicate(has_no_repeats)]
    reason: Text
