"""处理方法: the plan that is on the table, of each unit its own; one that nobody's unit made is that of all.

Another plan, one that the customer refused, and being asked anew leave the former plan behind, and what was said of it.
What the words tell is said in the event, so that who folds without them comes to the same.
"""

from dataclasses import replace
from typing import NamedTuple

from domain.complaint import events
from domain.complaint.state import Plan, RoundState
from domain.identity import levelled


def plan_of(now: RoundState, unit: str | None) -> Plan:
    """A unit's own plan; where it has none, that of all."""
    return now.plans.get(unit) or now.plans.get(None) or Plan()


def says_what_is_planned(now: RoundState, unit: str, text: str) -> bool:
    """Whether these are the words of a unit's plan, or of that of all."""
    planned = plan_of(now, unit).text
    return planned is not None and levelled(planned) == levelled(text)


class SaidByWords(NamedTuple):
    """What only the words of a plan tell, see `SolutionAgreed`."""

    anew: bool
    approved_before: tuple[int, ...]


def said_by_words(now: RoundState, unit: str | None, text: str) -> SaidByWords:
    """Whether these words are another plan than the one on the table, and which approvals were given for it before."""
    words, plan = levelled(text), plan_of(now, unit)
    if plan.text is not None and levelled(plan.text) == words:
        return SaidByWords(False, ())
    of_the_former = [number for number, one in enumerate(now.approvals) if one.plan == plan.number]
    return SaidByWords(True, tuple(number for number in of_the_former if now.approvals[number].subject == words))


def plan_agreed_or_refused(now: RoundState, event: events.SolutionAgreed) -> None:
    """Put a plan on the table, or take one off that the customer refuses. One for all replaces the units' own."""
    plan, approved_before = plan_of(now, event.unit), event.approved_before
    anew = event.anew
    if anew is None:
        anew, approved_before = said_by_words(now, event.unit, event.text)
    if anew:
        plan = _next(now, event.text)
        given = set(approved_before or ())
        now.approvals = [
            replace(one, also=(*one.also, plan.number)) if number in given else one
            for number, one in enumerate(now.approvals)
        ]
    if not event.agreed:
        plan = _next(now, None)
    now.plans = {None: plan} if event.unit is None else {**now.plans, event.unit: plan}


def every_plan_lapses(now: RoundState) -> None:
    """Sent out anew, the plan is made anew."""
    now.plans = {None: _next(now, None)}


def own_plan_lapses(now: RoundState, unit: str) -> None:
    """A unit that is asked anew begins anew."""
    now.plans.pop(unit, None)


def _next(now: RoundState, text: str | None) -> Plan:
    now.plans_made += 1
    return Plan(now.plans_made, text)
