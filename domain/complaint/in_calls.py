"""话务: what came of calls. A step that follows from a call is decided as any other, and the call is linked with it."""

from datetime import datetime
from typing import Final

from domain.complaint import commands as c
from domain.complaint import events
from domain.complaint.complaint import Complaint
from domain.complaint.state import CallShown
from domain.values import ActedBy, CallNamed, RatedBy

LED_TO: Final[dict[type[c.ToldInCall], str]] = {
    c.CustomerCalledAgain: "reminder", c.CustomerCalledBack: "callback", c.CallRated: "survey",
    c.CallRecorded: "recording",
}  # fmt: skip
KEYED_IN: Final[RatedBy] = "instant"
LINK_ALONE: Final = "add-note"  # whoever may note something may let a rating show


def step_from(complaint: Complaint, told: c.ToldInCall) -> c.Command | None:
    """The step that this comes to here; None where nothing comes of it but that it is shown."""
    procedure = complaint.procedure
    match told:
        case c.CustomerCalledAgain():
            return c.Remind(told.text)
        case c.CustomerCalledBack():
            # Who hangs up at once, or never took it up, was not reached: it counts as a try.
            reached = told.answered and told.talk_seconds >= procedure.callback_talk_seconds
            return c.RecordCallback(reached, "phone")
        case c.CallRated():
            result = _result_at(complaint)
            return _rating(told.score) if result is not None and told.at >= result else None
        case c.CallRecorded():
            evidence = told.evidence or procedure.call_recordings
            known = evidence if evidence in procedure.evidence else None
            return c.Attach(told.name, "recording", told.reference, sha256=told.sha256, evidence=known)


def _rating(score: int) -> c.RecordCallback:
    satisfied = None if score == 3 else score > 3
    return c.RecordCallback(True, "phone", satisfied, score, rated_by=KEYED_IN)


def _result_at(complaint: Complaint) -> datetime | None:
    """From when on a rating is one of the result."""
    done = [measure.at for measure in complaint.measures if measure.round == complaint.round]
    return min(done, default=complaint.closed_at)


def link_call(complaint: Complaint, call: CallNamed, led_to: str, by: ActedBy, at: datetime) -> None:
    """Let the complaint show the call that it, or something of it, came from."""
    _linked(complaint, call, led_to, by, at, None)


def link_told(complaint: Complaint, command: c.TakeFromCall, by: ActedBy, at: datetime) -> None:
    """As `link_call`, of what was told in it."""
    score = getattr(command.told, "score", None)
    _linked(complaint, command.call, LED_TO[type(command.told)], by, at, score)


def _linked(
    complaint: Complaint, call: CallNamed, led_to: str, by: ActedBy, at: datetime, score: int | None
) -> None:
    complaint.trigger(
        events.CallLinked, by, at, call=call.stream, source=call.source, call_id=call.id, led_to=led_to, score=score
    )


def call_linked(complaint: Complaint, event: events.CallLinked) -> None:
    complaint.calls.append(
        CallShown(event.call, event.source, event.call_id, event.led_to, event.timestamp, event.score)
    )
