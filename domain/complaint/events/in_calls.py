"""话务: what of it came from a call."""

from uuid import UUID

from domain.complaint.events.event import ComplaintEvent, PersonalText


class CallLinked(ComplaintEvent):
    """关联通话: recorded with what came of the call, as `led_to` says.

    `led_to` is complaint, reminder, callback, survey or recording.
    `call` is the stream of the call, `source` and `call_id` what its telephone system calls it. `score`: what the
    customer keyed in, from 1 to 5.
    """

    call: UUID
    source: str
    call_id: PersonalText
    led_to: str
    score: int | None = None
