"""不纳入考核: what of a complaint does not count in the indicators."""

from dataclasses import dataclass
from typing import Annotated

from annotated_types import Len, Predicate

from domain.complaint.commands.command import Command
from domain.values import Slug, Text, has_no_repeats


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
