"""The public form of one event: what happened, who did it, and as much of what was said as the reader may see."""

from collections.abc import Container
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import cache
from typing import Any, Final
from uuid import UUID

from app.access.trail import shown_in_clear
from app.queries.masking import masked_phone, seen_complainant, seen_text
from app.queries.visibility import Seen
from domain.call.events import CallLedNowhere, CallLedTo, TelephonyEvent
from domain.cause import Cause
from domain.complaint.events import (
    AccusedMatched,
    AccusedNamed,
    ComplaintEvent,
    ComplaintsLinked,
    ComplaintsUnlinked,
    CustomerChecked,
    FaultGraded,
    Received,
    SeverityRaised,
    is_known_to_few,
    type_of,
)
from domain.incident.events import IncidentEvent, IncidentOpened
from domain.procedure.procedure import Sight
from domain.titles import Language
from domain.values import ActedBy, Complainant, CustomerAnswer, Imported, LinkedComplaint
from eventlog.codec import fields_of_the_deployment, personal_fields
from eventlog.log import Recorded
from eventlog.streams import AnyEvent
from wording.causes import cause_in_words
from wording.records import counted_surge, customer_answer_in_words, surge_text, surge_title

OF_THE_PERSON: Final = frozenset({"query_code"})  # for those alone who see the complainant
# Where something happened that the reader must not know of: that there is an event is all that is told of it, for the
# numbers of events have no gaps.
WITHHELD: Final = "Withheld"
OF_ACCUSED: Final = (AccusedNamed, AccusedMatched)
NOBODY: Final = ActedBy("", "")
NOT_DATA: Final = frozenset(
    {"originator_id", "originator_version", "originator_topic", "timestamp", "actor", "imported"}
)


@dataclass(frozen=True, slots=True)
class EventView:
    """One event. `recorded_at` is when it reached the log, `occurred_at` when it happened; both UTC.

    `unreadable`: a newer version recorded it, and this one knows no more of it than where it stands and who did it.
    `type` is `Withheld` where the reader must not know what happened, nor by whom.
    """

    position: int
    version: int
    type: str
    recorded_at: datetime
    occurred_at: datetime
    actor: ActedBy
    data: dict[str, Any]
    unreadable: bool = False


def links_of(event: ComplaintEvent) -> tuple[LinkedComplaint, ...]:
    """The other complaints that an event names."""
    match event:
        case ComplaintsLinked() | ComplaintsUnlinked():
            return event.complaints
        case SeverityRaised():
            return event.others
    return ()


def event_view(
    event: ComplaintEvent, recorded: Recorded, seen: Seen, visible: Container[UUID], language: Language
) -> EventView:
    """Masked for those who see the texts but not the person, and more so for those who see neither.

    `visible` are the complaints among its links that the reader may see; the others are left out. What the service did
    by itself is told in the language.
    """
    if is_hidden(event, seen):
        return withheld_view(event, recorded)
    sight = seen.faults if isinstance(event, FaultGraded) else seen.sight
    return EventView(
        position=recorded.position,
        version=recorded.originator_version,
        type=type_of(recorded.topic),
        recorded_at=recorded.recorded_at.astimezone(UTC),
        occurred_at=(event.occurred_at if isinstance(event, Received) else event.timestamp).astimezone(UTC),
        actor=replace(event.actor),  # with what older rows do not have
        data={} if seen.withheld or sight is None else _data(event, seen, sight, visible, language),
    )


def is_hidden(event: AnyEvent, seen: Seen) -> bool:
    """差错定级、被投诉人: whether even that it happened is not for the reader."""
    if not isinstance(event, ComplaintEvent):
        return False
    if is_known_to_few(event) and seen.faults is None:
        return True
    is_of_accused = isinstance(event, OF_ACCUSED) or getattr(event, "clock", None) in seen.kept_from
    return seen.sight == "none" and is_of_accused


def withheld_view(event: AnyEvent, recorded: Recorded) -> EventView:
    """That something happened, of which the reader must not know what."""
    recorded_at, occurred_at = recorded.recorded_at.astimezone(UTC), event.timestamp.astimezone(UTC)
    return EventView(
        recorded.position, recorded.originator_version, WITHHELD, recorded_at, occurred_at, NOBODY, {}
    )  # fmt: skip


def unreadable_event_view(recorded: Recorded) -> EventView:
    """One event that this version cannot read."""
    at, actor = recorded.recorded_at.astimezone(UTC), ActedBy(recorded.actor, "")
    return EventView(
        recorded.position, recorded.originator_version, type_of(recorded.topic), at, at, actor, {}, unreadable=True
    )


def incident_event_view(event: IncidentEvent, recorded: Recorded, seen: Seen, language: Language) -> EventView:
    """One event of an incident, its texts hidden from those who see none."""
    return EventView(
        position=recorded.position,
        version=recorded.originator_version,
        type=type_of(recorded.topic),
        recorded_at=recorded.recorded_at.astimezone(UTC),
        occurred_at=(event.occurred_at if isinstance(event, IncidentOpened) else event.timestamp).astimezone(UTC),
        actor=replace(event.actor),  # with what older rows do not have
        data=_data(event, seen, seen.sight, (), language),
    )


def complaint_of_call(event: AnyEvent | None) -> UUID | None:
    """The complaint that an event of a call names."""
    return event.complaint if isinstance(event, CallLedTo | CallLedNowhere) else None


def call_event_view(event: TelephonyEvent, recorded: Recorded, sight: Sight | None) -> EventView:
    """One event of a call or seat: numbers for those alone who see complainants, and what was said with them.

    `sight` is None for who is kept out of the matter: they see no part of a number either.
    """
    data = {name: value for name, value in vars(event).items() if name not in NOT_DATA}
    if sight != "all":
        for name in ("caller", "callee"):
            data[name] = masked_phone(data.get(name)) if sight is not None else None
        data["content"] = seen_text(data.get("content"), "none")
        data.pop("key_id", None)  # it tells which calls are the same person's
    happened_at = getattr(event, "happened_at", None) or event.timestamp
    return EventView(
        position=recorded.position,
        version=recorded.originator_version,
        type=type_of(recorded.topic),
        recorded_at=recorded.recorded_at.astimezone(UTC),
        occurred_at=happened_at.astimezone(UTC),
        actor=replace(event.actor),  # with what older rows do not have
        data=data,
    )


def _data(event: AnyEvent, seen: Seen, sight: Sight, visible: Container[UUID], language: Language) -> dict[str, Any]:
    links = links_of(event) if isinstance(event, ComplaintEvent) else ()
    hidden = _personal(type(event))
    if sight == "all" and hidden:
        shown_in_clear(event.originator_id)
        hidden = frozenset()
    data: dict[str, Any] = {}
    for name, value in vars(event).items():
        if name in NOT_DATA:
            continue
        if isinstance(value, datetime):
            value = value.astimezone(UTC)
        elif links and value is links:
            value = [other for other in links if other.id in visible]
        elif sight == "none" and name in _told_to_nobody(type(event)):
            value = () if isinstance(value, tuple) else None
        elif name in OF_THE_PERSON and sight != "all":
            value = None
        elif name in hidden:
            value = seen_complainant(value, sight) if isinstance(value, Complainant) else seen_text(value, sight)
        data[name] = value
    if sight != "all":
        data.pop("complainant_id", None)  # it tells which complaints are the same person's
    data.pop("key_id", None)
    if isinstance(event, ComplaintEvent) and event.imported is not None:
        data["imported"] = _imported(event.imported, sight)
    return {**data, **_told(event, seen, language)}


def _imported(imported: Imported, sight: Sight) -> dict[str, Any]:
    """Where it was brought in from; by whom and out of which file, for those who read texts."""
    place = {"id": imported.id, "row": imported.row}
    named = {"by": imported.by, "file": imported.file, "handler": imported.handler}
    return place if sight == "none" else {**place, **named}


def _told(event: AnyEvent, seen: Seen, language: Language) -> dict[str, str]:
    """What the service itself did or found out, in words: nobody's own, so everybody who sees the event reads them."""
    match event:
        case IncidentOpened() if surge := counted_surge(event):
            return {"title": surge_title(language), "text": surge_text(surge, seen.zone, language)}
        case CustomerChecked(answer=CustomerAnswer() as answer, findings=None):
            return {"findings": customer_answer_in_words(answer, language)}
    if isinstance(cause := getattr(event, "cause", None), Cause):
        words = cause_in_words(cause, seen.procedure, language, rule=getattr(event, "rule", None))
        return {"text" if hasattr(event, "text") else "reason": words}
    return {}


@cache
def _told_to_nobody(event: type[AnyEvent]) -> frozenset[str]:
    """What those without sight do not even hear of: who of the staff is named, which district and which call it was."""
    return fields_of_the_deployment(event) | {"call_id", "call"}


@cache
def _personal(event: type[AnyEvent]) -> frozenset[str]:
    return personal_fields(event)
