"""Who sees what: the one place where a complaint or an incident is asked how much of it a reader sees.

Of single streams the log is asked, so whoever was just named is out at once; of lists, the rules in force.
"""

from collections import OrderedDict
from collections.abc import Collection, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Final, Self, cast
from uuid import UUID

import asyncpg

from app.commands.pinned_rules import governed, governed_incident
from domain import errors
from domain.complaint import events
from domain.complaint.complaint import Complaint
from domain.incident.events import IncidentOpened
from domain.incident.incident import Incident
from domain.procedure.procedure import Sight
from domain.values import Actor
from eventlog.codec import EventCodec
from eventlog.database import fetch
from eventlog.log import Recorded
from eventlog.streams import COMPLAINT, INCIDENT, kind_of
from procedures.rules import Rules, every_procedure
from projections.scope import Scope

# The events that say what a complaint is and who may see it; the others need not be read for that.
SAYS_WHO_SEES: Final = [
    event.TOPIC
    for event in (
        events.Received, events.Classified, events.AccusedNamed, events.Dispatched, events.CAPARequested, IncidentOpened
    )
]  # fmt: skip
WHO_SEES: Final = """
SELECT notification_id, originator_id, originator_version, topic, state, actor, recorded_at FROM stored_events
WHERE originator_id = ANY($1::uuid[]) AND topic = ANY($2::text[]) ORDER BY originator_id, originator_version
"""
# Partners and the systems connected to the service get no figures, however much of a complaint they see.
WITHOUT_FIGURES: Final = frozenset({"partner", "integration"})


@dataclass(frozen=True, slots=True)
class Seen:
    """How much of one complaint or incident a reader sees.

    `faults`: whether they see how agents' faults were graded. `withheld`: the matter is confidential and the reader
    outside its circle, so that they see that something happened and nothing of what.
    """

    sight: Sight
    faults: bool = False
    withheld: bool = False

    @classmethod
    def of_complaint(cls, complaint: Complaint, actor: Actor) -> Self:
        """Raises the `Forbidden` of one who sees nothing of it at all."""
        sight, procedure = complaint.sight_for(actor), complaint.procedure
        return cls(sight, procedure.sees_faults(actor.roles), complaint.is_withheld_from(actor))

    @classmethod
    def of_incident(cls, incident: Incident, actor: Actor) -> Self:
        """As `of_complaint`."""
        return cls(incident.sight_for(actor))


@dataclass(frozen=True, slots=True)
class SeenStream:
    """A complaint or incident for one reader: its number, whose key opens it, and what they see (None: nothing)."""

    number: str
    key_id: UUID
    seen: Seen | None


class Visibility:
    """What readers see, asked of the log and of the rules in force."""

    def __init__(self, pool: asyncpg.Pool, codec: EventCodec, rules: Rules) -> None:
        self._pool, self._codec, self._rules = pool, codec, rules

    def scope(self, actor: Actor) -> Scope:
        """The complaints that the actor may see in lists. Raises `RoleForbids` where there are none."""
        return _not_empty(self._scope(actor))

    def figures_scope(self, actor: Actor) -> Scope:
        """The complaints whose figures the actor may see. Raises `RoleForbids` where there are none."""
        return _not_empty(self.figures_reach(actor))

    def figures_reach(self, actor: Actor) -> Scope:
        """As `figures_scope`, perhaps empty."""
        return self._scope(replace(actor, roles=actor.roles - WITHOUT_FIGURES))

    async def visible(self, actor: Actor, ids: Collection[UUID]) -> frozenset[UUID]:
        """Those of the complaints that the reader may see; asks nothing when there are none. Raises `StorageAway`."""
        found = await self.streams(actor, ids) if ids else {}
        return frozenset(id for id, stream in found.items() if stream.seen is not None)

    async def streams(self, actor: Actor, ids: Collection[UUID]) -> dict[UUID, SeenStream]:
        """Those of the complaints and incidents that exist. Raises `StorageAway`."""
        streams: OrderedDict[UUID, list[Recorded]] = OrderedDict()
        for row in await fetch(self._pool, WHO_SEES, list(ids), SAYS_WHO_SEES):
            streams.setdefault(row["originator_id"], []).append(Recorded(*row))
        found: dict[UUID, SeenStream] = {}
        for id, stream in streams.items():
            kind = kind_of(stream[0])
            if kind is COMPLAINT:
                found[id] = await self._complaint(actor, stream)
            elif kind is INCIDENT:
                found[id] = await self._incident(actor, stream)
        return found

    async def _complaint(self, actor: Actor, stream: Sequence[Recorded]) -> SeenStream:
        """A complaint that remembers only what decides who may see it."""
        first, *others = [self._codec.event(one, None) for one in stream]
        complaint, seen = cast(Complaint, first.mutate(None)), None
        for event in others:
            complaint.evolve(event)
        with suppress(errors.Forbidden, KeyError):  # nobody sees one whose rules nobody published
            seen = Seen.of_complaint(await governed(complaint, self._rules), actor)
        return SeenStream(complaint.number, complaint.complainant_id, seen)

    async def _incident(self, actor: Actor, stream: Sequence[Recorded]) -> SeenStream:
        opened = cast(IncidentOpened, self._codec.any_event(stream[0], None))
        incident, seen = INCIDENT.folded([opened]), None
        with suppress(errors.Forbidden, KeyError):
            seen = Seen.of_incident(await governed_incident(incident, self._rules), actor)
        return SeenStream(incident.number, incident.key_id, seen)

    def _scope(self, actor: Actor) -> Scope:
        return Scope.of(actor, self._rules.procedures.values(), every_procedure(self._rules))


def _not_empty(scope: Scope) -> Scope:
    if scope.is_empty:
        raise errors.RoleForbids
    return scope
