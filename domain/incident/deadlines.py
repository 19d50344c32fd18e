"""时限: every warning and miss of an incident's clocks is recorded once."""

from datetime import datetime
from typing import Any

from domain.clocks.clock import Clock, Judgement, Key, judgements_due
from domain.incident import commands, errors, events
from domain.incident.incident import Incident
from domain.request import CLOCK, Request
from domain.values import ActedBy


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
    incident.retracted.discard(_key(event))
    incident.told_of_miss[_key(event)] = event.told


def retract_miss(incident: Incident, command: commands.RetractIncidentMiss, by: ActedBy, request: Request) -> None:
    """As of a complaint (domain/complaint/retraction.py): only what was not missed is taken back."""
    meant = [key for key in incident.told_of_miss if _is_meant(key, command)]
    if not meant:
        if any(_is_meant(key, command) for key in incident.retracted):
            return
        raise errors.NoSuchIncidentMiss
    if any(_was_late(incident, key, request.at) for key in meant):
        raise errors.IncidentClockReallyMissed
    for key in meant:
        clock = _clock_of(incident, key)
        incident.trigger(
            events.DeadlineMissRetracted, by, request.at,
            clock=key[0], started_at=key[3], due_at=key[4], reason=command.reason, told=incident.told_of_miss[key],
            warns_again=clock is not None and clock.stopped_at is None and request.at < clock.warn_at,
        )  # fmt: skip


def may_retract_miss(incident: Incident) -> bool:
    """Whether a miss stands in the history that was none, by the time at which something last happened."""
    at = incident.last_event_at or incident.opened_at
    return any(not _was_late(incident, key, at) for key in incident.told_of_miss)


def _clock_of(incident: Incident, key: Key) -> Clock | None:
    return next((clock for clock in incident.clocks if clock.key == key), None)


def _was_late(incident: Incident, key: Key, at: datetime) -> bool:
    clock = _clock_of(incident, key)
    stopped_at = None if clock is None else clock.stopped_at
    return key[4] <= at and (stopped_at is None or stopped_at >= key[4])


def deadline_miss_retracted(incident: Incident, event: events.DeadlineMissRetracted) -> None:
    key = _key(event)
    incident.missed.discard((key, None))
    incident.told_of_miss.pop(key, None)
    incident.retracted.add(key)
    if event.warns_again:
        incident.warned.discard((key, None))


def _is_meant(key: Key, command: commands.RetractIncidentMiss) -> bool:
    return key[0] == command.clock and command.due_at in (None, key[4])


def _key(event: events.DeadlineWarned | events.DeadlineMissed | events.DeadlineMissRetracted) -> Key:
    return (event.clock, None, 1, event.started_at, event.due_at)
