"""What was heard of calls and seats, in the past tense. Permanent like the events of a complaint.

Each event is one that a source posted, as it posted it; what it means follows from all of them together (call.py).
"""

from datetime import datetime
from typing import Annotated, Any, ClassVar
from uuid import UUID

from eventsourcing.domain import AggregateEvent
from eventsourcing.utils import register_topic

from domain.values import PERSONAL, ActedBy

PersonalText = Annotated[str, PERSONAL]
OptionalPersonalText = Annotated[str | None, PERSONAL]


class TelephonyEvent(AggregateEvent):
    """The root of all events of calls and seats. `key_id` names the data key that seals the stream."""

    TOPIC: ClassVar[str]
    actor: ActedBy
    source: str
    key_id: UUID


class CallEventReceived(TelephonyEvent):
    """话务事件: a source told of a call. `event` is its id for it, `call` that for the call; `timestamp` the arrival.

    `caller` and `callee` are the numbers in the one form that is stored; null where it is none. `content` holds `data`
    and `extensions` as they came. `skew_seconds`: by how much the source's clock differs from
    ours, arrival minus `happened_at`. A type that is not `recognised` is kept all the same.
    """

    type: str
    event: PersonalText
    call: OptionalPersonalText
    caller: OptionalPersonalText
    callee: OptionalPersonalText
    happened_at: datetime | None
    sequence: str | None
    content: Annotated[dict[str, Any], PERSONAL]
    recognised: bool
    skew_seconds: float | None


class CallPresumedEnded(TelephonyEvent):
    """推定结束: nobody told of the end of a call for so long that it must have ended. A real end supersedes it."""

    after_seconds: int


class CallLedTo(TelephonyEvent):
    """话务后续: what was heard of the call came to something in a complaint.

    `consequence` is the id of the command that did it, `led_to` what it came to: complaint, reminder, callback, survey
    or recording.
    """

    consequence: UUID
    led_to: str
    complaint: UUID


class CallLedNowhere(TelephonyEvent):
    """话务后续未成: what was heard of the call should have come to something, and was refused.

    `problem` says why in a code, and `places` which fields of the form are wrong. It is tried again when more is heard
    of the call.
    """

    consequence: UUID
    led_to: str
    problem: str
    complaint: UUID | None = None
    places: tuple[str, ...] = ()


class SeatEventReceived(TelephonyEvent):
    """座席事件: a source told of an agent's seat, in the fields of `CallEventReceived`."""

    type: str
    event: PersonalText
    agent: str
    happened_at: datetime | None
    sequence: str | None
    content: Annotated[dict[str, Any], PERSONAL]
    recognised: bool
    skew_seconds: float | None


CALL_EVENTS: tuple[type[TelephonyEvent], ...] = (CallEventReceived, CallPresumedEnded, CallLedTo, CallLedNowhere)
SEAT_EVENTS: tuple[type[TelephonyEvent], ...] = (SeatEventReceived,)

for _kind, _events in (("call", CALL_EVENTS), ("seat", SEAT_EVENTS)):
    for _event in _events:
        _event.TOPIC = f"{_kind}.{_event.__name__}"
        register_topic(_event.TOPIC, _event)
