"""时限: every warning and miss of an incident's clocks is recorded once."""

from datetime import datetime
from typing import Any

from domain.clocks.clock import Judgement, Key, judgements_due
from domain.incident import events
from domain.incident.incident import Incident
from domain.request import CLOCK


def judge_clocks(incident: Incident, at: datetime, *, until: datetime | None = None) -> None:
    """Record every warning and miss due by `at` (or the earlier `until`), once each, in due order."""
    limit = at if until is None else min(at, until)
    while due := judgements_due(incident.clocks, incident.judged, limit):
        for judgement in due:
            _record(incident, judgement, at)


def _record(incident: Incident, judgement: Judgement, at: datetime) -> None:
    clock = judgement.clock
    facts: dict[str, Any] = {"clock": clock.name, "started_at": clock.started_at, "due_at": clock.due_at}
    if judgement.kind == "missed":
        incident.trigger(events.DeadlineMissed, CLOCK, at, told=clock.rule.tell_at_miss, **facts)
    else:
        told = clock.rule.tell_at_warning
        incident.trigger(events.DeadlineWarned, CLOCK, at, due=judgement.kind == "due", told=told, **facts)


def deadline_warned(incident: Incident, event: events.DeadlineWarned) -> None:
    (incident.due if event.due else incident.warned).add((_key(event), None))


def deadline_missed(incident: Incident, event: events.DeadlineMissed) -> None:
    incident.missed.add((_key(event), None))


def _key(event: events.DeadlineWarned | events.DeadlineMissed) -> Key:
    return (event.clock, None, 1, event.started_at, event.due_at)
