"""后续: what is to come of a call in complaints, as it follows from the set of what was heard, whatever came first.

Each consequence is known by the call, its kind and what in the call it follows from, never by when or in which order
anything arrived: so it happens once.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final, Literal

from domain.call.call import Call, Happened, Recording, call_of, happened_in
from domain.call.events import CallEventReceived, CallLedNowhere, CallLedTo, TelephonyEvent
from domain.call.unattended import LeftBehind

Kind = Literal["wrap-up", "callback", "survey", "recording"]
# A machine that took it up is nobody who was reached.
MACHINES: Final = frozenset({"voicemail", "machine", "answering-machine", "fax", "ivr"})
NOT_TAKEN_UP: Final = frozenset({"busy", "no-answer", "rejected", "unreachable", "failed", "congestion", *MACHINES})
# 语音留言、未接来电: what a switchboard takes down where nobody takes the call up.
LEFT_BEHIND: Final = frozenset({"call.missed", "call.recording_available"})
# Beyond it the clock of whoever told is not believed: limits run from when it arrived.
BELIEVED: Final = timedelta(minutes=2)
ATTEMPTED: Final = "callback.attempted"


@dataclass(frozen=True, slots=True)
class WrappedUp:
    """What the agent noted after the call: the form of an intake, or which complaint it was about.

    `left`: nobody noted anything, and nobody was there.
    """

    agent: str | None
    form: Mapping[str, Any] | None
    complaint: str | None
    left: LeftBehind | None = None


@dataclass(frozen=True, slots=True)
class CalledBack:
    """How a callback went. `answered`: by a person."""

    agent: str | None
    complaint: str
    answered: bool
    talk_seconds: float


@dataclass(frozen=True, slots=True)
class Rated:
    agent: str | None
    score: int
    at: datetime


@dataclass(frozen=True, slots=True)
class Recorded:
    """`complaint`: the one that its source names, besides those of the call."""

    agent: str | None
    recording: Recording
    complaint: str | None
    evidence: str | None


@dataclass(frozen=True, slots=True)
class Consequence:
    """`of` is what it follows from in the call, which tells it from others of its kind."""

    kind: Kind
    of: str
    facts: WrappedUp | CalledBack | Rated | Recorded


def began_at(events: Sequence[TelephonyEvent]) -> datetime:
    """When a call began, for limits: as its source said, or when that arrived, where the source's clock is far off."""
    first = min((one for one in events if isinstance(one, CallEventReceived)), key=_when)
    return _when(first) if _is_believed(first) else first.timestamp


def _when(event: CallEventReceived) -> datetime:
    return event.happened_at or event.timestamp


def _is_believed(event: CallEventReceived) -> bool:
    return event.skew_seconds is not None and abs(event.skew_seconds) <= BELIEVED.total_seconds()


def consequences_of(events: Sequence[TelephonyEvent], *, unattended: bool = False) -> list[Consequence]:
    """All that is to come of the call by now, what makes complaints first.

    `unattended`: whether one that nobody took up comes to something by itself, where nobody is there.
    """
    heard, call = happened_in(events), call_of(events)
    callback = _callback(heard, call)
    found = [*_wrap_ups(heard, call, is_callback=_is_callback(heard, call))]
    if unattended and not found:
        found += _left_behind(heard, call)
    if callback is not None:
        found.append(callback)
    found += _ratings(heard, call)
    found += _recorded(heard, call)
    return found


def who_talked(heard: Sequence[Happened], call: Call, told: Happened) -> str | None:
    """The agent who talked: whom the event names where they did, else the last who did, else whom it names."""
    legs = [leg.agent for leg in call.legs]
    named = told.text("agent")
    if named in legs or not legs:
        return named or call.agent
    return legs[-1]


def _wrap_ups(heard: Sequence[Happened], call: Call, *, is_callback: bool) -> Iterator[Consequence]:
    for told in heard:
        form = told.data.get("form")
        given = form if isinstance(form, Mapping) else None
        about = told.text("complaint") or (None if is_callback else call.complaint)
        if told.type == "call.wrap_up" and (given is not None or (about is not None and not is_callback)):
            yield Consequence("wrap-up", told.event, WrappedUp(who_talked(heard, call, told), given, about))
        elif told.type in LEFT_BEHIND and given is not None and call.answered_at is None:
            # Nobody talked: it waits for somebody of the role whose queue it is.
            yield Consequence("wrap-up", told.event, WrappedUp(None, given, None))


def _left_behind(heard: Sequence[Happened], call: Call) -> Iterator[Consequence]:
    """未接来电、语音留言: of a call once, whichever of the two was heard first."""
    left = {told.type for told in heard} & LEFT_BEHIND
    if not left or call.answered_at is not None or call.direction == "outbound" or _is_callback(heard, call):
        return
    what = LeftBehind("call.recording_available" in left)
    yield Consequence("wrap-up", "left behind", WrappedUp(None, None, None, what))


def waits_for_its_beginning(events: Sequence[TelephonyEvent], *, unattended: bool = False) -> bool:
    """Whether something was noted, or left behind, of a call of which nobody has told yet who called."""
    heard, call = happened_in(events), call_of(events)
    wrapped = any(told.type in {"call.wrap_up", *LEFT_BEHIND} and "form" in told.data for told in heard)
    wrapped |= unattended and any(told.type in LEFT_BEHIND for told in heard)
    return wrapped and call.offered_at is None and call.caller is None


def _is_callback(heard: Sequence[Happened], call: Call) -> bool:
    called = any(told.type == ATTEMPTED for told in heard)
    return called or (call.direction == "outbound" and call.complaint is not None)


def _callback(heard: Sequence[Happened], call: Call) -> Consequence | None:
    """Once it is over, or once whoever dialled has said why nobody answered."""
    failed = any(told.type == ATTEMPTED and told.text("cause") in NOT_TAKEN_UP for told in heard)
    is_settled = call.is_over or (failed and call.answered_at is None)
    if not _is_callback(heard, call) or call.complaint is None or not is_settled:
        return None
    by_machine = any((told.text("cause") or "").lower() in MACHINES for told in heard)
    answered = call.answered_at is not None and not by_machine
    last = heard[-1]
    facts = CalledBack(who_talked(heard, call, last), call.complaint, answered, call.talk_seconds or 0.0)
    # A real end that comes after all may say that they were reached.
    return Consequence("callback", "answered" if answered and facts.talk_seconds else "tried", facts)


def _ratings(heard: Sequence[Happened], call: Call) -> Iterator[Consequence]:
    for told in heard:
        score = told.data.get("score")
        if told.type == "call.satisfaction_keyed" and isinstance(score, int):
            yield Consequence("survey", told.event, Rated(who_talked(heard, call, told), score, told.at))


def _recorded(heard: Sequence[Happened], call: Call) -> Iterator[Consequence]:
    known = {one.uri: one for one in call.recordings}
    for told in heard:
        said = told.data.get("recording")
        uri = said.get("uri") if told.type == "call.recording_available" and isinstance(said, Mapping) else None
        recording = known.pop(uri, None) if isinstance(uri, str) else None
        if recording is not None and isinstance(said, Mapping):
            evidence = said.get("evidence")
            yield Consequence(
                "recording", recording.uri,
                Recorded(
                    who_talked(heard, call, told), recording, told.text("complaint"),
                    evidence if isinstance(evidence, str) else None,
                ),
            )  # fmt: skip


def led_to(events: Sequence[TelephonyEvent]) -> list[CallLedTo]:
    """What came of the call, in the order in which it did."""
    return [one for one in events if isinstance(one, CallLedTo)]


def led_nowhere(events: Sequence[TelephonyEvent]) -> list[CallLedNowhere]:
    """What was refused and has not come to anything since: of each consequence what was said last."""
    done = {one.consequence for one in led_to(events)}
    last = {one.consequence: one for one in events if isinstance(one, CallLedNowhere)}
    return [one for one in last.values() if one.consequence not in done]
