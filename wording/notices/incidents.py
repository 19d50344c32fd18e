"""突发事件: what messages say of an event of an incident."""

from typing import Final

from domain.incident import events
from domain.incident.incident import Incident
from domain.titles import Language, Title
from domain.values import as_one_line
from wording.notices.message import CLOCK, DUE, PROCEDURE, Words, judged_title, lines_of, local
from wording.procedures import titled
from wording.records import counted_surge, surge_title
from wording.sentences import COLON

HEADS: Final[dict[str, Title]] = {
    "IncidentOpened": Title("突发事件", "Incident"),
    "RoleInformed": Title("突发事件上报", "You are told of an incident"),
    "RecoveryTold": Title("突发事件恢复通报", "You are told that an incident is over"),
    "DeadlineWarned": Title("突发事件即将到期", "Incident, due soon"),
    "DeadlineReached": Title("突发事件已到期", "Incident, due now"),
    "DeadlineMissed": Title("突发事件已超时", "Incident, overdue"),
    "DeadlineMissRetracted": Title("突发事件超时已撤销", "Incident, not overdue after all"),
}
NUMBER: Final = Title("事件编号", "Incident")
KIND: Final = Title("事件类型", "Kind")
OCCURRED: Final = Title("发生时间", "Began")
TITLE: Final = Title("事件", "What")


def words_of_incident(
    event: events.IncidentEvent, incident: Incident, language: Language, *, with_title: bool = False
) -> Words:
    """Number, procedure, kind, beginning, clock and due time; its title only for those who may read it."""
    zone = incident.calendar.zone
    facts = [
        (NUMBER, incident.number),
        (PROCEDURE, incident.procedure.title.in_(language)),
        (KIND, titled(incident.procedure.kinds, incident.kind).in_(language)),
        (OCCURRED, local(incident.occurred_at, zone)),
    ]
    title = f"{head_of(event, incident, language)}{COLON.in_(language)}{incident.number}"
    if isinstance(event, events.DeadlineWarned | events.DeadlineMissed | events.DeadlineMissRetracted):
        clock = judged_title(incident, event).in_(language)
        facts += [(CLOCK, clock), (DUE, local(event.due_at, zone))]
        title = f"{title} {clock}"
    what = incident.title if counted_surge(incident) is None else surge_title(language)
    if with_title and what:
        facts.append((TITLE, as_one_line(what)))
    return Words(" ".join(title.split()), lines_of(facts, language))


def head_of(event: events.IncidentEvent, incident: Incident, language: Language) -> str:
    """What happened, in a word or two."""
    name = type(event).__name__
    if isinstance(event, events.DeadlineWarned) and event.due:
        name = "DeadlineReached"
    elif isinstance(event, events.RoleInformed) and _of_its_end(event, incident):
        name = "RecoveryTold"
    return HEADS[name].in_(language)


def _of_its_end(event: events.RoleInformed, incident: Incident) -> bool:
    return any(one.recovery for one in incident.informed if one.event == event.originator_version)
