"""A call: what follows from the set of what was heard of it, the same for every order in which it arrived.

Nothing here looks at when or in which order something arrived, only at what the sources said: when it happened, by
their own count where two things happened at once. So a late `answered` never opens a call again that has ended, and
fills the time that was talked all the same.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Literal

from domain.call.events import CallEventReceived, CallPresumedEnded, TelephonyEvent
from domain.identity import levelled

CallStatus = Literal[
    "offered", "ringing", "talking", "held", "wrapping-up", "ended", "missed", "presumed-ended"
]  # fmt: skip
Direction = Literal["inbound", "outbound"]
OVER: Final[frozenset[CallStatus]] = frozenset({"wrapping-up", "ended", "missed", "presumed-ended"})

# What a call is after each of these, until something else happens.
BECOMES: Final[Mapping[str, CallStatus]] = {
    "call.offered": "offered", "call.ringing": "ringing", "call.answered": "talking", "call.held": "held",
    "call.resumed": "talking", "call.transferred": "talking", "call.conference_joined": "talking",
}  # fmt: skip
TALKED_TO: Final = frozenset({"call.answered", "call.transferred", "call.conference_joined"})
ENDS: Final = frozenset({"call.ended", "call.missed"})


@dataclass(frozen=True, slots=True)
class Happened:
    """Something that was heard of a call, at the time that its source said."""

    type: str
    at: datetime
    event: str
    sequence: str | None
    data: Mapping[str, Any]
    numbers: Mapping[str, str | None]

    @property
    def place(self) -> tuple[datetime, int, str, str]:
        """Where it stands among the others, whoever came first."""
        number = self.sequence or ""
        return self.at, int(number) if number.isascii() and number.isdigit() else -1, number, self.event

    def text(self, name: str) -> str | None:
        """What its data say under a name, where it is a text: of a number and of an agent as they are stored."""
        value = self.numbers.get(name) or self.data.get(name)
        if not isinstance(value, str) or not value:
            return None
        return levelled(value) if name == "agent" else value


@dataclass(frozen=True, slots=True)
class Recording:
    """录音: where it lies, what it hashes to, and how long it is."""

    uri: str
    sha256: str | None
    seconds: float | None


@dataclass(frozen=True, slots=True)
class Leg:
    """An agent's part of a call, from when they talked."""

    agent: str
    since: datetime


@dataclass(frozen=True, slots=True)
class Call:
    """One call as it stands. Times are UTC, durations seconds.

    `wait_seconds` is until it was answered or given up, `talk_seconds` without what was held; both null before.
    `complaint`: the complaint that the softphone names, by id or number.
    """

    direction: Direction
    state: CallStatus
    caller: str | None
    callee: str | None
    agent: str | None
    legs: tuple[Leg, ...]
    queue: str | None
    offered_at: datetime | None
    answered_at: datetime | None
    ended_at: datetime | None
    wait_seconds: float | None
    talk_seconds: float | None
    hold_seconds: float | None
    cause: str | None
    recordings: tuple[Recording, ...]
    score: int | None
    complaint: str | None

    @property
    def is_over(self) -> bool:
        return self.state in OVER


def happened_in(events: Iterable[TelephonyEvent]) -> list[Happened]:
    """What was heard of a call, in the order in which it happened. What says no time happened when it arrived."""
    heard = [
        Happened(
            one.type, one.happened_at or one.timestamp, one.event, one.sequence, one.content.get("data") or {},
            {"caller": one.caller, "callee": one.callee},
        )
        for one in events
        if isinstance(one, CallEventReceived)
    ]
    return sorted(heard, key=lambda one: one.place)


def call_of(events: Sequence[TelephonyEvent]) -> Call:
    """The call that these events tell of, in whatever order they arrived."""
    heard = happened_in(events)
    presumed = max((one.timestamp for one in events if isinstance(one, CallPresumedEnded)), default=None)
    answered_at = _first(heard, "call.answered")
    ended_at = max((one.at for one in heard if one.type in ENDS), default=None)
    offered_at = _first(heard, "call.offered") or _first(heard, "call.ringing")
    legs = _legs(heard)
    talked, held = _talked_and_held(heard, ended_at)
    return Call(
        direction="outbound" if _said(heard, "direction") == "outbound" else "inbound",
        state=_state(heard, answered_at, ended_at, presumed),
        caller=_said(heard, "caller"),
        callee=_said(heard, "callee"),
        agent=legs[-1].agent if legs else _said(reversed(heard), "agent"),
        legs=legs,
        queue=_said(reversed(heard), "queue"),
        offered_at=offered_at,
        answered_at=answered_at,
        ended_at=ended_at if ended_at is not None else presumed,
        wait_seconds=_between(offered_at, answered_at or ended_at),
        talk_seconds=talked if answered_at is not None and ended_at is not None else None,
        hold_seconds=held if answered_at is not None and ended_at is not None else None,
        cause=_said((one for one in reversed(heard) if one.type in ENDS), "cause"),
        recordings=_recordings(heard),
        score=_score(heard),
        complaint=_said(reversed(heard), "complaint"),
    )


def _state(
    heard: Sequence[Happened], answered_at: datetime | None, ended_at: datetime | None, presumed: datetime | None
) -> CallStatus:
    wrapped = [one for one in heard if one.type == "call.wrap_up"]
    if ended_at is not None:
        if answered_at is None and heard_of(heard, "call.missed"):
            return "missed"
        return "wrapping-up" if wrapped and not any(_is_done(one) for one in wrapped) else "ended"
    if presumed is not None:
        return "presumed-ended"
    live = [BECOMES[one.type] for one in heard if one.type in BECOMES]
    return live[-1] if live else "offered"


def _is_done(wrap_up: Happened) -> bool:
    """Whether the after-call work ended with it: it brings what came of the call, or says so."""
    return "form" in wrap_up.data or wrap_up.text("state") in {"done", "completed", "ready"}


def heard_of(heard: Iterable[Happened], type: str) -> bool:
    return any(one.type == type for one in heard)


def _first(heard: Iterable[Happened], type: str) -> datetime | None:
    return next((one.at for one in heard if one.type == type), None)


def _said(heard: Iterable[Happened], name: str) -> str | None:
    """The first of these who says anything under the name."""
    return next((said for one in heard if (said := one.text(name)) is not None), None)


def _legs(heard: Iterable[Happened]) -> tuple[Leg, ...]:
    """Everybody who talked, each once, in order."""
    legs: dict[str, Leg] = {}
    for one in heard:
        agent = one.text("agent")
        if one.type in TALKED_TO and agent is not None:
            legs.setdefault(agent, Leg(agent, one.at))
    return tuple(legs.values())


def _talked_and_held(heard: Iterable[Happened], ended_at: datetime | None) -> tuple[float, float]:
    talked = held = 0.0
    state, since = None, None
    for one in heard:
        status = BECOMES.get(one.type)
        if status is None or (ended_at is not None and one.at > ended_at):
            continue
        if state in ("talking", "held") and since is not None:
            passed = (one.at - since).total_seconds()
            talked, held = (talked + passed, held) if state == "talking" else (talked, held + passed)
        # What is offered or rings elsewhere while two talk does not end their talk.
        if state not in ("talking", "held") or status in ("talking", "held"):
            state = status
        since = one.at
    if ended_at is not None and since is not None and state in ("talking", "held"):
        passed = max(0.0, (ended_at - since).total_seconds())
        talked, held = (talked + passed, held) if state == "talking" else (talked, held + passed)
    return talked, held


def _between(since: datetime | None, until: datetime | None) -> float | None:
    return None if since is None or until is None else max(0.0, (until - since).total_seconds())


def _recordings(heard: Iterable[Happened]) -> tuple[Recording, ...]:
    """Each once, by where it lies."""
    found: dict[str, Recording] = {}
    for one in heard:
        said = one.data.get("recording")
        if one.type == "call.recording_available" and isinstance(said, Mapping) and isinstance(said.get("uri"), str):
            seconds = said.get("seconds")
            found.setdefault(said["uri"], Recording(said["uri"], said.get("sha256"), seconds))
    return tuple(found.values())


def _score(heard: Sequence[Happened]) -> int | None:
    scores = [one.data.get("score") for one in heard if one.type == "call.satisfaction_keyed"]
    return next((score for score in reversed(scores) if isinstance(score, int)), None)
