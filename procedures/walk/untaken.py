"""Steps that nobody can ever take: tried, beside the walk, in one state of each sort and after its limits are over."""

from collections.abc import Collection, Iterator
from contextlib import suppress
from datetime import datetime
from typing import Final

from domain import errors
from domain.complaint.complaint import Complaint
from domain.complaint.deadlines import judge_clocks
from domain.complaint.steps import decide
from procedures.walk.asks import Asking, asks_of, categories_that_differ
from procedures.walk.findings import Finding
from procedures.walk.standing import twin_of
from procedures.walk.walk import LONG_AFTER, State, Walk, request_of

MOST_TRIED: Final = 40
# What has to be done before other steps can be taken at all.
WHAT_THEY_NEED: Final = frozenset({
    "name-accused", "check-customer", "report-interim-measure", "inform-customer", "pause", "link",
    "hand-over", "exclude-from-scoring", "request-capa", "submit-capa", "verify-charge",
    "propose-compensation", "approve-compensation",
})  # fmt: skip
# Taken only where a machine judged by a wrong time, which no walk comes to.
OF_WRONG_CLOCKS: Final = frozenset({"retract-miss"})
# Taken only where something was taken down wrong.
OF_SLIPS: Final = frozenset({"correct-complainant", "correct-subject"})


def never_taken(walk: Walk) -> Iterator[Finding]:
    untaken = [step for step in walk.procedure.steps if step not in walk.taken | OF_WRONG_CLOCKS | OF_SLIPS]
    for state in [*_one_of_each_sort(walk), *walk.of_machines[:1]]:
        if not untaken:
            return
        taken = _tried(walk, state, set(untaken))
        untaken = [step for step in untaken if step not in taken]
    for step in untaken:
        yield Finding("step-never-taken", f"steps.{step}", {}, is_warning=walk.turns < 1)


def _one_of_each_sort(walk: Walk) -> list[State]:
    sorts: dict[object, State] = {}
    for state in walk.states:
        it = state.complaint
        sorts.setdefault((it.status, it.severity, it.round > 1, bool(it.compensations)), state)
    return list(sorts.values())[:MOST_TRIED]


def _tried(walk: Walk, state: State, steps: set[str]) -> set[str]:
    """The steps that somebody could take here, one after the other, or when every limit is over."""
    complaint = twin_of(state.complaint).governed_by(walk.procedure, walk.calendar)
    taken = all_asked(walk, complaint, state.at, steps)
    steps = steps | WHAT_THEY_NEED
    for _ in range(2):
        taken |= all_asked(walk, complaint, state.at, steps)
    later = state.at + LONG_AFTER
    judge_clocks(complaint, later)
    return taken | all_asked(walk, complaint, later, steps)


def all_asked(walk: Walk, complaint: Complaint, at: datetime, steps: Collection[str]) -> set[str]:
    """Of these steps, those that somebody takes, one after the other in every way in which they are asked."""
    taken: set[str] = set()
    asking = Asking(complaint, walk.procedure, walk.people, categories_that_differ(walk.procedure), at)
    for ask in asks_of(asking):
        if ask.step not in steps:
            continue
        for actor in walk.people.who_may(walk.procedure, ask.step):
            with suppress(errors.Refused):
                before = complaint.version
                decide(complaint, ask.command, request_of(walk, actor, at))
                if complaint.version > before:
                    taken.add(ask.step)
                break
    return taken
