"""What is offered is accepted with some valid body, and what is not offered is refused or changes nothing.

In every ready procedure, along stories that real decisions make: somebody takes a step that is offered to them, time
goes on, clocks are judged, and then everything is tried that one person could say.
"""

from collections import Counter
from datetime import datetime
from typing import Final

import pytest
from hypothesis import given as drawn
from hypothesis import settings
from hypothesis import strategies as st

from domain.complaint.deadlines import judge_clocks
from domain.complaint.steps import STEP_NAMED, STEPS, allowed_steps
from domain.values import Actor
from tests.facts import MONDAY_9AM
from tests.sayings import AN_HOUR, ENDINGS, LIBRARY, PROCEDURES, Story, people, taken_down

Choice = tuple[int, int, int]
CHOICES: Final = st.tuples(st.integers(0, 99), st.integers(0, 999), st.integers(0, 99))
STORIES: Final = st.lists(CHOICES, min_size=10, max_size=30)


def check(told: Story, actor: Actor, at: datetime) -> None:
    complaint = told.complaint
    complaint.seen_at = at
    offered = allowed_steps(complaint, actor)
    for step in (step.name for step in STEPS):
        if step in offered:
            taken = next(told.accepted(step, actor, at), None)
            assert taken, f"{step} is offered to {actor.id} and refused: {complaint.status}"
        else:
            taken = next(told.happens(step, actor, at), None)
            assert taken is None, f"{step} is not offered to {actor.id} and happens: {complaint.status}"


def gone_on(told: Story, choice: Choice, at: datetime) -> Story:
    """Somebody takes a step that is offered to them, mostly one seldom taken; or nobody does anything."""
    who, what, how = choice
    complaint, taken_before = told.complaint, Counter(type(event) for event in told.stream)
    offers = [(actor, step) for actor in people(told.procedure) for step in allowed_steps(complaint, actor)]
    offers = [offer for offer in offers if what % 10 == 0 or offer[1] not in ENDINGS]
    if not offers:
        return told
    fewest = min(taken_before[STEP_NAMED[step].event] for _, step in offers)
    choices = [offer for offer in offers if taken_before[STEP_NAMED[offer[1]].event] <= fewest + what % 2]
    actor, step = choices[(who * 31 + what) % len(choices)]
    taken = [told.after(complaint) for complaint in told.happens(step, actor, at)]
    return taken[how % len(taken)] if taken else told


@pytest.mark.parametrize("code", PROCEDURES)
@settings(max_examples=6, deadline=None, derandomize=True, database=None)
@drawn(story=STORIES, kind=st.integers(0, 9), anonymous=st.booleans())
def test_what_is_offered_is_accepted_and_nothing_else_happens(
    code: str, story: list[Choice], kind: int, anonymous: bool
) -> None:
    procedure = LIBRARY.procedures[code]
    kinds, at = list(procedure.kinds), MONDAY_9AM
    anonymous = anonymous and procedure.anonymous_allowed
    told = Story(procedure, ()).after(taken_down(procedure, kinds[kind % len(kinds)], at, anonymous))
    for choice in story:
        at += AN_HOUR * (1 + choice[2] % 7)
        complaint = told.complaint
        judge_clocks(complaint, at)
        told = told.after(complaint)
        check(told, people(procedure)[choice[0] % len(people(procedure))], at)
        told = gone_on(told, choice, at)
