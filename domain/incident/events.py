"""What can happen to an incident, in the past tense. Permanent like the events of a complaint.

A field marked `PERSONAL` is sealed with a data key of the incident's own before it reaches the log.
"""

from datetime import datetime
from typing import Annotated, Any, ClassVar
from uuid import UUID

from eventsourcing.domain import AggregateCreated, AggregateEvent
from eventsourcing.utils import register_topic

from domain.procedure.call_surge import CallSurge
from domain.values import PERSONAL, ActedBy

PersonalText = Annotated[str, PERSONAL]
OptionalPersonalText = Annotated[str | None, PERSONAL]


class IncidentEvent(AggregateEvent):
    """The root of all events of an incident."""

    TOPIC: ClassVar[str]
    actor: ActedBy

    def apply(self, aggregate: Any) -> None:
        aggregate.evolve(self)


class IncidentOpened(IncidentEvent, AggregateCreated):
    """突发事件: something went wrong in the centre. Pins the procedure's and the calendar's version for good.

    `key_id` names the data key that seals its texts; `surge` is what was counted, where the service opened it itself.
    """

    number: str
    procedure: str
    procedure_version: str
    calendar: str
    calendar_version: str
    kind: str
    occurred_at: datetime
    key_id: UUID
    title: PersonalText
    text: PersonalText
    surge: CallSurge | None = None


class RoleInformed(IncidentEvent):
    """上报: somebody of this role was told of the incident, or of its end."""

    to_role: str
    means: str
    text: PersonalText


class Restored(IncidentEvent):
    """恢复: the incident was over at `restored_at`, which may be earlier than when that was recorded."""

    restored_at: datetime
    text: PersonalText


class Decided(IncidentEvent):
    """其他适当行动: the leadership decided what else to do (to call in the supplier, for example)."""

    decisions: PersonalText


class IncidentNoted(IncidentEvent):
    text: PersonalText


class IncidentClosed(IncidentEvent):
    """系统故障情况处理表: the record of the incident, with its cause."""

    summary: PersonalText
    cause: OptionalPersonalText = None


class DeadlineWarned(IncidentEvent):
    """A clock came near its due time; with `due` it reached it, and is soft: it warns and never misses."""

    clock: str
    started_at: datetime
    due_at: datetime
    due: bool = False
    told: tuple[str, ...] = ()


class DeadlineMissed(IncidentEvent):
    """A clock passed its due time; judged against `due_at`, which stays the judgement."""

    clock: str
    started_at: datetime
    due_at: datetime
    told: tuple[str, ...] = ()


class DeadlineMissRetracted(IncidentEvent):
    """撤销超时: a miss was judged wrongly, and counts no more. `told` were told of it.

    `warns_again`: it was warned of before its time, too.
    """

    clock: str
    started_at: datetime
    due_at: datetime
    reason: PersonalText
    told: tuple[str, ...] = ()
    warns_again: bool = False


INCIDENT_EVENTS: tuple[type[IncidentEvent], ...] = (
    IncidentOpened, RoleInformed, Restored, Decided, IncidentNoted, IncidentClosed, DeadlineWarned, DeadlineMissed,
    DeadlineMissRetracted,
)  # fmt: skip

for _event in INCIDENT_EVENTS:
    _event.TOPIC = f"incident.{_event.__name__}"
    register_topic(_event.TOPIC, _event)
