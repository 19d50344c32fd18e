"""One incident as a reader sees it, and its history."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from app.commands.incidents import Incidents
from app.commands.stream import CommandResult
from app.queries.complaints import Shown
from app.queries.event_view import EventView, incident_event_view, unreadable_event_view
from app.queries.incident_pages import IncidentTable, LateIntake
from app.queries.incident_view import incident_view
from app.queries.paging import Rows
from app.queries.visibility import Seen
from domain.incident.incident import Incident
from domain.titles import Language
from domain.values import Actor


@dataclass(frozen=True)
class IncidentHistory:
    """The events of one incident, in order."""

    items: list[EventView]


@dataclass(frozen=True)
class IncidentQueries:
    """Every method raises `NoSuchIncident`, the `Forbidden` of a reader, `UnreadableEvent` and `StorageAway`."""

    incidents: Incidents
    table: IncidentTable

    async def one(
        self,
        id: UUID,
        actor: Actor,
        language: Language,
        *,
        as_of: datetime | None = None,
        version: int | None = None,
    ) -> Shown:
        """Now or as it stood; who may see it is asked of what it is now."""
        shown = await self.incidents.load(id)
        seen = Seen.of_incident(shown.aggregate, actor)
        if as_of is not None or version is not None:
            shown = await self.incidents.load(id, as_of=as_of, version=version)
        return _shown(shown.aggregate, shown.position, actor, seen, language)

    async def history(self, id: UUID, actor: Actor, language: Language) -> Shown:
        """Every event in order, as far as the actor may see what it says."""
        loaded, happened = await self.incidents.history(id)
        seen = Seen.of_incident(loaded.aggregate, actor)
        if len(happened) > loaded.aggregate.version:
            seen = await self.table.visibility.seen_beyond(actor, happened[loaded.aggregate.version][0])
        items = [
            unreadable_event_view(recorded)
            if event is None
            else incident_event_view(event, recorded, seen, language)
            for recorded, event in happened
        ]
        return Shown(IncidentHistory(items), loaded.aggregate.version, loaded.position)

    async def late_intakes(self, id: UUID, actor: Actor) -> Rows[LateIntake]:
        """The complaints that occurred while it lasted and were taken down after its end."""
        return self.table.late_intakes(actor, (await self.incidents.load(id)).aggregate)

    async def answer(self, result: CommandResult[Incident], actor: Actor, language: Language) -> Shown:
        """What whoever gave a command sees of what became of it."""
        return _shown(result.aggregate, result.position, actor, Seen.of_incident(result.aggregate, actor), language)


def _shown(incident: Incident, position: int, actor: Actor, seen: Seen, language: Language) -> Shown:
    return Shown(incident_view(incident, position, actor, seen, language), incident.version, position)
