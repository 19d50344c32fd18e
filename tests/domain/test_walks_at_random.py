"""Walks through every ready procedure, in which somebody does what is offered to them by chance and time goes on.

After each step the whole file agrees with itself: clocks with the close, what is owed with who may do it, what is new
with who was told of it, and an open complaint always waits for something that has a limit. The seeds are fixed.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random
from typing import Any, Final, cast, get_args

import pytest

from domain.clocks.clock import is_waiting
from domain.complaint.complaint import Complaint
from domain.complaint.deadlines import judge_clocks
from domain.complaint.obligations import obligations_of
from domain.complaint.requirements import missing_for
from domain.complaint.steps import STEP_NAMED, allowed_steps
from domain.notices.arising import NOTHING_WAITED, arisen, is_news, waiting_in
from domain.notices.notices import NOTIFYING, Addressee, addressee_of, hears_at_once, is_by, notices_of
from domain.obligation import Obligation, ids_of
from domain.procedure.duties import SPELLED_BEFORE
from domain.procedure.moments import Condition
from domain.request import SYSTEM
from domain.values import Actor
from tests.facts import MONDAY_9AM
from tests.sayings import ENDINGS, LIBRARY, PROCEDURES, Story, people, taken_down

SEEDS: Final = range(3)
STEPS_OF_A_WALK: Final = 24
WAITS: Final = tuple(timedelta(hours=hours) for hours in (0, 0, 0, 1, 1, 5, 20, 72))
# What leads nowhere by itself: taken as seldom as everything else together.
ASIDE: Final = ENDINGS | {
    "name-accused", "match-accused", "assign", "link", "unlink", "add-note", "attach", "remind", "supervise",
    "escalate", "redirect", "recall", "return", "add-unit", "report-progress", "report-interim-measure",
    "exclude-from-scoring", "include-in-scoring", "hand-over", "extend", "pause", "correct-complainant",
    "correct-subject",
}  # fmt: skip
CONDITIONS: Final = frozenset(get_args(Condition))

ENDS: Final = {"Settled", "Closed"}

Owed = tuple[str, str | None, int, datetime | None, Addressee]


@dataclass
class Walk:
    """One complaint on its way, and what was owed and told until now."""

    chance: Random
    told: Story
    at: datetime = MONDAY_9AM

    @classmethod
    def begin(cls, code: str, seed: int) -> "Walk":
        procedure, chance = LIBRARY.procedures[code], Random(f"{code}-{seed}")
        anonymous = procedure.anonymous_allowed and chance.random() < 0.2
        complaint = taken_down(procedure, chance.choice(list(procedure.kinds)), MONDAY_9AM, anonymous)
        return cls(chance, Story(procedure, ()).after(complaint))

    def judge(self) -> None:
        self.at += self.chance.choice(WAITS)
        complaint = self.told.complaint
        judge_clocks(complaint, self.at)
        self.told = self.told.after(complaint)

    def go_on(self) -> None:
        """Somebody takes a step that is offered to them and that was taken seldom, and says something that counts."""
        taken = Counter(type(event) for event in self.told.stream)
        complaint = self.told.untouched()
        offers = [
            (actor, step) for actor in people(self.told.procedure) for step in allowed_steps(complaint, actor)
        ]
        forward = [offer for offer in offers if offer[1] not in ASIDE]
        offers = forward if forward and self.chance.random() < 0.85 else offers
        self.chance.shuffle(offers)
        for actor, step in sorted(offers, key=lambda offer: taken[STEP_NAMED[offer[1]].event])[:3]:
            ways = [self.told.after(after) for after in self.told.happens(step, actor, self.at)]
            if ways:
                self.told = self.chance.choice(ways)
                return


def played(code: str, seed: int) -> Iterator[tuple[Walk, Complaint]]:
    """A walk, and the complaint after each step of it."""
    walk = Walk.begin(code, seed)
    for _ in range(STEPS_OF_A_WALK):
        walk.judge()
        walk.go_on()
        yield walk, walk.told.untouched()


def done_but_missing(complaint: Complaint) -> list[str]:
    """Clocks that are met, while the close misses what stopped them and no newer one of them runs.

    What a unit did that has the case no more stays done, and what was said of a result before another unit was given
    the case is said again of the last one: nothing runs of it until there is one.
    """
    missing = {SPELLED_BEFORE.get(need, need) for need in missing_for("close", complaint, complaint.procedure)}
    found = []
    newest = {(clock.rule, clock.unit, clock.round): clock for clock in complaint.clocks}
    for clock in newest.values():
        stops = {SPELLED_BEFORE.get(stop, stop) for stop in clock.rule.stops} - ENDS
        if clock.unit is not None and clock.unit not in complaint.standing.executed:
            continue
        if clock.rule.starts <= CONDITIONS and not any(
            complaint.holds(cast(Condition, start), clock.unit) for start in clock.rule.starts
        ):
            continue
        if clock.state == "met" and clock.round == complaint.round and stops and stops <= CONDITIONS & missing:
            conditions = [cast(Condition, stop) for stop in stops]
            if not any(complaint.holds(condition, clock.unit) for condition in conditions):
                found.append(f"{clock.name} of {clock.unit}")
    return found


def cannot_be_done(complaint: Complaint) -> list[str]:
    """What is owed by somebody to whom the step that does it is refused, while another may take it."""
    waiting = [one for one in obligations_of(complaint) if one.waits]
    everybody = [*people(complaint.procedure), *(who for one in waiting for who in meant(one, complaint))]
    possible = {step for actor in everybody if not actor.is_admin for step in allowed_steps(complaint, actor)}
    return [
        f"{one.name} by {one.step} of {one.owed_by}" for one in waiting
        if one.step in possible and not any(one.step in allowed_steps(complaint, who) for who in meant(one, complaint))
    ]  # fmt: skip


def meant(one: Obligation, complaint: Complaint) -> list[Actor]:
    """Whose it is: a member of the unit, one of the role, or that person, if they may do it, else one of the role."""
    owed_by = one.owed_by
    for actor in people(complaint.procedure):
        if actor.id == owed_by.code:
            owed_by = owed_by.at_present(actor.roles)
            if owed_by.kind == "person":
                return [actor]
    if owed_by.kind == "unit":
        return [Actor("colleague", frozenset({"unit"}), owed_by.code)]
    return [Actor("colleague", frozenset({owed_by.code}), owed_by.of)] if owed_by.kind == "role" else []


def told_amiss(walk: Walk) -> list[str]:
    """Who was not told of what came upon them, and did not bring it about; and who was told of it twice."""
    complaint: Any = None
    waiting, ever, found, heard = set[Owed](), set[Owed](), list[str](), set[Addressee]()
    waited = NOTHING_WAITED
    for event in walk.told.stream:
        if event.actor != SYSTEM:
            heard = set()  # of what somebody did, and what followed by itself
        complaint = event.mutate(complaint)
        complaint.governed_by(walk.told.procedure, LIBRARY.calendar(walk.told.procedure.calendar))
        told = {notice.to for notice in notices_of(event, complaint, waited)}
        if told and type(event) not in NOTIFYING:
            found.append(f"{type(event).__name__} tells, and nobody looks at it")
        found += [f"{to} told twice, again by {type(event).__name__}" for to in told & heard]
        heard |= told
        now = {key_of(one): one for one in obligations_of(complaint) if one.waits and is_news(one, complaint)}
        new = now.keys() - ever
        again = {key_of(one) for one in arisen(complaint, waited) if addressee_of(one) in told} & waiting
        found += [
            f"{key[0]} of {key[1]}: {key[-1]} not told by {type(event).__name__}"
            for key in new
            if not (key[-1] in told or is_by(event.actor, key[-1]) or hears_at_once(key[-1], event, complaint))
        ]
        found += [f"{key[0]} of {key[1]}: {key[-1]} told again by {type(event).__name__}" for key in again]
        waiting, ever, waited = set(now), ever | new, waiting_in(complaint)
    return found


def key_of(one: Obligation) -> Owed:
    """What is one duty: the beats of a clock that goes on are one."""
    goes_on = one.rule is not None and one.rule.beats_on
    return one.name, one.unit, one.round, None if goes_on else one.arose_at, addressee_of(one)


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("code", PROCEDURES)
def test_a_walk_agrees_with_itself_after_every_step(code: str, seed: int) -> None:
    for walk, complaint in played(code, seed):
        after = f"after {[type(event).__name__ for event in walk.told.stream]}"
        owed = obligations_of(complaint)
        assert len(set(ids_of(complaint.id, owed))) == len(owed), after
        assert done_but_missing(complaint) == [], after
        assert cannot_be_done(complaint) == [], after
        if not complaint.has_ended:
            assert any(is_waiting(clock) and not clock.soft for clock in complaint.clocks), after
    assert told_amiss(walk) == []
