"""Limits that cannot all be kept: played once with every step taken as late as the other limits allow."""

from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

from domain import errors
from domain.clocks.clock import Clock, is_waiting
from domain.complaint.complaint import Complaint
from domain.complaint.steps import decide
from domain.procedure.procedure import ClockRule, Procedure
from domain.titles import LANGUAGES, Title
from procedures.walk.asks import Ask, Asking, asks_of, categories_that_differ
from procedures.walk.findings import Finding
from procedures.walk.played import Played
from procedures.walk.standing import twin_of
from procedures.walk.walk import BEGIN, State, Walk, request_of
from procedures.walk.ways import Steps, Ways
from wording.limits import spoken_limit

ENDING: Final = frozenset({"close", "settle", "reject", "withdraw"})
JUST_BEFORE: Final = timedelta(seconds=1)


def not_kept_together(walk: Walk, ways: Ways) -> Iterator[Finding]:
    """A limit that is over although every other was kept, each of them used up: a warning."""
    for place, rule in enumerate(walk.procedure.clocks):
        if rule.window or _beats(rule):
            continue
        others = _used_up_before(walk, ways, rule)
        if others:
            facts = {"clock": rule.title, "limit": rule.limit, "others": tuple(map(_named, others))}
            yield Finding("limits-not-kept-together", f"clocks[{place}]", facts, is_warning=True)


def _named(rule: ClockRule) -> Title:
    return Title(*(f"{rule.title.in_(language)} {spoken_limit(rule.limit, language)}" for language in LANGUAGES))


def _used_up_before(walk: Walk, ways: Ways, rule: ClockRule) -> tuple[ClockRule, ...]:
    """The limits, one after the other, that leave nothing of this one on the shortest way to where it is met."""
    for state in ways.nearest(state for state in walk.states if not state.turns):
        steps = ways.shortest(state)
        if len(steps) > 1 and _is_met(walk, state, rule):
            others = _too_long(walk, steps, rule)
            return () if others and _is_met_before(walk, steps, rule) else others
    return ()


def _is_met(walk: Walk, state: State, rule: ClockRule) -> bool:
    alone = replace(walk.procedure, clocks=(rule,))
    return _meets(twin_of(state.complaint).governed_by(alone, walk.calendar), rule)


def _is_met_before(walk: Walk, steps: Steps, rule: ClockRule) -> bool:
    """Whether anything that could be done on the way meets it, though it leads nowhere."""
    complaint = _beginning(walk, steps, replace(walk.procedure, clocks=(rule,)))
    categories = categories_that_differ(walk.procedure)
    for played in steps[1:-1]:
        after = _taken(walk, complaint, played, BEGIN)
        if after is None:
            return False
        complaint = after
        asks = asks_of(Asking(complaint, walk.procedure, walk.people, categories, BEGIN))
        aside = [ask for ask in asks if ask.turn is None and ask.step not in ENDING]
        added = _by_all(walk, (ask for ask in aside if ask.supplies))
        others = _by_all(walk, (ask for ask in aside if not ask.supplies))
        if _meets(_all_taken(walk, complaint, added), rule) or _any_meets(walk, complaint, others, rule):
            return True
    return False


def _by_all(walk: Walk, asks: Iterable[Ask]) -> list[Played]:
    """Each of them by everybody who may take the step."""
    return [Played(ask, actor) for ask in asks for actor in walk.people.who_may(walk.procedure, ask.step)]


def _any_meets(walk: Walk, complaint: Complaint, aside: Iterable[Played], rule: ClockRule) -> bool:
    """Whether one of these steps meets it, each taken by itself."""
    twin = twin_of(complaint)
    for played in aside:
        if _takes(walk, twin, played, BEGIN):
            if _meets(twin, rule):
                return True
            twin = twin_of(complaint)
    return False


def _all_taken(walk: Walk, complaint: Complaint, played: Iterable[Played]) -> Complaint:
    """Another complaint, with which those of these steps that are not refused were taken one after the other."""
    after = twin_of(complaint)
    for one in played:
        _takes(walk, after, one, BEGIN)
    return after


def _meets(complaint: Complaint, rule: ClockRule) -> bool:
    clocks = complaint.clocks
    return any(clock.rule == rule and clock.stopped_at is not None and clock.state != "cancelled" for clock in clocks)


def _too_long(walk: Walk, steps: Steps, rule: ClockRule) -> tuple[ClockRule, ...]:
    complaint = _beginning(walk, steps, walk.procedure)
    at, used = BEGIN, list[ClockRule]()
    for played in steps[1:]:
        after = _taken(walk, complaint, played, at)
        if after is None:
            return ()
        done = [clock for clock in _waiting(complaint) if clock.rule != rule and _stops(after, clock)]
        mine = [clock for clock in _waiting(complaint) if clock.rule == rule]
        if done and not any(_stops(after, clock) for clock in mine):
            latest = min(clock.due_at for clock in _waiting(complaint) if clock.rule != rule and not clock.soft)
            at = max(at, latest - JUST_BEFORE)
            used += [clock.rule for clock in done if clock.due_at == latest]
            after = _taken(walk, complaint, played, at)
        if after is None or any(clock.due_at <= at for clock in mine):
            return tuple(used) if len(used) > 1 else ()
        complaint = after
    return ()


def _beginning(walk: Walk, steps: Steps, procedure: Procedure) -> Complaint:
    begin = next(state for played, state in walk.begins if played == steps[0])
    return twin_of(begin.complaint).governed_by(procedure, walk.calendar)


def _waiting(complaint: Complaint) -> list[Clock]:
    return [
        clock for clock in complaint.clocks
        if is_waiting(clock) and not clock.rule.window and not _beats(clock.rule) and clock.of_present_severity
    ]  # fmt: skip


def _stops(after: Complaint, clock: Clock) -> bool:
    return not any(one.rule == clock.rule and one.unit == clock.unit for one in _waiting(after))


def _beats(rule: ClockRule) -> bool:
    return not rule.starts.isdisjoint(rule.stops)


def _taken(walk: Walk, complaint: Complaint, played: Played, at: datetime) -> Complaint | None:
    """Another complaint, with which this step was taken then; None where it is refused."""
    after = twin_of(complaint)
    return after if _takes(walk, after, played, at) else None


def _takes(walk: Walk, complaint: Complaint, played: Played, at: datetime) -> bool:
    """Whether this step was taken with it then; where it is refused it is as it was, but for limits that were over."""
    if played.ask is None or played.actor is None:
        return False
    with suppress(errors.Refused):
        decide(complaint, played.ask.command, request_of(walk, played.actor, at))
        return True
    return False
