"""突发事件: whom an event of an incident tells, and in which words.

The service tells beside what people tell each other: only who was informed by a person counts for the plan's clocks.
"""

from collections.abc import Collection, Iterator
from typing import Final

from domain.incident import events as events
from domain.incident.incident import Incident
from domain.notices.notices import Addressee, Telling, is_in_circle
from domain.notices.words import CLOCK, DUE, PROCEDURE, Language, Words, colon, in_words, lines_of, local
from domain.procedure.titles import Title

TELLING: Final[tuple[type[events.IncidentEvent], ...]] = (
    events.IncidentOpened, events.RoleInformed, events.DeadlineWarned, events.DeadlineMissed,
)  # fmt: skip
HEADS: Final[dict[str, Title]] = {
    "IncidentOpened": Title("突发事件", "Incident"),
    "RoleInformed": Title("突发事件上报", "You are told of an incident"),
    "RecoveryTold": Title("突发事件恢复通报", "You are told that an incident is over"),
    "DeadlineWarned": Title("突发事件即将到期", "Incident, due soon"),
    "DeadlineReached": Title("突发事件已到期", "Incident, due now"),
    "DeadlineMissed": Title("突发事件已超时", "Incident, overdue"),
}
NUMBER: Final = Title("事件编号", "Incident")
KIND: Final = Title("事件类型", "Kind")
OCCURRED: Final = Title("发生时间", "Began")
TITLE: Final = Title("事件", "What")


def tellings_of(event: events.IncidentEvent, incident: Incident) -> tuple[Telling, ...]:
    """Who is to be told of an event, each once; `incident` stands as it did when the event was recorded.

    In an emergency everything but a warning is urgent.
    """
    urgent = not isinstance(event, events.DeadlineWarned)
    return tuple(Telling(Addressee("role", role), urgent) for role in dict.fromkeys(_roles(event, incident)))


def _roles(event: events.IncidentEvent, incident: Incident) -> Iterator[str]:
    match event:
        case events.IncidentOpened():
            yield from _named_by_the_plan(incident)
        case events.RoleInformed():
            yield event.to_role
        case events.DeadlineWarned() | events.DeadlineMissed():
            yield from event.told


def _named_by_the_plan(incident: Incident) -> Iterator[str]:
    """Whoever the plan names for this kind; for one of which it says nothing, those who have to bring it to its end."""
    plan = incident.rules.must_be_told.get(incident.kind, ())
    closes = incident.procedure.steps.get("close", ())
    yield from (role for role in plan or closes if role != incident.opened_by.role)


def may_be_told(to: Addressee, roles: Collection[str], incident: Incident) -> bool:
    """The circle of a confidential kind of incident. `roles` are those of an actor."""
    return is_in_circle(to, roles, incident.procedure, incident.kind)


def may_read_title(to: Addressee, incident: Incident) -> bool:
    """Whether a message may say what the incident is called: to those who see its texts, unless it is confidential."""
    if incident.kind in incident.procedure.confidential_to:
        return False
    return to.kind == "role" and incident.procedure.sees.get(to.code) in ("all", "texts")


def words_of(event: events.IncidentEvent, incident: Incident, language: Language, *, with_title: bool = False) -> Words:
    """Number, procedure, kind, beginning, clock and due time; its title only for those who may read it."""
    kind = incident.procedure.kinds.get(incident.kind)
    zone = incident.calendar.zone
    facts = [
        (NUMBER, incident.number),
        (PROCEDURE, in_words(incident.procedure.title, language)),
        (KIND, incident.kind if kind is None else in_words(kind, language)),
        (OCCURRED, local(incident.occurred_at, zone)),
    ]
    title = f"{head_of(event, incident, language)}{colon(language)}{incident.number}"
    if isinstance(event, events.DeadlineWarned | events.DeadlineMissed):
        clock = _clock(event.clock, incident, language)
        facts += [(CLOCK, clock), (DUE, local(event.due_at, zone))]
        title = f"{title} {clock}"
    if with_title and incident.title:
        facts.append((TITLE, incident.title))
    return Words(" ".join(title.split()), lines_of(facts, language))


def head_of(event: events.IncidentEvent, incident: Incident, language: Language) -> str:
    """What happened, in a word or two."""
    name = type(event).__name__
    if isinstance(event, events.DeadlineWarned) and event.due:
        name = "DeadlineReached"
    elif isinstance(event, events.RoleInformed) and _of_its_end(event, incident):
        name = "RecoveryTold"
    return in_words(HEADS[name], language)


def _of_its_end(event: events.RoleInformed, incident: Incident) -> bool:
    return any(one.recovery for one in incident.informed if one.event == event.originator_version)


def _clock(name: str, incident: Incident, language: Language) -> str:
    rule = incident.procedure.clock_named(name)
    return name if rule is None else in_words(rule.title, language)
