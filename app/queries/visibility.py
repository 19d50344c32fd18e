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
from domain.procedure.access import accesses, best_of
from domain.procedure.procedure import Procedure, Sight
from domain.values import Actor
from eventlog.codec import EventCodec, UnreadableEvent
from eventlog.database import fetch
from eventlog.log import Recorded
from eventlog.streams import COMPLAINT, INCIDENT, AnyEvent, kind_of
from procedures.rules import Rules, every_procedure
from projections.scope import Conditions, Scope

# The events that say what a complaint is and who may see it; the others need not be read for that.
SAYS_WHO_SEES: Final = [
    event.TOPIC
    for event in (
        events.Received, events.Classified, events.AccusedNamed, events.AccusedMatched, events.Dispatched,
        events.Redirected, events.UnitAdded, events.RulingIssued, events.CAPARequested, IncidentOpened,
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
    """How much of one complaint or incident a reader sees, and the procedure by whose words it is told.

    `faults`: how much they see of how agents' faults were graded; None: nothing. `withheld`: the matter is confidential
    and the reader outside its circle, so that they see that something happened and nothing of what.
    `zone`: whose time it is told in.
    """

    sight: Sight
    procedure: Procedure
    faults: Sight | None = None
    withheld: bool = False
    zone: str = "UTC"

    @property
    def kept_from(self) -> frozenset[str]:
        """The clocks and obligations that the reader is not told of, by name: who sees no texts hears of no accused."""
        return self.procedure.telling_of_accused if self.sight == "none" else frozenset()

    @classmethod
    def of_complaint(cls, complaint: Complaint, actor: Actor) -> Self:
        """Raises the `Forbidden` of one who sees nothing of it at all."""
        sight, procedure = complaint.sight_for(actor), complaint.procedure
        given = complaint.accesses_of(actor)
        faults = best_of(one for one in given if procedure.sees_faults(one.role))
        return cls(sight, procedure, faults, withheld=not given)

    @classmethod
    def of_incident(cls, incident: Incident, actor: Actor) -> Self:
        """As `of_complaint`."""
        return cls(incident.sight_for(actor), incident.procedure, zone=incident.calendar.zone)


@dataclass(frozen=True, slots=True)
class SeenStream:
    """A complaint or incident for one reader: its number, whose key opens it, and what they see (None: nothing).

    `units`: those that ever saw it.
    """

    number: str
    key_id: UUID
    procedure: str
    units: frozenset[str]
    seen: Seen | None


# 当事人回避: callers whose complaints name the reader. A call is sealed with its caller's key, as complaints are.
ACCUSES: Final = "t.accused <> ARRAY[]::text[] AND t.accused && {}::text[]"
ACCUSERS: Final = f"""
SELECT DISTINCT t.key_id FROM reading.tracking t WHERE t.key_id = ANY($1::uuid[]) AND {ACCUSES.format("$2")}
"""
# And by their number as it was corrected since.
ACCUSING: Final = f"""
SELECT asked FROM unnest($1::bigint[]) AS asked WHERE EXISTS (
    SELECT FROM reading.lookups l JOIN reading.tracking t ON t.id = l.complaint_id
    WHERE l.found_by @> ARRAY[asked] AND {ACCUSES.format("$2")}
)
"""


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
        return frozenset(await self.sights(actor, ids))

    async def sights(self, actor: Actor, ids: Collection[UUID]) -> dict[UUID, Sight]:
        """How much the reader sees of those of the complaints that are not kept from them. Raises `StorageAway`."""
        found = await self.streams(actor, ids) if ids else {}
        return {id: one.seen.sight for id, one in found.items() if one.seen is not None and not one.seen.withheld}

    async def streams(self, actor: Actor, ids: Collection[UUID]) -> dict[UUID, SeenStream]:
        """Those of the complaints and incidents whose beginning can be read. Raises `StorageAway`."""
        streams: OrderedDict[UUID, list[Recorded]] = OrderedDict()
        for row in await fetch(self._pool, WHO_SEES, list(ids), SAYS_WHO_SEES):
            streams.setdefault(row["originator_id"], []).append(Recorded(*row))
        found: dict[UUID, SeenStream] = {}
        for id, stream in streams.items():
            kind, happened = kind_of(stream[0]), [self._codec.event_or_none(one, None) for one in stream]
            if stream[0].originator_version != 1 or happened[0] is None:
                continue
            if kind is COMPLAINT:
                found[id] = await self._complaint(actor, happened)
            elif kind is INCIDENT:
                found[id] = await self._incident(actor, happened[0])
            if None in happened and not self.sees_everything(actor):
                found[id] = replace(found[id], seen=None)  # it may be the event that keeps it from them
        return found

    async def seen_beyond(self, actor: Actor, unreadable: Recorded) -> Seen:
        """What they see of a stream with an event that cannot be read, by those that can, also by later ones.

        Raises `UnreadableEvent` where nothing can be shown, and `StorageAway`.
        """
        id = unreadable.originator_id
        stream = (await self.streams(actor, [id])).get(id)
        if stream is None or stream.seen is None:
            raise UnreadableEvent(unreadable)
        return stream.seen

    async def accusers(self, actor: Actor, owners: Collection[UUID]) -> frozenset[UUID]:
        """Those of these people, by their data keys, who complained of the actor: they see no number of theirs.

        Raises `StorageAway`.
        """
        rows = await fetch(self._pool, ACCUSERS, list(owners), [self._codec.tag_of(actor.id)]) if owners else []
        return frozenset(row["key_id"] for row in rows)

    def only_named(self, conditions: Conditions, actor: Actor) -> None:
        """Of `reading.tracking t` those whose complainant the actor sees: what is found by a person tells of them."""
        conditions.add(self._of_named(conditions, actor))

    def only_calls_of_named(self, conditions: Conditions, actor: Actor) -> None:
        """Of `reading.calls` those that led to no others than such complaints, of none who complained of the actor."""
        of_them = f"SELECT FROM reading.tracking t WHERE t.id = c.id AND {self._of_named(conditions, actor)}"
        conditions.add(f"NOT EXISTS (SELECT FROM unnest(complaints) c (id) WHERE NOT EXISTS ({of_them}))")
        accusing = f"SELECT FROM reading.tracking t WHERE t.key_id = reading.calls.key_id AND {ACCUSES}"
        conditions.add(f"NOT EXISTS ({accusing})", [self._codec.tag_of(actor.id)])

    def _of_named(self, conditions: Conditions, actor: Actor) -> str:
        scope = self._scope(actor)
        named = scope.named.condition(conditions, scope.unit, "kind")
        return f"({named}) AND {conditions.placed('NOT t.accused @> {}::text[]', [scope.actor_tag])}"

    async def accusing(self, actor: Actor, numbers: Collection[int]) -> frozenset[int]:
        """Those of these telephones, by the hashes they are looked up by, from which somebody complained of the actor.

        Raises `StorageAway`.
        """
        tag = self._codec.tag_of(actor.id)
        rows = await fetch(self._pool, ACCUSING, list(numbers), [tag]) if numbers else []
        return frozenset(row["asked"] for row in rows)

    def calls_sight(self, actor: Actor) -> Sight | None:
        """How much of calls that led to nothing the actor sees; None: nothing of any call.

        As of complaints of every unit, where they see most. Of a call that led to complaints they see no more than of
        each of those (`sights`).
        """
        given = (one for procedure in self._rules.procedures.values() for one in accesses(actor, procedure))
        return best_of(one for one in given if one.reach == "all")

    def sees_faults(self, actor: Actor) -> bool:
        """Whether there may be complaints of which the actor sees how agents' faults were graded."""
        return bool(self.faults_seen(actor))

    def faults_seen(self, actor: Actor) -> list[str]:
        """The procedures of whose complaints they see it."""
        procedures = self._rules.procedures.values()
        return [one.code for one in procedures if any(one.sees_faults(given.role) for given in accesses(actor, one))]

    @property
    def for_readers(self) -> frozenset[tuple[str, str]]:
        """By procedure, the names of clocks and obligations of which only those hear who read texts."""
        return frozenset((one.code, name) for one in every_procedure(self._rules) for name in one.telling_of_accused)

    def sees_everything(self, actor: Actor) -> bool:
        """Whether they may know of everything that something happened, and so of what is in the log unreadable."""
        followed = self._scope(actor).followed
        return set(followed.all_of) >= self._rules.procedures.keys() and not followed.kept_from_all

    async def _complaint(self, actor: Actor, happened: Sequence[AnyEvent | None]) -> SeenStream:
        """A complaint that remembers only what decides who may see it."""
        first, *others = [cast(events.ComplaintEvent, event) for event in happened if event is not None]
        complaint, seen = cast(Complaint, first.mutate(None)), None
        for event in others:
            complaint.evolve(event)
        with suppress(errors.Forbidden, KeyError):  # nobody sees one whose rules nobody published
            seen = Seen.of_complaint(await governed(complaint, self._rules), actor)
        units = frozenset(complaint.sent_to)
        return SeenStream(complaint.number, complaint.complainant_id, complaint.procedure_code, units, seen)

    async def _incident(self, actor: Actor, opened: AnyEvent) -> SeenStream:
        incident, seen = INCIDENT.folded([cast(IncidentOpened, opened)]), None
        with suppress(errors.Forbidden, KeyError):
            seen = Seen.of_incident(await governed_incident(incident, self._rules), actor)
        return SeenStream(incident.number, incident.key_id, incident.procedure_code, frozenset(), seen)

    def _scope(self, actor: Actor) -> Scope:
        tag = self._codec.tag_of(actor.id)
        return Scope.of(actor, tag, self._rules.procedures.values(), every_procedure(self._rules))


def _not_empty(scope: Scope) -> Scope:
    if scope.is_empty:
        raise errors.RoleForbids
    return scope
