"""座席: which state an agent's seat was in, and for how long, by the times that its source says.

The same for every order of arrival: a state holds until the next one that is said to have begun.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

# Busy with a call or what it left to do; whoever is ready waits for one. Away, and what nobody knows, is neither.
AT_A_CALL: Final = frozenset({"ringing", "talking", "held", "conference", "transfer"})
AFTER_CALL: Final = "after-call-work"
READY: Final = "ready"
AWAY: Final = "away"
KNOWN: Final = (READY, "ringing", "talking", "held", "conference", "transfer", AFTER_CALL, AWAY)
# As other telephone systems call them.
MEANS: Final = {
    "available": READY, "idle": READY, "busy": "talking", "on-call": "talking", "in-call": "talking",
    "hold": "held", "on-hold": "held", "in-conference": "conference", "transferring": "transfer",
    "wrap-up": AFTER_CALL, "wrapping-up": AFTER_CALL, "acw": AFTER_CALL, "not-ready": AWAY, "break": AWAY,
    "paused": AWAY, "offline": AWAY, "logged-out": AWAY, "unavailable": AWAY,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class SeatChange:
    """A seat went over to a state, as its source says; `number` is the source's own count, `id` that of the event."""

    at: datetime
    state: str
    number: int = -1
    id: str = ""


@dataclass(frozen=True, slots=True)
class SeatInterval:
    """`state` held from `since` until `until` (None: it still does), for so many `seconds` of what was asked for."""

    state: str
    since: datetime
    until: datetime | None
    seconds: float


def state_of(said: object) -> str | None:
    """The state that a source means, in our word for it where there is one; None where it says none."""
    if not isinstance(said, str) or not said.strip():
        return None
    name = said.strip().lower().replace("_", "-").replace(" ", "-")
    return MEANS.get(name, name)


def intervals_of(changes: Iterable[SeatChange], since: datetime, until: datetime, now: datetime) -> list[SeatInterval]:
    """The states within a span, each cut to it, one after the other."""
    ordered = sorted(changes, key=lambda one: (one.at, one.number, one.id))
    found: list[SeatInterval] = []
    for place, one in enumerate(ordered):
        following = ordered[place + 1] if place + 1 < len(ordered) else None
        if found and found[-1].state == one.state and found[-1].until == one.at:  # said again
            found[-1] = _cut(one.state, found[-1].since, following, since, until, now)
        elif one.at < until and (following is None or following.at > max(one.at, since)):
            found.append(_cut(one.state, one.at, following, since, until, now))
    return [one for one in found if one.seconds > 0 or one.until is None]


def _cut(
    state: str, began: datetime, following: SeatChange | None, since: datetime, until: datetime, now: datetime
) -> SeatInterval:
    end = None if following is None else following.at
    seconds = (min(until, end or now) - max(since, began)).total_seconds()
    return SeatInterval(state, began, end, max(0.0, seconds))


def seconds_in(intervals: Sequence[SeatInterval], states: frozenset[str]) -> float:
    return sum(one.seconds for one in intervals if one.state in states)


def occupancy(intervals: Sequence[SeatInterval]) -> float | None:
    """占用率: the share of the time that was spent with calls and after them, of that and of waiting for one."""
    busy = seconds_in(intervals, AT_A_CALL | {AFTER_CALL})
    there = busy + seconds_in(intervals, frozenset({READY}))
    return round(busy / there, 4) if there else None
