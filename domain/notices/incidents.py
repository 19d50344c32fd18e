"""突发事件: whom an event of an incident tells.

The service tells beside what people tell each other: only who was informed by a person counts for the plan's clocks.
"""

from collections.abc import Collection, Iterator
from typing import Final

from domain.incident import events as events
from domain.incident.incident import Incident
from domain.incident.obligations import obligations_of
from domain.notices.notices import Addressee, Notice, is_in_circle

NOTIFYING: Final[tuple[type[events.IncidentEvent], ...]] = (
    events.IncidentOpened, events.RoleInformed, events.DeadlineWarned, events.DeadlineMissed,
    events.DeadlineMissRetracted,
)  # fmt: skip


def notices_of(event: events.IncidentEvent, incident: Incident) -> tuple[Notice, ...]:
    """Who is to be told of an event, each once; `incident` stands as it did when the event was recorded.

    In an emergency everything is urgent but a warning, and word that a time limit was not missed after all.
    """
    urgent = not isinstance(event, events.DeadlineWarned | events.DeadlineMissRetracted)
    return tuple(Notice(Addressee("role", role), urgent) for role in dict.fromkeys(_roles(event, incident)))


def _roles(event: events.IncidentEvent, incident: Incident) -> Iterator[str]:
    match event:
        case events.IncidentOpened():
            yield from _named_by_the_plan(incident)
        case events.RoleInformed():
            yield event.to_role
        case events.DeadlineWarned():
            yield from event.told
            yield from _nearly_due(event, incident)
        case events.DeadlineMissed() | events.DeadlineMissRetracted():
            yield from event.told


def _nearly_due(event: events.DeadlineWarned, incident: Incident) -> Iterator[str]:
    """Whoever still owes what the clock waits for, besides whom the plan names."""
    for one in obligations_of(incident):
        if one.rule is not None and one.waits and (one.name, one.arose_at) == (event.clock, event.started_at):
            yield one.owed_by.code


def _named_by_the_plan(incident: Incident) -> Iterator[str]:
    """Whoever the plan names for this kind; for one of which it says nothing, those who have to bring it to its end."""
    plan = incident.rules.must_be_told.get(incident.kind, ())
    closes = incident.procedure.steps.get("close", ())
    yield from (role for role in plan or closes if role != incident.opened_by.role)


def may_be_notified(to: Addressee, roles: Collection[str], incident: Incident) -> bool:
    """The circle of a confidential kind of incident. `roles` are those of an actor."""
    return is_in_circle(to, roles, incident.procedure, incident.kind)


def may_read_title(to: Addressee, incident: Incident) -> bool:
    """Whether a message may say what the incident is called: to those who see its texts, unless it is confidential."""
    if incident.kind in incident.procedure.confidential_to:
        return False
    return to.kind == "role" and incident.procedure.sees.get(to.code) in ("all", "texts")
