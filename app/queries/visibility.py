"""Which complaints and incidents a reader may see, as the log has it now: whoever was just named is out at once."""

from collections import OrderedDict
from collections.abc import Collection, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Final, cast
from uuid import UUID

from app.commands.incidents import incident_sight
from app.commands.pinned_rules import procedures_at
from app.service import Service
from domain import errors
from domain.complaint import events
from domain.complaint.complaint import Complaint
from domain.incident.events import IncidentOpened
from domain.procedure.access import is_kept_from, sight_of
from domain.procedure.procedure import Procedure, Sight
from domain.values import Actor
from eventlog.codec import COMPLAINT, INCIDENT, kind_of
from eventlog.database import fetch
from eventlog.log import Recorded

# The events that say what a complaint is and who may see it; the others need not be read for that.
SAYS_WHO_SEES: Final = [
    event.TOPIC
    for event in (events.Received, events.Classified, events.AccusedNamed, events.Dispatched, events.CAPARequested)
]
SAYS_WHO_SEES_IT: Final = [*SAYS_WHO_SEES, IncidentOpened.TOPIC]
WHO_SEES: Final = """
SELECT notification_id, originator_id, originator_version, topic, state, actor, recorded_at FROM stored_events
WHERE originator_id = ANY($1::uuid[]) AND topic = ANY($2::text[]) ORDER BY originator_id, originator_version
"""


@dataclass(frozen=True, slots=True)
class Seen:
    """A complaint or incident for one reader: its number, whose key opens it, and how much of it they see.

    `sight` None: nothing at all. `faults`: whether they see how agents' faults were graded. `kept`: the matter is
    confidential and the reader outside its circle, so that they see that something happened and nothing of what.
    """

    number: str
    complainant_id: UUID
    sight: Sight | None
    faults: bool
    kept: bool


async def seen_by(service: Service, actor: Actor, ids: Collection[UUID]) -> dict[UUID, Seen]:
    """Those of the complaints and incidents that exist. Raises `StorageAway`."""
    streams: OrderedDict[UUID, list[Recorded]] = OrderedDict()
    for row in await fetch(service.pool, WHO_SEES, list(ids), SAYS_WHO_SEES_IT):
        streams.setdefault(row["originator_id"], []).append(Recorded(*row))
    found: dict[UUID, Seen] = {}
    for id, stream in streams.items():
        if kind_of(stream[0]) == INCIDENT:
            found[id] = await _seen_incident(service, actor, stream[0])
        if kind_of(stream[0]) != COMPLAINT:
            continue
        complaint = _who_sees(service, stream)
        procedure = await _pinned(service, complaint.procedure_code, complaint.procedure_version)
        found[id] = Seen(
            complaint.number,
            service.codec.complainant_of(stream[0]),
            None if procedure is None else _sight(procedure, actor, complaint),
            procedure is not None and procedure.sees_faults(actor.roles),
            procedure is not None and is_kept_from(actor, procedure, complaint.kind),
        )
    return found


async def visible_of(service: Service, actor: Actor, ids: Collection[UUID]) -> frozenset[UUID]:
    """Those of the complaints that the reader may see; asks nothing when there are none. Raises `StorageAway`."""
    if not ids:
        return frozenset()
    found = await seen_by(service, actor, ids)
    return frozenset(id for id, seen in found.items() if seen.sight is not None)


async def _seen_incident(service: Service, actor: Actor, first: Recorded) -> Seen:
    opened = cast(IncidentOpened, service.codec.any_event(first, None))
    procedure = await _pinned(service, opened.procedure, opened.procedure_version)
    sight: Sight | None = None
    if procedure is not None:
        with suppress(errors.Forbidden):
            sight = incident_sight(actor, procedure, opened.kind)
    return Seen(opened.number, opened.key_id, sight, faults=False, kept=False)


async def _pinned(service: Service, code: str, version: str) -> Procedure | None:
    """The version that a stream is pinned to; None where nobody published it."""
    try:
        return (await procedures_at(code, (version,), service.library))[version]
    except KeyError:
        return None


def _who_sees(service: Service, stream: Sequence[Recorded]) -> Complaint:
    """A complaint that remembers only what decides who may see it."""
    first, *others = [service.codec.event(one, None) for one in stream]
    complaint = cast(Complaint, first.mutate(None))
    for event in others:
        complaint.when(event)
    return complaint


def _sight(procedure: Procedure, actor: Actor, complaint: Complaint) -> Sight | None:
    try:
        return sight_of(actor, procedure, accused=complaint.accused, sent_to=complaint.sent_to, kind=complaint.kind)
    except errors.Forbidden:
        return None
