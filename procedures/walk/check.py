"""A procedure is checked before it is published: walked through, and everything that was found said in one report."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import lru_cache
from time import monotonic
from typing import Final

from domain.limits.calendar import Calendar
from domain.procedure.procedure import Procedure
from procedures.walk.dead_ends import dead_ends, ends_over_money, left_with_the_wrong_unit
from procedures.walk.findings import Finding, Report, Walked
from procedures.walk.incidents import found_in_incidents, walk_through_incidents
from procedures.walk.money import left_undone
from procedures.walk.together import not_kept_together
from procedures.walk.untaken import never_taken
from procedures.walk.waiting import Waiting
from procedures.walk.walk import ANY_NUMBER, MOST_SECONDS, MOST_TURNS, Walk, walk_through
from procedures.walk.ways import Ways

# What is a fault only where every way with one turn was walked.
NEVER_DONE: Final = frozenset({"step-never-taken", "limit-never-met"})
# Ways of every file with so many turns come to an end in seconds; whoever asks at the command line has a minute.
TURNS_TO_PUBLISH: Final = 1
TURNS_TO_CHECK: Final = 2


@lru_cache(maxsize=32)
def _known(procedure: Procedure, calendar: Calendar) -> list[Report]:
    """Where the report on such a procedure is kept, once there is one."""
    return []


def report_to_publish(
    procedure: Procedure, calendar: Calendar, *, seen: Callable[[int], None] = lambda _: None
) -> Report:
    """What a walk finds, walked once for procedures that say the same but for their version and source."""
    known = _known(replace(procedure, version="", source=""), calendar)
    if not known:
        known.append(check(procedure, calendar, most_turns=TURNS_TO_PUBLISH, seen=seen))
    return known[0]


def check(
    procedure: Procedure,
    calendar: Calendar,
    *,
    most_turns: int = TURNS_TO_CHECK,
    most_seconds: float = MOST_SECONDS,
    most_states: int = ANY_NUMBER,
    seen: Callable[[int], None] = lambda _: None,
) -> Report:
    """What a walk of the procedure finds, within so many turns, seconds and states.

    Where it found something that nobody ever does, it goes on, for a turn that it did not take might lead there.
    """
    began = monotonic()
    if procedure.incidents is not None:
        incidents = walk_through_incidents(procedure, calendar, seen)
        return Report(tuple(found_in_incidents(incidents)), Walked(len(incidents.states), MOST_TURNS, is_whole=True))
    walk = walk_through(
        procedure, calendar, most_turns=most_turns, most_seconds=most_seconds, most_states=most_states, seen=seen
    )
    found = tuple(_found(walk))
    if walk.turns < 1 and any(finding.code in NEVER_DONE for finding in found):
        left = most_seconds - (monotonic() - began)
        walk = walk_through(
            procedure, calendar, most_turns=1, most_seconds=left, most_states=most_states, least_turns=1, seen=seen
        )
        found = tuple(_found(walk))
    return Report(found, Walked(len(walk.states), walk.turns, walk.is_whole))


def _found(walk: Walk) -> Iterator[Finding]:
    ways = Ways(walk)
    yield from dead_ends(walk, ways)
    yield from left_with_the_wrong_unit(walk, ways)
    yield from ends_over_money(walk, ways)
    yield from left_undone(walk)
    yield from never_taken(walk)
    waiting = Waiting(walk)
    yield from waiting.without_limit(ways)
    yield from waiting.never_met()
    yield from waiting.never_run()
    yield from not_kept_together(walk, ways)
