"""Numbers that a source gives its events, one after the other: which of them were heard, and which are missing."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise


@dataclass(frozen=True, slots=True)
class Stretch:
    """Numbers that were all heard, from `first` to `last`. `first_at`: when the first of them arrived."""

    first: int
    last: int
    first_at: datetime


@dataclass(frozen=True, slots=True)
class Gap:
    """Numbers that nobody has told of, from `first` to `last`, though a later one was heard at `noticed_at`."""

    first: int
    last: int
    missing: int
    noticed_at: datetime


def joined(stretches: Iterable[Stretch]) -> list[Stretch]:
    """The same numbers in as few stretches as can be, in order."""
    found: list[Stretch] = []
    for one in sorted(stretches, key=lambda one: (one.first, one.last)):
        before = found[-1] if found else None
        if before is None or one.first > before.last + 1:
            found.append(one)
            continue
        first_at = before.first_at if before.first < one.first else min(before.first_at, one.first_at)
        found[-1] = Stretch(before.first, max(before.last, one.last), first_at)
    return found


def gaps_between(stretches: Iterable[Stretch]) -> list[Gap]:
    """What is missing between them; what came before the first number that was heard is not."""
    ordered = joined(stretches)
    return [
        Gap(one.last + 1, other.first - 1, other.first - one.last - 1, other.first_at)
        for one, other in pairwise(ordered)
    ]


def number_of(sequence: str | None) -> int | None:
    """The number that a source means; None where it counts otherwise, or not at all."""
    if sequence is None or not (sequence.isascii() and sequence.isdigit()) or len(sequence) > 18:
        return None
    return int(sequence)
