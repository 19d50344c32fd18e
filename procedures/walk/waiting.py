"""What is owed in the states of a walk: those in which no limit runs, limits that nobody meets or that never run."""

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from typing import Final

from domain import errors
from domain.clocks.clock import Clock, is_waiting
from domain.complaint.complaint import Complaint
from domain.complaint.steps import decide
from domain.procedure.duties import STEPS_OF_MOMENT
from domain.procedure.procedure import ClockRule
from procedures.walk.asks import Asking, asks_of, categories_that_differ
from procedures.walk.findings import Finding
from procedures.walk.standing import twin_of
from procedures.walk.together import ENDING
from procedures.walk.untaken import all_asked
from procedures.walk.walk import State, Walk, request_of, shape_of
from procedures.walk.ways import Ways

MOST_TRIED: Final = 10


class Waiting:
    """The real clocks of every state that was found."""

    def __init__(self, walk: Walk) -> None:
        self._walk = walk
        few = [state for state in walk.states if state.is_open or len(state.turns) <= 1]
        self._clocks = {state: _clocks_of(walk, state) for state in few}
        rules = [clock.rule for clocks in self._clocks.values() for clock in clocks]
        self._ran = {shape_of(rule) for rule in rules}
        self._met = {
            shape_of(clock.rule) for clocks in self._clocks.values() for clock in clocks
            if clock.stopped_at is not None and clock.state != "cancelled"
        }  # fmt: skip

    def without_limit(self, ways: Ways) -> Iterator[Finding]:
        """Open states in which no limit runs that can be missed; one example for each status."""
        idle = [state for state, clocks in self._clocks.items() if state.is_open and not any(map(binds, clocks))]
        seen: set[object] = set()
        for state in ways.nearest(idle):
            sort = state.complaint.status
            if sort not in seen:
                seen.add(sort)
                yield Finding("no-limit-runs", "clocks", {}, ways.told(state))

    def never_met(self) -> Iterator[Finding]:
        """Limits that run and that no step of the file can bring to their end."""
        for place, rule in enumerate(self._walk.procedure.clocks):
            never = not rule.window and shape_of(rule) in self._ran - self._met
            if never and not self._can_be_met(rule):
                yield Finding("limit-never-met", f"clocks[{place}]", {}, is_warning=self._walk.turns < 1)

    def _can_be_met(self, rule: ClockRule) -> bool:
        """Whether anything that can be said where it runs stops it, though it leads nowhere."""
        running = [
            state for state, clocks in self._clocks.items()
            if any(clock.rule == rule and is_waiting(clock) for clock in clocks)
        ]  # fmt: skip
        ways = (_is_met_from, _is_met_in_the_end)
        return any(way(self._walk, state, rule) for state in running[:MOST_TRIED] for way in ways)

    def never_run(self) -> Iterator[Finding]:
        for place, rule in enumerate(self._walk.procedure.clocks):
            begun = {step for moment in rule.starts for step in STEPS_OF_MOMENT.get(moment, ())}
            if shape_of(rule) not in self._ran and begun.isdisjoint(self._walk.procedure.steps):
                yield Finding("limit-never-runs", f"clocks[{place}]", {}, is_warning=True)


def _is_met_from(walk: Walk, state: State, rule: ClockRule) -> bool:
    begin = twin_of(state.complaint).governed_by(replace(walk.procedure, clocks=(rule,)), walk.calendar)
    for ask in asks_of(Asking(begin, walk.procedure, walk.people, categories_that_differ(walk.procedure), state.at)):
        for actor in walk.people.who_may(walk.procedure, ask.step):
            complaint = twin_of(begin)
            with suppress(errors.Refused):
                decide(complaint, ask.command, request_of(walk, actor, state.at))
            if _meets(complaint):
                return True
    return False


def _is_met_in_the_end(walk: Walk, state: State, rule: ClockRule) -> bool:
    """Whether it is met once everything was done that does not end the case."""
    complaint = twin_of(state.complaint).governed_by(replace(walk.procedure, clocks=(rule,)), walk.calendar)
    all_asked(walk, complaint, state.at, walk.procedure.steps.keys() - ENDING)
    return _meets(complaint)


def _meets(complaint: Complaint) -> bool:
    return any(clock.stopped_at is not None and clock.state != "cancelled" for clock in complaint.clocks)


def _clocks_of(walk: Walk, state: State) -> tuple[Clock, ...]:
    return twin_of(state.complaint).governed_by(walk.procedure, walk.calendar).clocks


def binds(clock: Clock) -> bool:
    """Whether somebody would miss it."""
    return is_waiting(clock) and not clock.soft and clock.of_present_severity
