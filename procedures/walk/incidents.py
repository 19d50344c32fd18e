"""突发事件: an incident is walked through too, from its opening to the record of it, with the real decisions.

There are few states: who was told, whether the leadership decided, whether it is over. Of the kinds that are handled
alike one is walked.
"""

from collections.abc import Callable, Iterator
from contextlib import suppress
from copy import copy
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from domain.clocks.clock import is_waiting
from domain.errors import Refused
from domain.incident import commands as c
from domain.incident.incident import Incident
from domain.incident.opening import open_incident
from domain.incident.steps import decide_on_incident, incident_step_taken_by
from domain.limits.calendar import Calendar
from domain.procedure.moments import informed
from domain.procedure.procedure import Procedure
from domain.request import Request
from domain.titles import LANGUAGES, Title
from domain.values import Actor
from procedures.walk.findings import Finding
from procedures.walk.people import People
from procedures.walk.waiting import binds
from procedures.walk.walk import BEGIN
from wording.procedures import role_title, titled
from wording.sentences import sentence
from wording.subjects import title as title_of
from wording.walks import STEP_BY

TEXT: Final = "…"
SOME_ID: Final = UUID(int=2)
A_MINUTE: Final = timedelta(minutes=1)
# Taken only where a machine judged by a wrong time, which no walk comes to.
OF_WRONG_CLOCKS: Final = frozenset({"retract-miss"})


@dataclass(eq=False)
class State:
    """An incident as it stands after the steps of `way`, and the states that one step more leads to."""

    incident: Incident
    at: datetime
    way: tuple[Title, ...]
    leads_to: "list[State]" = field(default_factory=list)


@dataclass
class IncidentWalk:
    """Every state that was found, in the order in which it was, and the steps that somebody could take."""

    procedure: Procedure
    calendar: Calendar
    people: People
    states: list[State] = field(default_factory=list)
    taken: set[str] = field(default_factory=lambda: {"open"})


def walk_through_incidents(procedure: Procedure, calendar: Calendar, seen: Callable[[int], None]) -> IncidentWalk:
    """Every state that is reached; `seen` is told how many there are, now and then."""
    walk = IncidentWalk(procedure, calendar, People.of(procedure))
    known: dict[object, State] = {}
    for kind in _kinds_that_differ(procedure):
        _keep(walk, known, _opened(walk, kind))
    for state in walk.states:  # it grows while it is walked
        for step, command in _asks(state.incident):
            reached = _taken(walk, state, step, command)
            if reached is not None:
                state.leads_to.append(_keep(walk, known, reached))
        seen(len(walk.states))
    return walk


def _kinds_that_differ(procedure: Procedure) -> tuple[str, ...]:
    found: dict[object, str] = {}
    for kind in procedure.kinds:
        limits = tuple(rule.kinds is None or kind in rule.kinds for rule in procedure.clocks)
        told = procedure.incidents.must_be_told.get(kind) if procedure.incidents else None
        found.setdefault((limits, told, procedure.confidential_to.get(kind)), kind)
    return tuple(found.values())


def _opened(walk: IncidentWalk, kind: str) -> State:
    opener = walk.people.who_may(walk.procedure, "open")[0]
    by = incident_step_taken_by(walk.procedure, "open", opener, kind)
    command = c.OpenIncident(kind, TEXT, TEXT, walk.procedure.code)
    incident = open_incident(command, (SOME_ID, "E-1", SOME_ID), by, walk.procedure, walk.calendar, at=BEGIN)
    return State(incident, BEGIN, (_told(walk.procedure, "open", opener, titled(walk.procedure.kinds, kind)),))


def _told(procedure: Procedure, step: str, actor: Actor, *says: Title) -> Title:
    """A step in one line."""
    notes = (role_title(procedure, next(iter(actor.roles))), *says)
    return Title(*(sentence(STEP_BY, language, step=title_of("steps", step), notes=notes) for language in LANGUAGES))


def _asks(incident: Incident) -> Iterator[tuple[str, c.IncidentCommand]]:
    """Everything that may be asked of an incident; whom to tell, as far as it makes a difference."""
    for role in dict.fromkeys(_to_be_told(incident)):
        yield "inform", c.InformRole(role, TEXT, _means(incident.procedure))
    yield from (
        ("decide", c.DecideOnIncident(TEXT)), ("note", c.NoteOnIncident(TEXT)),
        ("restore", c.RestoreIncident(TEXT)), ("close", c.CloseIncident(TEXT)),
    )  # fmt: skip


def _to_be_told(incident: Incident) -> Iterator[str]:
    """The next of those without whom it is not closed, as their order makes no difference; and those for whom a clock
    waits, or who will have to hear of its end.
    """
    yield from (*incident.still_to_be_told[:1], *incident.still_to_be_told_of_recovery[:1])
    if incident.state == "open":
        waiting = {stop for clock in incident.clocks if is_waiting(clock) for stop in clock.rule.stops}
        told = {informing.role for informing in incident.informed}
        yield from (role for role in incident.rules.told_of_recovery if role not in told)
        yield from (role for role in incident.procedure.roles if informed(role) in waiting)


def _means(procedure: Procedure) -> Any:
    """One that counts for the end too, where there is one."""
    counts = () if procedure.incidents is None else procedure.incidents.recovery_told_by
    return next((means for means in procedure.informs_by if means in counts), procedure.informs_by[0])


def _taken(walk: IncidentWalk, state: State, step: str, command: c.IncidentCommand) -> State | None:
    """What somebody who may take it makes of it; None where nobody can."""
    for actor in walk.people.who_may(walk.procedure, step):
        incident, at = _twin_of(state.incident), state.at + A_MINUTE
        with suppress(Refused):
            decide_on_incident(incident, command, Request(actor, at))
            walk.taken.add(step)
            role = vars(command).get("to_role")
            says = () if role is None else (role_title(walk.procedure, role),)
            return State(incident, at, (*state.way, _told(walk.procedure, step, actor, *says)))
    return None


def _twin_of(incident: Incident) -> Incident:
    """Another incident that remembers the same; what happens to one does not happen to the other."""
    twin: Incident = object.__new__(Incident)
    memory = vars(incident).items()
    vars(twin).update({name: copy(value) if type(value) in (list, set, dict) else value for name, value in memory})
    return twin


def _keep(walk: IncidentWalk, known: dict[object, State], state: State) -> State:
    """The state in which this incident stands: a known one, or a new one that is walked on from."""
    incident = state.incident
    incident.collect_events()
    told = frozenset((informing.role, informing.recovery) for informing in incident.informed)
    key = (incident.kind, incident.state, told, bool(incident.decided))
    if key not in known:
        known[key] = state
        walk.states.append(state)
    return known[key]


# What is found


def found_in_incidents(walk: IncidentWalk) -> Iterator[Finding]:
    """Dead ends, steps that nobody takes, open states without a limit, limits that nobody meets; one example each."""
    open_states = [state for state in walk.states if state.incident.state != "closed"]
    yield from (Finding("dead-end", "steps", {}, state.way) for state in _dead(walk)[:1])
    for step in walk.procedure.steps:
        if step not in walk.taken | OF_WRONG_CLOCKS:
            yield Finding("step-never-taken", f"steps.{step}", {})
    idle = (state for state in open_states if not any(binds(clock) for clock in state.incident.clocks))
    examples = {state.incident.state: state for state in reversed(list(idle))}
    yield from (Finding("no-limit-runs", "clocks", {}, state.way) for state in examples.values())
    yield from _never_met(walk)


def _dead(walk: IncidentWalk) -> list[State]:
    """The states from which nobody gets to the record that closes it."""
    alive = {state for state in walk.states if state.incident.state == "closed"}
    grown = True
    while grown:
        more = {state for state in walk.states if state not in alive and not alive.isdisjoint(state.leads_to)}
        alive, grown = alive | more, bool(more)
    return [state for state in walk.states if state not in alive]


def _never_met(walk: IncidentWalk) -> Iterator[Finding]:
    clocks = [clock for state in walk.states for clock in state.incident.clocks]
    met = {clock.rule for clock in clocks if clock.stopped_at is not None and clock.state != "cancelled"}
    for place, rule in enumerate(walk.procedure.clocks):
        if rule not in met and any(clock.rule == rule for clock in clocks):
            yield Finding("limit-never-met", f"clocks[{place}]", {})
