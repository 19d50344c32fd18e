"""Pauses of a clock: stretches of time that no limit counts, and what is left beside them.

A pause holds what comes after its first instant, up to and with its last: a day that ends as the pause begins has been
lived through, one that ends as the pause ends has not. Two pauses that touch are one.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

Span = tuple[datetime, datetime]


@dataclass(frozen=True, slots=True)
class Pause:
    """Time that does not count, in UTC. `event` is the version of the complaint at which it was recorded.

    `until` is the agreed bound as long as nobody resumed earlier.
    """

    from_: datetime
    until: datetime
    event: int | None = None


def merged(pauses: Sequence[Pause]) -> list[Span]:
    """The stretches of time in them, in order, each with time before and after it that is not paused."""
    spans: list[Span] = []
    for pause in sorted(pauses, key=lambda pause: pause.from_):
        if pause.until <= pause.from_:
            continue
        if spans and pause.from_ <= spans[-1][1]:
            spans[-1] = (spans[-1][0], max(spans[-1][1], pause.until))
        else:
            spans.append((pause.from_, pause.until))
    return spans


def is_in(instant: datetime, spans: Sequence[Span]) -> bool:
    """Whether an end that would fall on this instant falls into a pause."""
    return any(since < instant <= until for since, until in spans)


def later_by(instant: datetime, spans: Sequence[Span]) -> datetime:
    """An instant that each pause which began before it moves by its own length."""
    for since, until in spans:
        if since < instant:
            instant += until - since
    return instant


def unpaused(start: datetime, end: datetime, spans: Sequence[Span]) -> Iterator[Span]:
    """What is left of the time from `start` to `end`, in order."""
    for since, until in spans:
        if start < min(since, end):
            yield start, min(since, end)
        start = max(start, until)
    if start < end:
        yield start, end
